"""The cells that run in this process, and the one walk over frames: which line led here."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import takewhile
from traceback import walk_tb
from types import FrameType
from typing import Any, NamedTuple

from seedmagic.code.ownership import is_own
from seedmagic.code.source_lines import shifts_of

Step = tuple[FrameType, int]  # a frame, and the line that it is at


class Cell(NamedTuple):
    """The cell that runs: its code, and the namespace that its top level runs in.

    `line` is what counts where no frame of it is: the line of the caller, on a worker of its.
    """

    code: str = ""
    namespace: dict[str, Any] = {}  # noqa: RUF012 - nobody's frame has it for its globals
    line: int = 0


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


def place() -> tuple[str, int]:
    """Give the code of the cell that runs, and the line of it that led here."""
    return _cell().code, line_in_cell(sys._getframe(1))


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


def outward(frame: FrameType | None) -> Iterator[Step]:
    """Give a frame and those that led to it, the innermost first."""
    while frame is not None:
        yield frame, frame.f_lineno or 0  # of some instructions Python knows no line
        frame = frame.f_back


def outward_from(error: BaseException) -> Iterator[Step]:
    """Give the frames that an error came through, the innermost first."""
    return reversed([*walk_tb(error.__traceback__)])


def line_in(steps: Iterable[Step], namespace: Mapping[str, Any], code: str = "") -> int | None:
    """Give the line of a cell's top level that led here; None where none did.

    Parameters
    ----------
    steps : iterable of tuple of frame and int
        The way out from where it happened.
    namespace : mapping of str to object
        What the cell runs in.
    code : str
        The cell. Its blank lines and ``%%time`` shift the lines; without it they are those that
        Python counts.
    """
    found = [
        (frame.f_code.co_filename, line)
        for frame, line in steps
        if frame.f_globals is namespace and _is_top(frame)
    ]
    # The outermost is the cell. A body that its header runs has frames of the same file further in.
    shifts = shifts_of(code, found[-1][0]) if found else {}
    return next((shifts[file] + line for file, line in found if file in shifts), None)


def line_in_files(frame: FrameType | None, files: Mapping[str, int]) -> int | None:
    """Give the innermost line of the files that a cell was compiled as; None where none led here.

    Parameters
    ----------
    frame : frame or None
        Where it happened.
    files : mapping of str to int
        As `shifts_of` gives them: the first is the cell's own, functions in it included; under the
        other names only code outside functions is the cell's.
    """
    own = next(iter(files))
    for each, line in outward(frame):
        file = each.f_code.co_filename
        if file in files and (file == own or _is_top(each)):
            return files[file] + line
    return None


def nearest_top(frame: FrameType | None) -> FrameType | None:
    """Give the nearest frame that runs a module's or a cell's top level."""
    return next((each for each, _ in outward(frame) if _is_top(each)), None)


def asker(frame: FrameType | None, hand_on: Collection[str]) -> FrameType | None:
    """Give the frame that asked, directly or through modules that only `hand_on` what they get."""
    return next((each for each, _ in outward(frame) if module_of(each) not in hand_on), None)


def is_users(frame: FrameType) -> bool:
    """Whether a frame runs the user's own code: the notebook's, or that of a module of its own."""
    return is_own(module_of(frame))


def module_of(frame: FrameType) -> str | None:
    """Give the name of the module whose code a frame runs."""
    name = frame.f_globals.get("__name__")
    return name if isinstance(name, str) else None


def _is_top(frame: FrameType) -> bool:
    return frame.f_code.co_name == "<module>"
