"""What the watcher costs a cell, a statement and a loop, beside IPython alone, in one process.

python benchmarks/watching.py [--json FILE]

Cells run in an `InteractiveShell`, with the extension and without taken in turns; what comes on
top through a real kernel is measured by `cells.py`.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

from cells import CELLS, IMPORTS
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
from turns import Comparison, report, seconds

LOOP = {"a loop of a million": "total = 0\nfor i in range(1_000_000):\n    total += i"}
TURNS = {"a loop of a million": 2}
STATES = {
    "without": "%unload_ext seedmagic",
    "unseeded": "%load_ext seedmagic",
    "seeded": "%seed 42",
}


def comparisons() -> Iterator[Comparison]:
    """Take each cell in turns: without us, watched and unseeded, watched and seeded."""
    # The history's database is written by a thread, at times of its own.
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_cell(IMPORTS)
    for name, cell in {**CELLS, **LOOP}.items():
        taken: dict[str, list[float]] = {state: [] for state in STATES}
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            for _ in range(10):
                for state, preparation in STATES.items():
                    shell.run_cell(preparation)
                    for turn in range(TURNS.get(name, 30) + 3):
                        spent = seconds(lambda: shell.run_cell(cell, store_history=True))  # noqa: B023
                        if turn >= 3:
                            taken[state].append(spent)
                shell.run_cell("%seed off")
        yield Comparison(f"{name}, in one process", taken)


if __name__ == "__main__":
    report(__doc__, comparisons())
