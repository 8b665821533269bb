"""Find calls that a profile function does not see: of DuckDB, pandas' Timestamp, C libraries.

What they are called on is looked up by its name in the code, on each line that runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, ModuleType
from typing import Any

from seedmagic.code.calls_in_code import Missing, NamedCall, find_calls, resolve
from seedmagic.code.cell_frames import is_users
from seedmagic.verify.witness.outside_calls import (
    C_DRAWS,
    C_NAMES,
    C_SEEDS,
    METHODS,
    NOW,
    TAKES_NOW,
    is_c,
    of_c,
    of_named,
)
from seedmagic.verify.witness.sql_calls import SQL_NAMES, Databases

_NAMES = frozenset({*SQL_NAMES, *METHODS, *TAKES_NOW, *C_NAMES})
_LIBRARIES = ("numpy", "pandas")

Note = Callable[[str, FrameType], None]


class NamedCalls:
    """The calls on lines that have run; fed with Python's trace events."""

    def __init__(self, databases: Databases, note: Note) -> None:
        self._databases = databases
        self._note = note
        self._of_code: dict[CodeType, tuple[NamedCall, ...]] = {}
        self._done: set[tuple[CodeType, int]] = set()
        self._seeded: set[str] = set()

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Take the start of a frame, as `sys.settrace` tells of it; nothing is raised."""
        try:
            code = frame.f_code
            if _NAMES.isdisjoint(code.co_names + code.co_varnames):
                return None
            if code not in self._of_code:
                self._of_code[code] = tuple(find_calls(code, _NAMES)) if is_users(frame) else ()
            return _Lines(self, self._of_code[code]).trace if self._of_code[code] else None
        except Exception:  # of odd code
            return None

    def take(self, frame: FrameType, call: NamedCall, at: int) -> bool:
        """Take the call at this place of a frame's; False where its names hold nothing yet."""
        key = frame.f_code, at
        if key not in self._done:
            *path, name = call.path
            owner = resolve(frame, path) if path else None
            function = None if path else resolve(frame, [name])
            if owner is Missing or function is Missing:
                return False
            self._done.add(key)
            for what in self._asked(name, owner, function, call.arguments(frame)):
                self._note(what, frame)
        return True

    def _asked(self, name: str, owner: Any, function: Any, given: list[Any]) -> Iterator[str]:
        if name in C_NAMES and (_is_c_library(owner) or is_c(function)):
            yield from self._of_c(name)
        elif name in SQL_NAMES:
            call = self._databases.call(name, owner)
            # Of SQLite's a profiler tells, and as they happen.
            if call.connection is not None and call.connection[0] == "DuckDB":
                for value in given:
                    yield from call.take(value)
        elif name in TAKES_NOW:
            is_library = issubclass(type(owner), ModuleType) and owner.__name__ in _LIBRARIES
            place = str(getattr(function, "__module__", ""))
            first = given[0] if given and type(given[0]) is str else ""
            if first in NOW and (is_library or place.startswith(_LIBRARIES)):
                yield f"{name}({first!r})"
        elif name in METHODS and issubclass(type(owner), type):
            what = of_named(owner, name)
            if what and owner.__module__.startswith(_LIBRARIES):
                yield what

    def _of_c(self, name: str) -> Iterator[str]:
        self._seeded.update(C_SEEDS.get(name, ()))
        what = of_c(name)
        if what or (name in C_DRAWS and name not in self._seeded):
            yield what or f"C's {name}()"


class _Lines:
    """The lines of one frame that have run."""

    def __init__(self, calls: NamedCalls, named: tuple[NamedCall, ...]) -> None:
        self._calls = calls
        self._named = [*enumerate(named)]
        self._waiting: list[tuple[int, NamedCall]] = []

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Look at the calls of a line before it runs, and again after: it may bind their names."""
        try:
            if event == "line":
                here = [each for each in self._named if each[1].line == frame.f_lineno]
                self._waiting += [each for each in here if each not in self._waiting]
            if event in ("line", "return"):
                take = self._calls.take
                self._waiting = [each for each in self._waiting if not take(frame, *each[::-1])]
        except Exception:  # of an odd object
            pass
        return self.trace


def _is_c_library(value: Any) -> bool:
    kind = getattr(sys.modules.get("ctypes"), "CDLL", None)
    return kind is not None and issubclass(type(value), kind)
