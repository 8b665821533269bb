"""Generators that were made without a seed, held until it is known what became of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from seedmagic.sources.same_state import is_same

# Makes a line of the cell of the line that its frames count.
Place = Callable[[int], "int | None"]
# More are not held, where a cell makes them by the thousand; of those it is enough to know some.
_MOST = 1000
_process = os.getpid()  # in a forked worker nobody settles them


class _Candidate(NamedTuple):
    holder: list[Any]  # of the generator alone
    state: object
    line: int
    where: int | None = None


class MadeCandidates:
    """One matters if it is used, or kept until the cell ends, and is given no seed of its own.

    Parameters
    ----------
    state_of : callable
        Gives the state of a generator.
    is_given : callable
        Tells of a generator and the state that it was made with whether it was given a seed or
        another state since, where the two tell.
    """

    def __init__(
        self,
        state_of: Callable[[Any], object],
        is_given: Callable[[Any, Any], bool] = lambda generator, state: False,
    ) -> None:
        self._state_of = state_of
        self._is_given = is_given
        self._held: list[_Candidate] = []
        self._is_full = False

    def __bool__(self) -> bool:
        """Whether there is anything to settle."""
        return bool(self._held)

    def add(self, generator: Any, line: int) -> None:
        """Hold a generator that was made on `line`."""
        if len(self._held) >= _MOST and not self._is_full:
            self._held = [one for one in self._held if self._is_open(one)]
            self._is_full = len(self._held) >= _MOST  # to look again at each would take its time
        if len(self._held) < _MOST and os.getpid() == _process:
            self._held.append(_Candidate([generator], self._state_of(generator), line))

    def drop(self, generator: Any) -> None:
        """Let go of a generator that was given a seed or a state."""
        if self._held:
            self._held = [one for one in self._held if one.holder[0] is not generator]

    def settle(self, whole: bool, place: Place) -> list[int | None]:
        """Give the lines of those that matter by now, and let go of them.

        `whole` is whether the cell has ended. Before it, one that is kept may still get a seed.
        `place` gives the line of the cell, the first time that it is asked of one.
        """
        held, self._held, self._is_full = self._held, [], False
        lines = []
        for one in held:
            if self._is_given(one.holder[0], one.state):
                continue
            where = one.where or place(one.line)
            is_kept = _references(one.holder) > _ALONE
            is_used = not is_same(self._state_of(one.holder[0]), one.state)
            if is_used or (whole and is_kept):
                lines.append(where)
            elif is_kept:
                self._held.append(one._replace(where=where))
        return lines

    def _is_open(self, one: _Candidate) -> bool:
        generator = one.holder[0]
        if self._is_given(generator, one.state):
            return False
        del generator
        is_kept = _references(one.holder) > _ALONE
        return is_kept or not is_same(self._state_of(one.holder[0]), one.state)


def _references(holder: list[Any]) -> int:
    # Not every generator can be referred to weakly.
    return sys.getrefcount(holder[0])


_ALONE = _references([object()])
