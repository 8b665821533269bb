"""Compare the elements of two arrays bit for bit, a block at a time, in the library they are of."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from seedmagic.objects.compare.difference import Difference

# A block of the widest elements is 16 MiB; what is made of it is freed before the next.
BLOCK = 1 << 20

Index = tuple[int | slice, ...]


class Library(Protocol):
    """How NumPy or torch does what is needed, for arrays of one dtype."""

    def bits(self, block: Any) -> Any:
        """Give a block's bits as integers: one row an element, one column a part of it."""

    def equal(self, first: Any, second: Any) -> bool:
        """Whether two arrays of integers are equal."""

    def rows(self, first: Any, second: Any) -> Any:
        """Find the rows in which two arrays of integers differ."""

    def floats(self, block: Any, rows: Any) -> Any | None:
        """Give the numbers in those rows as float64, columns as in `bits`; None for no numbers."""

    def widen(self, bits: Any) -> Any:
        """Turn integers into int64."""

    def distance(self, x: Any, y: Any) -> float:
        """Give the greatest |x − y|; infinite beyond float64."""

    def is_finite(self, floats: Any) -> Any:
        """Mark what is neither infinite nor NaN."""

    def text(self, block: Any, row: int) -> str:
        """Write an element."""


@dataclass
class _Tally:
    count: int = 0
    place: tuple[int, ...] | None = None
    first: str = ""
    second: str = ""
    largest: float | None = None
    ulps: int | None = None

    def add_sizes(self, largest: float | None, ulps: int | None) -> None:
        self.largest = max((x for x in (self.largest, largest) if x is not None), default=None)
        self.ulps = max((x for x in (self.ulps, ulps) if x is not None), default=None)


def compare_elements(
    path: str, first: Any, second: Any, library: Library, *, is_float: bool
) -> Iterator[Difference]:
    """Compare two arrays of the same dtype, shape and device.

    Parameters
    ----------
    path : str
        Where they are.
    first, second : ndarray or Tensor
        The arrays. No more than a block of them is copied, and none of one that lies in one piece.
    library : Library
        How to work with them.
    is_float : bool
        Whether distances in units in the last place have a meaning.

    Yields
    ------
    Difference
        One, if any elements differ.
    """
    shape = tuple(first.shape)
    tally = _Tally()
    for index in blocks(shape):
        one, other = first[index], second[index]
        bits, other_bits = library.bits(one), library.bits(other)
        if library.equal(bits, other_bits):
            continue
        rows = library.rows(bits, other_bits)
        if tally.place is None:
            row = int(rows[0])
            tally.place = _place(shape, index, row)
            tally.first, tally.second = library.text(one, row), library.text(other, row)
        tally.count += len(rows)
        # To pick most of a block costs more than to measure all of it.
        some = rows if 8 * len(rows) < len(bits) else slice(None)
        x, y = library.floats(one, some), library.floats(other, some)
        if x is not None:
            pair = (bits[some], other_bits[some]) if is_float else None
            tally.add_sizes(*_sizes(x, y, pair, library))
    if tally.count:
        yield Difference(path, "elements", total=math.prod(shape), **vars(tally))


def blocks(shape: tuple[int, ...]) -> Iterator[Index]:
    """Cut an array of this shape into blocks, in order, each in one piece if the array is."""
    rest, axis = 1, len(shape)
    while axis and rest * shape[axis - 1] <= BLOCK:
        axis -= 1
        rest *= shape[axis]
    if axis == 0:
        yield ()
        return
    step = max(1, BLOCK // max(1, rest))
    for outer in _indices(shape[: axis - 1]):
        for start in range(0, shape[axis - 1], step):
            yield (*outer, slice(start, start + step))


def _indices(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    # itertools.product would hold every range as a tuple.
    if not shape:
        yield ()
        return
    for outer in _indices(shape[:-1]):
        for last in range(shape[-1]):
            yield (*outer, last)


def _place(shape: tuple[int, ...], index: Index, row: int) -> tuple[int, ...]:
    """Say where the element that stands in this row of a block stands in the array."""
    place = []
    for size in reversed(shape[len(index) :]):
        row, at = divmod(row, size)
        place.append(at)
    outer = []
    for at_outer in index:
        outer.append(at_outer.start + row if isinstance(at_outer, slice) else at_outer)
    return (*outer, *reversed(place))


def _sizes(
    x: Any, y: Any, bits: tuple[Any, Any] | None, library: Library
) -> tuple[float | None, int | None]:
    """Measure the greatest distance between numbers, and in units in the last place."""
    finite = library.is_finite(x) & library.is_finite(y)
    x, y = x[finite], y[finite]
    if len(x) == 0:
        return None, None
    largest = library.distance(x, y)
    if bits is None:
        return largest, None
    return largest, _ulps(bits[0][finite], bits[1][finite], library)


def _ulps(one: Any, other: Any, library: Library) -> int:
    """Count the floating-point numbers between two, from their bits.

    IEEE 754 numbers are ordered as their bits are, sign aside: Dawson, "Comparing floating point
    numbers", 2012.
    """
    is_other_side = (one < 0) != (other < 0)
    sign_bit = 1 << (8 * one.dtype.itemsize - 1)
    a, b = (library.widen(part) & (sign_bit - 1) for part in (one, other))
    steps = abs(a - b)
    if not is_other_side.any():
        return int(steps.max())
    a, b, steps = a[is_other_side], b[is_other_side], steps[~is_other_side]
    # Across zero the distances add up, and those of float64 may not fit into 64 bits.
    halves = int(max(a.max(), b.max())) >= 1 << 62
    across = 2 * int((a // 2 + b // 2).max()) if halves else int((a + b).max())
    return max(across, int(steps.max())) if len(steps) else across
