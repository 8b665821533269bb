"""Python's own generator: the functions of `random`."""

from __future__ import annotations

import math

from seedmagic.core.sources.protocol import State, original
from seedmagic.errors import StateError


class PythonSource:
    """The hidden `random.Random` instance behind `random.random` and its siblings."""

    name = "python"
    module = "random"
    infallible = True

    def seed(self, seed: int) -> None:
        """Do what ``random.seed(seed)`` does."""
        import random

        original(random.seed)(seed)

    def get_state(self) -> State:
        """Give the version, the 624 words with the position, and a cached Gaussian or None."""
        import random

        return original(random.getstate)()

    def look(self, last: object) -> object:
        """Give the position, some of the words, and the cached Gaussian.

        Each draw moves the position; after 624 words every word is another.
        """
        import random

        _, words, gauss = original(random.getstate)()
        return words[624], words[0], words[623], gauss

    def set_state(self, state: State) -> None:
        """Put back a state of `get_state`; `random` itself refuses every other."""
        import random

        original(random.setstate)(state)

    def check_state(self, state: State) -> None:
        """Check each type, size and index: `random` takes floats, text and version 2 too."""
        is_triple = type(state) is tuple and len(state) == 3
        version, words, gauss = state if is_triple else (None, None, None)
        if type(version) is not int or version != 3:
            raise StateError("not a state of Python's random: its version is not 3")
        if type(words) is not tuple or len(words) != 625 or not all(map(_is_word, words)):
            raise StateError("not a state of Python's random: not 624 words and a position")
        if words[-1] > 624:
            raise StateError("not a state of Python's random: the position is beyond its words")
        if gauss is not None and not (type(gauss) is float and math.isfinite(gauss)):
            raise StateError("not a state of Python's random: gauss is not a finite number")


def _is_word(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**32
