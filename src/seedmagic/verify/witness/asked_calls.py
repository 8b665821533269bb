"""What code asked the system for: by itself and through libraries, on which lines, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

from seedmagic.code.cell_frames import is_users, line_in_files
from seedmagic.sources.known import drawing_calls
from seedmagic.verify.witness.library_calls import library_call, may_show
from seedmagic.verify.witness.library_threads import IN_DUCKDB, IN_NUMBA, draws_in_threads
from seedmagic.verify.witness.outside_calls import PROCESSES, is_of_file, named, remedies, strongest
from seedmagic.words import enumerate_names

_NAMED = 4


class AskedCalls:
    """What was asked for, each with the line of the code that did so first; 0: not in the code.

    Parameters
    ----------
    files : mapping of str to int
        Those of the code, as `line_in_files` takes them.

    Attributes
    ----------
    lines : dict of str to int
        What the user's own code asked for.
    possible : dict of str to int
        What libraries asked for on its behalf, and times of files: they may be what differs.
    handed_on : set of str
        Those of these by which the values of a library come from the time of day.
    met_files : bool
        Whether the code looked for a file or opened one, itself or through a library.
    sets : dict of int to bool
        The lines that went through a set, and whether its members go by their addresses.
    """

    def __init__(self, files: Mapping[str, int]) -> None:
        self._files = files
        self.lines: dict[str, int] = {}
        self.possible: dict[str, int] = {}
        self.handed_on: set[str] = set()
        self.met_files = False
        self.sets: dict[int, bool] = {}
        self._by_tasks: set[str] = set()
        self._of_duckdb = drawing_calls.counts["duckdb"]

    def take_threads(self, reached: Mapping[str, Any]) -> None:
        """Take what draws in threads of a library's own; `reached` is what the code can reach."""
        if draws_in_threads(reached):
            self.lines.setdefault(IN_NUMBA, 0)
        if drawing_calls.counts["duckdb"] != self._of_duckdb:
            self.lines.setdefault(IN_DUCKDB, 0)

    def take_tasks(self, line: int) -> None:
        """Take what was handed to threads itself, as ``submit(time.time)``; they got it there."""
        for what in self._by_tasks:
            self.lines.setdefault(what, line)

    def leave_out_processes(self) -> None:
        """Leave out what is the same as long as the process is."""
        for found in (self.lines, self.possible):
            for what in [each for each in found if each.partition(" in ")[0] in PROCESSES]:
                del found[what]

    def keep_shown(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Keep of what libraries asked for what may be what differs in these pairs of texts."""
        if pairs:
            kept = {what: line for what, line in self.possible.items() if may_show(what, pairs)}
            self.possible = kept

    def note(self, what: str, caller: FrameType) -> None:
        """Take what the user's own code in the frame `caller` asks for."""
        self.lines.setdefault(what, self._line(caller))

    def note_possible(self, what: str, caller: FrameType) -> None:
        """Take what may have been asked for there."""
        self.possible.setdefault(what, self._line(caller))

    def note_library(self, what: str, frame: FrameType) -> bool:
        """Take what a library asks for, and give whether the next such call tells nothing more."""
        found = library_call(frame)
        if found is None:
            return False
        if found.users is None:  # a task of a thread's is a function of the system's itself
            self._by_tasks.add(what)
            return False
        told = found.told(what)
        self.note_possible(told, found.users)
        if found.hands_on(what):
            self.handed_on.add(told)
        return True

    def note_file(self, frame: FrameType | None) -> None:
        """Take that a file is looked for or opened in a frame."""
        if frame is not None and not self.met_files:
            self.met_files = is_users(frame) or library_call(frame) is not None

    def note_set(self, frame: FrameType, by_address: bool) -> None:
        """Take that a set is gone through."""
        line = self._line(frame)
        self.sets[line] = self.sets.get(line, False) or by_address

    def seen_closely(self) -> dict[str, int]:
        """Give what replaced functions do not see: reads of such files, tasks, and libraries."""
        files = {what: line for what, line in self.lines.items() if is_of_file(what)}
        return {**files, **dict.fromkeys(self._by_tasks, 0), **self.possible}

    def causes(self) -> list[str]:
        """Say what the user's own code asked for, if it did."""
        whats = strongest(self.lines)
        lines = [self.lines[what] for what in whats]
        told = [
            f"{what}{f' (line {line})' if line else ''}"
            for what, line in zip(whats, lines, strict=True)
        ]
        return _asked(told, remedies(whats)) if told else []

    def possible_causes(self) -> list[str]:
        """Say what may have been asked for on its behalf."""
        told = [named(what, line) for what, line in self.possible.items()]
        return _asked(told, remedies(self.possible)) if told else []

    def _line(self, frame: FrameType) -> int:
        return line_in_files(frame, self._files) or 0


def _asked(told: list[str], remedy: str) -> list[str]:
    if len(told) > _NAMED:
        told = [*told[:_NAMED], f"{len(told) - _NAMED} more"]
    return [f"it asked for {enumerate_names(told)}, which no seed reaches. {remedy}"]
