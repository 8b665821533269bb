"""What SQL that a cell runs asks of its database: random numbers and the time.

SQLite's connections and DuckDB's are of C types, whose methods cannot be replaced, and DuckDB looks
for variables in the frame that calls it: a call is known by its name, its owner and its texts.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from seedmagic.private_names import find

SQL_NAMES = {
    *("execute", "executemany", "executescript", "create_function"),
    *("sql", "query", "from_query"),
    *("project", "filter", "order", "aggregate"),  # steps of DuckDB's relations
    *("read_sql", "read_sql_query", "read_database"),  # pandas' and Polars'
}
# Comments and quoted texts name no function; in SQLite 'now' in quotes is the time.
_QUOTED = re.compile(r"--[^\n]*|/\*.*?\*/|'(?!now')(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", re.DOTALL)
_OVERRIDE = "With rng = random.Random(42), call connection.create_function"
_SETSEED = (
    'Call connection.execute("SET threads = 1") and '
    'connection.execute("SELECT setseed(0.5)").fetchall() before it.'
)
_TIME = "Give the time as a parameter of the query."
# What may differ in spite of a seed, and is told only where nothing else was asked for.
IN_THREADS = " in several threads"
_ONE_THREAD = 'Call connection.execute("SET threads = 1") before it.'


class _Asks(NamedTuple):
    what: str
    pattern: re.Pattern[str]
    remedy: str
    unless: frozenset[str] = frozenset()  # what settles it, if all of it was done before


def _asks(what: str, pattern: str, remedy: str, *unless: str) -> _Asks:
    return _Asks(what, re.compile(pattern, re.IGNORECASE | re.DOTALL), remedy, frozenset(unless))


# A sample's method and seed stand in brackets behind it, or behind REPEATABLE.
_SEEDED = r"[^;]*?(?:\brepeatable\s*\(|\(\s*\w+\s*,\s*\d+\s*\))"
_ASKS = {
    "SQLite": (
        _asks(
            "SQLite's random()",
            r"\brandom\s*\(",
            f'{_OVERRIDE}("random", 0, lambda: rng.getrandbits(64) - 2**63) before it.',
            "random",
        ),
        _asks(
            "SQLite's randomblob()",
            r"\brandomblob\s*\(",
            f'{_OVERRIDE}("randomblob", 1, rng.randbytes) before it.',
            "randomblob",
        ),
        _asks("SQLite's time", r"'now'|\bcurrent_(?:time|date|timestamp)\b", _TIME),
    ),
    "DuckDB": (
        _asks("DuckDB's random()", r"\brandom\s*\(", _SETSEED, "setseed"),
        _asks("DuckDB's uuid()", r"\b(?:uuid|gen_random_uuid|uuidv4)\s*\(", _SETSEED, "setseed"),
        _asks(
            "DuckDB's sample",
            rf"\b(?:using\s+sample|tablesample)\b(?!{_SEEDED})",
            "Write it as bernoulli(10%) REPEATABLE (42) or reservoir(100 ROWS) REPEATABLE (42).",
        ),
        _asks(
            f"DuckDB's system sample{IN_THREADS}",
            rf"\b(?:using\s+sample|tablesample)\b(?=[^;]*?\bsystem\b)(?={_SEEDED})",
            _ONE_THREAD,
            "threads",
        ),
        _asks(
            f"DuckDB's random(){IN_THREADS}",
            r"\brandom\s*\((?=.*\bfrom\b)|\bfrom\b.*\brandom\s*\(",
            _ONE_THREAD,
            "threads",
        ),
        _asks(
            "DuckDB's time",
            r"\b(?:now|today|get_current_timestamp|get_current_time|transaction_timestamp)\s*\("
            r"|\bcurrent_(?:time|date|timestamp)\b",
            _TIME,
        ),
    ),
}
SQL_REMEDIES = {asks.what: asks.remedy for kind in _ASKS.values() for asks in kind}
SQL_TIMES = tuple(what for what, remedy in SQL_REMEDIES.items() if remedy == _TIME)
_SETTLES = {
    "setseed": re.compile(r"\bsetseed\s*\(", re.IGNORECASE),
    "threads": re.compile(r"\bthreads\s*(?:=|\bto\b)\s*1\b", re.IGNORECASE),
}


@dataclass
class Databases:
    """What was settled on each connection of the user's: which functions have seeds."""

    settled: dict[int, set[str]] = field(default_factory=dict)

    def call(self, name: str, owner: Any) -> SqlCall:
        """Begin with a call of the method `name` of `owner`, or of a function."""
        call = SqlCall(self, name)
        call.connection = _connection(owner)
        return call


@dataclass
class SqlCall:
    """A call that may run SQL, to be told of its arguments one by one."""

    databases: Databases
    name: str
    connection: tuple[str, int] | None = None
    texts: list[str] = field(default_factory=list)

    def take(self, value: object) -> list[str]:
        """Take an argument, and name what is asked for now that it is known."""
        if type(value) is str:
            self.texts.append(value)
        elif self.connection is None:
            self.connection = _connection(value)
        if self.connection is None or not self.texts:
            return []
        texts, self.texts = self.texts, []
        return [what for text in texts for what in self._asked(*self.connection, text)]

    def _asked(self, kind: str, key: int, text: str) -> Iterator[str]:
        settled = self.databases.settled.setdefault(key, set())
        if self.name == "create_function":
            settled.add(text.lower())
            return
        bare = _QUOTED.sub("''", text)
        settled.update(name for name, pattern in _SETTLES.items() if pattern.search(bare))
        for asks in _ASKS[kind]:
            if asks.pattern.search(bare) and not (asks.unless and asks.unless <= settled):
                yield asks.what


def _connection(value: Any) -> tuple[str, int] | None:
    """Give the kind of a connection of the user's, and which one it is; of others None."""
    sqlite, duckdb = sys.modules.get("sqlite3"), sys.modules.get("duckdb")
    kind = type(value)  # isinstance() would ask a proxy, and so run the user's code
    if sqlite is not None:
        if issubclass(kind, sqlite.Cursor):
            value, kind = value.connection, sqlite.Connection
        if issubclass(kind, sqlite.Connection):
            return "SQLite", id(value)
    if duckdb is not None:
        if issubclass(kind, duckdb.DuckDBPyRelation):
            value = find(value, "_con")  # until DuckDB 2 a relation does not tell
            kind = type(value)
        # The default connection has a seed: it is a source.
        if issubclass(kind, duckdb.DuckDBPyConnection) and value is not duckdb.default_connection():
            return "DuckDB", id(value)
    return None
