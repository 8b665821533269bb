"""Bring together what the runs of a notebook show: its cells, and what is to be known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from seedmagic.verify.notebook import saved_outputs
from seedmagic.verify.notebook.causes import Causes
from seedmagic.verify.notebook.close_causes import notes_of_time
from seedmagic.verify.notebook.explanation import Explanation
from seedmagic.verify.notebook.findings import CellResult, NotebookResult
from seedmagic.verify.notebook.kernel_run import Run
from seedmagic.verify.notebook.runs_compared import Runs
from seedmagic.verify.outputs.output_pieces import PieceDifference


@dataclass(frozen=True)
class HowRun:
    """Whether the runs worked in copies, and if not, whether that was asked; what they wrote."""

    copies: bool
    in_place: bool
    written: tuple[dict[str, str | None], ...]
    saved: bool


def conclude(path: str, notebook: Any, runs: Runs, how: HowRun) -> NotebookResult:
    """Give what all runs of a notebook show."""
    cells = _cells(notebook, runs)
    notes: list[str] = []
    if not how.copies:
        why = "as asked" if how.in_place else "larger than 200 MB or 20,000 files"
        notes.append(f"The runs worked in the folder itself, one after another ({why}).")
    hashed = {run.arrival.hashed for run in runs.base if run.arrival}
    if len(hashed) == 1:
        notes.append("The kernel's own PYTHONHASHSEED held in all runs: it was not varied.")
    unwatched = [
        cell for cell in runs.cells if any(e.text and not e.watched for e in runs.evidence(cell))
    ]
    if unwatched:
        notes.append(f"The notebook switched the watcher off: cell {unwatched[0]} was not watched.")
    for cell in runs.cells:
        alike = next((e.alike for e in runs.evidence(cell) if e.alike), None)
        notes += [f"Cell {cell}: {alike}"] if alike else []
    files = sorted(set().union(*how.written)) if how.written else []
    moved = [name for name in files if len({written.get(name) for written in how.written}) > 1]
    if moved and how.copies:
        notes.append(f"Files that differ between runs: {', '.join(moved)}.")
    error = _error(path, runs.every + runs.alone)
    if how.saved and error is None:
        cells, more = saved_outputs.compare(notebook, cells, runs)
        notes += more
    notes += [f"Cell {cell.index}: {note}" for cell in cells for note in cell.notes]
    good = error is None and all(cell.same for cell in cells)
    return NotebookResult(path, good, error, tuple(cells), tuple(notes), tuple(files))


def _cells(notebook: Any, runs: Runs) -> list[CellResult]:
    causes, reached = Causes(runs), set(runs.cells)
    return [
        _cell(index, cell.source, runs, causes, notebook)
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and index in reached
    ]


def _cell(index: int, code: str, runs: Runs, causes: Causes, notebook: Any) -> CellResult:
    pairs = [runs.compare(runs.base[0], run, index) for run in runs.base[1:]]
    masked = sorted(set().union(*(pair.masked for pair in pairs)))
    drift = tuple(runs.drift(index))
    plain = CellResult(index, True, drift, masked=tuple(masked), code=code)
    unlike = [place for place, pair in enumerate(pairs) if pair.differences]
    if not unlike:
        why = causes.explain_drift(index, drift[0]) if drift else None
        plain = replace(plain, notes=notes_of_time(runs, index))
        if why is None:
            return plain
        detail = why.describe(index, notebook.cells[why.cell].source)
        return replace(plain, detail=detail, line=why.line if why.cell == index else None)
    found: Explanation = causes.explain(index)
    differences: tuple[PieceDifference, ...] = pairs[unlike[0]].differences
    return replace(
        plain,
        same=False,
        masked=(),
        cause=found.cause,
        detail=found.describe(index, notebook.cells[found.cell].source),
        line=found.line if found.cell == index else None,
        differences=differences,
        sides=("run 1", f"run {unlike[0] + 2}"),
    )


def _error(path: str, runs: Sequence[Run]) -> str | None:
    """Say what stopped the runs, where one was stopped."""
    failures = [run.failure for run in runs if run.failure]
    if not failures:
        return None
    first = failures[0]
    where = "" if first.cell is None else f"cell {first.cell} "
    some = f" in {len(failures)} of {len(runs)} runs" if len(failures) < len(runs) else ""
    told = f"{path}: {where}{first.told}{some}."
    if "FileNotFoundError" in first.told:
        told += " It was run in a copy of its folder: --in-place runs it where it is."
    return told
