"""torch's tensors: where they lie, how they are seen, and what autograd keeps with them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from seedmagic.imports import loaded
from seedmagic.objects.kinds.aspects import Base, Edge, Fact
from seedmagic.objects.memory.raw_memory import Raw
from seedmagic.objects.memory.tensor_elements import contents
from seedmagic.objects.memory.tensor_memory import (
    is_strided,
    plainly,
    sparse_parts,
    strides,
    without_rules,
)
from seedmagic.private_names import find

_SMALL = 1 << 12
_HOOKS = ("_backward_hooks", "_post_accumulate_grad_hooks")


@dataclass(eq=False, slots=True)
class Taken:
    """A tensor as it was, beside its elements."""

    alias: Any  # another tensor over the same memory: it holds on to that, whatever becomes of it
    requires_grad: bool
    retains_grad: bool
    grad_fn: Any
    grad: Any
    hooks: tuple[Any, ...]


class Tensor(Base):
    """A tensor's memory, its view of that, `.grad`, `requires_grad` and hooks; not the elements.

    Those are copied by `Contents`, once for tensors that share them.
    """

    differs = "other elements"

    def parts(self, value: Any) -> list[Edge]:
        """Give the gradient, hooks, and the tensors that a sparse or nested one is made of."""
        with without_rules(value):
            return [*_gradients(value), *_inner(value)]

    def facts(self, value: Any) -> list[Fact]:
        """Give what autograd knows of it, dtype, device, shape and memory order."""
        with without_rules(value):
            return list(_facts(value))

    def bits(self, value: Any) -> Iterator[bytes | Raw]:
        """Give the elements, whose memory is not copied."""
        with plainly():
            plain = elements_of(value)
        return iter(()) if plain is None else _undisturbed(contents(plain))

    def exact(self, value: Any) -> Iterable[bytes | Raw]:
        """Give facts and bits; of small tensors in fewer steps, for there may be many."""
        nbytes = value.numel() * value.element_size() if _is_simple(value) else None
        if nbytes is None or nbytes > _SMALL:
            return super().exact(value)
        told = f"{value.requires_grad} {type(value.grad_fn).__name__} {_hooks(value)}"
        told += f" {value.dtype} {tuple(value.shape)}"
        return told.encode(), ctypes.string_at(value.data_ptr(), nbytes)

    def take(self, value: Any) -> Taken:
        """Hold on to its memory and its view of it."""
        with without_rules(value):
            return Taken(
                value.detach(),
                value.requires_grad,
                value.retains_grad,
                value.grad_fn,
                grad(value),
                tuple(getattr(value, name, None) for name in _HOOKS),
            )

    def put(self, value: Any, saved: Taken) -> None:
        """Make it see the same memory in the same way, with the same gradient."""
        with plainly(saved.alias):
            if value.grad_fn is not saved.grad_fn:
                is_view = find(value, "_is_view")
                if saved.grad_fn is not None or is_view is None or is_view():
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
            if value.retains_grad and not saved.retains_grad:
                raise RuntimeError("its retain_grad() was called since, which torch cannot undo")


class Storage(Base):
    """The memory of tensors, by itself."""

    differs = "other bytes"

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give its size and device."""
        yield Fact("size", value.nbytes())
        yield Fact("device", value.device, decides=True)

    def bits(self, value: Any) -> Iterator[Raw]:
        """Give its bytes."""
        held = value if value.device.type == "cpu" else value.cpu()
        yield Raw(held, held.data_ptr(), held.nbytes())


def _is_simple(value: Any) -> bool:
    """Whether a tensor is of torch's own classes, and its elements lie one after the other."""
    torch = loaded("torch")
    return (
        type(value) in (torch.Tensor, torch.nn.Parameter)
        and value.device.type == "cpu"
        and value.layout is torch.strided
        and not (value.is_quantized or value.is_nested or value.is_mkldnn)
        and not (value.is_conj() or value.is_neg())
        and value.is_contiguous()
    )


def is_plain(value: Any) -> bool:
    """Whether a tensor is a most common one, of which nothing more has to be asked."""
    try:
        if not _is_simple(value):
            return False
        needed = (value.storage_offset() + value.numel()) * value.element_size()
        return bool(value.untyped_storage().nbytes() >= needed)
    except RuntimeError:  # it has no memory of its own
        return False


