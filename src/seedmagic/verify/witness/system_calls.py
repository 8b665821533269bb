"""Notice, in a kernel under verification, what the user's code asks the system for.

The functions of `time`, `os`, `uuid` and `random` are replaced by ones that note the call and then
make it. What libraries ask is no evidence: the caller must be the user's own code, directly or
through the modules that only hand such numbers on (`uuid`, `secrets`, `random`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from seedmagic.code.cell_frames import asker
from seedmagic.replacements import Replacements, dressed

IsUsers = Callable[[FrameType], bool]
Note = Callable[[str, FrameType], None]

CLOCKS = (
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
SYSTEM = ("getpid", "getppid", "urandom", "getrandom", "times")
# What takes a time is a clock only without it: the place of that argument.
_FORMATS = {"ctime": 0, "localtime": 0, "gmtime": 0, "asctime": 0, "strftime": 1}
_PLACES: dict[str, tuple[str, ...]] = {
    "time": (*CLOCKS, *_FORMATS),
    "os": SYSTEM,
    "random": ("_urandom",),  # SystemRandom's, and with it that of secrets
    "uuid": ("uuid1", "uuid4", "uuid6", "uuid7"),
}
_WORDS = {"random._urandom": "os.urandom"}
# A generator of torch's that took its seed from the system.
TORCH_SEED = "torch.Generator.seed()"
_HAND_ON = {"uuid", "secrets", "random"}


class Outside:
    """The replaced functions, and whom to tell of their calls."""

    def __init__(self, is_users: IsUsers, note: Note) -> None:
        self._is_users = is_users
        self._note = note
        self._replacements = Replacements()
        self._replacements.use("the witness")

    def install(self) -> None:
        """Replace the functions of the modules that are loaded, before any cell imports them."""
        for module_name, names in _PLACES.items():
            if module_name in sys.modules:
                for name in names:
                    noting = partial(self._noting, module_name, name)
                    self._replacements.replace(sys.modules[module_name], name, noting)

    def marked(self, function: Any) -> Any:
        """Give `function` back, noted if it is a date's ``now`` or a torch generator's ``seed``.

        Methods of C types cannot be replaced: cells are rewritten to call this around such names.
        """
        owner = getattr(function, "__self__", None)
        name = getattr(function, "__name__", "")
        datetime, torch = sys.modules.get("datetime"), sys.modules.get("torch")
        if torch is not None and isinstance(owner, torch.Generator):
            self._tell(TORCH_SEED, sys._getframe(1))
        elif isinstance(owner, type) and datetime and issubclass(owner, datetime.date):
            self._tell(f"{owner.__name__}.{name}()", sys._getframe(1))
        elif name == "datetime64":
            self._tell("datetime64('now')", sys._getframe(1))
        return function

    def _noting(self, module: str, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        place = _FORMATS.get(name) if module == "time" else None
        full = f"{module}.{name}"
        what = _WORDS.get(full, full) + "()"

        def noting(*args: Any, **kwargs: Any) -> Any:
            if place is None or len(args) <= place:
                self._tell(what, sys._getframe(1))
            return original(*args, **kwargs)

        return dressed(noting, original, sys.modules[module], name)

    def _tell(self, what: str, frame: FrameType | None) -> None:
        user = asker(frame, _HAND_ON)
        if user is not None and self._is_users(user):
            self._note(what, user)
