"""Compare numbers and texts, and say how far apart they are."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from seedmagic.objects.compare.difference import LONGEST, Difference, change, describe

_CONTEXT = 20


def same(first: Any, second: Any) -> bool:
    """Whether two atoms of the same type have the same bits."""
    if type(first) is float:
        # Most are equal numbers, and only a zero's sign is hidden then.
        return (first == second != 0.0) or bits(first) == bits(second)
    if type(first) is complex:
        return same(first.real, second.real) and same(first.imag, second.imag)
    return bool(first == second)


def bits(value: float) -> int:
    """Give a float's bits as a signed integer."""
    return int(struct.unpack("<q", struct.pack("<d", value))[0])


def distance(first: Any, second: Any) -> tuple[float | None, int | None]:
    """Give |Δ| of two numbers, and the count of floats between them; None where there is none."""
    try:
        delta = float(abs(first - second))
    except (OverflowError, TypeError):  # integers beyond floats; no numbers
        return None, None
    if not delta < float("inf"):
        return None, None
    if type(first) is not float:
        return delta, None
    one, other = bits(first), bits(second)
    sign = 1 << 63
    ordered = [each if each >= 0 else -(each + sign) for each in (one, other)]
    return delta, abs(ordered[0] - ordered[1])


def compare_atoms(path: str, first: Any, second: Any) -> Iterator[Difference]:
    """Compare two numbers, texts, or other values that hold no others."""
    if same(first, second):
        return
    if isinstance(first, (str, bytes, bytearray)):
        at = first_difference(first, second)
        start = max(0, at - _CONTEXT)
        texts = (describe(each[start : at + _CONTEXT]) for each in (first, second))
        yield change(path, "value", *texts, place=(at,))
        return
    largest, ulps = distance(first, second) if type(first) is not bool else (None, None)
    yield change(path, "value", describe(first), describe(second), largest=largest, ulps=ulps)


def from_difference(first: str, second: str, longest: int = LONGEST) -> tuple[str, str]:
    """Leave out most of what two different texts begin with alike, where one is long."""
    start = first_difference(first, second) - _CONTEXT
    if start <= 0 or max(len(first), len(second)) <= longest:
        return first, second
    return f"… {first[start:]}", f"… {second[start:]}"


def first_difference(first: Any, second: Any) -> int:
    """Find the index at which two different sequences part, by halving."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
