"""Dice with a generator of their own, which knows nothing of seedmagic."""

from __future__ import annotations

from random import Random

_generator = Random()


def seed(number: int) -> None:
    """Start the dice from `number`."""
    _generator.seed(number)


def roll() -> int:
    """Throw a die of a million sides."""
    return _generator.randrange(10**6)


def get_words() -> tuple[int, ...]:
    """Give what the dice would go on from."""
    return tuple(_generator.getstate()[1])


def set_words(words: tuple[int, ...]) -> None:
    """Let the dice go on from `words`."""
    _generator.setstate((3, words, None))
