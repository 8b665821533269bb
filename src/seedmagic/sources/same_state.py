"""Whether two RNG states are the same, bit for bit."""

from __future__ import annotations

import struct
from typing import Any


def is_same(one: Any, other: Any) -> bool:
    """Compare two states bit for bit."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, float):
        return struct.pack("d", one) == struct.pack("d", other)
    if hasattr(one, "tobytes") and hasattr(one, "dtype"):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    return bool(one == other)
