"""TensorFlow's global seed, and its global generator."""

from __future__ import annotations

import os
import sys
from typing import Any

from seedmagic.imports import loaded
from seedmagic.sources.protocol import Draws, original, own_parts

_process = os.getpid()
_SEEDS = "tensorflow.python.framework.random_seed"
_GENERATORS = "tensorflow.python.ops.stateful_random_ops"


class TensorFlowSource:
    """What ``tf.random.set_seed`` sets, and the generator of ``tf.random.get_global_generator()``.

    Operations keep counters of their own, which cannot be read. Those of a ``tf.function`` or
    a dataset took their seeds when it was traced or made, and go on from where they are.
    """

    name = "tensorflow"
    module = "tensorflow"
    part = "not functions traced or datasets made before"
    seeders = (
        "random.set_seed",
        "compat.v1.set_random_seed",
        "compat.v1.random.set_random_seed",
    )
    # Why a draw is unseeded where a process was forked, and only a draw tells: see `seed`.
    unreached: str | None = None

    def __init__(self) -> None:
        self._seed: int | None = None

    def is_loaded(self) -> bool:
        """Whether it is TensorFlow, and not a stand-in."""
        return own_parts("tensorflow", "random") and _GENERATORS in sys.modules

    def seed(self, seed: int) -> None:
        """Do what ``tf.random.set_seed(seed)`` does, and reset the global generator.

        One that does not exist is not made, which would start a device: see `draws`.
        """
        self._seed = seed
        if os.getpid() != _process:
            # Its threads were left behind in the process that forked.
            self.unreached = "it cannot be seeded in a process that was forked; start it by spawn"
            return
        original(loaded("tensorflow").random.set_seed)(seed)
        generator = loaded(_GENERATORS).global_generator
        if generator is not None:
            generator.reset_from_seed(seed)

    @property
    def draws(self) -> Draws:
        """Name what each operation asks for its seed, those of ``tf.data`` too."""
        return {
            f"{_SEEDS}:get_seed": _has_no_seed,
            "random.get_global_generator": self._make_generator,
        }

    def _make_generator(self, args: tuple[Any, ...], given: dict[str, Any]) -> bool:
        """Make the global generator from the seed, where TensorFlow would ask the system."""
        module = loaded(_GENERATORS)
        if module.global_generator is None and self._seed is not None:
            with loaded("tensorflow").init_scope():
                module.set_global_generator(module.Generator.from_seed(self._seed))
        return True


def _has_no_seed(args: tuple[Any, ...], given: dict[str, Any]) -> bool:
    return (args[0] if args else given.get("op_seed")) is None
