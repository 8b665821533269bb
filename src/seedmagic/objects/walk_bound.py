"""How much is looked into: every walk over objects comes to an end, and says where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter

# Of one walk. The objects that a program works with are fewer; so many take some 10 s, and some
# 2 GB of memory. What plain values a list or dict holds is not counted.
MOST_OBJECTS = 2_000_000
# What a user waits for without a word. A property that takes its time ends a walk sooner.
MOST_SECONDS = 10
# Of a verification: its start, the two ends, and what differs. Each may take what one walk may.
VERIFICATION = 4


class Bound:
    """What may be looked into by several walks together: as much as `walks` of them may."""

    def __init__(self, walks: int = 1) -> None:
        self.objects: int = walks * MOST_OBJECTS
        self.seconds: float = walks * MOST_SECONDS
        self.whole = self.objects, self.seconds

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
        self._most = max(0, min(MOST_OBJECTS, self._bound.objects))
        self._began = perf_counter()
        self._until = self._began + min(MOST_SECONDS, self._bound.seconds)
        self.left = self._most

    def ended(self, coming: int = 0) -> str | None:
        """Say why the walk goes no further, with so many objects still to come; None: it does."""
        whole = self._bound.whole
        if coming > self.left or self.left <= 0:
            most = MOST_OBJECTS if self._most == MOST_OBJECTS else whole[0]
            return f"more than {most:,} objects"
        if perf_counter() > self._until:
            most_seconds = MOST_SECONDS if self._bound.seconds >= MOST_SECONDS else whole[1]
            return f"it took more than {most_seconds:g} s"
        return None

    def close(self) -> None:
        """Take what was used from what other walks may use."""
        self._bound.objects -= self._most - self.left
        self._bound.seconds -= perf_counter() - self._began
