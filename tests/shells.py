"""Several shells in one process: make them, run cells in them, end them, and see what is left."""

from __future__ import annotations

import atexit
import builtins
import gc
import re
import sys
import time
import warnings
import weakref
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from io import StringIO
from typing import Any

import IPython.core.completer  # noqa: F401 - it keeps the __main__ of its first import
from IPython.core.interactiveshell import InteractiveShell

MAIN = sys.modules["__main__"]
# Two lines, the second of which draws; after `UNSEED` from what no seed controls.
UNSEED = "random.seed()"
CELL = "y = 1\nx = random.random()"
WARNING = r"In\[\d+\] drew from python, which no seed controls \(line 2: x = random\.random\(\)\)\."


@dataclass
class Ran:
    """What a cell did: its error's name, its warnings, and what it printed."""

    error: str
    warnings: list[str] = field(default_factory=list)
    printed: str = ""


class Shell:
    """A real shell, made by hand or as the process's own."""

    def __init__(self, is_singleton: bool = False) -> None:
        self._is_singleton = is_singleton
        sys.modules["__main__"] = MAIN  # each shell keeps the one that it finds
        self.real: Any = InteractiveShell.instance() if is_singleton else InteractiveShell()
        # It would keep the shell until the process ends.
        atexit.unregister(self.real.atexit_operations)
        self.run("import random, numpy as np, seedmagic as sm")

    def run(self, code: str) -> Ran:
        """Run a cell of the user's."""
        printed = StringIO()
        with warnings.catch_warnings(record=True) as caught, redirect_stdout(printed):
            warnings.simplefilter("always")
            result = self.real.run_cell(code, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        told = [str(warning.message) for warning in caught]
        return Ran(type(error).__name__ if error else "", told, printed.getvalue())

    def ok(self, code: str) -> Ran:
        """Run a cell that must not fail."""
        ran = self.run(code)
        assert ran.error == "", ran
        return ran

    def value(self, name: str) -> Any:
        """Give what a name holds."""
        return self.real.user_ns[name]

    def load(self) -> None:
        """Load the extension."""
        self.ok("%load_ext seedmagic")

    def unload(self) -> None:
        """Unload it."""
        self.ok("%unload_ext seedmagic")

    def end(self) -> None:
        """Drop the shell, as whoever made it does, and see that nothing of ours keeps it."""
        if not plain_shells_are_freed() and "seedwatch" in self.real.magics_manager.magics["line"]:
            self.unload()  # who has such an IPython must do so
        assert self.is_freed() or not plain_shells_are_freed(), "the shell is kept"

    def is_freed(self) -> bool:
        """Drop the shell, and say whether it is gone."""
        self.real.history_manager.end_session()
        known = weakref.ref(self.real)
        if self._is_singleton:
            InteractiveShell.clear_instance()
        self.real = None
        sys.modules["__main__"] = MAIN
        for name in ("last_type", "last_value", "last_traceback", "last_exc"):
            vars(sys).pop(name, None)  # Python's own memory of a cell that failed
        for _ in range(100):  # IPython's thread that saves the history may hold it for a moment
            gc.collect()
            if known() is None:
                return True
            time.sleep(0.05)
        return False


@cache
def plain_shells_are_freed() -> bool:
    """Whether this IPython lets go of a shell that never saw us; 8.18 does not."""
    plain = Shell()
    plain.ok("x = 1")
    return plain.is_freed()


def check_watched(shell: Shell, mode: str) -> None:
    """See that a shell runs a cell of two lines, and is told of it as its mode says."""
    assert f"Watching is {mode}:" in shell.ok("%seedwatch").printed
    shell.run(UNSEED)
    ran = shell.run(CELL)
    assert ran.error == ("UnseededError" if mode == "error" else ""), ran
    assert len(ran.warnings) == (1 if mode in ("warn", "strict") else 0), ran
    for told in ran.warnings:
        assert re.match(WARNING, told), told
        assert "Before In[" not in told, told
    shell.ok("seen = sm.status()")
    seen = shell.value("seen")
    assert seen.watch == mode
    if mode != "off":
        drew = [cell for cell in seen.cells if cell.code == CELL][-1]
        assert (drew.verdict, drew.line, drew.between) == ("unseeded", 2, ())
        assert all(cell.between == () for cell in seen.cells), seen.cells
    assert "UnseededWarning" not in shell.ok("random.seed(3)\nx = random.random()").warnings
    if mode != "off":
        shell.ok("seen = sm.status()")
        assert shell.value("seen").cells[-1].verdict == "seeded"


def traces() -> dict[str, Any]:
    """Give what belongs to the process, and must be as before once the last shell has left."""
    import random

    import numpy.random.bit_generator as bits
    from numpy.random import mtrand

    from seedmagic.session import in_force
    from seedmagic.status import cells_seen

    return {
        "builtins": [name for name in dir(builtins) if "seedmagic" in name],
        "finders": [type(finder).__name__ for finder in sys.meta_path],
        "python": (random.seed, random.getstate, random.setstate),
        "numpy": (mtrand.seed, mtrand.get_state, sys.modules["numpy.random"].seed),
        "entropy": (bits.randbits, getattr(mtrand, "_MT19937", None)),
        "observers": list(in_force.observers),
        "status": cells_seen.ask,
    }


def each_order(orders: Any, play: Callable[[Any], None]) -> int:
    """Play every order, say which one failed, and give how many there were."""
    count = 0
    for order in orders:
        before = traces()
        try:
            play(order)
            assert traces() == before
        except BaseException:
            print(f"in the order {order}:", file=sys.stderr)
            raise
        count += 1
    return count
