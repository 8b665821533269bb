"""What a run gives to be tracked: numbers and sequences of numbers, as plain floats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

Value = float | tuple[float, ...]
ACCEPTED = "a number, or a sequence of numbers (list, tuple, 1-d array or tensor)"
# The name of what a function returns that returns one thing alone.
ALONE = "value"


def pick(given: object, track: tuple[str, ...] | None) -> dict[str, Value]:
    """Take what is tracked from what a run gave.

    Parameters
    ----------
    given : mapping, number or sequence of numbers
        What is no mapping counts as ``{"value": given}``.
    track : tuple of str or None
        The names to take; None: all.

    Raises
    ------
    ValueError
        A name is not there.
    TypeError
        A value is neither a number nor a sequence of numbers, or a name is no str.
    """
    values = given if isinstance(given, Mapping) else {ALONE: given}
    if not isinstance(given, Mapping):
        _check(given, "what the run returned")
    names = tuple(values) if track is None else track
    if not names and track is None:
        raise ValueError("the run returned an empty dict: there is nothing to track.")
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"the run returned a dict with the key {name!r}: a str is accepted.")
        if name not in values:
            there = ", ".join(map(str, values)) or "nothing"
            raise ValueError(f"{name!r} cannot be tracked: the run gave {there}.")
    return {name: as_value(values[name], repr(name)) for name in names}


def as_value(given: Any, name: str) -> Value:
    """Give a number as a float, a sequence of numbers as a tuple of floats.

    The numbers keep their value as far as 64 bits go. A bool is 0 or 1; a Series loses its index.

    Raises
    ------
    TypeError
        It is something else; the message names its type.
    """
    _check(given, name)
    if isinstance(given, Real):
        return _as_float(given, name)
    listed = given.tolist() if hasattr(given, "tolist") else list(given)
    if not isinstance(listed, list):
        return _as_float(listed, name)
    return tuple(_element(item, f"{name}[{place}]") for place, item in enumerate(listed))


def _check(given: Any, name: str) -> None:
    dimensions = getattr(given, "ndim", None)
    if isinstance(given, Real) or (dimensions in (0, 1) and hasattr(given, "tolist")):
        return
    is_sequence = isinstance(given, Sequence) and not isinstance(given, (str, bytes, bytearray))
    if dimensions is not None or not is_sequence:
        shape = f" of {dimensions} dimensions" if dimensions else ""
        raise TypeError(
            f"{name} is of type {type(given).__name__}{shape}, which cannot be tracked: "
            f"{ACCEPTED} is accepted."
        )


def _element(item: Any, name: str) -> float:
    if not isinstance(item, Real) and getattr(item, "ndim", None) == 0:
        item = item.item()
    return _as_float(item, name)


def _as_float(number: Any, name: str) -> float:
    if not isinstance(number, Real):
        raise TypeError(
            f"{name} is of type {type(number).__name__}, which is no number: {ACCEPTED} is "
            "accepted."
        )
    try:
        return float(number)
    except OverflowError:
        raise TypeError(f"{name} is an integer too large for 64 bits of floating point.") from None
