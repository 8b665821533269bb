"""Notice what a piece of code asks the system for, which no seed reaches: the time, random bytes.

A profile function sees every call of a function written in C, however it was imported, and nothing
has to be replaced in any module.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from seedmagic.code.cell_frames import asker, is_users, line_in_files
from seedmagic.verify.witness.system_calls import CLOCKS, SYSTEM
from seedmagic.words import enumerate_names

# By the module that a function says it is from, which for those of `os` is the system's.
_FUNCTIONS = {
    "time": CLOCKS,
    "posix": SYSTEM,
    "nt": SYSTEM,
    "_uuid": ("generate_time_safe", "UuidCreate"),
    "builtins": ("id",),
}
_METHODS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("datetime", "today"),
    ("Generator", "seed"),
}
# Written in Python, these hand on what they asked for.
_HAND_ON = {"uuid", "secrets", "random", "tempfile", "os"}
_NAMED = 4


class ProfiledCalls:
    """What was asked for, each with the line of the cell that did so first; 0: not in the cell."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.lines: dict[str, int] = {}

    def __str__(self) -> str:
        told = [f"{what}{f' (line {line})' if line else ''}" for what, line in self.lines.items()]
        if len(told) > _NAMED:
            told[_NAMED:] = [f"{len(told) - _NAMED} more"]
        return f"it asked for {enumerate_names(told)}, which no seed reaches."

    def profile(self, frame: FrameType, event: str, function: Any) -> None:
        """Take a call, as `sys.setprofile` tells of it; nothing is raised."""
        if event != "c_call":
            return
        try:
            what = _name(function)
            caller = asker(frame, _HAND_ON) if what else None
            if what and caller is not None and is_users(caller):
                self.lines.setdefault(what, line_in_files(caller, {self._file: 0}) or 0)
        except Exception:  # of an object that has no name of its own, say
            return


@contextmanager
def noting(file: str) -> Iterator[ProfiledCalls]:
    """Note what the code inside asks for, in this thread; under another's profiler, nothing."""
    asked = ProfiledCalls(file)
    is_free = sys.getprofile() is None
    if is_free:
        sys.setprofile(asked.profile)
    try:
        yield asked
    finally:
        if is_free and sys.getprofile() == asked.profile:
            sys.setprofile(None)


def _name(function: Any) -> str | None:
    name = function.__name__
    module = getattr(function, "__module__", None)
    if module in _FUNCTIONS:
        shown = "os" if module in ("posix", "nt") else module.lstrip("_")
        known = name in _FUNCTIONS[module]
        return (f"{shown}.{name}()" if module != "builtins" else f"{name}()") if known else None
    owner = getattr(function, "__self__", None)
    kind = owner if isinstance(owner, type) else type(owner)
    return f"{kind.__name__}.{name}()" if (kind.__name__, name) in _METHODS else None