def facts_of_plain(value: Any) -> tuple[Any, ...]:
    """Give, in few steps, what such a tensor is beside its elements, and where these lie."""
    hooks = [len(getattr(value, name, None) or ()) for name in _HOOKS]
    told = value.dtype, value.shape, value.stride(), value.requires_grad, type(value.grad_fn)
    return value.data_ptr(), *told, hooks, [*vars(value)]


def _undisturbed(elements: Iterator[bytes | Raw]) -> Iterator[bytes | Raw]:
    """Work on the elements block by block, and leave torch to whoever takes them in between."""
    while True:
        with plainly():
            block = next(elements, None)
        if block is None:
            return
        yield block


def _gradients(value: Any) -> Iterator[Edge]:
    if value.is_leaf or value.retains_grad:
        yield Edge(value.grad, "grad")
    for name in _HOOKS:
        hooks = getattr(value, name, None)
        if hooks:
            # Under numbers that count all hooks of the process.
            yield Edge(list(hooks.values()), name, only="compared")
            yield Edge(hooks, name, only="taken")


def _facts(value: Any) -> Iterator[Fact]:
    yield Fact("requires_grad", value.requires_grad)
    yield Fact("retains_grad", value.retains_grad)
    yield Fact("grad_fn", type(value.grad_fn).__name__)
    yield Fact("hooks", _hooks(value))
    for name in ("dtype", "layout", "device"):
        yield Fact(name, getattr(value, name), decides=True)
    yield Fact("conjugated", value.is_conj())
    yield Fact("negated", value.is_neg())
    if value.is_nested:
        return
    yield Fact("shape", tuple(value.shape), decides=True)
    if value.is_sparse:
        yield Fact("coalesced", value.is_coalesced())
    if value.is_quantized:
        yield Fact("quantizer", _quantizer(value), decides=True)
    if is_strided(value):
        yield Fact("strides", strides(value))


def _hooks(value: Any) -> list[int]:
    return [len(getattr(value, name, None) or ()) for name in _HOOKS]


def elements_of(value: Any) -> Any | None:
    """Give the plain tensor whose elements are the tensor's own; None: its parts hold them."""
    if value.is_nested or not is_strided(value) or is_wrapper(value):
        return None
    return value.int_repr() if value.is_quantized else value.detach()


def is_wrapper(value: Any) -> bool:
    """Whether a subclass says what operations on it mean, and may keep its elements elsewhere."""
    return has_own_dispatch(type(value))


def has_own_dispatch(cls: Any) -> bool:
    """Whether the class of a tensor has rules of its own for what operations do."""
    own = getattr(cls, "__torch_dispatch__", None)
    return own is not None and own is not loaded("torch").Tensor.__torch_dispatch__


def _inner(value: Any) -> Iterator[Edge]:
    """Give the tensors that one without elements of its own is made of."""
    if is_wrapper(value) and hasattr(value, "__tensor_flatten__"):
        names, context = value.__tensor_flatten__()
        yield Edge(context, "__tensor_flatten__", only="compared")
        for name in names:
            yield Edge(getattr(value, name), name, only="compared")
    elif value.is_nested:
        for number, part in enumerate(value.unbind()):
            yield Edge(part, number, "[", only="compared")
    elif value.is_mkldnn:
        yield Edge(value.to_dense(), "to_dense()", "=", only="compared")
    elif value.is_quantized and "channel" in str(value.qscheme()):
        yield Edge(value.q_per_channel_scales(), "q_per_channel_scales()", only="compared")
        yield Edge(
            value.q_per_channel_zero_points(), "q_per_channel_zero_points()", only="compared"
        )
    for name, part in sparse_parts(value):
        yield Edge(part, name, only="compared")


def _quantizer(value: Any) -> tuple[Any, ...]:
    scheme = str(value.qscheme())
    if "channel" in scheme:
        return scheme, value.q_per_channel_axis()
    return scheme, value.q_scale(), value.q_zero_point()


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
        value.untyped_storage().data_ptr() == alias.untyped_storage().data_ptr()
        and value.stride() == alias.stride()
        and value.storage_offset() == alias.storage_offset()
    )
