"""SymPy's generators: one for numbers that are tried out, one for the order of questions."""

from __future__ import annotations

from typing import Any

from seedmagic.errors import StateError
from seedmagic.imports import loaded
from seedmagic.sources.protocol import State, original
from seedmagic.sources.python import begins_anew, check_words


class SympySource:
    """The two `random.Random` objects of `sympy.core.random`."""

    name = "sympy"
    module = "sympy.core.random"
    package = "sympy"
    seeders = ("seed",)

    def seed(self, seed: int) -> None:
        """Do what ``sympy.core.random.seed(seed)`` does."""
        original(loaded(self.module).seed)(seed)

    def get_state(self) -> State:
        """Give the states of both."""
        return [generator.getstate() for generator in _generators()]

    def set_state(self, state: State) -> None:
        """Put back a state of `get_state`."""
        for generator, words in zip(_generators(), state, strict=True):
            generator.setstate(words)

    def look(self, last: object) -> object:
        """Give the state of the first.

        Every symbolic step draws from the second, which decides in which order facts are tried, and
        nothing that is found.
        """
        seen = _generators()[0].getstate()
        return last if seen == last else seen

    def begins(self, seen: Any) -> bool:
        """Whether nothing was drawn since a seeding."""
        return begins_anew(seen)

    def check_state(self, state: State) -> None:
        """Check both."""
        if not isinstance(state, (list, tuple)) or len(state) != len(_generators()):
            raise StateError("not a state of SymPy's generators")
        for words in state:
            check_words(words)


def _generators() -> list[Any]:
    module = loaded("sympy.core.random")
    second = getattr(module, "_assumptions_rng", None)  # new in SymPy 1.12
    return [module.rng] if second is None else [module.rng, second]
