"""Notice what a piece of code asks for that no seed reaches: the time, bytes, SQL's random().

A profile function sees every call of a plain C function and of Python's own, however it was
imported, and nothing has to be replaced in any module; `NamedCalls` finds the others.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from seedmagic.code.calls_in_code import count_arguments, texts_of_call
from seedmagic.code.cell_frames import is_users, line_in_files, module_of, outward
from seedmagic.private_names import find
from seedmagic.sources.known import drawing_calls
from seedmagic.verify.cell.named_calls import NamedCalls
from seedmagic.verify.witness.library_threads import IN_DUCKDB, IN_NUMBA, draws_in_threads
from seedmagic.verify.witness.outside_calls import (
    CLOCKS,
    FORMATS,
    FUNCTIONS,
    NUMPY_SEED,
    TF_SEED,
    of_named,
    remedies,
    seeded,
    strongest,
    told_by,
)
from seedmagic.verify.witness.sql_calls import SQL_NAMES, Databases
from seedmagic.words import enumerate_names

# By the module that a function says it is from, which for those of `os` is the system's.
_BUILT_IN = {
    "time": ("time", {*CLOCKS, *FORMATS}),
    "posix": ("os", FUNCTIONS["os"]),
    "nt": ("os", FUNCTIONS["os"]),
    "_ssl": ("ssl", FUNCTIONS["ssl"]),
}
# Of the table, those that are written in Python.
_IN_PYTHON = ("uuid", "secrets", "tempfile", "pyarrow.compute")
_TENSORFLOW = "tensorflow.python.ops.stateful_random_ops"
# They run the SQL that they are given.
_HAND_ON_SQL = ("pandas.", "polars.", "sqlalchemy.")
_OF_SECRETS = {"choice", "randbits", "randbelow"}
_NAMED = 4


class ProfiledCalls:
    """What was asked for, each with the line of the cell that did so first; 0: not in the cell."""

    def __init__(self, files: Mapping[str, int]) -> None:
        self._files = files
        self._is_over = False
        self._databases = Databases()
        self.named = NamedCalls(self._databases, self._note)
        self.lines: dict[str, int] = {}
        self._of_duckdb = drawing_calls.counts["duckdb"]

    def __str__(self) -> str:
        lines = [(what, self.lines[what]) for what in strongest(self.lines)]
        told = [f"{what}{f' (line {line})' if line else ''}" for what, line in lines]
        if len(told) > _NAMED:
            told[_NAMED:] = [f"{len(told) - _NAMED} more"]
        asked = f"it asked for {enumerate_names(told)}, which no seed reaches."
        return f"{asked} {remedies(self.lines)}"

    def take_threads(self, reached: Mapping[str, Any]) -> None:
        """Take what draws in threads of a library's own; `reached` is what the code can reach."""
        if draws_in_threads(reached):
            self.lines.setdefault(IN_NUMBA, 0)
        if drawing_calls.counts["duckdb"] != self._of_duckdb:
            self.lines.setdefault(IN_DUCKDB, 0)

    def profile(self, frame: FrameType, event: str, function: Any) -> None:
        """Take a call, as `sys.setprofile` tells of it; nothing is raised."""
        if self._is_over:  # in a thread that outlives the code
            sys.setprofile(None)
            return
        try:
            if event == "c_call":
                self._of_c(frame, function)
            elif event == "call":
                self._of_python(frame)
        except Exception:  # of an object that has no name of its own, say
            return

    def end(self) -> None:
        """Take no more calls: threads that go on do so without us."""
        self._is_over = True

    def _of_c(self, frame: FrameType, function: Any) -> None:
        name, owner = function.__name__, getattr(function, "__self__", None)
        module, known = _BUILT_IN.get(getattr(function, "__module__", None) or "", ("", ()))
        if name in known:
            count = count_arguments(frame) if name in FORMATS else 0
            if count is not None and count <= FORMATS.get(name, 0):
                through = module_of(frame) == "random"
                self._tell(_through_random(frame) if through else f"{module}.{name}()", frame)
        elif name == "id" and owner is sys.modules["builtins"]:
            self._tell("id()", frame)
        elif name in SQL_NAMES and not isinstance(owner, type):
            self._of_sql(frame, name, owner)
        else:
            what = of_named(owner, name)
            if what:
                self._tell(what, frame)

    def _of_python(self, frame: FrameType) -> None:
        name, module = frame.f_code.co_name, module_of(frame)
        if module in _IN_PYTHON and name in FUNCTIONS[module]:
            if not seeded(module, name, (), frame.f_locals):
                self._tell(f"{module}.{name}()", frame.f_back)
        elif module == _TENSORFLOW and name == "from_non_deterministic_state":
            self._tell(TF_SEED, frame.f_back)

    def _of_sql(self, frame: FrameType, name: str, owner: Any) -> None:
        call = self._databases.call(name, owner)
        if call.connection is None:
            return
        way = (each for each, _ in outward(frame))
        own = (each for each in way if not f"{module_of(each)}.".startswith(_HAND_ON_SQL))
        asker = next(own, None)
        if asker is not None and is_users(asker):
            # A library has the text in a variable, whatever it calls it.
            texts = texts_of_call(frame, name) if asker is frame else frame.f_locals.values()
            for text in texts:
                for what in call.take(text):
                    self._note(what, asker)

    def _tell(self, what: str, frame: FrameType | None) -> None:
        caller = told_by(frame, what)
        if caller is not None and is_users(caller):
            self._note(what, caller)

    def _note(self, what: str, caller: FrameType) -> None:
        self.lines.setdefault(what, line_in_files(caller, self._files) or 0)


def _through_random(frame: FrameType) -> str:
    """Name what asks through a SystemRandom: the user's own, or the one that NumPy has."""
    users = told_by(frame, "")
    is_shared = frame.f_locals.get("self") is find(sys.modules.get("secrets"), "_sysrand")
    is_named = users is not None and not _OF_SECRETS.isdisjoint(users.f_code.co_names)
    return "random.SystemRandom()" if is_named or not is_shared else NUMPY_SEED


@contextmanager
def noting(files: Mapping[str, int]) -> Iterator[ProfiledCalls]:
    """Note what the code inside asks for, in this thread and those that it starts.

    `files` are those of the code, as `line_in_files` takes them. Under another's profiler nothing
    is noted.
    """
    asked = ProfiledCalls(files)
    is_free = sys.getprofile() is None
    follows = is_free and threading.getprofile() is None
    if follows:
        threading.setprofile(asked.profile)
    if is_free:
        sys.setprofile(asked.profile)
    traces = is_free and sys.gettrace() is None
    if traces:
        sys.settrace(asked.named.trace)
    try:
        yield asked
    finally:
        if traces and sys.gettrace() == asked.named.trace:
            sys.settrace(None)
        asked.end()
        if follows and threading.getprofile() == asked.profile:
            threading.setprofile(None)  # as it was
        if is_free and sys.getprofile() == asked.profile:
            sys.setprofile(None)
