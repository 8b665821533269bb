"""`random.Random` objects that nobody seeded: let the seed in force give them their entropy."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Protocol

from seedmagic.code.cell_frames import asker, calling_frame, module_of, outward
from seedmagic.code.running_cells import is_importing
from seedmagic.imports import is_loaded
from seedmagic.replacements import Replacements, dressed
from seedmagic.session import in_force
from seedmagic.session.entropy.entropy_pin import is_ours


class Listener(Protocol):
    """Is told what becomes of `random.Random` objects."""

    def seeded_by_system(self, generator: Any, frame: FrameType) -> None:
        """Take that the operating system seeded `generator`, which `frame` asked for."""

    def given(self, generator: Any) -> None:
        """Take that `generator` was given a seed or a state."""


_OURS = __name__.partition(".")[0]
_replacements = Replacements()
listener: Listener | None = None


def listen(to: Listener | None) -> None:
    """Tell `to` of each such object; None: nobody."""
    global listener
    listener = to
    follow_session()


def follow_session() -> None:
    """Have these objects ask us while there is a pin or a listener, and the system otherwise."""
    if in_force.current.pin is None and listener is None:
        uninstall()
    elif not _replacements.in_use and is_loaded("random"):
        _replacements.use("random")
        _replacements.replace(sys.modules["random"].Random, "seed", _seeding)
        _replacements.replace(sys.modules["random"].Random, "setstate", _setting)


def uninstall() -> None:
    """Let them ask the operating system again, unless someone replaced our functions since."""
    _replacements.release("random")


def _seeding(original: Callable[..., None]) -> Callable[..., None]:
    def seed(self: Any, *args: Any, **kwargs: Any) -> None:
        given = args[0] if args else kwargs.get("a")
        if given is not None:
            original(self, *args, **kwargs)
            _tell_given(self)
            return
        near = _outside(calling_frame())
        frame = asker(near, {"random"})
        # Names of temporary files, and the like, must not be the same again.
        if near is None or frame is None or _package(frame) in sys.stdlib_module_names:
            original(self)
            return
        pin = in_force.current.pin
        if pin is not None and is_ours() and not is_importing(frame):
            original(self, pin.bits(128))
            _tell_given(self)
            return
        original(self)
        if listener is not None:
            try:
                listener.seeded_by_system(self, near)
            except Exception:  # a frame unlike any known one; the user's call goes on
                return

    return dressed(seed, original, sys.modules["random"].Random, "seed")


def _setting(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def setstate(self: Any, state: Any) -> None:
        original(self, state)
        _tell_given(self)

    return dressed(setstate, original, sys.modules["random"].Random, "setstate")


def _outside(frame: FrameType) -> FrameType | None:
    """Give the nearest frame that is not ours: the witness replaces the same function."""
    return next((each for each, _ in outward(frame) if _package(each) != _OURS), None)


def _package(frame: FrameType) -> str:
    return (module_of(frame) or "").partition(".")[0]


def _tell_given(generator: Any) -> None:
    if listener is not None:
        listener.given(generator)
