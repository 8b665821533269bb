"""torch's CPU generator, read where it lies in memory.

`torch.Generator.get_state` makes a tensor of 5 kB: around an empty cell of a kernel our hooks
would take twice as long (benchmarks/NOTES.md). A generator's public ``_cdata`` says where its
object lies; where in it the state begins is searched for in one of our own, through the system,
which refuses what is not our memory. Where anything is not as it is known to be, nothing here is
used.
"""

from __future__ import annotations

import os
import struct
from functools import lru_cache
from typing import Any, NamedTuple

from seedmagic.imports import loaded
from seedmagic.sources.memory import MemoryPlace

# What get_state gives (CPUGeneratorImpl.cpp, CPUGeneratorImplState), and what lies in memory
# (MT19937RNGEngine.h, mt19937_data_pod, and what follows it in CPUGeneratorImpl.h): each float as
# its bits.
_TOLD = struct.Struct("=Qi?3xQ4992s8xQ8x?7xI?3x")
_HELD = struct.Struct("=Qi?3xI2496s4xI?3xQ?7x")
_BEFORE = 20  # bytes of the latter before the words
_LARGEST = 4096  # bytes of a generator's object


class Seen(NamedTuple):
    """A generator's state; a cached half of a Gaussian pair is None where there is none."""

    seed: int
    left: int
    is_seeded: bool
    after: int  # which of the words is the next
    words: bytes
    single: int | None
    double: int | None


class TorchReader:
    """Reads one generator, which it keeps alive.

    Parameters
    ----------
    generator : torch.Generator
        What `is_readable`.
    """

    def __init__(self, generator: Any) -> None:
        self._generator = generator
        self._place = MemoryPlace(generator._cdata + _find(loaded("torch")), _HELD.size)
        # Both are replaced at once: another thread may look too.
        self._last: tuple[bytes, Seen] = b"", _held(bytes(_HELD.size))

    def look(self) -> Seen:
        """Give the state; the same object as last time where nothing moved."""
        memory = self._place.read()
        if memory is not self._last[0]:
            # What lies where nothing is cached may be anything, and change.
            seen, now = self._last[1], _held(memory)
            self._last = memory, seen if now == seen else now
        return self._last[1]


def is_readable(generator: Any) -> bool:
    """Whether `generator` is one of the CPU, and what lies in memory is what it tells."""
    torch = loaded("torch")
    try:
        if type(generator) is not torch.Generator or generator.device.type != "cpu":
            return False
        place = _find(torch)
        memory = _memory(generator)
        return place is not None and memory is not None and _is_held(memory[place:], generator)
    except Exception:  # another torch, or a mode of the user's; there is get_state
        return False


def to_state(seen: Seen) -> bytes:
    """Make of what was seen what ``get_state`` would have given as bytes."""
    words = struct.pack("=624Q", *struct.unpack("=624I", seen.words))
    double = seen.double or 0, seen.double is not None
    single = seen.single or 0, seen.single is not None
    return _TOLD.pack(seen.seed, seen.left, seen.is_seeded, seen.after, words, *double, *single)


def _held(memory: bytes) -> Seen:
    """Make a state of what lies in memory."""
    seed, left, is_seeded, after, words, *cached = _HELD.unpack_from(memory)
    single, has_single, double, has_double = cached
    one, other = single if has_single else None, double if has_double else None
    return Seen(seed, left, is_seeded, after, words, one, other)


def _is_held(memory: bytes, generator: Any) -> bool:
    """Whether what `memory` begins with is what the generator tells."""
    from seedmagic.sources.torch_bytes import to_bytes

    return to_state(_held(memory)) == to_bytes(generator.get_state())


@lru_cache(maxsize=1)
def _find(torch: Any) -> int | None:
    """Find where a generator holds its state; None where it is not as it is known to be."""
    own = torch.Generator()
    words = range(1, 625)
    wide, narrow = struct.pack("=624Q", *words), struct.pack("=624I", *words)
    for cached in (True, False):
        state = _TOLD.pack(7, 11, True, 613, wide, 2**62, cached, 2**29, cached)
        own.set_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))
        memory = _memory(own) or b""
        place = memory.find(narrow) - _BEFORE
        if not 0 <= place <= len(memory) - _HELD.size or not _is_held(memory[place:], own):
            return None
    return place


def _memory(generator: Any) -> bytes | None:
    """Read what lies at a generator; None where the system has no such way."""
    try:
        memory = os.open("/proc/self/mem", os.O_RDONLY)
    except OSError:
        return None
    try:
        return os.pread(memory, _LARGEST, generator._cdata)
    except (OSError, AttributeError):
        return None
    finally:
        os.close(memory)
