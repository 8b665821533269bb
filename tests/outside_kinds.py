"""What asks for numbers that no seed reaches, and for each what works in its place."""

from __future__ import annotations

from dataclasses import dataclass

PRELUDE = """
import ctypes, datetime, os, random, secrets, sqlite3, tempfile, time, uuid
import duckdb, numpy as np, pandas as pd, polars as pl, pyarrow.compute as pc, torch
from pathlib import Path
from pyarrow.compute import random as drawn
libc = ctypes.CDLL(None)
lite, duck = sqlite3.connect(":memory:"), duckdb.connect()
lite.execute("create table t as with recursive n(i) as "
             "(select 1 union all select i + 1 from n where i < 99) select i from n")
_ = duck.execute("create table t as select range i from range(300000)").fetchall()
def rows(sql): return lite.execute(sql).fetchall()
"""


@dataclass(frozen=True)
class Kind:
    """A cell that differs, and what makes it the same again.

    Attributes
    ----------
    cell : str
        Its last line shows what differs.
    told : str
        How it is called, and its line, in a verified cell.
    remedy : str
        What its report must name.
    remedied : str
        The cell with that done.
    """

    name: str
    cell: str
    told: str
    remedy: str
    remedied: str


_RNG = "rng = random.Random(42)\n"
_PARAMETER = "Give the time as a parameter"
_LITE = f'{_RNG}lite.create_function("random", 0, lambda: rng.getrandbits(64) - 2**63)\n'
_LITE_SAYS = 'create_function("random", 0, lambda: rng.getrandbits(64) - 2**63)'
_DUCK = 'duck.execute("SET threads = 1")\nduck.execute("SELECT setseed(0.5)").fetchall()\n'
_DUCK_SAYS = 'execute("SELECT setseed(0.5)").fetchall()'


def _lite(name: str, cell: str, line: int = 1) -> Kind:
    return Kind(name, cell, f"SQLite's random() (line {line})", _LITE_SAYS, _LITE + cell)


def _duck(name: str, cell: str, what: str = "random()") -> Kind:
    return Kind(name, cell, f"DuckDB's {what} (line 1)", _DUCK_SAYS, _DUCK + cell)


def _c(name: str, seeds: str) -> Kind:
    cell = f"libc.{name}()"
    return Kind(
        f"C's {name}", cell, f"C's {name}() (line 1)", f"libc.{seeds}(42)",
        f"_ = libc.{seeds}(42)\n{cell}",
    )  # fmt: skip


def _now(name: str, cell: str, told: str) -> Kind:
    return Kind(name, cell, f"{told} (line 1)", _PARAMETER, "datetime.datetime(2026, 1, 31)")


