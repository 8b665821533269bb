"""Compare NumPy's arrays, scalars and generators, and pandas' frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seedmagic.imports import loaded
from seedmagic.objects.compare.compare_containers import compare_attributes
from seedmagic.objects.compare.difference import Difference, Pair, Path, change, cut, describe
from seedmagic.objects.compare.elements import compare_elements
from seedmagic.objects.compare.layout import strides_that_matter


def compare_arrays(path: Path, first: Any, second: Any) -> Iterator[Difference | Pair]:
    """Compare two ndarrays, subclasses' own attributes included."""
    np = loaded("numpy")
    if first.dtype != second.dtype:
        yield change(path, "dtype", str(first.dtype), str(second.dtype))
    elif first.shape != second.shape:
        yield change(path, "shape", str(first.shape), str(second.shape))
    else:
        layouts = [strides_that_matter(each.shape, each.strides) for each in (first, second)]
        if layouts[0] != layouts[1] and None not in layouts:
            yield change(path, "strides", str(first.strides), str(second.strides))
        # A matrix stays two-dimensional whatever is taken of it, and a masked array hides values.
        yield from _compare_plain(path, first.view(np.ndarray), second.view(np.ndarray))
    if type(first) is not np.ndarray and not isinstance(first, np.memmap):
        yield from compare_attributes(path, first, second)


def compare_scalars(path: Path, first: Any, second: Any) -> Iterator[Difference | Pair]:
    """Compare two NumPy scalars."""
    np = loaded("numpy")
    return compare_arrays(path, np.asarray(first), np.asarray(second))


def _compare_plain(path: Path, first: Any, second: Any) -> Iterator[Difference | Pair]:
    if first.dtype.names:
        for name in first.dtype.names:
            yield Pair(path.item(name), first[name], second[name])
    elif first.dtype.hasobject:
        yield Pair(path, first.tolist(), second.tolist())
    elif first.size and first.dtype.itemsize:
        is_float = first.dtype.kind in "fc" and first.dtype.type is not loaded("numpy").longdouble
        is_float = is_float and first.dtype.type is not loaded("numpy").clongdouble
        yield from compare_elements(path, first, second, _NumPy(first.dtype), is_float=is_float)


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


def compare_generators(path: Path, first: Any, second: Any) -> Iterator[Difference | Pair]:
    """Compare the states of two NumPy generators."""
    from seedmagic.sources.same_state import is_same

    states = [_state(each) for each in (first, second)]
    if not is_same(*states):
        yield Difference(str(path), "state", "the generators are in different states")


def _state(generator: Any) -> Any:
    if hasattr(generator, "get_state"):
        return generator.get_state(legacy=False)
    return getattr(generator, "bit_generator", generator).state


def compare_frames(path: Path, first: Any, second: Any) -> Iterator[Difference | Pair]:
    """Compare two frames, or series: index, columns, dtypes, values."""
    yield Pair(path.attribute("index"), first.index, second.index)
    yield Pair(path.attribute("attrs"), first.attrs, second.attrs)
    if first.ndim == 1:
        yield Pair(path.attribute("name"), first.name, second.name)
        yield Pair(path, first.array, second.array)
        return
    yield Pair(path.attribute("columns"), first.columns, second.columns)
    if list(map(str, first.columns)) != list(map(str, second.columns)):
        return
    # By number: names may stand twice.
    for number, name in enumerate(first.columns):
        columns = (each.iloc[:, number].array for each in (first, second))
        yield Pair(path.item(name), *columns)


def compare_indexes(path: Path, first: Any, second: Any) -> Iterator[Difference | Pair]:
    """Compare two of pandas' indexes."""
    yield Pair(path.attribute("names"), list(first.names), list(second.names))
    if hasattr(first, "codes") and hasattr(first, "levels"):
        yield Pair(path.attribute("levels"), list(first.levels), list(second.levels))
        yield Pair(path.attribute("codes"), list(first.codes), list(second.codes))
    else:
        yield Pair(path, first.array, second.array)


def compare_columns(path: Path, first: Any, second: Any) -> Iterator[Difference | Pair]:
    """Compare what pandas keeps a column in, as the NumPy arrays that it is made of."""
    if str(first.dtype) != str(second.dtype):
        yield change(path, "dtype", str(first.dtype), str(second.dtype))
    elif hasattr(first, "codes"):  # categories
        yield Pair(path.attribute("codes"), first.codes, second.codes)
        yield Pair(path.attribute("categories"), first.categories, second.categories)
        yield Pair(path.attribute("ordered"), first.ordered, second.ordered)
    elif hasattr(first, "asi8"):  # times
        yield Pair(path, first.asi8, second.asi8)
    else:
        yield Pair(path, first.to_numpy(), second.to_numpy())
