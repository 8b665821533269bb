"""Python's own generator: the functions of `random`."""

from __future__ import annotations

import math
import struct
import sys
from typing import Any

from seedmagic.errors import StateError
from seedmagic.sources.protocol import State, original
from seedmagic.sources.read_only_memory import ReadOnlyMemory


class PythonSource:
    """The hidden `random.Random` instance behind `random.random` and its siblings."""

    name = "python"
    module = "random"

    def __init__(self) -> None:
        # What was read last, and its words. Both are replaced at once: another thread may look too.
        self._held: tuple[Any, ReadOnlyMemory | None] = (None, None)

    @property
    def infallible(self) -> bool:
        """Whether `random`'s own function seeds, and none that a user put in its place."""
        seeds = getattr(original(_random().seed), "__func__", None)
        return seeds is original(getattr(_random().Random, "seed", False))

    def seed(self, seed: int) -> None:
        """Do what ``random.seed(seed)`` does."""
        original(_random().seed)(seed)

    def get_state(self) -> State:
        """Give the version, the 624 words with the position, and a cached Gaussian or None."""
        return original(_random().getstate)()

    def look(self, last: object) -> object:
        """Give the position, the words, and the cached Gaussian; the state where they lie unknown.

        Read where they lie, for around an empty cell of a kernel our hooks take half as long again
        without (benchmarks/NOTES.md).
        """
        # Users replace `random.random`, in tests of their own code for one.
        generator: Any = getattr(original(_random().getstate), "__self__", None)
        held = self._held
        if generator is not held[0]:
            held = self._held = generator, _words(generator)
        words = held[1]
        seen = self.get_state() if words is None else (words.read(), generator.gauss_next)
        return last if seen == last else seen

    def state_of(self, seen: Any) -> State:
        """Make of what `look` gave what `get_state` would have given."""
        if not isinstance(seen[0], bytes):
            return seen
        position, *words = _LAYOUT.unpack(seen[0])
        return _VERSION, (*words, position), seen[1]

    def begins(self, seen: Any) -> bool:
        """Whether no word was used yet, the first of which a seeding sets to 2³¹."""
        words = seen[0]
        if isinstance(words, bytes):
            position, first = struct.unpack_from("=iI", words)
            return bool(position == _WORDS and first == _FIRST)
        return begins_anew(seen)

    def set_state(self, state: State) -> None:
        """Put back a state of `get_state`; `random` itself refuses every other."""
        original(_random().setstate)(state)

    def check_state(self, state: State) -> None:
        """Check each type, size and index, as `check_words` does."""
        check_words(state)


_VERSION = 3
# Of init_by_array in Matsumoto's and Nishimura's mt19937ar.c, which CPython seeds with.
_WORDS, _FIRST = 624, 0x80000000

# CPython's RandomObject, after what every object begins with: the position and the words.
_LAYOUT = struct.Struct("=i624I")


def is_generator(value: object) -> bool:
    """Whether `value` is a `random.Random`, whatever bears that name by now."""
    return isinstance(value, sys.modules["_random"].Random)


def begins_anew(state: State) -> bool:
    """Whether no word of a `random.Random` was used since its seeding, by its state."""
    return bool(state[1][-1] == _WORDS and state[1][0] == _FIRST)


def check_words(state: State) -> None:
    """Refuse what is no state of a `random.Random`, which itself takes floats and text too."""
    is_triple = type(state) is tuple and len(state) == 3
    version, words, gauss = state if is_triple else (None, None, None)
    if type(version) is not int or version != _VERSION:
        raise StateError(f"not a state of Python's random: its version is not {_VERSION}")
    if type(words) is not tuple or len(words) != _WORDS + 1 or not all(map(_is_word, words)):
        raise StateError("not a state of Python's random: not 624 words and a position")
    if words[-1] > _WORDS:
        raise StateError("not a state of Python's random: the position is beyond its words")
    if gauss is not None and not (type(gauss) is float and math.isfinite(gauss)):
        raise StateError("not a state of Python's random: gauss is not a finite number")


def _random() -> Any:
    return sys.modules["random"]


def _words(generator: Any) -> ReadOnlyMemory | None:
    """Give the place of `generator`'s words, if it is where CPython 3.10 to 3.14 has it."""
    size = object.__basicsize__ + _LAYOUT.size
    if sys.implementation.name != "cpython" or type(generator).__basicsize__ < size:
        return None
    words = ReadOnlyMemory(id(generator) + object.__basicsize__, _LAYOUT.size)
    try:
        told = generator.getstate()[1]
        return words if words.read() == _LAYOUT.pack(told[624], *told[:624]) else None
    except Exception:  # a class of the user's own, whose states are others
        return None


def _is_word(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**32
