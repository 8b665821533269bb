"""Notice, in a kernel under verification, what the user's code asks the system for.

The functions of `time`, `os`, `uuid` and `random` are replaced by ones that note the call and then
make it. What libraries ask is no evidence: the caller must be the user's own code, directly or
through the modules that only hand such numbers on (`uuid`, `secrets`, `random`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

IsUsers = Callable[[FrameType], bool]
Note = Callable[[str, FrameType], None]

_CLOCKS = (
    "time",
    "time_ns",
    "perf_counter",
    "perf_counter_ns",
    "monotonic",
    "monotonic_ns",
    "process_time",
    "process_time_ns",
    "thread_time",
    "thread_time_ns",
)
# Of these, the ones that take a time are clocks only without it: the place of that argument.
_FORMATS = {"ctime": 0, "localtime": 0, "gmtime": 0, "asctime": 0, "strftime": 1}
_PLACES: dict[str, tuple[str, ...]] = {
    "time": (*_CLOCKS, *_FORMATS),
    "os": ("getpid", "getppid", "urandom", "getrandom", "times"),
    "random": ("_urandom",),  # SystemRandom's, and with it that of secrets
    "uuid": ("uuid1", "uuid4", "uuid6", "uuid7"),
}
_WORDS = {"random._urandom": "os.urandom"}
_HAND_ON = {"uuid", "secrets", "random"}


class Outside:
    """The replaced functions, and whom to tell of their calls."""

    def __init__(self, is_users: IsUsers, note: Note) -> None:
        self._is_users = is_users
        self._note = note

    def install(self) -> None:
        """Replace the functions of the modules that are loaded; `from time import time` comes later."""
        for module_name, names in _PLACES.items():
            module = sys.modules.get(module_name)
            for name in names:
                original = getattr(module, name, None)
                if original is not None and not hasattr(original, "__wrapped__"):
                    setattr(module, name, self._noting(module_name, name, original))

    def asks_date(self, function: Any) -> Any:
        """Give `function` back, noted if it is the ``now`` or ``today`` of a date.

        Methods of C types cannot be replaced: cells are rewritten to call this around such names.
        """
        owner = getattr(function, "__self__", None)
        name = getattr(function, "__name__", "")
        datetime = sys.modules.get("datetime")
        is_date = datetime is not None and isinstance(owner, type) and issubclass(owner, datetime.date)
        if is_date or name == "datetime64":
            what = f"{owner.__name__}.{name}()" if isinstance(owner, type) else "datetime64('now')"
            self._tell(what, sys._getframe(1))
        return function

    def _noting(self, module: str, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        place = _FORMATS.get(name) if module == "time" else None
        full = f"{module}.{name}"
        what = _WORDS.get(full, full) + "()"

        def noting(*args: Any, **kwargs: Any) -> Any:
            if place is None or len(args) <= place:
                self._tell(what, sys._getframe(1))
            return original(*args, **kwargs)

        for attribute in ("__doc__", "__name__", "__qualname__", "__module__", "__text_signature__"):
            if hasattr(original, attribute):
                setattr(noting, attribute, getattr(original, attribute))
        noting.__wrapped__ = original  # type: ignore[attr-defined]
        return noting

    def _tell(self, what: str, frame: FrameType | None) -> None:
        while frame is not None and frame.f_globals.get("__name__") in _HAND_ON:
            frame = frame.f_back
        if frame is not None and self._is_users(frame):
            self._note(what, frame)
