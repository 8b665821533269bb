"""A bar with the time left, of which a saved notebook keeps nothing."""

from __future__ import annotations

from typing import Any

from IPython.display import display

from seedmagic.runs.run_outcomes import bar_class, make_bar


class TimeBar:
    """A bar of tqdm's: a widget in a notebook, text elsewhere.

    Parameters
    ----------
    count : int
        How many runs there are.
    """

    def __init__(self, count: int) -> None:
        self._output: Any = None
        if any(kind.__module__ == "tqdm.notebook" for kind in bar_class().__mro__):
            self._bar = make_bar(count, display=False)
            self._output = display(self._bar.container, display_id=True)
        else:
            self._bar = make_bar(count)
        self.update, self.clear = self._bar.update, self._bar.clear

    def close(self) -> None:
        """Take it away; a widget's output would else be saved as it was at first."""
        self._bar.close()
        if self._output is not None:
            self._output.update({"text/plain": ""}, raw=True)
