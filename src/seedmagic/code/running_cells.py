"""The cells that run in this process: whose they are, their code, and the line that led here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from types import FrameType
from typing import Any, NamedTuple

from seedmagic.code.cell_frames import calling_frame, line_in, outward
from seedmagic.code.source_lines import shifts_of


class Cell(NamedTuple):
    """The cell that runs: its code, and the namespace that its top level runs in.

    `line` is what counts where no frame of it is: the line of the caller, on a worker of its.
    `written` is the cell as it was written, its header included.
    """

    code: str = ""
    namespace: dict[str, Any] = {}  # noqa: RUF012 - nobody's frame has it for its globals
    line: int = 0
    written: str = ""


class _Run(NamedTuple):
    """A run of a cell: whose it is, and in which thread."""

    owner: int
    thread: int
    cell: Callable[[], Cell]


# Those that run, the innermost last: the code of one may run a cell of another shell.
_runs: list[_Run] = []
# Counts where none runs: what comes between cells is told from what the last one would do.
_last: _Run | None = None


def begin_cell(owner: int, cell: Callable[[], Cell]) -> None:
    """Tell that a cell of `owner` begins, the number of a shell; `cell` gives it.

    It is asked for only where entropy is: few cells make a generator.
    """
    end_cell(owner)  # its end may never have come
    _runs.append(_Run(owner, threading.get_ident(), cell))


def end_cell(owner: int) -> None:
    """Tell that the cell of `owner` has ended."""
    global _last
    for run in [run for run in _runs if run.owner == owner]:
        _runs.remove(run)
        _last = run


def take_as_last(owner: int, cell: Callable[[], Cell]) -> None:
    """Take a cell of `owner` as the last one: the one that loads us began before we came."""
    global _last
    _last = _Run(owner, threading.get_ident(), cell)


def forget(owner: int) -> None:
    """Let go of all that is known of `owner`: its shell has ended, or needs us no more."""
    global _last
    end_cell(owner)
    if _last is not None and _last.owner == owner:
        _last = None


def running_owner() -> int | None:
    """Say whose cell runs: the innermost of this thread, else of all; None: no cell runs."""
    run = _innermost()
    return run.owner if run else None


def last_owner() -> int | None:
    """Say whose cell runs, or ran last; None: none did."""
    run = _innermost() or _last
    return run.owner if run else None


def is_outermost() -> bool:
    """Whether the cell that runs in this thread is run by the code of no other."""
    thread = threading.get_ident()
    return sum(run.thread == thread for run in _runs) <= 1


def _innermost() -> _Run | None:
    thread = threading.get_ident()
    here = next((run for run in reversed(_runs) if run.thread == thread), None)
    return here or (_runs[-1] if _runs else None)


def _cell() -> Cell:
    run = _innermost() or _last
    return _elsewhere or (run.cell() if run else Cell())


# A cell of another process, or of another thread's, that runs on this worker.
_elsewhere: Cell | None = None


def cell_code() -> str:
    """Give the code of the cell that runs."""
    return _cell().code


def written_code() -> str:
    """Give the same as it was written, its header included."""
    return _cell().written


def place() -> tuple[str, int]:
    """Give the code of the cell that runs, and the line of it that led here."""
    return _cell().code, line_in_cell(calling_frame())


@contextmanager
def in_cell(code: str, namespace: dict[str, Any], line: int = 0) -> Iterator[None]:
    """Have a cell run here that runs elsewhere: on a worker, it gets the same entropy."""
    global _elsewhere
    former, _elsewhere = _elsewhere, Cell(code, namespace, line)
    try:
        yield
    finally:
        _elsewhere = former


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


def shown_line(frame: FrameType | None) -> int | None:
    """Give the same as people count it, below ``%%time`` too; None where nothing of it led here."""
    cell = _cell()
    return line_in(outward(frame), cell.namespace, cell.written)


def files_of_cell(file: str) -> dict[str, int]:
    """Give the names that the cell which runs is compiled under, as `line_in_files` takes them.

    `file` is its own, in which its header was kept as blank lines.
    """
    return {**shifts_of(_cell().written, file), file: 0}
