"""What the extension adds to a cell's round trip through a real kernel.

python benchmarks/cells.py [--json FILE]

Three kernels answer the same cells in turns: two without the extension, whose difference is the
noise of the measurement, and one with it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from turns import Comparison, report, seconds

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from kernels import Kernel, running_kernel

TURNS = 500
IMPORTS = "import random, numpy as np, torch; np.random.rand();"
CELLS = {
    "an empty cell": "pass",
    "one draw": "random.random();",
    "ten statements that cannot draw": "\n".join(f"x{i} = {i}" for i in range(10)),
    "ten statements that can": "\n".join(f"x{i} = abs({i})" for i in range(10)) + "\npass",
}
WARNED = "np.random.rand();"


def round_trips(what: str, cell: str, kernels: dict[str, Kernel], turns: int = TURNS) -> Comparison:
    """Take a cell in each kernel by turns."""
    taken: dict[str, list[float]] = {name: [] for name in kernels}
    for turn in range(turns + 10):
        for name, kernel in kernels.items():
            spent = seconds(lambda kernel=kernel: kernel.run(cell))
            if turn >= 10:
                taken[name].append(spent)
    return Comparison(what, taken, goals={"watched": 1.015} if cell == "pass" else {})


def comparisons() -> Iterator[Comparison]:
    """Measure unseeded, with its warning, then seeded."""
    with (
        running_kernel(IMPORTS) as bare,
        running_kernel(IMPORTS) as twin,
        running_kernel(IMPORTS, "%load_ext seedmagic") as watched,
    ):
        kernels = {"without": bare, "without, once more": twin, "watched": watched}
        for kernel in kernels.values():
            kernel.ok("import warnings")
        yield round_trips("an empty cell, nothing seeded", "pass", kernels)
        yield round_trips("a cell that is warned about", WARNED, kernels, 200)
        watched.ok("%seed 42")
        for name, cell in CELLS.items():
            yield round_trips(f"{name}, seeded", cell, kernels)


if __name__ == "__main__":
    report(__doc__, comparisons())
