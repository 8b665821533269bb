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
