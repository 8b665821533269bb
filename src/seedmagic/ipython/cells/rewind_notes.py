"""What `--rewind` tells: where a cell starts from, and what is no longer kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from seedmagic.words import enumerate_names

_OPTION = "%config SeedMagics.rewind_bytes"


class Room(NamedTuple):
    """Of copies that were dropped: their bytes, those of all with them, and how many may be."""

    size: int
    total: int
    limit: int


class RewindNote:
    """Where the names of a cell start from, shown above what the cell itself shows.

    Its data tell `seedmagic verify` that it is no output of the cell: a later re-run has another.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = [*lines]

    def __repr__(self) -> str:
        return "\n".join(f"--rewind: {line}" for line in self._lines)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from seedmagic.status.status_data import MIME, NOTE

        return {"text/plain": repr(self), MIME: {NOTE: self._lines}}


def first_run(names: Sequence[str], *, adds: bool) -> str:
    """Say which names start from here; where the cell `adds` them, it has starts of others."""
    if adds:
        they = _count(names, "it starts", "they start")
        return f"first run with {enumerate_names(names)}: {they} from here."
    return f"first run: {_start(names)} from here."


def anew(names: Sequence[str], where: str) -> str:
    """Say which names another cell has bound."""
    return f"{_start(names)} anew: another cell bound {_count(names, 'it', 'them')}{where}."


def run_again(names: Sequence[str], number: int | None) -> str:
    """Say that a cell without an id is taken for one that ran before."""
    of = "a cell that ran before" if number is None else f"In[{number}]"
    they = _count(names, "it", "they")
    return f"a re-run of {of}, whose body is the same: {_start(names)} as {they} did there."


def went_too(names: Sequence[str], back: Sequence[str]) -> str:
    """Say which names went back though they are not asked for."""
    they = _count(names, "it shares", "they share")
    return f"{enumerate_names(names)} went back too, for {they} parts with {enumerate_names(back)}."


def where(number: int | None) -> str:
    """Say at the end of a sentence which cell did so."""
    return "" if number is None else f" (In[{number}])"


def unknown(names: Sequence[str], deleted: Mapping[str, str]) -> str:
    """Say that there are no such variables, and which another cell has deleted."""
    gone = [name for name in names if name in deleted]
    why = f": another cell deleted {enumerate_names(gone)}{deleted[gone[0]]}" if gone else ""
    return (
        f"--rewind: there is no variable {enumerate_names(names)}{why}. Names of variables that "
        "are there before the cell runs are accepted, separated by commas. Nothing was changed."
    )


def too_large(names: Sequence[str], needed: int, limit: int) -> str:
    """Say that the copies of one cell are larger than all may be."""
    return (
        f"copies of {', '.join(names)} would take {needed:,} bytes, and {limit:,} are allowed. "
        f"Rewind fewer names, or run {_OPTION} = {needed}. Nothing was changed."
    )


def dropped(names: Sequence[str], of: int | None, room: Room) -> str:
    """Say whose copies made room."""
    cell = "another cell" if of is None else f"In[{of}]"
    return (
        f"--rewind no longer keeps how {enumerate_names(names)} started {cell}: "
        f"{_sizes(names, room)}. A re-run of {cell} says so before it runs."
    )


def more_dropped(count: int) -> str:
    """Say of how many more the copies made room."""
    return f"So it is with the copies of {count} more."


def lost(names: Sequence[str], room: Room) -> str:
    """Say that a cell cannot start as it did at first, and what can be done."""
    told = enumerate_names(names)
    return (
        f"--rewind no longer keeps how {told} started this cell: {_sizes(names, room)}. Nothing "
        f"was run. Run the cell that makes {told}, or run this cell once more: that is a first "
        f"run, which starts from {told} as {_count(names, 'it is', 'they are')} now."
    )


def _sizes(names: Sequence[str], room: Room) -> str:
    return (
        f"{_count(names, 'its', 'their')} copies of {room.size:,} bytes made room for later ones. "
        f"{room.limit:,} bytes are allowed in all; {_OPTION} = {room.total} would have kept them"
    )


def _start(names: Sequence[str]) -> str:
    return f"{enumerate_names(names)} {_count(names, 'starts', 'start')}"


def _count(names: Sequence[str], one: str, several: str) -> str:
    return one if len(names) == 1 else several
