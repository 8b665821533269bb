"""How much is looked into: every walk over objects comes to an end, and says where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter, thread_time

# Of one walk. The objects that a program works with are fewer; so many take some 10 s, and some
# 2 GB of memory. What plain values a list or dict holds is not counted.
MOST_OBJECTS = 2_000_000
# Of all walks of a verification, or of a rewind: what a user waits for without a word. Each may
# take half of what is left, so that one which has no end leaves time for those after it.
MOST_SECONDS = 40.0
# So many times that is waited where the machine is busy with other work, or a property sleeps.
_BUSY = 3


class Bound:
    """What may be looked into by several walks together."""

    def __init__(self) -> None:
        self.seconds = MOST_SECONDS

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Let all walks that begin inside be counted together."""
        token = _in_force.set(self)
        try:
            yield
        finally:
            _in_force.reset(token)


_in_force: ContextVar[Bound | None] = ContextVar("seedmagic's bound", default=None)


class Meter:
    """Counts what one walk looks into."""

    def __init__(self) -> None:
        self._bound = _in_force.get() or Bound()
        self._most = MOST_OBJECTS
        self._seconds = self._bound.seconds / 2
        self._began, self._worked = perf_counter(), thread_time()
        self._until = self._began + self._seconds
        self.left = self._most

    def ended(self, coming: int = 0) -> str | None:
        """Say why the walk goes no further, with so many objects still to come; None: it does."""
        if coming > self.left or self.left <= 0:
            return f"more than {self._most:,} objects"
        now = perf_counter()
        if now > self._until and (
            now > self._began + _BUSY * self._seconds
            or thread_time() > self._worked + self._seconds
        ):
            return f"it took more than {now - self._began:.2g} s"
        return None

    def close(self) -> None:
        """Take the time that was used from what other walks may use."""
        took = perf_counter() - self._began
        self._bound.seconds -= max(thread_time() - self._worked, took / _BUSY)
