"""What `seedmagic verify` found, as data: for the table, the page and the JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seedmagic.verify.outputs.output_pieces import PieceDifference

# By precedence: the first that can be shown is the one that is named.
CAUSES = ("unseeded", "hash-order", "entropy", "workers", "outside", "computation", "unknown")


@dataclass(frozen=True)
class CellResult:
    """One code cell over all runs.

    Attributes
    ----------
    index : int
        Its place among all cells of the file, from 0.
    same : bool
        Whether what it showed is equal in all runs, and with ``--saved`` in the file.
    drift : tuple of str
        The sources that it moved and whose end states differ between runs, shown or not.
    cause, detail, line : str or None, str or None, int or None
        Why it differs, in one of the words of `CAUSES`; what is known of it; the cell's own line.
    masked : tuple of str
        The rules without which it would count as different.
    notes : tuple of str
        What equal runs leave open: that they asked for the time, and came out alike.
    code : str
        The cell.
    differences : tuple of PieceDifference
        Between two of the runs, or the saved outputs and a run.
    sides : tuple of str
        What these two are.
    """

    index: int
    same: bool
    drift: tuple[str, ...] = ()
    cause: str | None = None
    detail: str | None = None
    line: int | None = None
    masked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    code: str = ""
    differences: tuple[PieceDifference, ...] = ()
    sides: tuple[str, str] = ("run 1", "run 2")

    def to_dict(self) -> dict[str, Any]:
        """Give what the JSON holds of it."""
        return {
            "index": self.index,
            "same": self.same,
            "drift": list(self.drift),
            "cause": self.cause,
            "detail": self.detail,
            "line": self.line,
            "masked": list(self.masked),
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class NotebookResult:
    """One notebook: its cells, or why it could not be run.

    Attributes
    ----------
    path : str
        As it was given.
    reproducible : bool
        Whether every cell is the same; False where that could not be found out.
    error : str or None
        Why it could not be run, in one sentence.
    cells : tuple of CellResult
        The code cells that all runs reached.
    notes : tuple of str
        How it was run, and what could not be compared.
    files : tuple of str
        What a run wrote into its folder.
    """

    path: str
    reproducible: bool
    error: str | None = None
    cells: tuple[CellResult, ...] = ()
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give what the JSON holds of it."""
        return {
            "path": self.path,
            "reproducible": self.reproducible,
            "error": self.error,
            "cells": [cell.to_dict() for cell in self.cells],
        }


def to_dict(results: Sequence[NotebookResult]) -> dict[str, Any]:
    """Give the whole JSON."""
    return {"notebooks": [result.to_dict() for result in results]}


def exit_code(results: Sequence[NotebookResult]) -> int:
    """Give 2 where a notebook could not be run, else 1 where one is not reproducible, else 0."""
    if any(result.error for result in results):
        return 2
    return 0 if all(result.reproducible for result in results) else 1
