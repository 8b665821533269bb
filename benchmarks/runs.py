"""What a run costs beside its body, and what two workers gain.

    python benchmarks/runs.py [--json FILE]

The overhead is the time of many runs of an empty body, in line, less that of the bare calls, by
run; the median of several turns. The gain is the time of runs of half a second each, on one torch
thread, in line, divided by that on two loky workers that have started before.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import loky
import torch

import seedmagic as sm

RUNS = 200
TURNS = 7
BODY_SECONDS = 0.5
BODIES = 8


def seconds(call: Callable[[], object]) -> float:
    """Give the seconds of a call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def overhead() -> float:
    """Give the seconds that a run in line takes beside its body."""

    def body() -> float:
        return 1.0

    sm.repeat(body, range(RUNS), progress=False)
    extra = []
    for _ in range(TURNS):
        bare = seconds(lambda: [body() for _ in range(RUNS)])
        extra.append((seconds(lambda: sm.repeat(body, range(RUNS), progress=False)) - bare) / RUNS)
    return statistics.median(extra)


def steps_of(duration: float) -> int:
    """Find how many steps of the body take `duration` seconds, on one thread."""
    return max(1, round(100 * duration / min(seconds(lambda: work(100)) for _ in range(3))))


def work(steps: int) -> float:
    """Multiply matrices."""
    matrix = torch.rand(200, 200)
    for _ in range(steps):
        matrix = torch.softmax(matrix @ matrix, 0)
    return float(matrix.sum())


def gain() -> dict[str, float]:
    """Time the same runs in line and on two workers, in turns."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    steps = steps_of(BODY_SECONDS)

    def body() -> float:
        return work(steps)

    try:
        with loky.ProcessPoolExecutor(max_workers=2) as executor:
            sm.repeat(body, range(4), engine=executor, progress=False)  # workers start here
            taken: dict[str, list[float]] = {"in line": [], "two workers": []}
            for _ in range(3):
                for name, engine in (("in line", None), ("two workers", executor)):
                    taken[name].append(
                        seconds(
                            lambda engine=engine: sm.repeat(
                                body, range(BODIES), engine=engine, progress=False
                            )
                        )
                    )
    finally:
        torch.set_num_threads(threads)
    return {name: statistics.median(times) for name, times in taken.items()}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    figures = {"overhead of a run": overhead(), **gain()}
    print(f"overhead of a run in line  {figures['overhead of a run'] * 1e3:6.2f} ms")
    print(f"{BODIES} runs in line             {figures['in line']:6.2f} s")
    print(f"{BODIES} runs on two workers      {figures['two workers']:6.2f} s")
    print(f"gain                       {figures['in line'] / figures['two workers']:6.2f}")
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
