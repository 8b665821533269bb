"""Find compiled functions that draw in numba's parallel threads, which no seed of ours reaches."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

IN_THREADS = "numbers of numba's parallel threads"
REMEDY = "Call np.random.seed(i) in the prange loop, with another number for each i."

_DRAWS = {"random", "rand", "randn", "randint", "normal", "uniform", "choice", "permutation"}


def draws_in_threads(values: Mapping[str, Any]) -> list[str]:
    """Name those of `values` that are compiled to run in parallel, draw, and seed nothing."""
    module = sys.modules.get("numba.core.dispatcher")
    dispatcher = getattr(module, "Dispatcher", None)
    if dispatcher is None:
        return []
    return [
        name
        for name, value in values.items()
        if issubclass(type(value), dispatcher) and _draws(value)
    ]


def line_of(name: str, code: str) -> int | None:
    """Give the first line of `code` that calls `name`."""
    called = re.compile(rf"(?<![\w.]){re.escape(name)}\s*\(")
    lines = enumerate(code.splitlines(), 1)
    return next((number for number, line in lines if called.search(line)), None)


def _draws(compiled: Any) -> bool:
    names = {*compiled.py_func.__code__.co_names}
    parallel = compiled.targetoptions.get("parallel")
    return bool(parallel) and not _DRAWS.isdisjoint(names) and "seed" not in names
