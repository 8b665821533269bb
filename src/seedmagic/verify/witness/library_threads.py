"""What draws in threads of a library's own: compiled functions of numba, DuckDB's large tables."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

from seedmagic.verify.witness.sql_calls import IN_THREADS

IN_NUMBA = f"numba's random numbers{IN_THREADS}"
# The default connection is seeded. A table of more rows than one row group is drawn for by several
# threads, in no fixed order.
IN_DUCKDB = f"DuckDB's random numbers for over 122,880 rows{IN_THREADS}"
REMEDIES = {
    IN_NUMBA: "Call np.random.seed(i) in the prange loop, with another number for each i.",
    IN_DUCKDB: 'Run duckdb.sql("SET threads = 1") before it.',
}

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
