"""What the watcher costs a cell, a statement and a loop, beside IPython alone.

    python benchmarks/watching.py [--json FILE]

Each figure is the median over many turns of one process, with the extension and without taken in
turns, so that a machine that slows down slows both. Cells run in an `InteractiveShell`; the last
lines take the same cells' round trip through a real kernel.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import statistics
import sys
import time
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from kernels import running_kernel

IMPORTS = "import random, numpy as np, torch; np.random.rand();"
CELLS = {
    "empty": "pass",
    "one draw": "random.random();",
    "ten statements that cannot draw": "\n".join(f"x{i} = {i}" for i in range(10)),
    "ten statements that can": "\n".join(f"x{i} = abs({i})" for i in range(10)) + "\npass",
    "a loop of a million": "total = 0\nfor i in range(1_000_000):\n    total += i",
}
STATEMENTS = {"ten statements that cannot draw": 10, "ten statements that can": 10}
TURNS = {"a loop of a million": 2}


def once(shell: InteractiveShell, cell: str) -> float:
    """Run a cell, and give its seconds."""
    began = time.perf_counter()
    shell.run_cell(cell, store_history=True)
    return time.perf_counter() - began


def in_process() -> dict[str, dict[str, float]]:
    """Take each cell in turns: without us, watched and unseeded, watched and seeded."""
    # The history's database is written by a thread, at times of its own.
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_cell(IMPORTS)
    figures = {}
    for name, cell in CELLS.items():
        taken: dict[str, list[float]] = {"bare": [], "unseeded": [], "seeded": []}
        for _ in range(10):
            for state, preparation in (
                ("bare", "%unload_ext seedmagic"),
                ("unseeded", "%load_ext seedmagic"),
                ("seeded", "%seed 42"),
            ):
                shell.run_cell(preparation)
                turns = TURNS.get(name, 30)
                taken[state] += [once(shell, cell) for _ in range(turns + 3)][3:]
            shell.run_cell("%seed off")
        figures[name] = {state: statistics.median(times) for state, times in taken.items()}
    return figures


def round_trips() -> dict[str, dict[str, float]]:
    """Take a cell's round trip through a kernel, without us and with."""
    figures: dict[str, dict[str, float]] = {}
    with running_kernel(IMPORTS) as kernel:
        for state, preparation in (("bare", "pass"), ("watched", "%load_ext seedmagic")):
            kernel.ok(preparation)
            for name in ("empty", "one draw"):
                times = []
                for _ in range(100):
                    began = time.perf_counter()
                    kernel.run(CELLS[name])
                    times.append(time.perf_counter() - began)
                figures.setdefault(f"{name}, in a kernel", {})[state] = statistics.median(times)
    return figures


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        figures = {**in_process(), **round_trips()}
    for name, taken in figures.items():
        bare = taken["bare"]
        told = [f"bare {bare * 1e6:9.0f} µs"]
        for state, seconds in taken.items():
            if state != "bare":
                more = (seconds - bare) * 1e6 / STATEMENTS.get(name, 1)
                each = " a statement" if name in STATEMENTS else ""
                told.append(f"{state} x {seconds / bare:5.3f} ({more:+.0f} µs{each})")
        print(f"{name:32} " + ", ".join(told))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
