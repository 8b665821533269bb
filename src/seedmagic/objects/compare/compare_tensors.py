"""Compare torch's tensors, modules, optimisers and generators, on the device that they are on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.compare.compare_arrays import NumPyArithmetic
from seedmagic.objects.compare.compare_containers import compare_attributes
from seedmagic.objects.compare.difference import Difference, Pair, Path, change, number, uncompared
from seedmagic.objects.compare.elements import Library, compare_elements
from seedmagic.objects.compare.layout import strides_that_matter

Found = Iterator[Difference | Pair]


def undisturbed() -> ExitStack:
    """Work with tensors unseen by autograd and by whatever modes and subclasses are at work."""
    torch = loaded("torch")
    stack = ExitStack()
    stack.enter_context(torch._C.DisableTorchFunction())
    stack.enter_context(torch._C._DisableTorchDispatch())
    stack.enter_context(torch.no_grad())
    return stack


def compare_tensors(path: Path, first: Any, second: Any) -> Found:
    """Compare two tensors: dtype, shape, device, layout, gradients, and every bit."""
    with undisturbed():
        found = list(_compare_tensors(path, first, second))
    return iter(found)


def _compare_tensors(path: Path, first: Any, second: Any) -> Found:
    for what in ("dtype", "layout", "device", "requires_grad"):
        one, other = getattr(first, what), getattr(second, what)
        if one != other:
            yield change(path, what, str(one), str(other))
    if not hasattr(first, "__tensor_flatten__"):  # which gives all that matters
        yield from compare_attributes(path, first, second)
    if first.is_leaf and second.is_leaf and (first.grad is not None or second.grad is not None):
        yield Pair(path.attribute("grad"), first.grad, second.grad)
    alike = all(getattr(first, w) == getattr(second, w) for w in ("dtype", "layout", "device"))
    if alike:
        yield from _compare_contents(path, first, second)


def _compare_contents(path: Path, first: Any, second: Any) -> Found:
    torch = loaded("torch")
    if _is_wrapper(first):
        yield from _compare_wrapped(path, first, second)
    elif torch.nn.parameter.is_lazy(first) or torch.nn.parameter.is_lazy(second):
        if type(first) is not type(second):
            yield change(path, "type", type(first).__name__, type(second).__name__)
    elif first.is_nested:
        yield Pair(path, list(first.unbind()), list(second.unbind()))
    elif first.shape != second.shape:
        yield change(path, "shape", str(tuple(first.shape)), str(tuple(second.shape)))
    elif first.layout is torch.strided:
        yield from _compare_strided(path, first, second)
    elif first.layout is torch.sparse_coo:
        for name in ("_indices", "_values", "is_coalesced"):
            yield Pair(path.attribute(name), getattr(first, name)(), getattr(second, name)())
    elif str(first.layout) == "torch._mkldnn":
        yield Pair(path, first.to_dense(), second.to_dense())
    else:
        rows = first.layout in (torch.sparse_csr, torch.sparse_bsr)
        names = ("crow_indices", "col_indices") if rows else ("ccol_indices", "row_indices")
        for name in (*names, "values"):
            yield Pair(path.attribute(name), getattr(first, name)(), getattr(second, name)())


def _is_wrapper(tensor: Any) -> bool:
    """Whether a subclass decides what operations on it mean, and may keep its data elsewhere."""
    disabled = loaded("torch")._C._disabled_torch_dispatch_impl
    return getattr(type(tensor), "__torch_dispatch__", disabled) is not disabled


def _compare_wrapped(path: Path, first: Any, second: Any) -> Found:
    if not hasattr(first, "__tensor_flatten__"):
        yield uncompared(path, first, "whose contents only its class knows")
        return
    names, context = first.__tensor_flatten__()
    other_names, other_context = second.__tensor_flatten__()
    yield Pair(path.attribute("__tensor_flatten__"), context, other_context)
    for name in names if names == other_names else ():
        yield Pair(path.attribute(name), getattr(first, name), getattr(second, name))


def _compare_strided(path: Path, first: Any, second: Any) -> Found:
    strides = [strides_that_matter(each.shape, each.stride()) for each in (first, second)]
    if strides[0] != strides[1] and None not in strides:
        yield change(path, "strides", str(first.stride()), str(second.stride()))
    if first.is_quantized:
        yield Pair(path.attribute("quantizer"), _quantizer(first), _quantizer(second))
        first, second = first.int_repr(), second.int_repr()
    if first.numel() and first.device.type != "meta":
        torch = loaded("torch")
        first, second = (each.detach().as_subclass(torch.Tensor) for each in (first, second))
        is_float = first.dtype.is_floating_point or first.dtype.is_complex
        plain = _Torch(torch, first.dtype)
        in_numpy = first.device.type == "cpu" and is_loaded("numpy")
        library: Library = _TorchInNumPy(plain) if in_numpy else plain
        yield from compare_elements(path, first, second, library, is_float=is_float)


def _quantizer(tensor: Any) -> list[Any]:
    if "channel" not in str(tensor.qscheme()):
        return [str(tensor.qscheme()), tensor.q_scale(), tensor.q_zero_point()]
    scales, zeros = tensor.q_per_channel_scales(), tensor.q_per_channel_zero_points()
    return [str(tensor.qscheme()), scales, zeros, tensor.q_per_channel_axis()]


class _Torch:
    """Elements of one dtype in torch's hands."""

    def __init__(self, torch: Any, dtype: Any) -> None:
        self._torch = torch
        self._parts = 2 if dtype.is_complex else 1
        words = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
        self._word = words[dtype.itemsize // self._parts]

    def bits(self, block: Any) -> Any:
        block = block.resolve_conj().resolve_neg().reshape(-1)
        if self._parts == 2:
            block = self._torch.view_as_real(block)
        return block.view(self._word).reshape(-1, self._parts)

    def equal(self, first: Any, second: Any) -> bool:
        return bool(self._torch.equal(first.reshape(-1), second.reshape(-1)))

    def rows(self, first: Any, second: Any) -> Any:
        return (first != second).any(dim=1).nonzero().reshape(-1)

    def floats(self, block: Any, rows: Any) -> Any:
        values = block.reshape(-1)[rows]
        if self._parts == 2:
            values = self._torch.view_as_real(values.resolve_conj().resolve_neg())
        # Apple's devices know no float64.
        values = values.cpu() if values.device.type == "mps" else values
        return values.to(self._torch.float64).reshape(-1, self._parts)

    def widen(self, bits: Any) -> Any:
        return bits.to(self._torch.int64)

    def distance(self, x: Any, y: Any) -> float:
        return float((x - y).abs().max())

    def is_finite(self, floats: Any) -> Any:
        return self._torch.isfinite(floats)

    def text(self, block: Any, row: int) -> str:
        element = block.reshape(-1)[row]
        value = element.item()
        if isinstance(value, float) and value != value:
            bits = self.bits(element).item() & ((1 << 8 * element.dtype.itemsize) - 1)
            return f"nan ({bits:#x})"
        return number(value) if isinstance(value, float) else str(value)


class _TorchInNumPy(NumPyArithmetic):
    """Elements of a CPU tensor in NumPy's hands, which are several times faster there."""

    def __init__(self, torch: _Torch) -> None:
        super().__init__()
        self._torch = torch

    def bits(self, block: Any) -> Any:
        return self._torch.bits(block).numpy()

    def floats(self, block: Any, rows: Any) -> Any:
        return self._torch.floats(block, rows).numpy()

    def text(self, block: Any, row: int) -> str:
        return self._torch.text(block, row)


def compare_modules(path: Path, first: Any, second: Any) -> Found:
    """Compare two modules: parameters, gradients, buffers, training mode, plain attributes."""
    torch = loaded("torch")
    if hasattr(first, "_orig_mod") and hasattr(second, "_orig_mod"):  # torch.compile's wrapper
        yield Pair(path, first._orig_mod, second._orig_mod)
        return
    if isinstance(first, torch.jit.ScriptModule):
        yield from _compare_scripts(path, first, second)
        return
    own = [vars(each) for each in (first, second)]
    for kind in ("_parameters", "_buffers", "_modules"):
        yield from _members(path, own[0][kind], own[1][kind])
    base = vars(torch.nn.Module())
    for name in base:
        if all(_is_hooks(name, each) for each in own):
            # torch wraps some, and a copied wrapper has lost its attributes.
            hooks = ([getattr(h, "hook", h) for h in each[name].values()] for each in own)
            yield Pair(path.attribute(name), *hooks)
    rest = [{k: v for k, v in each.items() if k not in base} for each in own]
    yield Pair(path.attribute("training"), first.training, second.training)
    yield from _members(path, *rest)


def _is_hooks(name: str, attributes: dict[str, Any]) -> bool:
    # Their keys count up over the whole process.
    return name.endswith("_hooks") and isinstance(attributes.get(name), dict)


def _members(path: Path, first: dict[str, Any], second: dict[str, Any]) -> Found:
    for name in dict.fromkeys((*first, *second)):
        inner = path.item(int(name)) if name.isdecimal() else path.attribute(name)
        if name not in first or name not in second:
            absent = ("missing", "there") if name in second else ("there", "missing")
            yield change(inner, "attribute", *absent)
        else:
            yield Pair(inner, first[name], second[name])


def _compare_scripts(path: Path, first: Any, second: Any) -> Found:
    yield Pair(path.attribute("code"), str(first.graph), str(second.graph))
    yield Pair(path.attribute("training"), first.training, second.training)
    named: Callable[[Any], dict[str, Any]] = lambda each: {  # noqa: E731
        **dict(each.named_parameters()),
        **dict(each.named_buffers()),
    }
    yield from _members(path, named(first), named(second))


def compare_optimizers(path: Path, first: Any, second: Any) -> Found:
    """Compare two optimisers: groups, state by the parameter's number, plain attributes."""
    yield Pair(path.attribute("param_groups"), first.param_groups, second.param_groups)
    numbered = [_numbered_state(each) for each in (first, second)]
    yield Pair(path.attribute("state"), *numbered)
    skipped = ("state", "param_groups")
    plain = [
        {
            name: value
            for name, value in vars(each).items()
            # A scheduler wraps `step`, and hooks are numbered over the whole process.
            if name not in skipped and not callable(value) and not _is_hooks(name, vars(each))
        }
        for each in (first, second)
    ]
    yield from _members(path, *plain)


def _numbered_state(optimizer: Any) -> dict[Any, Any]:
    parameters = [each for group in optimizer.param_groups for each in group["params"]]
    numbers = {id(parameter): number for number, parameter in enumerate(parameters)}
    return {
        numbers.get(id(key), key if isinstance(key, str) else "other"): value
        for key, value in optimizer.state.items()
    }


def compare_scalers(path: Path, first: Any, second: Any) -> Found:
    """Compare two gradient scalers, which keep more under the identities of optimisers."""
    yield Pair(path, first.state_dict(), second.state_dict())


def compare_torch_generators(path: Path, first: Any, second: Any) -> Found:
    """Compare the states of two torch generators."""
    torch = loaded("torch")
    if first.device != second.device:
        yield change(path, "device", str(first.device), str(second.device))
    elif not torch.equal(first.get_state(), second.get_state()):
        yield Difference(str(path), "state", "the generators are in different states")
