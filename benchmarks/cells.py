"""What the extension adds to a cell's round trip through a real kernel.

python benchmarks/cells.py [--json FILE]

Kernels answer the same cells in turns, a few at a time. Two of one kind differ by as much as the
extension costs, so there are several with it and several without; of these, two groups, whose
difference is the noise of the measurement. What our hooks take by the kernel's own clock has less.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from turns import Comparison, report, seconds

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from kernels import Kernel, running_kernel

KERNELS = 3  # of each group
TURNS = 40
CELLS_A_TURN = 12
WARM_UP = 2  # cells of a turn, whose time is not taken
IMPORTS = "import random, numpy as np, torch; np.random.rand();"
CELLS = {
    "an empty cell": "pass",
    "one draw": "random.random();",
    "ten statements that cannot draw": "\n".join(f"x{i} = {i}" for i in range(10)),
    "ten statements that can": "\n".join(f"x{i} = abs({i})" for i in range(10)) + "\npass",
}
WARNED = "np.random.rand();"
EVENTS_A_CELL = 4  # pre_execute, pre_run_cell, post_execute, post_run_cell
STOPWATCH = """
import time

class Stopwatch:
    def __init__(self, trigger):
        self.trigger, self.spent = trigger, []

    def __call__(self, *event):
        began = time.perf_counter()
        self.trigger(*event)
        self.spent.append(time.perf_counter() - began)

stopwatch = get_ipython().events.trigger = Stopwatch(get_ipython().events.trigger)
"""


Kernels = dict[str, list[Kernel]]


def by_turns(kernels: Kernels, turns: int) -> Iterator[tuple[int, str, Kernel]]:
    """Give each kernel once a turn, those of the groups one after the other."""
    for turn in range(turns):
        for index in range(KERNELS):
            for name, group in kernels.items():
                yield turn, name, group[index]


def round_trips(what: str, cell: str, kernels: Kernels, turns: int = TURNS) -> Comparison:
    """Take a cell in each kernel by turns."""
    taken: dict[str, list[float]] = {name: [] for name in kernels}
    for turn, name, kernel in by_turns(kernels, turns):
        spent = [seconds(lambda: kernel.run(cell)) for _ in range(CELLS_A_TURN)]  # noqa: B023
        if turn:
            taken[name] += spent[WARM_UP:]
    return Comparison(what, taken, goals={"watched": 1.015} if cell == "pass" else {})


def hooks(what: str, kernels: Kernels) -> Comparison:
    """Take the time that IPython's events around an empty cell need, in each kernel by turns."""
    taken: dict[str, list[float]] = {name: [] for name in kernels}
    for turn, name, kernel in by_turns(kernels, TURNS // 2):
        kernel.ok("stopwatch.spent.clear();")
        for _ in range(CELLS_A_TURN):
            kernel.run("pass")
        # The first two are of the end of the cell that clears, the last is of this question.
        spent = ast.literal_eval(kernel.value("stopwatch.spent[2:-1]"))
        starts = range(0, len(spent), EVENTS_A_CELL)
        by_cell = [sum(spent[at : at + EVENTS_A_CELL]) for at in starts]
        assert len(by_cell) == CELLS_A_TURN
        if turn:
            taken[name] += by_cell[WARM_UP:]
    floor = median(taken["without"])
    return Comparison(what, taken, limits={"watched": floor + 50e-6})


def comparisons() -> Iterator[Comparison]:
    """Measure unseeded, with its warning, then seeded."""
    with ExitStack() as running:
        starts = {"without": (), "without, once more": (), "watched": ("%load_ext seedmagic",)}
        kernels: Kernels = {name: [] for name in starts}
        for _ in range(KERNELS):
            for name, cells in starts.items():
                kernel = running.enter_context(running_kernel(IMPORTS, *cells))
                kernel.ok("import warnings")
                kernels[name].append(kernel)
        yield round_trips("an empty cell, nothing seeded", "pass", kernels)
        yield round_trips("a cell that is warned about", WARNED, kernels, 10)
        for kernel in kernels["watched"]:
            kernel.ok("%seed 42")
        for name, cell in CELLS.items():
            yield round_trips(f"{name}, seeded", cell, kernels)
        for group in kernels.values():
            for kernel in group:
                kernel.ok(STOPWATCH)
        yield hooks("IPython's events around an empty cell, seeded", kernels)


if __name__ == "__main__":
    report(__doc__, comparisons())
