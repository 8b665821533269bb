"""SymPy's generator for numbers that are tried out."""

from __future__ import annotations

from typing import Any

from seedmagic.imports import loaded
from seedmagic.sources.protocol import State, original, own_parts
from seedmagic.sources.python import begins_anew, check_words, is_generator


class SympySource:
    """The `random.Random` object of `sympy.core.random` that its users draw from.

    A second one decides in which order facts about a symbol are tried. It decides nothing that is
    found, and how often it draws depends on what SymPy's cache holds: a seeding reaches it, and no
    state holds it, or code that draws nothing would seem to have moved something.
    """

    name = "sympy"
    module = "sympy.core.random"
    package = "sympy"
    seeders = ("seed",)

    def is_loaded(self) -> bool:
        """Whether this SymPy keeps its generator where it is known to."""
        module = loaded(self.module)
        return own_parts(self.module, "seed") and is_generator(vars(module).get("rng"))

    def seed(self, seed: int) -> None:
        """Do what ``sympy.core.random.seed(seed)`` does."""
        original(loaded(self.module).seed)(seed)

    def get_state(self) -> State:
        """Give the state of the generator, as `random` writes it."""
        return loaded(self.module).rng.getstate()

    def set_state(self, state: State) -> None:
        """Put back a state of `get_state`."""
        loaded(self.module).rng.setstate(state)

    def look(self, last: object) -> object:
        """Give the state."""
        seen = self.get_state()
        return last if seen == last else seen

    def begins(self, seen: Any) -> bool:
        """Whether nothing was drawn since a seeding."""
        return begins_anew(seen)

    def check_state(self, state: State) -> None:
        """Check each type, size and index."""
        check_words(state)
