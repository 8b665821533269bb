"""Run thousands of cells in one kernel: memory and time per cell must not grow.

python benchmarks/soak.py [--cells 10000]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from kernels import Kernel, running_kernel

CELLS = (
    "pass",
    "x = random.random(); y = np.random.rand(); z = torch.rand(1)",
    "%%seeded 7\nx = random.random()",
    "for i in range(10):\n    x = random.random()",
    "1 / 0",
)
MEMORY = "int(open('/proc/self/statm').read().split()[1]) * 4096 // 1024"


def run_some(kernel: Kernel, count: int) -> tuple[float, int]:
    """Run `count` cells; give the median seconds a cell, and the kernel's resident kB."""
    times = []
    for turn in range(count):
        began = time.perf_counter()
        kernel.run(CELLS[turn % len(CELLS)])
        times.append(time.perf_counter() - began)
    return statistics.median(times), int(kernel.value(MEMORY))


def main() -> None:
    """Run them in ten parts, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=10_000)
    asked = parser.parse_args()
    with running_kernel("import random, numpy as np, torch", "%load_ext seedmagic") as kernel:
        kernel.ok("import warnings; warnings.simplefilter('ignore')")
        for part in range(10):
            seconds, memory = run_some(kernel, asked.cells // 10)
            done = (part + 1) * (asked.cells // 10)
            print(f"{done:7} cells: {seconds * 1e3:6.2f} ms a cell, {memory / 1024:7.1f} MiB")


if __name__ == "__main__":
    main()
