"""Notice what a piece of code asks for that no seed reaches: the time, bytes, SQL's random().

A profile function sees every call of a plain C function and of Python's own, however it was
imported, and nothing has to be replaced in any module; `NamedCalls` finds the others.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from types import CodeType, FrameType
from typing import Any

from seedmagic.code.calls_in_code import count_arguments, texts_of_call
from seedmagic.code.cell_frames import is_users, module_of, outward
from seedmagic.private_names import find
from seedmagic.verify.cell.clues.named_calls import NamedCalls
from seedmagic.verify.witness.asked_calls import AskedCalls
from seedmagic.verify.witness.outside_calls import (
    CLOCKS,
    FILE_TIME,
    FILE_TIMES,
    FORMATS,
    FUNCTIONS,
    METHODS,
    NUMPY_SEED,
    SEEDS,
    TF_SEED,
    UNFILLED,
    of_file,
    of_named,
    seeded,
    told_by,
)
from seedmagic.verify.witness.set_orders import SetOrders
from seedmagic.verify.witness.sql_calls import SQL_NAMES, Databases

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
_OPENS, _STATS = {"open", "fromfile"}, {"stat", "lstat", "fstat"}
_EMPTY = "empty"
_SHELL = "IPython.core.interactiveshell"
# What it costs to go through the frames that led to a call, in events.
_WALK = 10


# Whatever has another name is not looked at: most of what runs costs no more than that.
_IN_C = frozenset(
    (*chain.from_iterable(names for _, names in _BUILT_IN.values()), *SQL_NAMES, *METHODS, *SEEDS)
) | {"id", _EMPTY, *_OPENS, *_STATS}
_BY_PYTHON = frozenset(chain.from_iterable(FUNCTIONS[module] for module in _IN_PYTHON)) | SEEDS


class ProfiledCalls(AskedCalls):
    """What was asked for, as `sys.setprofile` and `sys.settrace` tell of it.

    Parameters
    ----------
    files : mapping of str to int
        Those of the code, as `line_in_files` takes them.
    most : int
        After so many events nothing more is noted.
    closely : bool
        Whether sets that are gone through are noted too, and what threads ask for.
    """

    def __init__(
        self, files: Mapping[str, int], most: int = sys.maxsize, closely: bool = True
    ) -> None:
        super().__init__(files)
        self._is_over = False
        self._left = most
        self._done: set[tuple[CodeType, int]] = set()
        self._plain: set[CodeType] = set()
        self._databases = Databases()
        self._tracers: list[NamedCalls | SetOrders] = [NamedCalls(self._databases, self.note)]
        if closely:
            self._tracers.append(SetOrders(is_users, self.note_set))

    @property
    def is_cut(self) -> bool:
        """Whether more may have been asked for than was noted."""
        return self._left < 0

    def profile(self, frame: FrameType, event: str, function: Any) -> None:
        """Take a call, as `sys.setprofile` tells of it; nothing is raised."""
        self._left -= 1
        if self._is_over or self._left < 0:  # in a thread that outlives the code, or at its bound
            sys.setprofile(None)
            return
        try:
            if event == "c_call":
                if function.__name__ in _IN_C:
                    self._of_c(frame, function)
            elif event == "call" and frame.f_code.co_name in _BY_PYTHON:
                self._of_python(frame)
        except Exception:  # of an object that has no name of its own, say
            return

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Take the start of a frame, as `sys.settrace` tells of it; nothing is raised."""
        self._left -= 1
        if self._is_over or self._left < 0:
            sys.settrace(None)
            return None
        if frame.f_code in self._plain:
            return None
        inner = [each.trace(frame, event, argument) for each in self._tracers]
        found = _all_of([each for each in inner if each is not None])
        if found is None:
            self._plain.add(frame.f_code)
        return found

    def end(self) -> None:
        """Take no more calls: threads that go on do so without us."""
        self._is_over = True

    def _of_c(self, frame: FrameType, function: Any) -> None:
        name, owner = function.__name__, getattr(function, "__self__", None)
        if (frame.f_code, frame.f_lasti) in self._done:
            return
        if name in _OPENS or name in _STATS:
            self.note_file(frame.f_back if module_of(frame) == _SHELL else frame)
        module, known = _BUILT_IN.get(getattr(function, "__module__", None) or "", ("", ()))
        if name in known:
            count = count_arguments(frame) if name in FORMATS else 0
            if count is not None and count <= FORMATS.get(name, 0):
                through = module_of(frame) == "random"
                self._tell(_through_random(frame) if through else f"{module}.{name}()", frame)
        elif name == "id" and owner is sys.modules["builtins"]:
            self._tell("id()", frame)
        elif name in _OPENS:
            is_notebooks = module_of(frame) == _SHELL  # its own `open` makes the call
            for read in filter(None, map(of_file, _given(frame, name))):
                self._tell(read, frame.f_back if is_notebooks else frame)
        elif name in _STATS and owner is not None:
            self._of_stat(frame)
        elif name == _EMPTY:
            if function is find(sys.modules.get("numpy"), _EMPTY) and is_users(frame):
                self.note_possible(UNFILLED, frame)
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
                    self.note(what, asker)

    def _of_stat(self, frame: FrameType) -> None:
        """Take a look at a file, which is news where its times are asked for."""
        users = next((each for each, _ in outward(frame) if is_users(each)), None)
        if users is not None and not FILE_TIMES.isdisjoint(users.f_code.co_names):
            self.note_possible(FILE_TIME, users)

    def _tell(self, what: str, frame: FrameType | None) -> None:
        self._left -= _WALK
        caller = told_by(frame, what)
        if caller is None:
            return
        if is_users(caller):
            self.note(what, caller)
        elif what == "id()" or not self.note_library(what, caller):
            return
        if caller is frame:  # else it only hands on what others ask for
            self._done.add((frame.f_code, frame.f_lasti))


