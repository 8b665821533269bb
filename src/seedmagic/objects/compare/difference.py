"""What is said about two values that are not the same: a difference, and its place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

UNCOMPARED = "cannot be compared"
LONGEST = 60


@dataclass(frozen=True)
class Difference:
    """One difference between two values, or one thing that could not be compared.

    `str` gives it as a line for people.

    Attributes
    ----------
    path : str
        Where it is, as one would write it: ``model.layers[0].weight``, ``history['loss'][3]``.
    what : str
        What differs: ``elements``, ``value``, ``type``, ``dtype``, ``shape``, ``strides``,
        ``device``, ``length``, ``keys``, ``order``, ``state``, …; or ``cannot be compared``.
    first, second : str
        Both values in a few words; of several elements the first two that differ.
    place : tuple of int or None
        The index of the first element that differs: of an array one number a dimension, of a text
        the character or line.
    count, total : int or None
        How many elements differ, of how many.
    largest : float or None
        The greatest absolute difference; None where there are no numbers, or no finite ones.
    ulps : int or None
        The greatest distance in units in the last place: how many floating-point numbers of the
        dtype one would step over. Distances beyond 2⁵³ are rounded.
    """

    path: str
    what: str
    first: str = ""
    second: str = ""
    place: tuple[int, ...] | None = None
    count: int | None = None
    total: int | None = None
    largest: float | None = None
    ulps: int | None = None

    @property
    def is_compared(self) -> bool:
        """Whether the two were compared; else nothing is known about them."""
        return self.what != UNCOMPARED

    def __str__(self) -> str:
        path = cut(self.path, 120)
        if not self.is_compared:
            return f"{path}: {self.what}: {self.first}"
        if self.count is None:
            return f"{path}: {self._head()}{self._change()}{self._size(': |Δ|')}"
        if not self.place:  # an array without dimensions
            return f"{path}: {self._change()}{self._size(': |Δ|')}"
        some = "elements" if self.total != 1 else "element"
        verb, first = ("differs", "at") if self.count == 1 else ("differ", "first at")
        size = self._size("max |Δ|") or self._change()
        at = f"{self.count} of {self.total} {some} {verb}, {first} {list(self.place)}"
        return f"{path}: {at}: {size}"

    def _head(self) -> str:
        if self.what == "line" and self.place:
            return f"line {self.place[0]}: "
        if self.what == "value":
            return f"at {list(self.place)}: " if self.place else ""
        if self.what == "order":
            return f"the same {self.total} in another order: "
        return "" if self.what == "state" else f"{self.what} "

    def _change(self) -> str:
        return f"{self.first} → {self.second}" if self.second else self.first

    def _size(self, name: str) -> str:
        # A zero that changed its sign, and a NaN's bits, have no size.
        if not self.largest:
            return ""
        if self.ulps is None:
            return f"{name} {self.largest:.3g}"
        steps = str(self.ulps) if self.ulps < 1_000_000 else f"{self.ulps:.1e}"
        return f"{name} {self.largest:.3g} ({steps} ulp{'' if self.ulps == 1 else 's'})"


def uncompared(path: str, value: object, why: str = "") -> Difference:
    """Say that `value` could not be compared."""
    name = f"a {type(value).__qualname__}"
    return Difference(path, UNCOMPARED, f"{name}, {why}" if why else name)


def change(path: str, what: str, first: str, second: str, **sizes: Any) -> Difference:
    """Say that one thing became another; `sizes` are fields of `Difference`."""
    return Difference(path, what, cut(first), cut(second), **sizes)


def describe(value: object) -> str:
    """Give a short text of a value, running no code of the user's."""
    kind = type(value)
    if kind in (bool, complex, type(None), type(...)):
        return repr(value)
    if isinstance(value, int):
        # repr refuses integers of more than 4300 digits.
        return int.__repr__(value) if abs(value) < 10**60 else f"{value:#x}"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, (str, bytes, bytearray)):
        return repr(value[: 4 * LONGEST])
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        return f"a {kind.__name__} of {len(value)}"
    return f"a {kind.__qualname__}"


def number(value: float) -> str:
    """Write a float so that NaNs with other bits look different."""
    import struct

    if math.isnan(value):
        return f"nan ({struct.unpack('<Q', struct.pack('<d', value))[0]:#x})"
    return float.__repr__(value)


def cut(text: str, longest: int = LONGEST) -> str:
    """Shorten a text in its middle."""
    if len(text) <= longest:
        return text
    half = longest // 2 - 1
    return f"{text[:half]} … {text[-half:]}"
