"""The magic `%seedpanel`: the live panel where there can be one, and its facts everywhere."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import display

from seedmagic.ipython.first_guesses import argument, show_help
from seedmagic.ipython.panel.idle_actions import Idle
from seedmagic.requirements import told, too_old
from seedmagic.status.cells_seen import Watched

if TYPE_CHECKING:
    from seedmagic.ipython.panel.panel_actions import Actions
    from seedmagic.ipython.panel.widgets import Panel


@magics_class
class PanelMagics(Magics):
    """The magic that shows the panel, and the panels that are open."""

    def __init__(self, shell: InteractiveShell, idle: Idle, seen: Callable[[], Watched]) -> None:
        super().__init__(shell=shell)
        self._idle = idle
        self._seen = seen
        self._actions: Actions | None = None  # all panels' snapshots are in it
        self._open: list[tuple[str | None, Panel]] = []

    @line_magic
    def seedpanel(self, line: str) -> None:
        """Show everything that decides whether a result can be had again, and act on it.

        ::

            %seedpanel

        The panel says first what is wrong and what to do; then each source with its seed, its RNG
        state and whether the last cell moved it; the last 20 cells; flags, precision, hash seed,
        devices, versions. It is redrawn after each cell. What is pressed in it is done when no
        cell runs, and the line that does the same in a cell is shown.

        Where there are no widgets, as in a terminal or a saved notebook, the same facts stand as
        text and as static HTML.

        Examples
        --------
        ::

            %seedpanel
        """
        if show_help("%seedpanel", line):
            return
        if argument(line.partition("#")[0]):
            raise UsageError(f"%seedpanel takes nothing, and got {line!r}. Nothing was changed.")
        from seedmagic.ipython.panel.panel_actions import Actions
        from seedmagic.ipython.panel.panel_html import static_html
        from seedmagic.status.status_reading import look
        from seedmagic.status.status_tables import to_text

        facts = look(self._seen)
        display({"text/plain": to_text(facts), "text/html": static_html(facts)}, raw=True)
        if getattr(self.shell, "kernel", None) is None:
            return  # a terminal shows no widgets
        found = too_old(["ipywidgets"])
        if found:
            print(f"Nothing can be pressed: the panel's buttons need {told(found)}")
            return
        try:
            from seedmagic.ipython.panel.widgets import Panel
        except ImportError as error:
            print(f"Nothing can be pressed without ipywidgets ({error}): pip install ipywidgets")
            return
        if self._actions is None:
            self._actions = Actions(self.shell)
        self._close(self._idle.cell_id)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as the panel does for the widgets that it makes later
            panel = Panel(self._actions, self._idle, self._seen)
        self._open.append((self._idle.cell_id, panel))
        display(panel.view(), raw=True)

    def _close(self, cell_id: str | None) -> None:
        """Close what an earlier run of the cell opened: its view is gone."""
        for former, panel in list(self._open):
            if cell_id is not None and former == cell_id:
                self._open.remove((former, panel))
                panel.close()

    def close_all(self) -> None:
        """Close every panel."""
        for _, panel in self._open:
            panel.close()
        self._open.clear()