def _all_of(inner: list[Any]) -> Any:
    """Make one of what is traced within a frame."""
    if len(inner) < 2:
        return inner[0] if inner else None

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        for each in inner:
            each(frame, event, argument)
        return trace

    return trace


def _given(frame: FrameType, name: str) -> Iterable[Any]:
    """Give what a call may have been given: in the user's code its texts, in others all there is.

    A library has the path in a variable, whatever it calls it.
    """
    return texts_of_call(frame, name) if is_users(frame) else [*frame.f_locals.values()]


def _through_random(frame: FrameType) -> str:
    """Name what asks through a SystemRandom: the user's own, or the one that NumPy has."""
    users = told_by(frame, "")
    is_shared = frame.f_locals.get("self") is find(sys.modules.get("secrets"), "_sysrand")
    is_named = users is not None and not _OF_SECRETS.isdisjoint(users.f_code.co_names)
    return "random.SystemRandom()" if is_named or not is_shared else NUMPY_SEED


@contextmanager
def noting(
    files: Mapping[str, int], most: int = sys.maxsize, closely: bool = True
) -> Iterator[ProfiledCalls]:
    """Note what the code inside asks for, in this thread and those that it starts.

    `files` are those of the code, as `line_in_files` takes them. Under another's profiler nothing
    is noted; the others are as for `ProfiledCalls`.
    """
    asked = ProfiledCalls(files, most, closely)
    is_free = sys.getprofile() is None
    follows = is_free and closely and threading.getprofile() is None
    if follows:
        threading.setprofile(asked.profile)
    if is_free:
        sys.setprofile(asked.profile)
    traces = is_free and sys.gettrace() is None
    if traces:
        sys.settrace(asked.trace)
    try:
        yield asked
    finally:
        if traces and sys.gettrace() == asked.trace:
            sys.settrace(None)
        asked.end()
        if follows and threading.getprofile() == asked.profile:
            threading.setprofile(None)  # as it was
        if is_free and sys.getprofile() == asked.profile:
            sys.setprofile(None)
