"""`--rewind`: how objects were when a cell ran first, put back before each of its re-runs."""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seedmagic.errors import RewindError

if TYPE_CHECKING:
    from seedmagic.objects.rewind.rewind import rewind

# How many cells' objects are kept.
_CELLS = 50


@dataclass
class _Group:
    """Objects that share parts, and so go back together: a model, and an optimiser of its."""

    objects: dict[str, Any]
    start: rewind


class Rewinds:
    """What each cell's objects were at its first run."""

    def __init__(self) -> None:
        self._cells: OrderedDict[str, list[_Group]] = OrderedDict()

    @property
    def nbytes(self) -> int:
        """Give the bytes that all copies take."""
        return sum(group.start.nbytes for groups in self._cells.values() for group in groups)

    def begin(self, cell: str, objects: dict[str, Any], limit: int) -> None:
        """Put back the objects of a cell that runs again; keep those that are new to it.

        Parameters
        ----------
        cell : str
            What the cell is known by.
        objects : dict of str to object
            What to rewind, by name.
        limit : int
            How many bytes all copies together may take; 0: half of this machine's memory.

        Raises
        ------
        RewindError
            Something cannot be rewound or kept. The body must not run.
        """
        from seedmagic.objects.rewind.rewind import rewind

        former = self._cells.get(cell, [])
        again = [group for group in former if _has_any(group, objects)]
        for group in again:
            group.start.rewind()
        same = [group for group in again if _has_all(group, objects)]
        known = {name for group in same for name in group.objects}
        fresh = {name: value for name, value in objects.items() if name not in known}
        groups = [_Group(shared, rewind(shared)) for shared in _sharing(fresh)]
        self._cells[cell] = same + groups
        self._cells.move_to_end(cell)
        self._bound(cell, objects, limit or _half_of_memory())

    def _bound(self, cell: str, objects: dict[str, Any], limit: int) -> None:
        """Forget the oldest cells; refuse one that is too large by itself."""
        while len(self._cells) > _CELLS or (self.nbytes > limit and len(self._cells) > 1):
            self._cells.popitem(last=False)
        if self.nbytes > limit:
            needed = self.nbytes
            del self._cells[cell]
            raise RewindError(
                f"copies of {', '.join(objects)} would take {needed:,} bytes, and {limit:,} "
                "are allowed. Rewind fewer names, or set %config SeedMagics.rewind_bytes."
            )

    def clear(self) -> None:
        """Forget all cells."""
        self._cells.clear()


def _has_any(group: _Group, objects: dict[str, Any]) -> bool:
    return any(objects.get(name) is value for name, value in group.objects.items())


def _has_all(group: _Group, objects: dict[str, Any]) -> bool:
    return all(objects.get(name) is value for name, value in group.objects.items())


def _sharing(objects: dict[str, Any]) -> list[dict[str, Any]]:
    """Part objects into groups that share no part."""
    from seedmagic.objects.object_walk import walk

    groups: list[tuple[dict[str, Any], set[int]]] = []
    for name, value in objects.items():
        names, parts = (
            {name: value},
            {id(node.value) for node in walk({name: value}, compared=False)},
        )
        apart = []
        for group in groups:
            if parts.isdisjoint(group[1]):
                apart.append(group)
            else:
                names, parts = {**group[0], **names}, parts | group[1]
        groups = [*apart, (names, parts)]
    return [names for names, _ in groups]


def _half_of_memory() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, ValueError, OSError):  # not on every system
        return 4 << 30
