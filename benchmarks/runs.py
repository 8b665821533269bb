"""What a run under a seed costs beside its body, and what two workers gain.

python benchmarks/runs.py [--json FILE]

The bodies of the gain take half a second each on one torch thread; the workers have started before.
"""

from __future__ import annotations

from collections.abc import Iterator

import loky
import torch
from turns import Comparison, report, seconds

import seedmagic as sm

RUNS = 200
BODY_SECONDS = 0.5
BODIES = 8
TURNS = 5


def work(steps: int) -> float:
    """Multiply matrices."""
    matrix = torch.rand(200, 200)
    for _ in range(steps):
        matrix = torch.softmax(matrix @ matrix, 0)
    return float(matrix.sum())


def steps_of(duration: float) -> int:
    """Find how many steps take so many seconds, on one thread."""
    return max(1, round(100 * duration / min(seconds(lambda: work(100)) for _ in range(3))))


def overhead() -> Comparison:
    """Give what a run in line takes beside a body of 10 ms."""
    steps = steps_of(0.01)

    def body() -> float:
        return work(steps)

    taken: dict[str, list[float]] = {"the bare body": [], "a run": [], "a run, less the body": []}
    for _ in range(TURNS):
        bare = seconds(lambda: [body() for _ in range(RUNS)]) / RUNS
        ours = seconds(lambda: sm.repeat(body, range(RUNS), progress=False)) / RUNS
        for name, spent in zip(taken, (bare, ours, max(ours - bare, 1e-9)), strict=True):
            taken[name].append(spent)
    return Comparison("a run in line", taken, limits={"a run, less the body": 2e-3})


def gain() -> Comparison:
    """Time the same runs in line and on two workers, in turns."""
    steps = steps_of(BODY_SECONDS)

    def body() -> float:
        return work(steps)

    taken: dict[str, list[float]] = {"in line": [], "two loky workers": []}
    with loky.ProcessPoolExecutor(max_workers=2) as executor:
        sm.repeat(body, range(4), engine=executor, progress=False)  # workers start here
        for _ in range(TURNS):
            for name, engine in zip(taken, (None, executor), strict=True):
                taken[name].append(
                    seconds(
                        lambda engine=engine: sm.repeat(  # type: ignore[misc]
                            body, range(BODIES), engine=engine, progress=False
                        )
                    )
                )
    what = f"{BODIES} runs of {BODY_SECONDS} s, as speed"
    return Comparison(what, taken, goals={"two loky workers": 1.7}, speed=True)


def comparisons() -> Iterator[Comparison]:
    """Measure on one torch thread."""
    torch.set_num_threads(1)
    yield overhead()
    yield gain()


if __name__ == "__main__":
    report(__doc__, comparisons())
