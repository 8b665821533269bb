"""The generator of DuckDB's default connection, from which `random()` in SQL draws."""

from __future__ import annotations

import re
from typing import Any

from seedmagic.imports import loaded
from seedmagic.sources.protocol import Draws, Told

_DRAWS = re.compile(r"\b(random|uuid|gen_random_uuid|uuidv4)\s*\(|\bsample\b", re.IGNORECASE)
_SEEDS = re.compile(r"\bsetseed\s*\(", re.IGNORECASE)


class DuckDBSource:
    """What ``SELECT setseed(…)`` sets of the connection that ``duckdb.sql`` and others use."""

    name = "duckdb"
    module = "duckdb"
    part = "the default connection"
    reads_caller = True  # SQL names tables by the variables that hold them

    def __init__(self) -> None:
        self._waiting: int | None = None

    def seed(self, seed: int) -> None:
        """Do what ``duckdb.sql("SELECT setseed(seed / 2**31 - 1)")`` does, now or at the next call.

        From DuckDB 2 on a connection refuses that while a result of ``execute()`` is still to be
        fetched. Before, such a result would be lost.
        """
        self._waiting = seed
        refusal = getattr(loaded("duckdb"), "ResourceInUseException", None)
        if refusal is not None:
            try:
                self.arrive()
            except refusal:
                return

    def arrive(self) -> None:
        """Seed the connection, if that waits."""
        if self._waiting is not None:
            number = self._waiting / 2**31 - 1  # it takes -1 to 1, of which it makes 32 bits
            loaded("duckdb").default_connection().sql(f"SELECT setseed({number!r})").fetchall()
            self._waiting = None

    @property
    def draws(self) -> Draws:
        """Name what runs SQL on it."""
        return dict.fromkeys(("sql", "query", "execute"), _told)


def _told(args: tuple[Any, ...], given: dict[str, Any]) -> Told:
    text = args[0] if args else given.get("query")
    if not isinstance(text, str) or given.get("connection") is not None:
        return False
    return "seeds" if _SEEDS.search(text) else bool(_DRAWS.search(text))
