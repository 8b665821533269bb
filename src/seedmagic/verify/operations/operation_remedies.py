"""What helps against an operation that gives other results: what torch's documentation says.

The tables follow ``torch.use_deterministic_algorithms`` of torch 2.13, which names functions and
modules; here stand the operations that those run, forward or backward.
"""

from __future__ import annotations

from seedmagic.verify.operations.operation_signature import Signature

DETERMINISTIC = "--deterministic makes it deterministic"
RAISES = "--deterministic cannot make it deterministic, and raises: use another operation"
RANDOM = "it draws random numbers: seed its source, or pass it a seeded generator"

_CUDA = ("cuda",)
_BOTH = ("cuda", "cpu")

# Those of a convolution are named after the library that runs it.
_CONVOLUTIONS = (
    "convolution",
    "_convolution",
    "convolution_overrideable",
    "cudnn_convolution",
    "cudnn_convolution_transpose",
    "cudnn_convolution_relu",
    "cudnn_convolution_add_relu",
    "_slow_conv2d_forward",
    "conv_depthwise3d",
    "_conv_depthwise2d",
    "slow_conv_transpose2d",
    "slow_conv_transpose3d",
    "slow_conv_dilated2d",
    "slow_conv_dilated3d",
    "convolution_backward",
)
_DETERMINISTIC = {
    **dict.fromkeys(_CONVOLUTIONS, _CUDA),
    "replication_pad1d_backward": _CUDA,
    "replication_pad2d_backward": _CUDA,
    "replication_pad3d_backward": _CUDA,
    "bmm": _CUDA,  # of a sparse and a dense tensor
    "index_put": _BOTH,
    "_index_put_impl": _BOTH,
    "put": ("cpu",),  # with accumulate=True
    "scatter_add": _CUDA,
    "gather": _CUDA,
    "index_add": _CUDA,
    "index_select": _CUDA,
    "repeat_interleave": _CUDA,
    "index_copy": _BOTH,
    "scatter": _CUDA,
    "scatter_reduce": _CUDA,  # but for reduce="prod", which raises
    "max_pool3d_with_indices_backward": _CUDA,
}
_RAISING = (
    "avg_pool3d_backward",
    "_adaptive_avg_pool2d_backward",
    "_adaptive_avg_pool3d_backward",
    "adaptive_max_pool2d_backward",
    "fractional_max_pool2d_backward",
    "fractional_max_pool3d_backward",
    "max_unpool2d",
    "max_unpool3d",
    "upsample_linear1d_backward",
    "upsample_bilinear2d_backward",
    "_upsample_bilinear2d_aa_backward",
    "upsample_bicubic2d_backward",
    "_upsample_bicubic2d_aa_backward",
    "upsample_trilinear3d_backward",
    "reflection_pad1d_backward",
    "reflection_pad3d_backward",
    "nll_loss2d_forward",
    "nll_loss2d_backward",
    "_ctc_loss_backward",
    "_embedding_bag_dense_backward",
    "put",
    "histc",
    "bincount",
    "median",
    "grid_sampler_2d_backward",
    "grid_sampler_3d_backward",
    "cumsum",
)


def remedy_for(signature: Signature, device: str, threads: tuple[int, int]) -> str:
    """Say what helps against an operation that gave other results for equal inputs.

    Parameters
    ----------
    signature : Signature
        The operation.
    device : str
        The kind of device that it ran on.
    threads : tuple of int
        How many threads torch had in the two runs.

    Returns
    -------
    str
        Empty where nothing is known.
    """
    if signature.is_random:
        return RANDOM
    if threads[0] != threads[1]:
        return (
            f"torch had {threads[0]} threads in one run and {threads[1]} in the other, and sums in "
            "another order round differently: set torch.set_num_threads to one number"
        )
    namespace, _, base = signature.name.partition("::")
    base = base.removesuffix("_")
    if namespace != "aten":
        return ""
    if device in _DETERMINISTIC.get(base, ()):
        return DETERMINISTIC
    return RAISES if device == "cuda" and base in _RAISING else ""