BOTH = [
    # SQL.
    _lite("SQLite", 'lite.execute("select random()").fetchall()'),
    _lite("a cursor of SQLite",
          'cursor = lite.cursor()\nprint(*cursor.execute("SELECT Random ( )"))', 2),
    _lite("a cursor at once", 'lite.cursor().execute("select abs(random()) % 10000").fetchone()'),
    _lite("rows in random order", 'lite.execute("select i from t order by random()").fetchall()'),
    _lite("SQL over lines",
          'lite.execute("""\n  select i from t\n  order by random()"""\n).fetchmany(9)'),
    _lite("SQL in a variable", 'query = "select random()"\nlite.execute(query).fetchall()', 2),
    _lite("SQL with a parameter", 'lite.execute("select random() + ?", (1,)).fetchall()'),
    _lite("pandas", 'pd.read_sql("select random() as r", lite)'),
    _lite("pandas by keywords", 'pd.read_sql_query(con=lite, sql="select random() as r").r.sum()'),
    _lite("Polars", 'pl.read_database("select random() as r", lite)["r"].to_list()'),
    Kind("SQLite's bytes", 'lite.execute("select hex(randomblob(9))").fetchall()',
         "SQLite's randomblob() (line 1)", 'create_function("randomblob", 1, rng.randbytes)',
         f'{_RNG}lite.create_function("randomblob", 1, rng.randbytes)\n'
         'lite.execute("select hex(randomblob(9))").fetchall()'),
    Kind("SQLite's time", "lite.execute(\"select strftime('%f', 'now')\").fetchall()",
         "SQLite's time (line 1)", "parameter of the query",
         "lite.execute(\"select strftime('%f', ?)\", ('2026-01-31',)).fetchall()"),
    _duck("DuckDB", 'duck.execute("select random()").fetchall()'),
    _duck("DuckDB's sql", 'duck.sql("select random() as r").fetchall()'),
    _duck("rows of DuckDB in random order",
          'duck.sql("select i from t order by random() limit 9").fetchall()'),
    _duck("many rows of DuckDB", 'duck.execute("select sum(random()) from t").fetchall()'),
    _duck("a UUID of DuckDB", 'duck.sql("select uuid()::varchar").fetchall()', "uuid()"),
    Kind("a sample of DuckDB", 'duck.sql("select sum(i) from t using sample 30%").fetchall()',
         "DuckDB's sample (line 1)", "bernoulli(10%) REPEATABLE (42)",
         'duck.sql("select sum(i) from t using sample bernoulli(30%) repeatable (42)").fetchall()'),
    Kind("a sample of rows", 'duck.sql("select i from t using sample 5 rows").fetchall()',
         "DuckDB's sample (line 1)", "reservoir(100 ROWS) REPEATABLE (42)",
         'duck.sql("select i from t using sample reservoir(5 rows) repeatable (42)").fetchall()'),
    Kind("DuckDB's time", 'duck.sql("select epoch_ns(now()::timestamp)").fetchall()',
         "DuckDB's time (line 1)", "parameter of the query",
         "duck.execute(\"select epoch_ns(?::timestamp)\", ['2026-01-31']).fetchall()"),
    # Libraries.
    Kind("pyarrow", "pc.random(3).to_pylist()", "pyarrow.compute.random() (line 1)",
         "initializer=42", "pc.random(3, initializer=42).to_pylist()"),
    Kind("pyarrow by name", "drawn(3).to_pylist()", "pyarrow.compute.random() (line 1)",
         "initializer=42", "drawn(3, initializer=42).to_pylist()"),
    # Python's.
    Kind("a UUID", "uuid.uuid4()", "uuid.uuid4() (line 1)",
         "uuid.UUID(int=rng.getrandbits(128), version=4)",
         f"{_RNG}uuid.UUID(int=rng.getrandbits(128), version=4)"),
    Kind("a UUID of the time", "str(uuid.uuid1())", "uuid.uuid1() (line 1)",
         "uuid.UUID(int=rng.getrandbits(128), version=4)",
         f"{_RNG}str(uuid.UUID(int=rng.getrandbits(128), version=4))"),
    Kind("random bytes", "os.urandom(4)", "os.urandom() (line 1)", "rng.randbytes(16)",
         f"{_RNG}rng.randbytes(16)"),
    Kind("a token", "secrets.token_hex(4)", "secrets.token_hex() (line 1)",
         "rng.randbytes(16).hex()", f"{_RNG}rng.randbytes(16).hex()"),
    Kind("a number below", "secrets.randbelow(10**9)", "secrets.randbelow() (line 1)",
         "rng.randrange(n)", f"n = 10**9\n{_RNG}rng.randrange(n)"),
    Kind("a choice", "secrets.choice(range(10**9))", "random.SystemRandom() (line 1)",
         "random.Random(42)", "random.Random(42).choice(range(10**9))"),
    Kind("the system's generator", "random.SystemRandom().random()",
         "random.SystemRandom() (line 1)", "random.Random(42)", "random.Random(42).random()"),
    Kind("a name of a file", "Path(tempfile.mktemp()).name[3:]", "tempfile.mktemp() (line 1)",
         "Path('scratch')", "Path('scratch').name"),
    Kind("a folder", "with tempfile.TemporaryDirectory() as folder: print(Path(folder).name[3:])",
         "tempfile.mkdtemp() (line 1)", "Path('scratch')", "Path('scratch').name"),
    # The time.
    _now("the time", "time.time()", "time.time()"),
    _now("a date", "datetime.datetime.now()", "datetime.now()"),
    _now("a date of pandas", "pd.Timestamp.now()", "Timestamp.now()"),
    _now("a date of pandas of now", "pd.Timestamp('now')", "Timestamp('now')"),
    _now("a date of pandas by a function", "pd.to_datetime('now')", "to_datetime('now')"),
]  # fmt: skip
_CLASS = "class Table: sql = 'select random()'\nlite.execute(Table.sql).fetchall()"
_MANY = '[duck.sql("select i from t order by random() limit 5").fetchall() for _ in range(30)]'
# In a new process C's generators start alike, and differ only where a cell runs again.
AGAIN = [
    *(_c("rand", "srand"), _c("random", "srandom"), _c("lrand48", "srand48")),
    Kind("C's rand by name", "rand = libc.rand\nrand()", "C's rand() (line 2)", "libc.srand(42)",
         "rand = libc.rand\n_ = libc.srand(42)\nrand()"),
    Kind("DuckDB in several threads", _DUCK.replace("1", "4") + _MANY,
         "DuckDB's random() in several threads (line 3)", 'execute("SET threads = 1")',
         _DUCK + _MANY),
    Kind("DuckDB in a function", "def f(): return duck.execute('select random()').fetchall()\nf()",
         "DuckDB's random() (line 1)", _DUCK_SAYS,
         f"{_DUCK}def f(): return duck.execute('select random()').fetchall()\nf()"),
    Kind("SQL of an object", _CLASS, "SQLite's random() (line 2)", _LITE_SAYS, _LITE + _CLASS),
    Kind("SQL of the user's own function", 'rows("select random()")', "SQLite's random() (line 1)",
         _LITE_SAYS, f'{_LITE}rows("select random()")'),
    Kind("torch's own seeding", "g = torch.Generator()\ng.seed()",
         "torch.Generator.seed() (line 2)", "manual_seed(42)",
         "g = torch.Generator()\ng.manual_seed(42);"),
]  # fmt: skip
