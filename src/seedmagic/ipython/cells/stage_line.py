"""One line about a long `--verify` while it goes on, in whose place its answer comes.

Nothing can take an output out of a cell but what takes out all of them, and an emptied one stays
in the saved notebook. So the display that was the line becomes the answer.
"""

from __future__ import annotations

import os
import sys
from itertools import count
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell

from seedmagic.imports import is_loaded
from seedmagic.verify.outputs.output_pieces import AS_STREAM

if TYPE_CHECKING:
    from seedmagic.ipython.cells.cell_bodies import Body

_numbers = count()


class StageLine:
    """The line of one cell.

    Parameters
    ----------
    shell : InteractiveShell
        Where it runs.
    body : Body
        Knows whether the cursor stands at the beginning of a line.
    """

    def __init__(self, shell: InteractiveShell, body: Body) -> None:
        self._shell = shell
        self._body = body
        self._display: str | None = None
        self._width = 0

    def tell(self, text: str) -> None:
        """Show a line in place of the one before, where somebody can see it go."""
        if updates_displays(self._shell):
            self._publish(text)
        elif not hasattr(self._shell, "kernel") and sys.stderr.isatty():
            if not self._width:
                self._body.stdout.write(self._line_end())
                self._body.stdout.flush()
            self._write(text)

    def answer(self, text: str) -> None:
        """Take it away for what came of it all."""
        if self._display is not None:
            self._publish(text, {AS_STREAM: "stdout"})
            return
        if self._width:
            self._write("")
            sys.stderr.write("\r")
            sys.stderr.flush()
        else:
            text = self._line_end() + text
        self._body.stdout.write(f"{text}\n")
        self._body.stdout.flush()  # the kernel flushes what `sys.stdout` is by then

    def _line_end(self) -> str:
        return "" if self._body.ends_line else "\n"

    def _write(self, text: str) -> None:
        columns = get_terminal_size().columns - 1
        shown = text if len(text) <= columns else f"{text[: columns - 1]}…"
        sys.stderr.write("\r" + shown.ljust(self._width))
        sys.stderr.flush()
        self._width = len(shown)

    def _publish(self, text: str, metadata: dict[str, Any] | None = None) -> None:
        is_new = self._display is None
        self._display = self._display or f"seedmagic-line-{os.getpid()}-{next(_numbers)}"
        self._shell.display_pub.publish(
            {"text/plain": text},
            metadata,
            transient={"display_id": self._display},
            update=not is_new,
        )


def updates_displays(shell: InteractiveShell) -> bool:
    """Whether a person looks on through a front end that is known to update a display.

    Those that tell a cell's id are, and Colab. Consoles leave updates out, and so would the answer
    be; of what nbclient or papermill run, nobody sees the line.
    """
    if not isinstance(shell.display_pub, shell.display_pub_class):
        return False  # %%capture keeps each update
    asked = shell.get_parent() if hasattr(shell, "get_parent") else None
    has_id = bool(((asked or {}).get("metadata") or {}).get("cellId"))
    return has_id or is_loaded("google.colab")
