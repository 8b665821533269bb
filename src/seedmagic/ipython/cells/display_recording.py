"""Record what a run shows: text, rich outputs, the last value; and show it too, or not."""

from __future__ import annotations

import re
import sys
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from seedmagic.verify.cell.console_streams import Streams
from seedmagic.verify.cell.run_end import Shown

_RESULTS = re.compile(r"_{1,3}|_\d+")
_UNDERS = ("_", "__", "___")
# What holds something else after each cell, and after each that shows a value.
_OF_INPUTS = {"In", "_ih", "_i", "_ii", "_iii"}
_OF_RESULTS = {*_UNDERS, "Out", "_oh"}


class Showing:
    """While it is entered, what is shown goes into `shown`.

    Parameters
    ----------
    shell : InteractiveShell
        Whose outputs are recorded.
    streams : Streams
        Records the texts.
    live : bool
        Whether they reach the user as well.
    """

    def __init__(self, shell: InteractiveShell, streams: Streams, live: bool) -> None:
        self._shell = shell
        self._streams = streams
        self._live = live
        self._stack = ExitStack()
        self.shown = Shown()

    def __enter__(self) -> Showing:
        shell, live = self._shell, self._live
        self._publisher = shell.display_pub
        self._hook: Any = shell.displayhook
        self._was_hook: Any = sys.displayhook
        publisher = _Publisher(shell, self.shown, self._publisher, live)
        self.shown.texts = self._stack.enter_context(self._streams.recording(live))
        shell.display_pub = publisher
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
            self._shell.display_pub = self._publisher
            sys.displayhook = self._was_hook
            self._stack.close()

    def _show_value(self, value: object) -> None:
        """Do what IPython does with a last value, or only look at how it would be shown."""
        if value is None or self._hook.quiet():
            return
        bundle, _ = self._shell.display_formatter.format(value)
        if not bundle:
            # It has shown itself, as ipywidgets 7's do: the hook would have it do so again.
            if self._live and self._was_hook is self._hook:
                self._hook.update_user_ns(value)
                self._hook.fill_exec_result(value)
            return
        self.shown.outputs.append(bundle)
        if self._live:
            with self._streams.stdout.forgetting():  # a terminal prints it
                self._was_hook(value)  # that of %%capture keeps it


class Results:
    """What `_`, `__`, `___` and `Out` hold, which IPython sets when the first run shows a value.

    Each run finds them as the first one did, and they end as the first run left them.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._start = self._end = self._taken()

    def begin(self) -> None:
        """Put them back."""
        self._put(self._start)

    def end(self, live: bool) -> set[str]:
        """Let them be as the run that was shown left them; name what a re-run finds otherwise."""
        if live:
            self._end = self._taken()
        else:
            self._put(self._end)
        (_, was, _), (_, is_now, _) = self._start, self._end
        return _OF_INPUTS | (_OF_RESULTS if was.keys() != is_now.keys() else set())

    def _taken(self) -> tuple[dict[str, Any], dict[int, Any], list[Any]]:
        namespace, hook = self._shell.user_ns, self._shell.displayhook
        names = {name: item for name, item in namespace.items() if _RESULTS.fullmatch(name)}
        return names, dict(namespace["_oh"]), [getattr(hook, name) for name in _UNDERS]

    def _put(self, taken: tuple[dict[str, Any], dict[int, Any], list[Any]]) -> None:
        names, outs, unders = taken
        namespace = self._shell.user_ns
        for name in [name for name in namespace if _RESULTS.fullmatch(name)]:
            del namespace[name]
        namespace.update(names)
        namespace["_oh"].clear()
        namespace["_oh"].update(outs)
        for name, item in zip(_UNDERS, unders, strict=True):
            setattr(self._shell.displayhook, name, item)


class _Publisher(DisplayPublisher):
    """A publisher that remembers what it passes on."""

    def __init__(self, shell: InteractiveShell, shown: Shown, target: Any, live: bool) -> None:
        self._shown = shown
        self._target = target
        self._live = live
        super().__init__(parent=shell)

    def __getattr__(self, name: str) -> Any:
        # Kernels' publishers have more: widgets set the message that they answer.
        return getattr(self.__dict__["_target"], name)

    def publish(self, data: Any, *args: Any, **options: Any) -> None:
        """Remember a display, or an update of one."""
        self._shown.outputs.append(dict(data))
        if self._live:
            self._target.publish(data, *args, **options)

    def clear_output(self, wait: bool = False) -> None:
        """Forget what was shown so far."""
        self._shown.outputs.clear()
        if self._live:
            self._target.clear_output(wait)
