"""Keep an engine's own threads away from the generators that a run draws from."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

# While a run draws in one thread of a Dask worker, another looks after the worker, and draws from
# `random` too: for samples of sizes (dask.sizeof), for pauses that differ (tornado, distributed).
_LIBRARIES = ("dask", "distributed", "tornado")


@contextmanager
def apart() -> Iterator[None]:
    """Give these libraries a `random` of their own meanwhile."""
    modules: list[Any] = [
        module
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in _LIBRARIES and vars(module).get("random") is random
    ]
    own = random.Random(os.urandom(16))  # a seed of its own: nobody is to be told of it
    theirs = {name: getattr(own, name) for name in dir(own) if hasattr(random, name)}
    stand_in = SimpleNamespace(**{**vars(random), **theirs})
    try:
        for module in modules:
            module.random = stand_in
        while modules and _others_draw():
            time.sleep(0.001)
        yield
    finally:
        for module in modules:
            module.random = random


def _others_draw() -> bool:
    """Whether another thread is in the middle of a function of `random`."""
    here = threading.get_ident()
    frames = [frame for thread, frame in sys._current_frames().items() if thread != here]
    return any(frame.f_code.co_filename == random.__file__ for frame in frames)
