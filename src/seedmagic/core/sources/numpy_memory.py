"""NumPy's global Mersenne Twister, read and put back where it lies in memory.

NumPy has public ways to both, which loop over the 624 words in Python: 30 µs each, where a read
takes 1 µs. The words lie where the generator's public ``ctypes`` interface says; the cached half of
a Gaussian pair lies in the `RandomState`, at a place that is searched for, with a state of our own,
before anything is believed. Where it is not found, nothing here is used.
"""

from __future__ import annotations

import struct
import sys
from functools import lru_cache
from typing import Any

# mt19937_state: 624 words of 32 bits, and the position.
SIZE = 2500
_NEEDLE = 0.7390851332151607  # any number that no memory holds by chance
_CACHE = struct.Struct("=i4xd")  # aug_bitgen_t after its pointer: has_gauss, gauss

Seen = tuple[bytes, int, float]


def read(generator: Any, holder: Any) -> Seen | None:
    """Give the words with the position, and the cache; None where that cannot be read.

    Parameters
    ----------
    generator : MT19937
        The bit generator.
    holder : RandomState
        What draws from it.
    """
    is_holders: bool = getattr(holder, "_bit_generator", None) is generator
    if not is_holders:
        return None  # somebody has put a RandomState of their own in the place of NumPy's
    place = _find_cache(holder.__class__, generator.__class__)
    if place is None:
        return None
    import ctypes

    words = ctypes.string_at(generator.ctypes.state_address, SIZE)
    has_gauss, gauss = _CACHE.unpack(ctypes.string_at(id(holder) + place, _CACHE.size))
    return words, has_gauss, gauss


def write(generator: Any, words: bytes) -> None:
    """Put back the words with the position; the cache is not touched."""
    import ctypes

    with generator.lock:
        ctypes.memmove(generator.ctypes.state_address, words, SIZE)


@lru_cache(maxsize=1)
def _find_cache(holders: Any, generators: Any) -> int | None:
    """Find where a `RandomState` holds its cache; None where it is not as it is known to be."""
    import ctypes

    # A user may have put something else in the place of np.random's functions.
    if sys.implementation.name != "cpython" or holders.__name__ != "RandomState":
        return None
    generator = generators(0)
    holder = holders(generator)
    state = holder.get_state(legacy=False)
    holder.set_state({**state, "has_gauss": 1, "gauss": _NEEDLE})
    memory = ctypes.string_at(id(holder), holders.__basicsize__)
    place = memory.find(struct.pack("=d", _NEEDLE)) - 8
    if place < object.__basicsize__ or _CACHE.unpack_from(memory, place) != (1, _NEEDLE):
        return None
    holder.set_state(state)
    cache = ctypes.string_at(id(holder) + place, _CACHE.size)
    words = ctypes.string_at(generator.ctypes.state_address, SIZE)
    position = int.from_bytes(words[-4:], sys.byteorder)
    is_read = words[:-4] == state["state"]["key"].tobytes() and position == state["state"]["pos"]
    return place if is_read and _CACHE.unpack(cache) == (0, 0.0) else None
