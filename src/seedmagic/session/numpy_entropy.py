"""NumPy generators that nobody seeded: let the seed in force give them their entropy."""

from __future__ import annotations

import os
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NamedTuple

from seedmagic.imports import is_loaded
from seedmagic.seeds import derive_bits
from seedmagic.session import in_force

_MODULE = "numpy.random.bit_generator"


class Pin:
    """Entropy from a seed: by the cell's code, the place in it, and the count of calls there."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.counts: Counter[tuple[str, int]] = Counter()

    def bits(self, count: int) -> int:
        """Give the next `count` bits for the place that runs."""
        code, line = _cell().code, line_in_cell(sys._getframe(2))
        place = (code, line)
        turn = self.counts[place]
        self.counts[place] += 1
        bits, words = 0, -(-count // 128)
        for word in range(words):
            bits = bits << 128 | derive_bits(
                self.seed, "entropy", *_worker(), code, line, turn, word
            )
        return bits & ((1 << count) - 1)


class Cell(NamedTuple):
    """The cell that runs: its code, and the namespace that its top level runs in.

    `line` is what counts where no frame of it is: the line of the caller, on a worker of its.
    """

    code: str = ""
    namespace: dict[str, Any] = {}  # noqa: RUF012 - nobody's frame has it for its globals
    line: int = 0


_cell: Callable[[], Cell] = Cell  # gives the one that runs
_original: Callable[[int], int] | None = None
# Is told the frame that asked, each time NumPy gets entropy from the operating system; says whether
# the generator that is made may keep it: a copy, for one, does not.
listener: Callable[[FrameType], bool] | None = None
_from_system: deque[int] = deque(maxlen=10_000)


def listen(to: Callable[[FrameType], bool] | None) -> None:
    """Tell `to` of each generator that NumPy makes without a seed; None: nobody."""
    global listener
    listener = to
    follow_session()


def begin_cell(cell: Callable[[], Cell]) -> None:
    """Tell that the cell begins which `cell` gives; the counts of its places start anew.

    It is asked for only where entropy is: few cells make a generator.
    """
    global _cell
    _cell = cell
    if in_force.current.pin:
        in_force.current.pin.counts.clear()


def cell_code() -> str:
    """Give the code of the cell that runs."""
    return _cell().code


def place() -> tuple[str, int]:
    """Give the code of the cell that runs, and the line of it that led here."""
    return _cell().code, line_in_cell(sys._getframe(1))


@contextmanager
def in_cell(code: str, namespace: dict[str, Any], line: int = 0) -> Iterator[None]:
    """Have a cell run here that runs elsewhere: on a worker, it gets the same entropy."""
    global _cell
    cell = Cell(code, namespace, line)
    former, _cell = _cell, lambda: cell
    try:
        yield
    finally:
        _cell = former


def can_pin() -> bool:
    """Whether this NumPy asks for entropy where it can be given; True before it is imported.

    NumPy has no public place for this: ``SeedSequence()`` calls the function ``randbits`` of its
    own module, which is why even a ``default_rng`` imported by name is reached.
    """
    module: Any = sys.modules.get(_MODULE)
    if module is None or _original is not None:
        return True
    return hasattr(module, "randbits") and _is_asked(module)


def follow_session() -> None:
    """Have NumPy ask us while there is a pin or a listener, and the system otherwise."""
    if in_force.current.pin is None and listener is None:
        uninstall()
    elif _original is None and is_loaded("numpy.random") and can_pin():
        _install()


def is_from_system(number: object) -> bool:
    """Whether NumPy was given `number` as entropy by the operating system, of late."""
    return isinstance(number, int) and number in _from_system


def uninstall() -> None:
    """Let NumPy ask the operating system again, unless someone replaced our function since."""
    global _original
    module: Any = sys.modules.get(_MODULE)
    if _original is not None and getattr(module, "randbits", None) is _randbits:
        module.randbits = _original
    _original = None


def _install() -> None:
    global _original
    module: Any = sys.modules[_MODULE]
    _original = module.randbits
    module.randbits = _randbits


def _randbits(count: int) -> int:
    pin = in_force.current.pin
    if pin is not None and _is_ours() and not _is_importing(sys._getframe(1)):
        return pin.bits(count)
    may_be_kept = listener is not None and listener(sys._getframe(1))
    from secrets import randbits  # what NumPy asks by itself

    bits = (_original or randbits)(count)
    if may_be_kept:
        _from_system.append(bits)
    return bits


def _is_importing(frame: FrameType | None) -> bool:
    """Whether a module is being imported, which happens once and not at a re-run."""
    namespace = _cell().namespace
    while frame is not None and frame.f_globals is not namespace:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


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


def line_in_cell(frame: FrameType | None) -> int:
    """Give the line of the cell's top level that led here; in a thread of its own, 0."""
    found: list[tuple[str, int]] = []
    cell = _cell()
    while frame is not None:
        if frame.f_globals is cell.namespace and frame.f_code.co_name == "<module>":
            found.append((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    # The outermost is the cell. A body that its header runs has frames of the same file further in.
    return next((line for file, line in found if file == found[-1][0]), cell.line)


_process = os.getpid()


def _worker() -> tuple[int, ...]:
    """Keep the workers of a DataLoader apart, which all run the same code."""
    if os.getpid() == _process:
        return ()
    info = sys.modules["torch.utils.data"].get_worker_info()
    return (info.seed,)


def _is_ours() -> bool:
    """Whether this process is the one that was seeded, or a DataLoader's worker of it.

    Any other child would give the same numbers as its siblings.
    """
    if os.getpid() == _process:
        return True
    data = sys.modules.get("torch.utils.data")
    return data is not None and data.get_worker_info() is not None
