"""Keras' global seed generator, and the count that keeps the names of its layers apart."""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import Any

from seedmagic.imports import loaded
from seedmagic.sources.protocol import Draws

_GENERATORS = "keras.src.random.seed_generator"


class KerasSource:
    """What ``keras.utils.set_random_seed`` sets of Keras 3, beside the generators of others.

    Layers without a seed take theirs from Python's ``random``. So would the global seed generator
    when it is first asked; after a seeding it gets the number that would have been the first one.
    """

    name = "keras"
    module = "keras"
    # The second is what ``tf.keras`` takes its own from.
    seeders = ("utils.set_random_seed", "keras.src.utils.rng_utils:set_random_seed")

    def is_loaded(self) -> bool:
        """Whether it is Keras 3: Keras 2 has TensorFlow's seed, and no generator of its own."""
        return _GENERATORS in sys.modules

    def seed(self, seed: int) -> None:
        """Forget the global seed generator, and note the seed."""
        state = _global_state()
        state.set_global_attribute(_SEED, _OurSeed(seed))
        state.set_global_attribute(_GENERATOR, None)

    @property
    def draws(self) -> Draws:
        """Name what gives the generator, which is made here at first, for that starts a device."""
        return {f"{_GENERATORS}:global_seed_generator": self._make_generator}

    def _make_generator(self, args: tuple[Any, ...], given: dict[str, Any]) -> bool:
        """Make the generator from the seed, where Keras would move Python's stream."""
        state = _global_state()
        seed = state.get_global_attribute(_SEED)
        if type(seed) is _OurSeed and state.get_global_attribute(_GENERATOR) is None:
            number = (
                loaded("random").Random(int(seed)).randint(1, 10**9)
            )  # as its make_default_seed() does
            made = loaded(_GENERATORS).SeedGenerator(seed=number)
            state.set_global_attribute(_GENERATOR, made)
        return True

    def names(self) -> dict[str, int]:
        """Count the names that were given, by what they begin with: ``dense``, ``dense_1``."""
        return dict(_global_state().get_global_attribute(_NAMES) or {})

    def set_names(self, names: dict[str, int]) -> None:
        """Go on from such a count."""
        # Without any, Keras begins a count of its own.
        count = defaultdict(int, names) if names else None
        _global_state().set_global_attribute(_NAMES, count)


class _OurSeed(int):
    """A seed that is ours; after one of the user's, Keras makes the generator itself."""


_NAMES = "object_name_uids"
_SEED = "global_random_seed"
_GENERATOR = "global_seed_generator"


def _global_state() -> Any:
    return loaded("keras.src.backend.common.global_state")
