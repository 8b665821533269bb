"""Do what a click asks for on the thread that runs cells, and never while one runs.

JupyterLab sends clicks over subshells, so that a callback may run in another thread in the middle
of a cell, whose streams it would change.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from seedmagic.warn import warn

Action = Callable[[], None]


class Idle:
    """Knows whether a cell runs, and keeps what waits for its end."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._thread = threading.current_thread()
        # The cell that loads the extension is not announced; without one, nothing can be pressed.
        self._runs = True
        self._acts = False
        self._waiting: deque[Action] = deque()
        self.listeners: list[Action] = []
        self.cell_id: str | None = None

    def begin_cell(self, cell_id: str | None) -> None:
        """Take the beginning of a cell, and what the front end calls it."""
        if not self._acts:  # what is pressed may run a cell
            self._runs, self.cell_id = True, cell_id

    def end_cell(self) -> None:
        """Take its end: do what waits, and tell the listeners."""
        if self._runs:
            self._runs = False
            if self._waiting:
                self._do_waiting()
            if self.listeners:
                self.tell()

    def do(self, action: Action) -> None:
        """Do `action`, now or once no cell runs."""
        self._waiting.append(action)
        if not self._runs and threading.current_thread() is self._thread:
            self._do_waiting()
            return
        # A kernel's loop runs in the thread of its cells. Where one runs now, its end does it.
        loop: Any = getattr(getattr(self._shell, "kernel", None), "io_loop", None)
        if loop is not None:
            loop.add_callback(self._do_waiting)

    def _do_waiting(self) -> None:
        """Do what waits, one after the other: the end of a cell that an action runs is no end."""
        while self._waiting and not self._runs and not self._acts:
            self._acts = True
            try:
                self._waiting.popleft()()
            except Exception as error:
                warn(f"What was pressed in the panel failed: {type(error).__name__}: {error}")
            finally:
                self._acts = False

    def tell(self) -> None:
        """Tell the listeners that something may look different; one that fails is told no more."""
        for listener in list(self.listeners):
            try:
                listener()
            except Exception as error:
                self.listeners.remove(listener)
                warn(f"A panel is not redrawn any more: {type(error).__name__}: {error}")
