"""The generator of DuckDB's default connection, from which `random()` in SQL draws."""

from __future__ import annotations

import os
import re
from types import FrameType
from typing import Any

from seedmagic.code.calls_in_code import texts_of_next_call
from seedmagic.imports import loaded
from seedmagic.sources.protocol import Lookups, Told, own_parts

_process = os.getpid()
_DRAWS = re.compile(
    r"\b(?:random|uuid|gen_random_uuid|uuidv4)\s*\("
    # A column or a table may be called sample; REPEATABLE (5) and (reservoir, 5) give a seed.
    r"|\b(?:using\s+sample|tablesample)\b"
    r"(?![^;]*?(?:\brepeatable\s*\(|\(\s*\w+\s*,\s*\d+\s*\)))",
    re.IGNORECASE,
)
_SEEDS = re.compile(r"\bsetseed\s*\(", re.IGNORECASE)
_TAKE_SQL = ("sql", "query", "execute", "executemany", "from_query", "query_df")
_STEPS = ("project", "filter", "order", "aggregate")
_PART = "the default connection, up to 122,880 rows"


class DuckDBSource:
    """What ``SELECT setseed(…)`` sets of the connection that ``duckdb.sql`` and others use.

    Each thread draws from a generator that begins with a number of the seeded one, and a table of
    more rows than one row group is read by several, in no fixed order.

    A draw is noticed by the text that is given to a function of the module, in one statement. What
    is called by another way draws unnoticed: a connection or a relation that a variable holds, a
    function that was imported by name.
    """

    name = "duckdb"
    module = "duckdb"

    def __init__(self) -> None:
        # What the default connection, the next one too, is to be seeded with; and which one was.
        self.waiting: int | None = None
        self._reached: Any = None

    def is_loaded(self) -> bool:
        """Whether it is DuckDB, and not a stand-in."""
        return own_parts("duckdb", "DuckDBPyConnection", "sql")

    @property
    def part(self) -> str:
        """Say what is in reach, and that the seed waits, where it does."""
        waits = self.waiting is not None and not self.has_arrived
        return f"{_PART}, from the next call of duckdb.sql on" if waits else _PART

    @property
    def has_arrived(self) -> bool:
        """Whether a connection has the seed."""
        return self._reached is not None

    def seed(self, seed: int) -> None:
        """Do what ``duckdb.sql("SELECT setseed(seed / 2**31 - 1)")`` does, now or at the next call.

        From DuckDB 2 on a connection refuses that while a result of ``execute()`` is still to be
        fetched. Before, such a result would be lost. In a transaction that failed, every connection
        refuses it.
        """
        self.waiting, self._reached = seed, None
        if os.getpid() != _process:
            return  # a lock may be held for ever there, so only a call of the user's touches it
        if hasattr(loaded("duckdb"), "ResourceInUseException"):
            self.arrive()

    def arrive(self) -> None:
        """Seed the default connection where it is another than the seeded one, if it takes that."""
        self._put("sql")

    def _put(self, way: str) -> None:
        if self.waiting is None:
            return
        module = loaded("duckdb")
        connection = vars(module)["default_connection"]()  # another one after duckdb.close()
        if self._reached is connection:
            return
        self._reached = None  # or what the user let go of would stay open
        number = self.waiting / 2**31 - 1  # it takes -1 to 1, of which it makes 32 bits
        try:
            getattr(connection, way)(f"SELECT setseed({number!r})").fetchall()
        except module.Error:
            return  # it waits on
        # Itself: a weak reference dies with DuckDB's handle, of which it makes another.
        self._reached = connection

    @property
    def lookups(self) -> Lookups:
        """Name what runs SQL on it. It looks for variables in the frame that calls it."""
        told = dict.fromkeys((*_TAKE_SQL, *_STEPS, "default_connection"), self._told)
        return {**told, "execute": self._told_of_execute}

    def _told(self, frame: FrameType) -> Told:
        """Tell by the texts in the call that begins in `frame`, as far as they are known."""
        texts = texts_of_next_call(frame)
        if any(map(_SEEDS.search, texts)):
            self.waiting = None  # what comes after it is the user's own
            return "seeds"
        return any(map(_DRAWS.search, texts))

    def _told_of_execute(self, frame: FrameType) -> Told:
        """Tell the same; a result that is still to be fetched ends with this call, so ours may."""
        if texts_of_next_call(frame):
            self._put("execute")
        return self._told(frame)
