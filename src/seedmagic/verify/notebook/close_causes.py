"""Say what the runs show that looked closely: what libraries asked for, which set decided."""

from __future__ import annotations

from collections.abc import Iterator

from seedmagic.verify.notebook.explanation import Explanation
from seedmagic.verify.notebook.runs_compared import Runs
from seedmagic.verify.witness.library_calls import may_show
from seedmagic.verify.witness.outside_calls import WALL_CLOCKS, named, note_of_time, remedies
from seedmagic.words import enumerate_names

_TOLD = 4


def line_of_set(runs: Runs, cell: int) -> int | None:
    """Give the line of a cell that goes through a set in its order, where but one does."""
    lines = {line for told in runs.close_evidence(cell) for line in told.sets}
    return next(iter(lines), None) or None if len(lines) == 1 else None


def by_libraries(runs: Runs, cell: int) -> Iterator[Explanation]:
    """Give what libraries asked for on a cell's behalf; whether it is shown is not known."""
    asked = list(dict.fromkeys(one for told in runs.close_evidence(cell) for one in told.possible))
    pairs = [*_shown(runs, cell)] if asked else []
    asked = [each for each in asked if may_show(each.what, pairs)]
    if asked:
        whats = [each.what for each in asked]
        text = f"asked for {enumerate_names([named(what) for what in whats[:_TOLD]])}"
        line = next((each.line for each in asked if each.line), None)
        helps = remedies(whats)
        yield Explanation("outside", cell, text, line, remedy=helps, is_shown=False)


def notes_of_time(runs: Runs, cell: int) -> tuple[str, ...]:
    """Say that a cell whose runs came out alike asked for the time of day."""
    asked = [one for told in runs.evidence(cell) for one in told.asked if one.what in WALL_CLOCKS]
    lines = {each.what: each.line or 0 for each in reversed(asked)}
    return (note_of_time(lines),) if lines else ()


def _shown(runs: Runs, cell: int) -> Iterator[tuple[str, str]]:
    """Give what differs of what this cell and later ones showed."""
    for other in runs.cells:
        if other >= cell:
            for found in runs.compare(runs.base[0], runs.base[1], other).differences:
                yield found.one or "", found.other or ""
