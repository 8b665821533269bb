"""Compare the runs with the outputs in the file, and with what was recorded beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from seedmagic.status.status_data import MIME, is_note
from seedmagic.verify.notebook.causes import Causes
from seedmagic.verify.notebook.findings import CellResult
from seedmagic.verify.notebook.runs_compared import Runs
from seedmagic.verify.outputs.output_pieces import compare as compare_pieces
from seedmagic.verify.outputs.output_pieces import pieces_of

_STATE = "application/vnd.jupyter.widget-state+json"


def compare(
    notebook: Any, cells: Sequence[CellResult], runs: Runs
) -> tuple[list[CellResult], list[str]]:
    """Mark the cells whose saved outputs differ; say what the file was saved with."""
    code = {index: cell for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"}
    run = {index for index, cell in code.items() if cell.outputs or cell.execution_count}
    if not run:
        return list(cells), ["There are no saved outputs to compare with."]
    changes = _changes(notebook, runs)
    notes = [f"Saved with {', '.join(changes)}."] if changes else []
    without = [cell.index for cell in cells if cell.index not in run and cell.code.strip()]
    if without:
        told = ", ".join(map(str, without))
        notes.append(f"Cells that were not run when it was saved, and not compared: {told}.")
    return [
        _compared(cell, notebook, runs, changes) if cell.index in run and cell.same else cell
        for cell in cells
    ], notes


def _compared(cell: CellResult, notebook: Any, runs: Runs, changes: Sequence[str]) -> CellResult:
    widgets = notebook.metadata.get("widgets", {}).get(_STATE, {}).get("state", {})
    saved = pieces_of(notebook.cells[cell.index].outputs, widgets)
    found = compare_pieces(saved, runs.pieces(runs.base[0], cell.index), runs.without)
    masked = tuple(sorted({*cell.masked, *found.masked}))
    if not found.differences:
        return replace(cell, masked=masked)
    own = Causes(runs).own(cell.index)
    detail = "the runs agree, the saved output differs"
    if own is not None:
        detail += f"; it {own.describe(cell.index, cell.code)}"
    elif changes:
        detail += f": saved with {', '.join(changes)}"
    return replace(
        cell,
        same=False,
        masked=(),
        cause=own.cause if own else "unknown",
        line=own.line if own else None,
        detail=detail,
        differences=found.differences,
        sides=("saved", "run 1"),
    )


def _changes(notebook: Any, runs: Runs) -> list[str]:
    """Write each version and fact of the hardware that is another now: torch 2.11, now 2.13."""
    changes: dict[str, None] = {}
    for index, cell in enumerate(notebook.cells):
        then = _facts(cell.get("outputs", ()))
        now = _facts(runs.base[0].outputs.get(index, ()))
        for name, value in then.items():
            if name in now and now[name] != value:
                changes[f"{name} {value}, now {now[name]}"] = None
    return list(changes)


def _facts(outputs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    for output in outputs:
        data = output.get("data", {})
        record = data.get(MIME)
        if isinstance(record, Mapping) and not is_note(data):
            return {
                str(name): value
                for part in ("versions", "hardware")
                for name, value in dict(record.get(part, {})).items()
            }
    return {}
