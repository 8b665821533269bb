"""NumPy's global generator: the functions of `numpy.random`."""

from __future__ import annotations

import struct
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from seedmagic.sources import numpy_memory
from seedmagic.sources.numpy_states import check, from_numpy, to_numpy
from seedmagic.sources.protocol import State, original

# Where the generator stands that NumPy makes on its import; after a seeding it is 624.
_BORN_AT = 623


class NumpySource:
    """The `numpy.random.RandomState` behind `np.random.rand` and its siblings.

    ``np.random.default_rng()`` makes generators of its own, which no global seed reaches.
    """

    name = "numpy"
    module = "numpy.random"
    package = "numpy"  # NumPy 2.4 loads numpy.random on first use

    def __init__(self) -> None:
        self._born: bytes | None = None
        self._get_state: object = None
        self._reader: numpy_memory.NumpyReader | None = None

    @property
    def infallible(self) -> bool:
        """Whether NumPy's own function seeds, and its own bit generator.

        After ``np.random.set_bit_generator`` it makes a new one.
        """
        own = getattr(sys.modules.get("numpy.random.mtrand"), "seed", None)
        return original(_random().seed) is own and self._is_usual()

    def _is_usual(self) -> bool:
        return type(_random().get_bit_generator()) is _random().MT19937

    def seed(self, seed: int) -> None:
        """Do what ``np.random.seed(seed)`` does."""
        original(_random().seed)(seed)
        if not self._is_usual():
            # NumPy 2.4 forgets the cached half of a Gaussian pair for an MT19937 alone.
            get_state, set_state = original(_random().get_state), original(_random().set_state)
            with _undisturbed(set_state):
                set_state({**get_state(legacy=False), "has_gauss": 0, "gauss": 0.0})

    def get_state(self) -> State:
        """Give ``np.random.get_state(legacy=False)``, each array as its bytes."""
        with _undisturbed(original(_random().get_state)):
            return self.state_of(self.look(None))

    def look(self, last: Any) -> Any:
        """Give the words with the position, and the cached half of a Gaussian pair, as they lie.

        Where they cannot be read, and for another bit generator, give the state as NumPy gives it.
        """
        reader = self._reader_of_now()
        if reader is not None:
            seen = reader.look()
            if _position(seen[0]) == _BORN_AT:
                self._born = seen[0][:2496]
            return last if seen == last else seen
        # legacy=True returns a tuple, but a dict after set_bit_generator.
        state: Any = original(_random().get_state)(legacy=False)
        return from_numpy(state)

    def state_of(self, seen: Any) -> State:
        """Make of what `look` gave what `get_state` would have given."""
        if type(seen) is not tuple:
            return seen
        words, cache = seen
        has_gauss, gauss = numpy_memory.CACHE.unpack(cache)
        parts = {"key": words[:2496], "pos": _position(words)}
        kind = "MT19937"
        return {"bit_generator": kind, "state": parts, "has_gauss": has_gauss, "gauss": gauss}

    def begins(self, seen: Any) -> bool:
        """Whether no word was used yet, and the first ones are those that a seeding makes.

        A number is spread over the words by Knuth's recurrence; an array sets the first to 2³¹.
        """
        if type(seen) is not tuple:
            return False
        # A generator that has just been made has one word left: using that is a draw.
        if _position(seen[0]) != 624 or seen[0][:2496] == self._born:
            return False
        first, second = struct.unpack_from("=II", seen[0])
        spread = (1812433253 * (first ^ first >> 30) + 1) % 2**32
        return bool(first == 2**31 or second == spread)

    def stretch_of(self, seen: Any) -> Any:
        """Give the words that are drawn from next, wherever among them it stands."""
        return seen[0][:2496] if type(seen) is tuple else None

    def set_state(self, state: State) -> None:
        """Put back a state of `get_state`, its bit generator with it."""
        # np.random.set_state takes positions that crash the process at the next draw.
        self.check_state(state)
        kind = state["bit_generator"]
        if type(_random().get_bit_generator()).__name__ != kind:
            original(_random().set_bit_generator)(getattr(_random(), kind)(0))
        set_state = original(_random().set_state)
        with _undisturbed(set_state):
            set_state(to_numpy(state))

    def _reader_of_now(self) -> numpy_memory.NumpyReader | None:
        """Give what reads the RandomState whose methods are the functions of numpy.random."""
        random = _random()
        get_state = random.get_state
        if self._reader is None or get_state is not self._get_state or not self._reader.is_current:
            self._get_state = get_state
            holder: Any = getattr(original(get_state), "__self__", None)
            self._reader = numpy_memory.reader(random.get_bit_generator(), holder, random.MT19937)
        return self._reader

    def check_state(self, state: State) -> None:
        """Check each type, size and index, without NumPy."""
        check(state, "NumPy's global generator")


def _random() -> Any:
    # While numpy.random is being imported, np.random would import it, and so on for ever.
    return sys.modules["numpy.random"]


def _undisturbed(function: Any) -> AbstractContextManager[object]:
    """Give the lock under which threads draw from the RandomState whose method `function` is.

    NumPy takes it for a state from 2.4 on. Before, a thread that draws leaves one half written.
    """
    generator = getattr(getattr(function, "__self__", None), "_bit_generator", None)
    return nullcontext() if generator is None else generator.lock


def _position(words: bytes) -> int:
    return int.from_bytes(words[2496:], sys.byteorder)
