"""Compare the elements of NumPy's arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seedmagic.imports import loaded
from seedmagic.objects.compare.difference import Difference, cut, describe
from seedmagic.objects.compare.elements import compare_elements
from seedmagic.objects.memory.array_elements import as_plain


def compare_arrays(path: str, first: Any, second: Any) -> Iterator[Difference]:
    """Compare the elements of two arrays, or scalars, of the same dtype and shape."""
    np = loaded("numpy")
    one, other = as_plain(np.asarray(first)), as_plain(np.asarray(second))
    if one.dtype.names:
        for name in one.dtype.names:
            yield from compare_arrays(f"{path}[{name!r}]", one[name], other[name])
    elif one.size and one.dtype.itemsize and not one.dtype.hasobject:
        is_float = one.dtype.kind in "fc" and one.dtype.char not in "gG"
        yield from compare_elements(path, one, other, _NumPy(one.dtype), is_float=is_float)


class NumPyArithmetic:
    """What NumPy does with integers and doubles."""

    def __init__(self) -> None:
        self._np = loaded("numpy")

    def equal(self, first: Any, second: Any) -> bool:
        """Whether two arrays of integers are equal."""
        return bool(self._np.array_equal(first, second))

    def rows(self, first: Any, second: Any) -> Any:
        """Find the rows in which two arrays of integers differ."""
        return (first != second).any(axis=1).nonzero()[0]

    def widen(self, bits: Any) -> Any:
        """Turn integers into int64."""
        return bits.astype("i8")

    def distance(self, x: Any, y: Any) -> float:
        """Give the greatest |x − y|; infinite beyond float64."""
        with self._np.errstate(over="ignore"):
            return float(abs(x - y).max())

    def is_finite(self, floats: Any) -> Any:
        """Mark what is neither infinite nor NaN."""
        return self._np.isfinite(floats)


class _NumPy(NumPyArithmetic):
    """Elements of one dtype in NumPy's hands."""

    def __init__(self, dtype: Any) -> None:
        super().__init__()
        np = self._np
        # The last bytes of an 80-bit number are padding, and hold anything.
        self._used = 16 if dtype.kind not in "fc" or np.finfo(dtype).nmant != 63 else 10
        self._parts = 2 if dtype.kind == "c" else 1
        width = dtype.itemsize // self._parts
        self._word = f"i{width}" if dtype.kind in "biufcmM" and width in (1, 2, 4, 8) else "u1"
        self._is_number = dtype.kind in "iufc"

    def bits(self, block: Any) -> Any:
        flat = self._np.ascontiguousarray(block).reshape(-1)
        flat = flat if flat.dtype.isnative or self._word == "u1" else flat.byteswap()
        words = flat.view(self._word).reshape(len(flat), -1)
        if self._word == "u1" and self._used == 10:
            return words.reshape(len(flat), self._parts, -1)[..., :10].reshape(len(flat), -1)
        return words

    def floats(self, block: Any, rows: Any) -> Any | None:
        if not self._is_number:
            return None
        values = self._np.ascontiguousarray(block).reshape(-1)[rows]
        values = values.astype(values.dtype.newbyteorder("="))
        if self._parts == 2:
            values = values.view(values.real.dtype).reshape(-1, 2)
        # A signalling NaN, and what is too long for a double.
        with self._np.errstate(invalid="ignore", over="ignore"):
            return values.astype("f8").reshape(-1, self._parts)

    def text(self, block: Any, row: int) -> str:
        element = block.reshape(-1)[row] if block.ndim else block[()]
        text = describe(element) if isinstance(element, (str, bytes)) else str(element)
        if self._np.isnan(element) if self._is_number else False:
            text += f" ({element.tobytes()[::-1].hex()})"
        return cut(text)
