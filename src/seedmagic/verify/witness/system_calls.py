"""Notice, in a kernel under verification, what the user's code asks for that no seed reaches.

The functions of `time`, `os`, `uuid` and others are replaced by ones that note the call and then
make it. What libraries ask is no evidence: the caller must be the user's own code, directly or
through the modules that only hand such numbers on (`uuid`, `secrets`, `random`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import partial
from types import FrameType
from typing import Any

from seedmagic.code.cell_frames import calling_frame
from seedmagic.replacements import Replacements, dressed
from seedmagic.verify.witness.outside_calls import FUNCTIONS, of_method, seeded, told_by
from seedmagic.verify.witness.sql_calls import Databases, SqlCall

IsUsers = Callable[[FrameType], bool]
Note = Callable[[str, FrameType], None]

# What the table names is a class, all of whose methods end there.
_INSTEAD = {"SystemRandom": "_urandom"}


class Outside:
    """The replaced functions, and whom to tell of their calls."""

    def __init__(self, is_users: IsUsers, note: Note) -> None:
        self._is_users = is_users
        self._note = note
        self._replacements = Replacements()
        self._replacements.use("the witness")
        self._databases = Databases()
        self._calls: dict[int, SqlCall] = {}

    def install(self) -> None:
        """Replace the functions of the modules that are loaded, before any cell imports them."""
        for module, functions in FUNCTIONS.items():
            for known in functions if module in sys.modules else ():
                name = _INSTEAD.get(known, known)
                noting = partial(self._noting, module, name, f"{module}.{known}()")
                self._replacements.replace(sys.modules[module], name, noting)

    def marked(self, function: Any, first: object = None) -> Any:
        """Give `function` back, noted if it is a date's ``now`` or a torch generator's ``seed``.

        Methods of C types cannot be replaced: cells are rewritten to call this around such names.
        """
        try:
            what = of_method(function, first)
            if what is not None:
                self._tell(what, calling_frame())
        except Exception:  # of an odd object; less evidence, and not the user's error
            pass
        return function

    def marked_sql(self, place: int, value: Any, name: str = "") -> Any:
        """Give back what calls, under its `name`, and then each argument of a call at `place`.

        Several, which are given with stars, have these for a name. Not the call itself is noted,
        for DuckDB looks for variables in the frame that calls it.
        """
        try:
            if name.strip("*"):
                self._calls[place] = self._databases.call(name, getattr(value, "__self__", None))
            else:
                for each in _arguments(value, name):
                    for what in self._calls[place].take(each):
                        self._tell(what, calling_frame())
        except Exception:
            pass
        return value

    def _noting(
        self, module: str, name: str, what: str, original: Callable[..., Any]
    ) -> Callable[..., Any]:
        def noting(*args: Any, **kwargs: Any) -> Any:
            if not seeded(module, name, args, kwargs):
                self._tell(what, calling_frame())
            return original(*args, **kwargs)

        return dressed(noting, original, sys.modules[module], name)

    def _tell(self, what: str, frame: FrameType | None) -> None:
        user = told_by(frame, what)
        if user is not None and self._is_users(user):
            self._note(what, user)


def _arguments(value: Any, stars: str) -> Iterable[Any]:
    # Others may run code of the user's, or can be gone through but once.
    if stars and type(value) in (list, tuple, dict):
        return value.values() if type(value) is dict else value
    return () if stars else (value,)
