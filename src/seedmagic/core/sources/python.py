"""Python's own generator: the functions of `random`."""

from __future__ import annotations

from seedmagic.core.sources.protocol import State
from seedmagic.errors import StateError


class PythonSource:
    """The hidden `random.Random` instance behind `random.random` and its siblings."""

    name = "python"
    module = "random"
    infallible = True

    def seed(self, seed: int) -> None:
        """Do what ``random.seed(seed)`` does."""
        import random

        random.seed(seed)

    def get_state(self) -> State:
        """Give the version, the 624 words with the position, and a cached Gaussian or None."""
        import random

        return random.getstate()

    def set_state(self, state: State) -> None:
        """Put back a state of `get_state`; `random` itself refuses every other."""
        import random

        random.setstate(state)

    def check_state(self, state: State) -> None:
        """Try `state` on a generator of its own."""
        from math import isfinite
        from random import Random

        gauss = state[2] if isinstance(state, tuple) and len(state) == 3 else ""
        try:
            if not (gauss is None or (isinstance(gauss, float) and isfinite(gauss))):
                raise ValueError("a tuple of version, words and cached Gaussian is needed")
            Random(0).setstate(state)
        except (ValueError, TypeError, OverflowError) as error:
            raise StateError(f"not a state of Python's random: {error}") from error
