"""Tell seedmagic how to seed the dice; loaded by it alone."""

from __future__ import annotations

import dicebox


class DiceboxSource:
    """The generator of `dicebox`."""

    name = "dicebox"
    module = "dicebox"

    def seed(self, seed: int) -> None:
        """Start the dice from `seed`."""
        dicebox.seed(seed)

    def get_state(self) -> tuple[int, ...]:
        """Give what the dice would go on from."""
        return dicebox.get_words()

    def set_state(self, state: tuple[int, ...]) -> None:
        """Put back what `get_state` gave."""
        dicebox.set_words(state)

    def check_state(self, state: object) -> None:
        """Refuse what is no state."""
        if not isinstance(state, tuple) or len(state) != 625:
            raise ValueError("625 words are needed")
