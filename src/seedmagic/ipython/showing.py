"""Record what a run shows: text, rich outputs, the last value; and show it too, or not."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from seedmagic.verifying.observed import Shown
from seedmagic.verifying.streams import Tee


class Showing:
    """While it is entered, what is shown goes into `shown`.

    Parameters
    ----------
    shell : InteractiveShell
        Whose outputs are recorded.
    live : bool
        Whether they reach the user as well.
    """

    def __init__(self, shell: InteractiveShell, live: bool) -> None:
        self._shell = shell
        self._live = live
        self.shown = Shown()

    def __enter__(self) -> Showing:
        shell, live = self._shell, self._live
        self._streams = {"stdout": sys.stdout, "stderr": sys.stderr}
        self._tees = {name: Tee(real if live else None) for name, real in self._streams.items()}
        self._publisher = shell.display_pub
        self._hook, self._was_hook = shell.displayhook, sys.displayhook
        sys.stdout, sys.stderr = self._tees.values()
        shell.display_pub = _Publisher(shell, self.shown, self._publisher if live else None)
        sys.displayhook = self._show_value
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            # Figures are shown at the end of a cell, and both runs' would be.
            inline: Any = sys.modules.get("matplotlib_inline.backend_inline")
            if inline is not None:
                inline.flush_figures()
        finally:
            sys.stdout, sys.stderr = self._streams.values()
            self._shell.display_pub = self._publisher
            sys.displayhook = self._was_hook
            self.shown.texts = {name: tee.getvalue() for name, tee in self._tees.items()}

    def _show_value(self, value: object) -> None:
        """Do what IPython does with a last value, or only look at how it would be shown."""
        if value is None or self._hook.quiet():
            return
        bundle, _ = self._shell.display_formatter.format(value)
        self.shown.outputs.append(bundle)
        if self._live:
            with self._tees["stdout"].forgetting():  # a terminal prints it
                self._hook(value)


class _Publisher(DisplayPublisher):
    """A publisher that remembers what it passes on."""

    def __init__(self, shell: InteractiveShell, shown: Shown, target: Any) -> None:
        super().__init__(parent=shell)
        self._shown = shown
        self._target = target

    def publish(self, data: Any, *args: Any, **options: Any) -> None:
        """Remember a display, or an update of one."""
        self._shown.outputs.append(dict(data))
        if self._target is not None:
            self._target.publish(data, *args, **options)

    def clear_output(self, wait: bool = False) -> None:
        """Forget what was shown so far."""
        self._shown.outputs.clear()
        if self._target is not None:
            self._target.clear_output(wait)
