"""The memory of torch's tensors: where their elements lie, and how to walk through them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

from seedmagic.imports import loaded
from seedmagic.objects.memory.raw_memory import CHUNK, Raw
from seedmagic.private_names import find


def is_strided(value: Any) -> bool:
    """Whether its elements lie in one memory, at regular steps."""
    return bool(value.layout == loaded("torch").strided)


def strides(value: Any) -> tuple[int, ...]:
    """Give the strides that matter: none of an axis that is not walked along."""
    if value.numel() <= 1:
        return ()
    pairs = zip(value.stride(), value.shape, strict=True)
    return tuple(step for step, length in pairs if length > 1)


def without_rules(value: Any) -> AbstractContextManager[None]:
    """Give the same as `plainly`; nothing has to be done for a tensor of torch's own classes.

    What is done must not be recorded: for one that requires no gradient, or reading alone.
    """
    torch = loaded("torch")
    is_torchs = type(value) in (torch.Tensor, torch.nn.Parameter)
    return nullcontext() if is_torchs and not value.is_inference() else plainly(value)


@contextmanager
def plainly(value: Any = None) -> Iterator[None]:
    """Work on tensors as torch's own code does: nothing recorded, no rules of subclasses."""
    torch = loaded("torch")
    with ExitStack() as stack:
        without_subclasses = find(torch._C, "DisableTorchFunctionSubclass")
        if without_subclasses is not None:
            stack.enter_context(without_subclasses())
        stack.enter_context(torch.no_grad())
        if value is not None and value.is_inference():
            stack.enter_context(torch.inference_mode())
        yield


def memory(value: Any) -> Raw | None:
    """Give a tensor's memory if it lies without gaps on the CPU; its strides tell the rest."""
    if value.device.type != "cpu" or not is_dense(value):
        return None
    return Raw(value, value.data_ptr(), value.numel() * value.element_size())


def is_dense(value: Any) -> bool:
    """Whether its elements fill a stretch of memory, in whatever order."""
    if value.is_contiguous():
        return True
    expected = 1
    for step, length in sorted(zip(value.stride(), value.shape, strict=True)):
        if length > 1:
            if step != expected:
                return False
            expected *= length
    return True


def extent(value: Any) -> int:
    """Give the bytes from a tensor's first element to its last."""
    if not is_strided(value) or not value.numel():
        return 0
    if value.is_contiguous():
        return int(value.numel() * value.element_size())
    pairs = zip(value.shape, value.stride(), strict=True)
    return int((1 + sum((length - 1) * step for length, step in pairs)) * value.element_size())


def is_freed(value: Any) -> bool:
    """Whether its storage has less than its elements need: to read them would end the process."""
    needed = value.storage_offset() * value.element_size() + extent(value)
    return bool(extent(value) and value.untyped_storage().nbytes() < needed)


def blocks(value: Any, size: int = CHUNK) -> Iterator[Any]:
    """Cut along the first axes until each block is of at most `size` bytes."""
    nbytes = value.numel() * value.element_size()
    if nbytes <= size or not value.dim():
        yield value
    elif len(value) == 1:
        yield from blocks(value[0], size)
    else:
        step = max(1, len(value) * size // nbytes)
        for start in range(0, len(value), step):
            yield from blocks(value[start : start + step], size)


def sparse_parts(value: Any) -> Iterator[tuple[str, Any]]:
    """Give the tensors that a sparse one is made of; none of one that is not."""
    torch = loaded("torch")
    if value.layout == torch.sparse_coo:
        # The public ones refuse a tensor that is not coalesced.
        for name in ("_indices", "_values"):
            own = find(value, name)
            yield name, getattr(value.coalesce(), name[1:])() if own is None else own()
    elif value.layout in (torch.sparse_csr, torch.sparse_bsr):
        yield "crow_indices", value.crow_indices()
        yield "col_indices", value.col_indices()
        yield "values", value.values()
    elif value.layout in (torch.sparse_csc, torch.sparse_bsc):
        yield "ccol_indices", value.ccol_indices()
        yield "row_indices", value.row_indices()
        yield "values", value.values()
