"""Keras' global seed generator, and the count that keeps the names of its layers apart."""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import Any, ClassVar

from seedmagic.imports import loaded
from seedmagic.sources.protocol import Draws

_GENERATORS = "keras.src.random.seed_generator"


class KerasSource:
    """What ``keras.utils.set_random_seed`` sets of Keras 3, beside the generators of others.

    Layers without a seed take theirs from Python's ``random``, and so does the global seed
    generator when it is first asked.
    """

    name = "keras"
    module = "keras"
    seeders = ("utils.set_random_seed",)
    draws: ClassVar[Draws] = {f"{_GENERATORS}:global_seed_generator": None}

    def is_loaded(self) -> bool:
        """Whether it is Keras 3: Keras 2 has TensorFlow's seed, and no generator of its own."""
        return _GENERATORS in sys.modules

    def seed(self, seed: int) -> None:
        """Forget the global seed generator, and note the seed."""
        state = _global_state()
        state.set_global_attribute("global_random_seed", seed)
        state.set_global_attribute("global_seed_generator", None)

    def names(self) -> dict[str, int]:
        """Count the names that were given, by what they begin with: ``dense``, ``dense_1``."""
        return dict(_global_state().get_global_attribute(_NAMES) or {})

    def set_names(self, names: dict[str, int]) -> None:
        """Go on from such a count."""
        # Without any, Keras begins a count of its own.
        count = defaultdict(int, names) if names else None
        _global_state().set_global_attribute(_NAMES, count)


_NAMES = "object_name_uids"


def _global_state() -> Any:
    return loaded("keras.src.backend.common.global_state")
