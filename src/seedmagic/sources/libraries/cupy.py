"""CuPy's generators, one for each device, made when it is first drawn from.

Built by CuPy 14's documentation and source; it was not run on a GPU.
"""

from __future__ import annotations

import os
import sys
from typing import Any, ClassVar

from seedmagic.imports import loaded
from seedmagic.sources.protocol import Draws, original

_process = os.getpid()
_GENERATORS = "cupy.random._generator"


class CupySource:
    """What ``cupy.random.seed`` sets, on every device. cuRAND has no way to read it."""

    name = "cupy"
    module = "cupy"
    seeders = ("random.seed",)
    draws: ClassVar[Draws] = {f"{_GENERATORS}:get_random_state": None}

    def __init__(self) -> None:
        self.waiting: int | None = None

    def is_loaded(self) -> bool:
        """Whether CuPy keeps its generators where it is known to."""
        return isinstance(_states(), dict)

    def seed(self, seed: int) -> None:
        """Seed every device that has a generator; the others get theirs with it: see `arrive`."""
        self.waiting = seed
        if os.getpid() != _process:
            return  # CUDA does not go with a process that was forked
        for device, generator in list((_states() or {}).items()):
            with loaded("cupy").cuda.Device(device):
                generator.seed(seed)

    def arrive(self) -> None:
        """Make the generator of this device with the seed in force, and not before it is used."""
        states = _states()
        if self.waiting is None or states is None:
            return
        module = loaded(_GENERATORS)
        if loaded("cupy").cuda.runtime.getDevice() not in states:
            original(module.get_random_state)().seed(self.waiting)


def _states() -> Any:
    return getattr(sys.modules.get(_GENERATORS), "_random_states", None)
