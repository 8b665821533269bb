"""Sources that the operating system seeded in a cell that has ended, and where that was asked."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from seedmagic.session import in_force


class SeededAnew(NamedTuple):
    """Where the operating system seeded a source, and whether a seed controlled that before.

    `in_force` is whether some seed was in force then, a session's or a scope's; `scope` the
    innermost scope that was open.
    """

    where: str
    was_seeded: bool
    in_force: bool
    scope: weakref.ref[in_force.OpenScope] | None

    @property
    def is_over(self) -> bool:
        """Whether what was in force then has ended, and put back what was before it."""
        if self.scope is not None and self.scope() not in in_force.scopes:
            return True
        return self.in_force and in_force.current.seeding is None


class SeededByCells:
    """What is known of each such source, until it has a seed again."""

    def __init__(self) -> None:
        self._known: dict[str, SeededAnew] = {}

    def take(self, found: Mapping[str, SeededAnew]) -> None:
        """Take what a cell that ends has had seeded, and no scope has put back by now."""
        self._known.update({name: one for name, one in found.items() if not one.is_over})

    def find(self, name: str) -> SeededAnew | None:
        """Say where a source was seeded anew; the end of its scope or seed ends that too."""
        known = self._known.get(name)
        if known is not None and known.is_over:
            del self._known[name]
            return None
        return known

    def forget(self, names: Iterable[str]) -> None:
        """Forget these: they have a seed now."""
        for name in self._known.keys() & set(names):
            del self._known[name]

    def clear(self) -> None:
        """Forget all."""
        self._known.clear()
