"""The cell that runs: its code, its namespace, and which of its lines led here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from types import FrameType
from typing import Any, NamedTuple

from seedmagic.code.stack_frames import line_in, outward


class Cell(NamedTuple):
    """The cell that runs: its code, and the namespace that its top level runs in.

    `line` is what counts where no frame of it is: the line of the caller, on a worker of its.
    """

    code: str = ""
    namespace: dict[str, Any] = {}  # noqa: RUF012 - nobody's frame has it for its globals
    line: int = 0


_cell: Callable[[], Cell] = Cell  # gives the one that runs


def begin_cell(cell: Callable[[], Cell]) -> None:
    """Tell that the cell begins which `cell` gives.

    It is asked for only where entropy is: few cells make a generator.
    """
    global _cell
    _cell = cell


def cell_code() -> str:
    """Give the code of the cell that runs."""
    return _cell().code


def place() -> tuple[str, int]:
    """Give the code of the cell that runs, and the line of it that led here."""
    return _cell().code, line_in_cell(sys._getframe(1))


@contextmanager
def in_cell(code: str, namespace: dict[str, Any], line: int = 0) -> Iterator[None]:
    """Have a cell run here that runs elsewhere: on a worker, it gets the same entropy."""
    global _cell
    cell = Cell(code, namespace, line)
    former, _cell = _cell, lambda: cell
    try:
        yield
    finally:
        _cell = former


def is_importing(frame: FrameType | None) -> bool:
    """Whether a module is being imported, which happens once and not at a re-run."""
    namespace = _cell().namespace
    inner = takewhile(lambda step: step[0].f_globals is not namespace, outward(frame))
    return any(each.f_code.co_filename == "<frozen importlib._bootstrap>" for each, _ in inner)


def line_in_cell(frame: FrameType | None) -> int:
    """Give the line of the cell's top level that led here; in a thread of its own, 0."""
    cell = _cell()
    line = line_in(outward(frame), cell.namespace)
    return cell.line if line is None else line
