"""NumPy's global Mersenne Twister, read where it lies in memory.

NumPy's own way makes an array, word by word: around an empty cell of a kernel our hooks would take
two to three times as long (benchmarks/NOTES.md). The words lie where the generator's public
``ctypes`` interface says; the cached half of a Gaussian pair lies in the `RandomState`, at a place
that is searched for, with a state of our own, before anything is believed. Where it is not found,
nothing here is used.
"""

from __future__ import annotations

import struct
import sys
from functools import lru_cache
from typing import Any

from seedmagic.sources.memory import MemoryPlace

# mt19937_state: 624 words of 32 bits, and the position.
SIZE = 2500
_NEEDLE = 0.7390851332151607  # any number that no memory holds by chance
CACHE = struct.Struct("=i4xd")  # aug_bitgen_t after its pointer: has_gauss, gauss

Seen = tuple[bytes, bytes]


class NumpyReader:
    """Reads the state of a bit generator and its RandomState, which it keeps alive.

    Parameters
    ----------
    generator : MT19937
        The bit generator.
    holder : RandomState
        What draws from it.
    place : int
        Where in `holder` its cache lies.
    """

    def __init__(self, generator: Any, holder: Any, place: int) -> None:
        self._generator, self._holder = generator, holder
        self._words = MemoryPlace(generator.ctypes.state_address, SIZE)
        self._cache = MemoryPlace(id(holder) + place, CACHE.size)

    @property
    def is_current(self) -> bool:
        """Whether the holder draws from this generator yet."""
        return self._holder._bit_generator is self._generator

    def look(self) -> Seen:
        """Give the words with the position, and the cache."""
        return self._words.read(), self._cache.read()


def reader(generator: Any, holder: Any, kind: Any) -> NumpyReader | None:
    """Give what reads these two, or None where `generator` is of another kind, or not there."""
    is_holders: bool = getattr(holder, "_bit_generator", None) is generator
    if not is_holders or generator.__class__ is not kind:
        return None  # somebody has put a RandomState of their own in the place of NumPy's
    place = _find_cache(holder.__class__, generator.__class__)
    return None if place is None else NumpyReader(generator, holder, place)


@lru_cache(maxsize=1)
def _find_cache(holders: Any, generators: Any) -> int | None:
    """Find where a `RandomState` holds its cache; None where it is not as it is known to be."""
    # A user may have put something else in the place of np.random's functions.
    if sys.implementation.name != "cpython" or holders.__name__ != "RandomState":
        return None
    generator = generators(0)
    holder = holders(generator)
    state = holder.get_state(legacy=False)
    holder.set_state({**state, "has_gauss": 1, "gauss": _NEEDLE})
    memory = MemoryPlace(id(holder), holders.__basicsize__).read()
    place = memory.find(struct.pack("=d", _NEEDLE)) - 8
    if place < object.__basicsize__ or CACHE.unpack_from(memory, place) != (1, _NEEDLE):
        return None
    holder.set_state(state)
    cache = MemoryPlace(id(holder) + place, CACHE.size).read()
    words = MemoryPlace(generator.ctypes.state_address, SIZE).read()
    position = int.from_bytes(words[-4:], sys.byteorder)
    is_read = words[:-4] == state["state"]["key"].tobytes() and position == state["state"]["pos"]
    return place if is_read and CACHE.unpack(cache) == (0, 0.0) else None
