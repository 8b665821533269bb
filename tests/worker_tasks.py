"""What worker processes are handed in tests: in a module, so that every start method finds it."""

from __future__ import annotations

import os
import random
import time
from typing import Any

import numpy as np


def draw(x: object = None, rng: Any = None) -> list[float]:
    """Draw from the global generators, or from one's own."""
    if rng is not None:
        return [float(rng.random())]
    return [random.random(), float(np.random.rand())]


def slow_draw(x: object = None, rng: Any = None) -> list[float]:
    """Draw at a time that chance decides."""
    time.sleep(os.urandom(1)[0] / 20_000)
    return draw(x, rng)


def states(x: object = None) -> tuple[int, str]:
    """Give the process, and what its global generators hold."""
    legacy: Any = np.random.get_state(legacy=False)
    return os.getpid(), repr((random.getstate(), legacy["state"]["key"].tolist(), legacy))


def square(x: int) -> int:
    """Draw nothing."""
    return x * x
