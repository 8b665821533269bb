"""The generator of DuckDB's default connection, from which `random()` in SQL draws."""

from __future__ import annotations

import os
import re
from types import FrameType

from seedmagic.code.calls_in_code import texts_of_next_call
from seedmagic.imports import loaded
from seedmagic.sources.protocol import Lookups, Told

_process = os.getpid()
_DRAWS = re.compile(r"\b(random|uuid|gen_random_uuid|uuidv4)\s*\(|\bsample\b", re.IGNORECASE)
_SEEDS = re.compile(r"\bsetseed\s*\(", re.IGNORECASE)


class DuckDBSource:
    """What ``SELECT setseed(…)`` sets of the connection that ``duckdb.sql`` and others use.

    Each thread draws from a generator that begins with a number of the seeded one, and a table of
    more rows than one row group is read by several, in no fixed order.
    """

    name = "duckdb"
    module = "duckdb"
    part = "the default connection, up to 122,880 rows"

    def __init__(self) -> None:
        self.waiting: int | None = None

    def seed(self, seed: int) -> None:
        """Do what ``duckdb.sql("SELECT setseed(seed / 2**31 - 1)")`` does, now or at the next call.

        From DuckDB 2 on a connection refuses that while a result of ``execute()`` is still to be
        fetched. Before, such a result would be lost.
        """
        self.waiting = seed
        if os.getpid() != _process:
            return  # its threads were left behind in the process that forked
        refusal = getattr(loaded("duckdb"), "ResourceInUseException", None)
        if refusal is not None:
            try:
                self.arrive()
            except refusal:
                return

    def arrive(self) -> None:
        """Seed the connection, if that waits."""
        if self.waiting is not None:
            number = self.waiting / 2**31 - 1  # it takes -1 to 1, of which it makes 32 bits
            loaded("duckdb").default_connection().sql(f"SELECT setseed({number!r})").fetchall()
            self.waiting = None

    @property
    def lookups(self) -> Lookups:
        """Name what runs SQL on it. It looks for variables in the frame that calls it."""
        return dict.fromkeys(("sql", "query", "execute"), _told)


def _told(frame: FrameType) -> Told:
    """Tell by the texts in the call that begins in `frame`, as far as they are known by then."""
    texts = texts_of_next_call(frame)
    if any(map(_SEEDS.search, texts)):
        return "seeds"
    return any(map(_DRAWS.search, texts))
