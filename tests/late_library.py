"""A library with a generator of its own, for imports that come late."""

from random import Random

generator = Random()


def draw() -> float:
    """Draw from it."""
    return generator.random()
