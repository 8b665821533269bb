"""What every test leaves behind: nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

import seedmagic as sm
from seedmagic.core import arrivals, determinism, entropy, session


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
    state, settings, known = sm.snapshot(), determinism.read(), dict(sm.sources())
    session.reinstate(session.Session())
    try:
        yield
    finally:
        while session.scopes:
            session.scopes[-1].close()
        for name in sm.sources().keys() - known.keys():
            sm.unregister_source(name)
        for name in known.keys() - sm.sources().keys():
            sm.register_source(known[name])
        state.restore()
        determinism.put_back(settings)
        session.reinstate(session.Session())
        arrivals.stop()
        entropy.uninstall()
