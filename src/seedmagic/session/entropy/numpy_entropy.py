"""NumPy generators that nobody seeded: let the seed in force give them their entropy."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from types import FrameType
from typing import Any

from seedmagic.code.cell_frames import calling_frame
from seedmagic.code.running_cells import is_importing
from seedmagic.imports import is_loaded
from seedmagic.replacements import Replacements, dressed
from seedmagic.session import in_force
from seedmagic.session.entropy.entropy_pin import is_ours

_MODULE = "numpy.random.bit_generator"

_replacements = Replacements()
# Is told the frame that asked, each time NumPy gets entropy from the operating system; says whether
# the generator that is made may keep it: a copy, for one, does not.
listener: Callable[[FrameType], bool] | None = None
_from_system: deque[int] = deque(maxlen=10_000)


def listen(to: Callable[[FrameType], bool] | None) -> None:
    """Tell `to` of each generator that NumPy makes without a seed; None: nobody."""
    global listener
    listener = to
    follow_session()


def can_pin() -> bool:
    """Whether this NumPy asks for entropy where it can be given; True before it is imported.

    NumPy has no public place for this: ``SeedSequence()`` calls the function ``randbits`` of its
    own module, which is why even a ``default_rng`` imported by name is reached.
    """
    module: Any = sys.modules.get(_MODULE)
    if module is None or _replacements.in_use:
        return True
    return hasattr(module, "randbits") and _is_asked(module)


def follow_session() -> None:
    """Have NumPy ask us while there is a pin or a listener, and the system otherwise."""
    if in_force.current.pin is None and listener is None:
        uninstall()
    elif not _replacements.in_use and is_loaded("numpy.random") and can_pin():
        _replacements.use(_MODULE)
        _replacements.replace(sys.modules[_MODULE], "randbits", _asking)


def is_from_system(number: object) -> bool:
    """Whether NumPy was given `number` as entropy by the operating system, of late."""
    return isinstance(number, int) and number in _from_system


def uninstall() -> None:
    """Let NumPy ask the operating system again, unless someone replaced our function since."""
    _replacements.release(_MODULE)


def _asking(original: Callable[[int], int]) -> Callable[..., Any]:
    def randbits(count: int) -> int:
        pin = in_force.current.pin
        if pin is not None and is_ours() and not is_importing(calling_frame()):
            return pin.bits(count)
        may_be_kept = listener is not None and listener(calling_frame())
        bits = original(count)
        if may_be_kept:
            _from_system.append(bits)
        return bits

    return dressed(randbits, original, sys.modules[_MODULE], "randbits")


def _is_asked(module: Any) -> bool:
    """Try out whether a SeedSequence without entropy asks ``randbits``."""
    asked: list[int] = []
    original = module.randbits

    def probe(count: int) -> int:
        asked.append(count)
        return int(original(count))

    module.randbits = probe
    try:
        module.SeedSequence()
    finally:
        module.randbits = original
    return bool(asked)
