"""The one walk over frames: which line of a cell led here, and whose code asked."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from traceback import walk_tb
from types import FrameType
from typing import Any

from seedmagic.code.ownership import is_imported_as_package, is_own
from seedmagic.code.source_lines import shifts_of

Step = tuple[FrameType, int]  # a frame, and the line that it is at


def calling_frame(depth: int = 1) -> FrameType:
    """Give the frame that called the function which asks, or one that is `depth` calls away.

    A library's own thread may call without any frame of Python's: then the asker's own is given,
    which nobody of the user's led to. numba so calls ``os.urandom``, and an error there would end
    the process.
    """
    try:
        return sys._getframe(depth + 1)
    except ValueError:
        return sys._getframe(1)


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
        if frame.f_globals is namespace and is_top(frame)
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
        if file in files and (file == own or is_top(each)):
            return files[file] + line
    return None


def is_installed_import(frame: FrameType | None) -> bool:
    """Whether an installed module is being imported: its top level is the nearest one."""
    top = next((each for each, _ in outward(frame) if is_top(each)), None)
    if top is None or module_of(top) == "__main__":  # the notebook is no module, nor what it runs
        return False
    return is_imported_as_package(top.f_code.co_filename)


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


def is_top(frame: FrameType) -> bool:
    """Whether a frame runs the top level of a module or cell."""
    # IPython 7.34 and some of 8 name a cell's code "<cell line: 1>".
    return frame.f_code.co_name.startswith(("<module>", "<cell line: "))
