"""What an operation of torch is called by people who never saw the names that torch has inside."""

from __future__ import annotations

# What they are, where their names do not tell.
_KNOWN = {
    **dict.fromkeys(("mm", "addmm", "bmm", "baddbmm", "mv", "addmv", "dot"), "a matrix product"),
    **dict.fromkeys(("index_put", "_index_put_impl"), "an assignment to places, x[places] = …"),
    **dict.fromkeys(("lift_fresh", "_to_copy", "copy"), "a copy of values"),
    **dict.fromkeys(("_softmax", "_log_softmax"), "a softmax"),
    **dict.fromkeys(("native_layer_norm", "native_group_norm"), "a normalisation"),
    **dict.fromkeys(("native_batch_norm", "cudnn_batch_norm"), "a normalisation"),
    "nll_loss_forward": "a loss",
    "native_dropout": "a dropout",
}
_PARTS = {"convolution": "a convolution", "conv2d": "a convolution", "attention": "an attention"}


def in_words(name: str) -> str:
    """Write ``aten::mm`` as torch's mm (a matrix product); the user's own keep their names."""
    namespace, _, base = name.partition("::")
    if namespace != "aten":
        return name
    plain, is_backward = base.removesuffix("_"), base.endswith("_backward")
    plain = plain.removesuffix("_backward")
    what = _KNOWN.get(plain) or next((_PARTS[part] for part in _PARTS if part in plain), "")
    if what:
        what = f" ({'the backward of ' if is_backward else ''}{what})"
    return f"torch's {base}{what}"
