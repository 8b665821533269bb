"""Run 20,000 cells in one kernel: their numbers must stay right, memory and time must not grow.

    python benchmarks/soak.py [--cells 20000]

Seeds, scopes, errors, draws without a seed, and interrupts in turn. After every 100th cell: a seed,
a draw, a scope that ends in one way or another, a draw; the numbers must be those of the
libraries' own generators. A kernel without the extension draws in turns with it: where both grow
slower, it is the machine or IPython. It takes some minutes, and ends with exit code 1 where
something is wrong. Memory grows over the first 1,000 cells, whose states the ledger keeps.
"""

from __future__ import annotations

import argparse
import ast
import random
import statistics
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from turns import seconds

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from kernels import TIMEOUT, Kernel, Shown, running_kernel

PRELUDE = """
import random, time, warnings, numpy as np, torch
warnings.simplefilter('ignore')
items = []
def draws():
    return [random.random(), float(np.random.rand()), torch.rand(1).item()]
"""
# Those that raise end in it.
RAISES = "1 / 0"
CELLS = (
    "pass",
    "x = draws()",
    "%seed 42",
    "x = random.random(); y = np.random.rand(); z = torch.rand(1)",
    "%%seeded 7\nx = draws()",
    "for i in range(10):\n    x = random.random()",
    RAISES,
    f"%%seeded 7\nx = draws()\n{RAISES}",
    "%%seeded 7 --rewind items\nitems.append(random.random())",
    "%seed off",
    "x = draws()",
    "rng = np.random.default_rng()",
)
# What a check has between its two draws.
SLEEPS = "print('asleep', flush=True)\ntime.sleep(60)"
SCOPES = (
    "%%seeded 7\ninside = draws()",
    f"%%seeded 7\ninside = draws()\n{RAISES}",
    "%%seeded 7\ninside = draws()\n%seed 3\nx = draws()",
    "%%seeded 7 --rewind items\ninside = draws()\nitems.append(inside)",
    f"%%seeded 7\ninside = draws()\n{SLEEPS}",
)
DRAWN = "x = draws()"  # by the plain kernel
EVERY = 100
MEMORY = "int(open('/proc/self/statm').read().split()[1]) * 4096"


def run(kernel: Kernel, cell: str) -> None:
    """Run a cell, which must end as it is meant to."""
    shown = interrupt(kernel, cell) if cell.endswith(SLEEPS) else kernel.run(cell)
    wanted = ""
    if cell.endswith(SLEEPS):
        wanted = "KeyboardInterrupt"
    elif cell.endswith(RAISES):
        wanted = "ZeroDivisionError"
    if shown.error.partition(":")[0] != wanted:
        sys.exit(f"{cell!r} was to end with {wanted or 'no error'}, and ended: {shown}")


def interrupt(kernel: Kernel, cell: str) -> Shown:
    """Interrupt a cell once it has said something."""
    message = kernel.start(cell)
    while True:
        got = kernel.client.get_iopub_msg(timeout=TIMEOUT)
        if got["parent_header"].get("msg_id") == message and got["msg_type"] == "stream":
            break
    kernel.manager.interrupt_kernel()
    return kernel.finish(message)


def expected(seed: int, count: int) -> list[list[float]]:
    """Give so many draws of generators of our own, under the same seed."""
    python, numpy = random.Random(seed), np.random.RandomState(seed)
    cpu = torch.Generator().manual_seed(seed)
    return [
        [python.random(), float(numpy.rand()), torch.rand(1, generator=cpu).item()]
        for _ in range(count)
    ]


def check(kernel: Kernel, seed: int) -> None:
    """Compare what cells draw under a seed, and in a scope among them, with the libraries' own."""
    scope = SCOPES[seed // EVERY % len(SCOPES)]
    for cell in (f"%seed {seed}", "first = draws()", scope, "second = draws()"):
        run(kernel, cell)
    found = ast.literal_eval(kernel.value("[inside, first, second]"))
    wanted = [*expected(7, 1), *expected(seed, 2)]
    if found != wanted:
        sys.exit(
            f"After {seed} cells, under %seed {seed}, the scope {scope!r}, the draw before it and "
            f"the one after it gave\n{found}\nThe libraries' own generators give\n{wanted}"
        )


def run_some(kernel: Kernel, plain: Kernel, turns: Sequence[int]) -> tuple[float, float, float]:
    """Run a cell for each of `turns`, and one in the plain kernel.

    Give the median seconds of a cell in both, and the bytes of the first.
    """
    times, others = [], []
    for turn in turns:
        times.append(seconds(partial(run, kernel, CELLS[turn % len(CELLS)])))
        others.append(seconds(partial(run, plain, DRAWN)))
        if (turn + 1) % EVERY == 0:
            check(kernel, turn + 1)
    return statistics.median(times), statistics.median(others), float(kernel.value(MEMORY))


def main() -> None:
    """Run them in ten parts, print a line for each, and compare the last with the first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=20_000)
    count = parser.parse_args().cells
    parts = []
    watched = running_kernel(PRELUDE, "%load_ext seedmagic")
    with watched as kernel, running_kernel(PRELUDE) as plain:
        for part in range(10):
            turns = range(count * part // 10, count * (part + 1) // 10)
            parts.append(run_some(kernel, plain, turns))
            median, other, memory = parts[-1]
            told = f"{median * 1e3:6.2f} ms a cell, {memory / 2**20:7.1f} MiB"
            print(f"{turns.stop:7} cells: {told}; plain {other * 1e3:6.2f} ms", flush=True)
    (first, other, memory), (last, another, more) = parts[0], parts[-1]
    print(
        f"{count // EVERY} checks, all numbers right. From the first tenth to the last: "
        f"{last / first - 1:+.1%} time a cell (plain {another / other - 1:+.1%}), "
        f"{(more - memory) / 2**20:+.1f} MiB, "
        f"{(more - memory) / max(1, count * 9 // 10):+.0f} bytes a cell"
    )


if __name__ == "__main__":
    main()
