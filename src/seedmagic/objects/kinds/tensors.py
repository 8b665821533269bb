"""torch's tensors: where they lie, how they are seen, and what autograd keeps with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from seedmagic.objects.kinds.aspects import Base, Edge
from seedmagic.objects.memory.raw_memory import Raw
from seedmagic.objects.memory.tensor_elements import contents
from seedmagic.objects.memory.tensor_memory import is_strided, plainly, sparse_parts, strides

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
