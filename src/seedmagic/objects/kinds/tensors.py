"""torch's tensors: where they lie, how they are seen, and what autograd keeps with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from seedmagic.imports import loaded
from seedmagic.objects.kinds.aspects import Base, Edge
from seedmagic.objects.memory.raw_memory import CHUNK, Raw

_HOOKS = ("_backward_hooks", "_post_accumulate_grad_hooks")


@dataclass(frozen=True)
class Taken:
    """A tensor as it was, beside its elements."""

    alias: Any  # another tensor over the same memory: it holds on to that, whatever becomes of it
    requires_grad: bool
    grad_fn: Any
    grad: Any
    hooks: tuple[Any, ...]


class Tensor(Base):
    """A tensor's memory, its view of that, `.grad`, `requires_grad` and hooks; not the elements.

    Those are copied by `Contents`, once for tensors that share them.
    """

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the gradient, hooks, and the tensors that a sparse one is made of."""
        with plainly():
            if grad(value) is not None:
                yield Edge(grad(value), "grad")
            for name in _HOOKS:
                hooks = getattr(value, name, None)
                if hooks:
                    # Under numbers that count all hooks of the process.
                    yield Edge(list(hooks.values()), name, only="compared")
                    yield Edge(hooks, name, only="taken")
            for name, part in sparse_parts(value):
                yield Edge(part, name, only="compared")

    def bits(self, value: Any) -> Iterator[bytes | Raw]:
        """Give dtype, device, shape, memory order and the elements, whose memory is not copied."""
        with plainly():
            facts = (
                value.dtype,
                str(value.device),
                tuple(value.shape),
                value.layout,
                value.requires_grad,
                type(value.grad_fn).__name__,
                value.is_conj(),
                value.is_neg(),
            )
            yield repr(facts).encode()
            if is_strided(value):
                yield repr(strides(value)).encode()
                yield from contents(value.detach())

    def take(self, value: Any) -> Taken:
        """Hold on to its memory and its view of it."""
        with plainly(value):
            return Taken(
                value.detach(),
                value.requires_grad,
                value.grad_fn,
                grad(value),
                tuple(getattr(value, name, None) for name in _HOOKS),
            )

    def put(self, value: Any, saved: Taken) -> None:
        """Make it see the same memory in the same way, with the same gradient."""
        with plainly(saved.alias):
            if value.grad_fn is not saved.grad_fn:
                if saved.grad_fn is not None or value._is_view():
                    raise RuntimeError("the graph that it was computed by has changed")
                value.detach_()
            if not _sees_the_same(value, saved.alias):
                if grad(value) is not None:
                    value.grad = None  # of another shape, it would be in the way
                value.data = saved.alias
            if value.requires_grad != saved.requires_grad:
                value.requires_grad_(saved.requires_grad)
            if grad(value) is not saved.grad:
                value.grad = saved.grad
            for name, hooks in zip(_HOOKS, saved.hooks, strict=True):
                now = getattr(value, name, None)
                if hooks is None and now:
                    now.clear()


def grad(value: Any) -> Any:
    """Give `.grad` where there can be one; torch warns elsewhere."""
    return value.grad if value.is_leaf or value.retains_grad else None


def is_strided(value: Any) -> bool:
    """Whether its elements lie in one memory, at regular steps."""
    return bool(value.layout == loaded("torch").strided)


def strides(value: Any) -> tuple[int, ...]:
    """Give the strides that matter: none of an axis that is not walked along."""
    if value.numel() <= 1:
        return ()
    pairs = zip(value.stride(), value.shape, strict=True)
    return tuple(step for step, length in pairs if length > 1)


@contextmanager
def plainly(value: Any = None) -> Iterator[None]:
    """Work on tensors as torch's own code does: nothing recorded, no rules of subclasses."""
    torch = loaded("torch")
    with ExitStack() as stack:
        stack.enter_context(torch._C.DisableTorchFunctionSubclass())
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
    expected = 1
    for step, length in sorted(zip(value.stride(), value.shape, strict=True)):
        if length > 1:
            if step != expected:
                return False
            expected *= length
    return True


def contents(value: Any) -> Iterator[bytes | Raw]:
    """Give the elements: their memory, or a copy of a small block after the other."""
    if value.device.type == "meta" or not value.numel():
        return
    if value.device.type != "cpu":
        from seedmagic.objects.memory.device_hash import digest

        yield digest(value)
        return
    raw = memory(value)
    if raw is not None:
        yield raw
        return
    for block in blocks(value):
        whole = block.resolve_conj().resolve_neg().contiguous()
        yield Raw(whole, whole.data_ptr(), whole.numel() * whole.element_size())


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
        yield "indices", value._indices()
        yield "values", value._values()
    elif value.layout in (torch.sparse_csr, torch.sparse_bsr):
        yield "crow_indices", value.crow_indices()
        yield "col_indices", value.col_indices()
        yield "values", value.values()
    elif value.layout in (torch.sparse_csc, torch.sparse_bsc):
        yield "ccol_indices", value.ccol_indices()
        yield "row_indices", value.row_indices()
        yield "values", value.values()


def _sees_the_same(value: Any, alias: Any) -> bool:
    if (value.dtype, value.device, value.shape, value.layout) != (
        alias.dtype,
        alias.device,
        alias.shape,
        alias.layout,
    ):
        return False
    if not is_strided(value):
        return False  # whether their parts are still the same cannot be seen
    return bool(
        value.untyped_storage()._cdata == alias.untyped_storage()._cdata
        and value.stride() == alias.stride()
        and value.storage_offset() == alias.storage_offset()
    )
