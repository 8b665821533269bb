"""What the probes of a cell call while it runs."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from itertools import count, islice
from types import MethodType, WrapperDescriptorType
from typing import Any, Protocol

from seedmagic.warn import warn
from seedmagic.watch.probes.seed_marks import noted

NAME = "__seedmagic_probe__"
FIRST_TURNS = 3

# Each loop that is changed has one of its own, and each outer loop a lower one than those in it.
numbers = count()


class Probe(Protocol):
    """What the probes call: with the line of the statement that has just ended."""

    def __call__(self, line: int, in_loop: bool, imports: bool | None) -> bool:
        """Look whether something was drawn since the last look; say whether to stop the cell.

        `imports` is whether the statement is an import; None where its line alone is known.
        """


class _UnlikeAll:
    """Equals nothing, and does not ask the other, which may be an array."""

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = object.__hash__


_UNLIKE_ALL = _UnlikeAll()


class Loops:
    """What the probes of one shell's cells call, and what the loops of the running one hold.

    A shell has one for good: a loop that runs while watching is switched off and on, or while the
    extension is loaded again, goes on.

    Parameters
    ----------
    owner : int
        The number of the shell. Each has a name of its own, for the code of one shell's cell may
        run a cell of another's.
    """

    def __init__(self, owner: int) -> None:
        self.name = NAME if owner == 1 else f"__seedmagic_probe_{owner}__"
        self._probe: Probe | None = None
        self._error: Callable[[], Exception] = RuntimeError
        self._held: dict[int, Any] = {}
        self._turns: dict[int, int] = {}
        self._value: Any = None

    def turn_on(self, probe: Probe, error: Callable[[], Exception]) -> None:
        """Have the probes call `probe`; what stops a cell is what `error` gives.

        The name that they call is known without a name among the user's.
        """
        self._probe, self._error = probe, error
        setattr(builtins, self.name, self)

    def turn_off(self) -> None:
        """Let the probes do nothing; a cell that is running meets them until its end."""
        self._probe = None

    def let_go(self) -> None:
        """Let go of what loops held that an error left: the cell has ended."""
        self.release(0, next(numbers))

    def forget(self) -> None:
        """Take the name away, unless the probes were turned on again."""
        if self._probe is None and hasattr(builtins, self.name):
            delattr(builtins, self.name)

    # Built in, so no frame of ours stands in a traceback; and `iter` may be a name of the user's.
    iter = staticmethod(iter)

    def seeds(self, function: Any) -> Any:
        """Give what ``generator.seed()`` is to call; see `seed_marks`."""
        try:
            return function if self._probe is None else noted(function)
        except Exception:  # less is known; the user's call goes on
            return function

    def __call__(self, line: int, imports: bool | None = False) -> bool:
        """Look, after the statement at `line`; say whether the cell is to stop."""
        if self._probe is None:
            return False
        try:
            return self._probe(line, bool(self._turns), imports)
        except Exception as error:
            self._probe = None
            warn(f"Statements are not watched any more: {type(error).__name__}: {error}")
            return False

    def imported(self, line: int) -> bool:
        """Look, after the import at `line`; say whether the cell is to stop."""
        return self(line, True)

    def error(self) -> Exception:
        """Give the error that stops the cell, to be raised in a frame of its own."""
        return self._error()

    def keep(self, value: object) -> None:
        """Take the value of the last expression, until it was looked at what it drew."""
        self._value = value

    def kept(self) -> object:
        """Hand it on."""
        value, self._value = self._value, None
        return value

    def failed(self, line: int, offset: int) -> bool:
        """Look, where a block of the statement at `line` may have been left by an error."""
        step = sys.exc_info()[2]
        return self(line if step is None else step.tb_lineno + offset, None)

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

    def turn(self, number: int, line: int) -> bool:
        """Count a turn of a `for`, and look."""
        self._turns[number] += 1
        return self(line)

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

    def release(self, first: int, end: int) -> None:
        """Let go of what the loops from number `first` to before `end` held."""
        if self._turns:
            for held in (self._turns, self._held):
                for number in [number for number in held if first <= number < end]:
                    del held[number]
