"""The watcher's magics: `%seedwatch`, `%seedlog`, `%seedreplay`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import display

from seedmagic.ipython.cells.header_rewriting import REPLAY
from seedmagic.ipython.first_guesses import argument, show_help
from seedmagic.ipython.line_values import parse_number
from seedmagic.ipython.magics.seed_magics import SeedMagics
from seedmagic.ipython.options import parse_log_line
from seedmagic.ipython.watch.cell_watching import MODES
from seedmagic.watch.cell_ledger import CellRecord
from seedmagic.words import did_you_mean, many

_MEANINGS = {
    "off": "cells are not watched",
    "warn": "a cell that draws numbers which no seed controls gets a warning",
    "strict": "warn also of a cell that runs again from another RNG state than last time",
    "error": "a cell stops at the statement that draws numbers which no seed controls",
}


class Log:
    """Records as a table: text, HTML, or plain data."""

    def __init__(self, records: list[CellRecord]) -> None:
        from seedmagic.status.status_tables import cells_table

        self.records = records
        self._table = cells_table(records)

    def __str__(self) -> str:
        return "\n".join(self._table.lines())

    def to_html(self) -> str:
        """Give a table in which everything of the user's is escaped."""
        from seedmagic.ipython.panel.panel_html import facts_html

        return facts_html(self._table)

    def to_json(self) -> str:
        """Give every field of every record."""
        return json.dumps([record.to_dict() for record in self.records], indent=1)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": self.to_html()}


@magics_class
class LedgerMagics(Magics):
    """The magics that show what the watcher saw, and have it again."""

    def __init__(self, shell: InteractiveShell, settings: SeedMagics) -> None:
        super().__init__(shell=shell)
        self._settings = settings
        self._watching = settings.watching

    @line_magic
    def seedwatch(self, line: str) -> None:
        """Choose what happens when a cell draws numbers that no seed controls.

        ::

            %seedwatch                show the mode
            %seedwatch warn           a warning that names the source and the line (the default);
                                      ``on`` is the same
            %seedwatch strict         warn also when a cell runs again from another RNG state than
                                      last time, generators in variables and objects that it
                                      names included: rng, kf.random_state, loader.generator;
                                      and of two cells with the same code under --per-cell
            %seedwatch error          the cell stops with UnseededError at the statement that drew
            %seedwatch off            do not watch

        Examples
        --------
        ::

            %seedwatch error
        """
        if show_help("%seedwatch", line):
            return
        given = argument(line.partition("#")[0]).strip("'\"")
        mode = "warn" if given.lower() == "on" else given.lower()
        if mode and mode not in MODES:
            raise UsageError(
                f"%seedwatch: {given!r} is not a mode{did_you_mean(given, MODES) or ':'} "
                f"{', '.join(MODES)} are accepted, on for warn, or nothing, to show the mode. "
                "Nothing was changed."
            )
        if mode:
            self._settings.watch = mode
            self._watching.set_mode(mode)  # also where the watcher had stepped aside
        print(f"Watching is {self._watching.mode}: {_MEANINGS[self._watching.mode]}.")

    @line_magic
    def seedlog(self, line: str) -> None:
        """Show the ledger: for each cell its number, seed, sources drawn from, verdict and line.

        ::

            %seedlog                  every cell that is kept (the last 10,000)
            %seedlog -n 5             the last five
            %seedlog --json FILE      write every field of them to a file

        Generators that objects hold are looked at under ``%seedwatch strict`` alone, for it takes
        time: ``kf.random_state (held)`` says that the cell moved that one.

        Examples
        --------
        ::

            %seedlog -n 20 --json cells.json
        """
        if show_help("%seedlog", line):
            return
        asked = parse_log_line(line)
        log = Log(self._watching.watcher.ledger.last(asked.count))
        if asked.file is None:
            display(log)
            return
        try:
            Path(asked.file).expanduser().write_text(log.to_json(), encoding="utf-8")
        except (OSError, RuntimeError) as error:  # RuntimeError: no such home
            raise UsageError(f"%seedlog: {asked.file!r} cannot be written: {error}") from error
        print(f"Wrote {many(len(log.records), 'cell')} to {asked.file}.")

    @line_magic
    def seedreplay(self, line: str) -> None:
        """Run a cell's code again from the RNG state that it started from the first time.

        ::

            %seedreplay 7             alone in its cell: In[7] again, in the namespace as it is now
            %seedreplay In[7]         the same

        It runs in a scope: afterwards every RNG state is as before. The states of the last 1,000
        cells are kept.

        Examples
        --------
        ::

            %seedreplay 7
        """
        # Alone in its cell, the line is rewritten before it comes here.
        if show_help(REPLAY, line):
            return
        if not argument(line.partition("#")[0]):
            raise UsageError(f"{REPLAY} needs the number of a cell, as in {REPLAY} 7.")
        number = parse_number(line)
        self._watching.find(number)
        raise UsageError(f"{REPLAY} {number} must stand alone in its cell.")
