"""Compare the elements of torch's tensors, on the device that they are on."""

from __future__ import annotations

from typing import Any

from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.compare.difference import Difference, number
from seedmagic.objects.compare.elements import Library, compare_elements
from seedmagic.objects.compare.numpy_elements import NumPyArithmetic
from seedmagic.objects.kinds.tensors import elements_of
from seedmagic.objects.memory.tensor_memory import plainly


def compare_tensors(path: str, first: Any, second: Any) -> list[Difference]:
    """Compare the elements of two tensors of the same dtype, shape and device."""
    torch = loaded("torch")
    with plainly():
        one, other = elements_of(first), elements_of(second)
        if one is None or other is None or not one.numel() or one.device.type == "meta":
            return []
        one, other = (each.as_subclass(torch.Tensor) for each in (one, other))
        plain = _Torch(torch, one.dtype)
        in_numpy = one.device.type == "cpu" and is_loaded("numpy")
        library: Library = _TorchInNumPy(plain) if in_numpy else plain
        is_float = one.dtype.is_floating_point or one.dtype.is_complex
        return [*compare_elements(path, one, other, library, is_float=is_float)]


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
