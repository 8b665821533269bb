"""A verified cell names what no seed reaches, and what it names in its place works."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernels import Kernel, running_kernel
from outside_kinds import AGAIN, BOTH, PRELUDE, Kind


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", PRELUDE) as kernel:
        yield kernel


@pytest.fixture
def fresh(kernel: Kernel) -> Kernel:
    """The kernel, with connections on which nothing was settled."""
    kernel.ok(PRELUDE)
    return kernel


def verified(kernel: Kernel, cell: str) -> str:
    return kernel.ok(f"%%seeded 42 --verify\n{cell}").stdout


def shift(told: str) -> str:
    """Count lines from the header."""
    what, _, line = told.rpartition(" (line ")
    return f"{what} (line {int(line[:-1]) + 1})"


@pytest.mark.parametrize("kind", [*BOTH, *AGAIN], ids=lambda kind: kind.name)
def test_it_is_named_with_its_line_and_what_to_pass_instead(fresh: Kernel, kind: Kind) -> None:
    (cause,) = [line for line in verified(fresh, kind.cell).splitlines() if "Cause:" in line]
    assert f"it asked for {shift(kind.told)}, which no seed reaches." in cause
    assert kind.remedy in cause


@pytest.mark.parametrize("kind", [*BOTH, *AGAIN], ids=lambda kind: kind.name)
def test_with_that_two_runs_are_alike_and_no_cause_is_named(fresh: Kernel, kind: Kind) -> None:
    shown = verified(fresh, kind.remedied)
    assert "identical" in shown
    assert "Cause" not in shown


@pytest.mark.parametrize("kind", [*BOTH, *AGAIN], ids=lambda kind: kind.name)
def test_where_something_else_differs_what_has_a_seed_is_not_named(
    fresh: Kernel, kind: Kind
) -> None:
    shown = verified(fresh, f"{kind.remedied}\nprint(time.monotonic_ns())")
    (cause,) = [line for line in shown.splitlines() if "Cause:" in line]
    assert "it asked for time.monotonic_ns() (line " in cause
    assert " and " not in cause


QUIET = {
    "a text that is no SQL": "text = 'select random()'",
    "a name in quotes": 'lite.execute("select \'random()\' as \\"random()\\" -- random()")',
    "a line that did not run": "if not libc:\n    libc.rand(), duck.execute('select random()')",
    "a library's own token": "ids = [requested() for _ in range(2)]",
    "the default connection": "if duckdb.sql('select random()').fetchall(): pass",
}


@pytest.mark.parametrize("cell", QUIET.values(), ids=QUIET)
def test_what_asks_for_nothing_is_not_named(fresh: Kernel, cell: str) -> None:
    # What an installed module asks for is its own affair.
    fresh.ok("from email.utils import make_msgid as requested")
    shown = verified(fresh, f"{cell}\nprint(time.monotonic_ns())")
    (cause,) = [line for line in shown.splitlines() if "Cause:" in line]
    assert f"it asked for time.monotonic_ns() (line {3 + cell.count(chr(10))}), which" in cause


def test_no_tracer_stays_and_a_users_own_is_left_in_peace(kernel: Kernel) -> None:
    kernel.ok("import sys")
    verified(kernel, "libc.rand()")
    assert kernel.value("sys.gettrace()") == "None"
    kernel.ok("def tracer(*_): pass")
    assert "Cause: it asked for uuid" in verified(kernel, "sys.settrace(tracer)\nuuid.uuid4()")
    assert kernel.value("sys.gettrace() is tracer") == "True"
    assert "it asked for uuid" in verified(kernel, "uuid.uuid4()")
    assert kernel.value("sys.gettrace() is tracer") == "True"
    kernel.ok("sys.settrace(None)")
