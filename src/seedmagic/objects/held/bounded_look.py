"""Find the generators in what some names lead to: the nearest first, within bounds, asking nobody.

No code of the user's runs: no property, no `__getattr__`, no `__reduce__`. Nothing is kept alive
once the look itself is let go.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from seedmagic.code.raw_attributes import own_dict
from seedmagic.objects.held.holder_classes import GENERATOR, Way, way_into
from seedmagic.objects.kinds.random_generators import anchor_of

# How many objects that may hold others are taken, for how long, and how many generators are
# enough. benchmarks/NOTES.md has what it costs.
MOST = 10_000
SECONDS = 0.02
ENOUGH = 256
_OFTEN = 64  # so many objects between two looks at the clock


class Found(NamedTuple):
    """A generator, what stands for it, and the number of what holds it.

    `holder` counts in `BoundedLook.holders`; of a variable it is ``~n``, of the n-th name.
    """

    generator: Any
    anchor: Any
    holder: int


class BoundedLook:
    """What was looked into, and the generators in it.

    Parameters
    ----------
    roots : mapping of str to object
        Where to begin, by name.

    Attributes
    ----------
    found : list of Found
        Each generator once, by its shortest way.
    holders : list of object
        What was looked into, the nearest first.
    above : list of int
        Of each of these the number of what holds it, as in `Found`.
    whole : bool
        Whether everything was looked into.
    """

    def __init__(self, roots: Mapping[str, Any]) -> None:
        self.roots = [*roots]
        self.found: list[Found] = []
        self.holders: list[Any] = []
        self.above: list[int] = []
        self._met: set[int] = set()
        self._anchors: set[int] = set()
        # By address; the classes are kept, or another might get the same address.
        self._ways: dict[int, Way] = {}
        self._classes: list[type] = []
        for number, value in enumerate(roots.values()):
            self._take((value,), ~number)
        try:
            self.whole = self._look()
        except RuntimeError:  # another thread changes a dict just now
            self.whole = False

    def owner_of(self, holder: int) -> Any:
        """Give the object of that number, or the one whose `__dict__` it is; None of a variable."""
        if holder < 0:
            return None
        value, above = self.holders[holder], self.above[holder]
        over = self.holders[above] if above >= 0 else None
        return over if over is not None and own_dict(over) is value else value

    def _look(self) -> bool:
        """Look into one holder after the other; those found on the way come last."""
        began = time.thread_time()  # not what other processes take meanwhile
        number = 0
        while number < len(self.holders):
            late = number % _OFTEN == 0 and time.thread_time() - began > SECONDS
            if late or len(self.holders) > MOST or len(self.found) >= ENOUGH:
                return False
            value = self.holders[number]
            parts, _ = self._ways[id(type(value))]
            assert parts is not None
            self._take(parts(value), number)
            number += 1
        return True

    def _take(self, parts: Iterable[Any], holder: int) -> None:
        """Take what `holder` leads to: into some of it is looked later."""
        ways, met = self._ways, self._met
        for part in parts:
            way = ways.get(id(type(part)))
            if way is None:
                way = ways[id(type(part))] = way_into(type(part))
                self._classes.append(type(part))
            look, may_be_empty = way
            if look is None or (may_be_empty and not part) or id(part) in met:
                continue
            met.add(id(part))
            if look is GENERATOR:
                self._take_generator(part, holder)
            else:
                self.holders.append(part)
                self.above.append(holder)

    def _take_generator(self, generator: Any, holder: int) -> None:
        anchor = anchor_of(generator)
        if id(anchor) not in self._anchors:
            self._anchors.add(id(anchor))
            self.found.append(Found(generator, anchor, holder))
