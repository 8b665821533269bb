"""What the probed loops of a cell call while they run."""

from __future__ import annotations

import sys
from itertools import islice
from types import MethodType, WrapperDescriptorType
from typing import Any, Protocol

FIRST_TURNS = 3


class Probe(Protocol):
    """What the probes call: with the line of the statement that has just ended."""

    def __call__(self, line: int) -> None:
        """Look whether something was drawn since the last look."""


class _UnlikeAll:
    """Equals nothing, and does not ask the other, which may be an array."""

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = object.__hash__


_UNLIKE_ALL = _UnlikeAll()


class Loops:
    """What the loops of a probed cell hold while they run."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._held: dict[int, Any] = {}
        self._turns: dict[int, int] = {}

    # Built in, so no frame of ours stands in a traceback; and `iter` may be a name of the user's.
    iter = staticmethod(iter)

    def __call__(self, line: int) -> None:
        """Look, after the statement at `line`."""
        __tracebackhide__ = True  # where a cell is stopped, its own line is the last one shown
        self._probe(line)

    def value(self, line: int, value: object) -> object:
        """Look, after the expression at `line`, and hand on its value."""
        __tracebackhide__ = True
        self._probe(line)
        return value

    def failed(self, line: int, offset: int) -> None:
        """Look, where a block of the statement at `line` may have been left by an error."""
        __tracebackhide__ = True
        step = sys.exc_info()[2]
        self._probe(line if step is None else step.tb_lineno + offset)

    def hold(self, number: int, iterator: Any) -> Any:
        """Give the first turns of a `for`; the rest is held.

        The turns come from `islice`, so no frame of ours stands in a traceback.
        """
        if not isinstance(getattr(type(iterator), "__iter__", None), WrapperDescriptorType):
            # Both loops would call __iter__ again, and one written in Python may start anew there.
            ask = MethodType(type(iterator).__next__, iterator)
            iterator = iter(ask, _UNLIKE_ALL)
        self._held[number], self._turns[number] = iterator, 0
        return islice(iterator, FIRST_TURNS)

    def turn(self, number: int, line: int) -> None:
        """Count a turn of a `for`, and look."""
        __tracebackhide__ = True
        self._turns[number] += 1
        self._probe(line)

    def rest(self, number: int) -> Any:
        """Give the turns of a `for` that `hold` left; an iterator that ended is not asked again."""
        return self._held.pop(number) if self._turns[number] == FIRST_TURNS else ()

    def begin(self, number: int) -> None:
        """Count the turns of a `while` anew."""
        self._turns[number] = 0

    def is_early(self, number: int) -> bool:
        """Whether a `while` is in its first turns; asked before its condition."""
        self._turns[number] += 1
        return self._turns[number] <= FIRST_TURNS

    def is_cut(self, number: int) -> bool:
        """Whether a `while` ended because its first turns are over, not by its condition."""
        return self._turns[number] > FIRST_TURNS

    def release(self, number: int) -> None:
        """Let go of what a loop held, however it ended."""
        self._held.pop(number, None)
        self._turns.pop(number, None)
