"""What the extension adds to a cell's round trip through a real kernel.

python benchmarks/cells.py [--json FILE]

Kernels answer the same cells in turns, a few at a time. Two of one kind differ by as much as the
extension costs, so there are several with it and several without; of these, two groups, whose
difference is the noise of the measurement.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

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


Kernels = dict[str, list[Kernel]]


def round_trips(what: str, cell: str, kernels: Kernels, turns: int = TURNS) -> Comparison:
    """Take a cell in each kernel by turns."""
    taken: dict[str, list[float]] = {name: [] for name in kernels}
    for turn in range(turns):
        for index in range(KERNELS):
            for name, group in kernels.items():
                kernel = group[index]
                spent = [seconds(lambda: kernel.run(cell)) for _ in range(CELLS_A_TURN)]  # noqa: B023
                if turn:
                    taken[name] += spent[WARM_UP:]
    return Comparison(what, taken, goals={"watched": 1.015} if cell == "pass" else {})


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


if __name__ == "__main__":
    report(__doc__, comparisons())
