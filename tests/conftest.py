"""What every test leaves behind: nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import seedmagic as sm
from seedmagic.session import algorithm_flags, in_force, late_sources
from seedmagic.session.entropy import system_entropy

# How long an example takes says what else the machine does.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write what ran and what was skipped, for the rows of CI to be compared."""
    if report.when == "call" or report.skipped:
        note_outcome(report.outcome, report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Write which whole files were skipped."""
    if report.skipped:
        note_outcome(report.outcome, report.nodeid)


def note_outcome(outcome: str, name: str) -> None:
    place = os.environ.get("SEEDMAGIC_SKIPS")
    if place and "PYTEST_XDIST_WORKER" not in os.environ:
        name = name if name.startswith("tests/") else f"tests/{name}"
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(f"{outcome} {name.encode('ascii', 'replace').decode()}\n")


def pytest_configure() -> None:
    """Let interrupts arrive: a shell starts what runs in the background without them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="module")
def variables_as_before() -> Iterator[None]:
    """Put the environment back: Dask sets PYTHONHASHSEED and OMP_NUM_THREADS, and leaves them."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Put RNGs, flags, variables, the registry and the session back after a test.

    Not `sm.preserve()`: a scope open around every test would refuse the threads of some.
    """
    state, settings, known = sm.snapshot(), algorithm_flags.read(), dict(sm.sources())
    in_force.reinstate(in_force.Session())
    try:
        yield
    finally:
        while in_force.scopes:
            in_force.scopes[-1].close()
        for name in sm.sources().keys() - known.keys():
            sm.unregister_source(name)
        for name in known.keys() - sm.sources().keys():
            sm.register_source(known[name])
        state.restore()
        algorithm_flags.put_back(settings)
        in_force.reinstate(in_force.Session())
        late_sources.stop()
        system_entropy.uninstall()
