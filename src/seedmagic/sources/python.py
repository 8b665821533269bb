"""Python's own generator: the functions of `random`."""

from __future__ import annotations

import math
import struct
import sys
from types import MethodType
from typing import Any

from seedmagic.errors import StateError
from seedmagic.sources.protocol import State, original

_NOTHING: tuple[None, int, None] = (None, -1, None)


class PythonSource:
    """The hidden `random.Random` instance behind `random.random` and its siblings."""

    name = "python"
    module = "random"
    infallible = True

    def __init__(self) -> None:
        self._generator: Any = None
        self._words: Any = None
        # The function that was to seed last, its seed, and what a look sees after it.
        self._given: tuple[Any, int, Any] = _NOTHING
        self._own: tuple[Any, Any] | None = None  # a generator, and its words
        # A bytearray, unlike bytes, is compared with memory that nobody copies. Both are replaced
        # at once: another thread may look too.
        self._last: tuple[bytearray, tuple[bytes, float | None]] = bytearray(), (b"", None)

    def seed(self, seed: int) -> None:
        """Do what ``random.seed(seed)`` does.

        That spreads the seed over 624 words, in 4.5 µs. The words of the seed before are kept, and
        written in 0.5 µs when it is given again.
        """
        import random

        function, words = original(random.seed), self._words_of_now()
        if function is not self._given[0] or seed != self._given[1]:
            generator = self._generator
            is_own = words is not None and type(generator) is random.Random
            if not is_own or function != MethodType(random.Random.seed, generator):
                function(seed)  # the user's own may do more, or something else each time
                return
            self._given = function, seed, self._spread(seed)
        words.raw, self._generator.gauss_next = self._given[2]

    def _spread(self, seed: int) -> tuple[bytes, None]:
        """Give what `seed` gives, by a generator of our own: a thread may draw from the user's."""
        if self._own is None:
            own = type(self._generator)(0)
            self._own = own, _words(own)
        generator, words = self._own
        generator.seed(seed)
        return bytes(words), None

    def get_state(self) -> State:
        """Give the version, the 624 words with the position, and a cached Gaussian or None."""
        import random

        return original(random.getstate)()

    def look(self, last: object) -> object:
        """Give the position, the words, and the cached Gaussian.

        They are read where they lie, in 0.5 µs in place of 6, if they lie where they are known to.
        """
        words = self._words_of_now()
        if words is None:
            return self.get_state()
        kept, seen = self._last
        gauss = self._generator.gauss_next
        if kept != words or seen[1] != gauss:
            kept = bytearray(words)
            seen = bytes(kept), gauss
            self._last = kept, seen
        return seen

    def state_of(self, seen: Any) -> State:
        """Make of what `look` gave what `get_state` would have given."""
        if not isinstance(seen[0], bytes):
            return seen
        position, *words = _LAYOUT.unpack(seen[0])
        return _VERSION, (*words, position), seen[1]

    def put_look_back(self, seen: Any) -> None:
        """Write what `look` gave where it was read, or put back its state."""
        words = self._words_of_now()
        if words is None or not isinstance(seen[0], bytes):
            self.set_state(self.state_of(seen))
        else:
            words.raw, self._generator.gauss_next = seen

    def _words_of_now(self) -> Any:
        """Give the memory of the words of what random.getstate reads; None where it is not known.

        Users replace `random.random`, in tests of their own code for one.
        """
        generator = getattr(original(sys.modules["random"].getstate), "__self__", None)
        if generator is not self._generator:
            self._generator, self._words = generator, _words(generator)
            self._given = _NOTHING
        return self._words

    def begins(self, seen: Any) -> bool:
        """Whether no word was used yet, the first of which a seeding sets to 2³¹."""
        words = seen[0]
        if isinstance(words, bytes):
            position, first = struct.unpack_from("=iI", words)
            return bool(position == _WORDS and first == _FIRST)
        return bool(seen[1][-1] == _WORDS and seen[1][0] == _FIRST)

    def set_state(self, state: State) -> None:
        """Put back a state of `get_state`; `random` itself refuses every other."""
        import random

        original(random.setstate)(state)

    def check_state(self, state: State) -> None:
        """Check each type, size and index: `random` takes floats, text and version 2 too."""
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


_VERSION = 3

# Of init_by_array in Matsumoto's and Nishimura's mt19937ar.c, which CPython seeds with.
_WORDS, _FIRST = 624, 0x80000000

# CPython's RandomObject, after what every object begins with: the position and the words.
_LAYOUT = struct.Struct("=i624I")


def _words(generator: Any) -> Any:
    """Give the memory of `generator`'s words, if it is where CPython has it.

    3.10 to 3.13 were tried.
    """
    import ctypes

    size = object.__basicsize__ + _LAYOUT.size
    if sys.implementation.name != "cpython" or type(generator).__basicsize__ < size:
        return None
    memory = (ctypes.c_char * _LAYOUT.size).from_address(id(generator) + object.__basicsize__)
    words = generator.getstate()[1]
    return memory if memory.raw == _LAYOUT.pack(words[624], *words[:624]) else None


def _is_word(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**32
