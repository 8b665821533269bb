"""Notice a cell that runs again from another RNG state than last time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from seedmagic.objects.held.going_back import goes_back
from seedmagic.objects.held.held_generators import (
    HeldGenerator,
    HeldPlace,
    Reference,
    anchors_of_sources,
    held_generators,
    look_into,
    referring,
    state_of,
)
from seedmagic.session import in_force
from seedmagic.watch.cell_ledger import CellRecord
from seedmagic.watch.given_numbers import forget_given, starts_with_seed, was_given
from seedmagic.watch.rerun_text import tell_rerun
from seedmagic.watch.watcher import Watcher

# How many cells are remembered.
_REMEMBERED = 10_000
_REWINDS = re.compile(r"%%seeded\b.*?--rewind[ =]+([\w, ]+)")


class _Move(NamedTuple):
    """A generator that was there before a cell, and that the cell moved; it is not kept alive."""

    told: HeldPlace
    anchor: Reference
    start: bytes
    end: bytes


class _LastRun(NamedTuple):
    """What a cell started from when it ran last."""

    code: str
    origins: dict[str, str]
    moves: tuple[_Move, ...]
    made: tuple[Reference, ...]  # what stands for the generators that came in it, and were kept


class Reruns:
    """What each cell started from when it ran last: sources, and generators that it can reach."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._last: dict[str, _LastRun] = {}
        self._derived: dict[str, str] = {}
        self._twin: str | None = None
        self._held: list[HeldGenerator] | None = None
        self._saw_all = False
        self._moves: tuple[_Move, ...] = ()
        self._made: tuple[Reference, ...] = ()

    def begin(self, code: str, cell_id: str | None, namespace: Mapping[str, Any]) -> None:
        """Look at the generators that the cell can reach, before it runs."""
        look = look_into(code, namespace)
        self._held, self._saw_all = held_generators(look, namespace), look.whole
        forget_given()
        seeding = in_force.current.seeding
        self._twin = None
        if seeding and seeding.modes.per_cell and cell_id:
            other = self._derived.setdefault(code.strip(), cell_id)
            self._twin = other if other != cell_id else None

    def moved(self, code: str, namespace: Mapping[str, Any]) -> tuple[str, ...]:
        """Look again after it has run; name the places of those that it moved."""
        held, self._held = self._held, None
        self._moves, self._made = (), ()
        if held is None:  # strict since this cell
            return ()
        moves = []
        for one in held:
            generator = one.generator()
            end = None if generator is None else state_of(generator)
            if end is not None and end != one.state:
                moves.append(_Move(one.told, one.anchor, _digest(one.state), _digest(end)))
        if moves:
            apart = anchors_of_sources()
            moves = [move for move in moves if id(move.anchor()) not in apart]
        if self._saw_all:
            known = {id(one.anchor()) for one in held}
            fresh = (one.anchor for one in look_into(code, namespace).found)
            self._made = tuple(referring(anchor) for anchor in fresh if id(anchor) not in known)
        self._moves = tuple(moves)
        return tuple(move.told.place for move in moves)

    def end(self, record: CellRecord, namespace: Mapping[str, Any]) -> str | None:
        """Compare the cell's beginning with that of its last run; say what differs."""
        origins: dict[str, str] = {}
        for draw in record.draws:
            origin = self._watcher.origin(draw.source)
            if origin is not None:
                origins[draw.source] = origin
        moves, self._moves = self._moves, ()
        code = record.code.strip()
        last = self._last.pop(record.cell, None)
        self._last[record.cell] = _LastRun(code, origins, moves, self._made)
        if len(self._last) > _REMEMBERED:
            del self._last[next(iter(self._last))]
        told = []
        if last is not None and last.code == code:  # a cell that was edited is another
            changed = [name for name in origins if last.origins.get(name) != origins[name]]
            rewound = _rewound(code)
            held = [
                move
                for move in moves
                if move.told.root not in rewound
                and _went_on(move, last)
                and not was_given(move.anchor())
                and not starts_with_seed(code, move.told)
            ]
            if changed or held:
                places = [move.told for move in held]
                by_root: dict[str, list[Any]] = {}
                for move in held:
                    by_root.setdefault(move.told.root, []).append(move.anchor())
                helps = all(goes_back(name, namespace, by_root[name]) for name in by_root)
                told.append(tell_rerun(record, changed, places, helps))
        if self._twin:
            told.append(
                f"In[{record.number}] has the same code as another cell: under --per-cell both "
                "get the same numbers."
            )
        return "\n".join(told) or None


def _went_on(move: _Move, last: _LastRun) -> bool:
    """Whether a generator is where the last run, or somebody since, left it, and not as then.

    One that came since starts anew. One that ended where it ended last time was put back, or
    seeded, before the cell drew from it.
    """
    anchor = move.anchor()
    for former in last.moves:
        is_same = former.anchor() is anchor or former.told.place == move.told.place
        if is_same and (move.start == former.start or move.end == former.end):
            return False
    kept = (*(former.anchor for former in last.moves), *last.made)
    return anchor is not None and any(reference() is anchor for reference in kept)


def _rewound(code: str) -> set[str]:
    """Name what the cell's header puts back after our look at it, and before its first line."""
    header = _REWINDS.match(code)
    return set(re.findall(r"\w+", header[1])) if header else set()


def _digest(state: bytes) -> bytes:
    return hashlib.blake2b(state, digest_size=16).digest()
