"""`--rewind`: what a cell's names held when it ran first, put back before each of its re-runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from seedmagic.errors import RewindError
from seedmagic.ipython.cells import rewind_notes
from seedmagic.ipython.cells.cell_identity import CellKey
from seedmagic.ipython.cells.rewind_notes import Room
from seedmagic.ipython.cells.rewind_starts import ABSENT, Group, KnownCell, NameStart

_TOLD = 3  # of copies that are dropped at one time


@dataclass(frozen=True)
class Rewinding:
    """A run of a cell whose names are as at its first run.

    Attributes
    ----------
    notes : tuple of str
        Where they start from, as far as that is to be told.
    dropped : tuple of str
        Which copies had to make room.
    """

    cell: KnownCell
    namespace: MutableMapping[str, Any]
    notes: tuple[str, ...]
    dropped: tuple[str, ...]

    def close(self) -> None:
        """Note at the end of the run what it leaves: the next one finds that, or another's."""
        for name, start in self.cell.starts.items():
            if start.bound_by is None:
                start.left = self.namespace.get(name, ABSENT)


class Rewinds:
    """How the cells of one shell started.

    Parameters
    ----------
    shell : InteractiveShell
        That one.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._cells: dict[CellKey, KnownCell] = {}
        self._groups: list[Group] = []  # of all cells, what was used longest ago first
        self._begun: set[CellKey] = set()  # in the outermost cell that runs

    @property
    def nbytes(self) -> int:
        """Give the bytes that all copies take."""
        return _size(self._groups)

    @property
    def is_empty(self) -> bool:
        """Whether no cell has run with ``--rewind``."""
        return not self._cells

    def clear(self) -> None:
        """Forget all cells, and free their copies at once."""
        for cell in self._cells.values():
            cell.starts.clear()
        self._cells.clear()
        self._groups.clear()
        self._begun.clear()

    def begin(
        self, key: CellKey, number: int | None, names: tuple[str, ...], limit: int
    ) -> Rewinding:
        """Let names hold what they held when the cell ran first; keep what is new to it.

        Parameters
        ----------
        key : CellKey
            What the cell is known by.
        number : int or None
            Its number now.
        names : tuple of str
            What to rewind.
        limit : int
            How many bytes all copies together may take; 0: half of this machine's memory.

        Raises
        ------
        RewindError
            A start is no longer kept, or something cannot be rewound or kept. The body must not
            run.
        """
        limit = limit or _half_of_memory()
        cell = self._cells.get(key) or KnownCell(number)
        held = {name: self._shell.user_ns.get(name, ABSENT) for name in names}
        old = {name: cell.starts[name] for name in names if name in cell.starts}
        anew = {
            name: start.bound_by or ""
            for name, start in old.items()
            if start.is_bound_anew(held[name])
        }
        back = {name: start for name, start in old.items() if name not in anew}
        fresh = {name: value for name, value in held.items() if name not in back}
        absent = [name for name, value in fresh.items() if value is ABSENT]
        if absent:
            raise RewindError(rewind_notes.unknown(absent, anew))
        _refuse_lost(cell, back)
        adds, first = bool(cell.starts), [name for name in fresh if name not in anew]
        groups, too = self._put_back(cell, back, fresh, limit)
        self._cells[key] = cell
        is_known = bool(key.cell_id) or key in self._begun
        self._begun.add(key)
        notes = [rewind_notes.first_run(first, adds=adds)] if first else []
        for where in dict.fromkeys(anew.values()):
            there = [name for name in anew if anew[name] == where]
            notes.append(rewind_notes.anew(there, where))
        if not back:
            cell.number = number
        elif not is_known:
            notes.append(rewind_notes.run_again([*back], cell.number))
        if too:
            notes.append(rewind_notes.went_too(too, [*back]))
        return Rewinding(cell, self._shell.user_ns, tuple(notes), self._drop(groups, limit))

    def _put_back(
        self, cell: KnownCell, back: dict[str, NameStart], fresh: dict[str, Any], limit: int
    ) -> tuple[list[Group], list[str]]:
        """Put back and keep what is asked for; give its copies, and what went back beside it."""
        groups = cell.groups(back)
        parted = [group for group in groups if not back.keys() >= group.starts.keys()]
        # All that can be refused is refused before anything goes back.
        new = cell.take(fresh)
        needed = _size(groups) + _size(new)
        if needed > limit:
            raise RewindError(rewind_notes.too_large([*back, *fresh], needed, limit))
        for name, start in back.items():
            self._shell.user_ns[name] = start.left = start.value
        for group in groups:
            group.copies.rewind()
        if parted or (back and fresh):
            new.clear()  # which may hold what went back, as it was
            again = {name for group in parted for name in group.starts if name in back}
            new = cell.take({**fresh, **{name: back[name].value for name in again}})
        too = [name for group in parted for name in group.starts if name not in back.keys() | fresh]
        for name in too:
            del cell.starts[name]
        for group in new:
            for name in group.names:
                value = self._shell.user_ns[name]
                cell.starts[name] = NameStart(value, group, value)
        used = [group for group in groups if group not in parted] + new
        self._groups = [group for group in self._groups if group not in used] + used
        self._tidy()
        return used, too

    def _drop(self, used: list[Group], limit: int) -> tuple[str, ...]:
        """Free the oldest copies where there is no room for all; give what is to be told of it."""
        told = []
        for group in [group for group in self._groups if group not in used]:
            room = Room(group.copies.nbytes, self.nbytes, limit)
            if room.total <= limit:
                break
            told.append(rewind_notes.dropped(group.names, group.cell.number, room))
            for start in group.starts.values():
                start.drop(room)
            self._groups.remove(group)
        more = len(told) - _TOLD
        return (*told[:_TOLD], *([rewind_notes.more_dropped(more)] if more > 0 else []))

    def ran(
        self, own: CellKey | None, number: int | None, bound: Callable[[], Iterable[str]]
    ) -> None:
        """Look at the end of an outermost cell which names another cell has bound.

        Parameters
        ----------
        own : CellKey or None
            What the cell is known by.
        number : int or None
            Its number.
        bound : callable
            Names what it surely bound. A value alone does not tell: a small number, or a word, is
            the same object everywhere.
        """
        from seedmagic.objects.kinds.atoms import PLAIN

        where, names = rewind_notes.where(number), None
        for key, cell in self._cells.items():
            for name, start in cell.starts.items():
                now = self._shell.user_ns.get(name, ABSENT)
                if start.bound_by is not None:
                    continue
                is_bound = key != own and start.is_bound_anew(now)
                if type(now) in PLAIN and key != own and key not in self._begun:
                    names = set(bound()) if names is None else names
                    is_bound = is_bound or name in names
                if is_bound:
                    start.forget(where)
                else:
                    start.left = now
        self._begun.clear()
        self._tidy()

    def _tidy(self) -> None:
        """Free the copies that no name needs any more."""
        self._groups = [group for group in self._groups if group.starts]


def _refuse_lost(cell: KnownCell, back: dict[str, NameStart]) -> None:
    """Refuse to start from what other runs have changed; after that, it starts anew."""
    lost = {name: start.dropped for name, start in back.items() if start.dropped}
    if not lost:
        return
    rooms = [*dict.fromkeys(lost.values())]
    room = Room(sum(each.size for each in rooms), max(each.total for each in rooms), rooms[0].limit)
    for name in lost:
        del cell.starts[name]
    raise RewindError(rewind_notes.lost([*lost], room))


def _size(groups: list[Group]) -> int:
    return sum(group.copies.nbytes for group in groups)


def _half_of_memory() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, ValueError, OSError):  # not on every system
        return 4 << 30
