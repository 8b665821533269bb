"""Take alternatives in turns, tell them as ratios to a floor, keep them as pyperf's benchmarks.

Machines are shared and noisy: what is compared is measured in turns in one process, so that a
machine that slows down slows all of it. The floor is the first alternative of a comparison.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyperf

Alternatives = Mapping[str, Callable[[], object]]

_SHORTEST = 2e-3  # a measurement takes at least so many seconds
_UNITS = {
    "second": {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9},
    "byte": {"GB": 1e9, "MB": 1e6, "kB": 1e3, "B": 1.0},
    "integer": {"": 1.0},
}


@dataclass(frozen=True)
class Comparison:
    """What was measured of each alternative; the first is the floor.

    Parameters
    ----------
    what : str
        What they do.
    taken : mapping of str to sequence of float
        The values of each, in `unit`.
    goals : mapping of str to float
        At most so many times the floor; with `speed`, at least that part of its speed.
    limits : mapping of str to float
        At most so much, in `unit`, whatever the floor.
    unit : {"second", "byte", "integer"}
        As pyperf has it.
    speed : bool
        Tell how fast it is beside the floor, not how long it takes.
    loops : mapping of str to int
        Of how many calls each value is the mean; else of one.
    """

    what: str
    taken: Mapping[str, Sequence[float]]
    goals: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    unit: str = "second"
    speed: bool = False
    loops: Mapping[str, int] = field(default_factory=dict)

    def ratio(self, name: str) -> float:
        """Divide the median of `name` by the floor's, or the other way round for a speed."""
        floor, own = (median(self.taken[key]) for key in (next(iter(self.taken)), name))
        return floor / own if self.speed else own / floor

    def rows(self) -> list[str]:
        """Write a line of a table for each alternative."""
        told = []
        for name, values in self.taken.items():
            amount = self._write(median(values))
            aim = self._aim(name)
            told.append(f"| {self.ratio(name):.3g} | {aim} | {amount} | {self.what} | {name} |")
        return told

    def _aim(self, name: str) -> str:
        if name in self.goals:
            return f"{'≥' if self.speed else '≤'} {self.goals[name]:g}"
        return f"≤ {self._write(self.limits[name])}" if name in self.limits else ""

    def _write(self, value: float) -> str:
        units = _UNITS[self.unit]
        # The smallest where even that is too large.
        name = next((name for name, size in units.items() if value >= size), [*units][-1])
        number = value / units[name]
        return f"{number:.{3 if number < 1000 else 6}g} {name}".strip()

    def benchmarks(self) -> list[pyperf.Benchmark]:
        """Give them as pyperf keeps them, for `pyperf show` and `pyperf compare_to`."""
        import pyperf  # on a borrowed GPU there may be none, and the rest is needed there

        kept = []
        for name, values in self.taken.items():
            about = {
                "name": f"{self.what}: {name}",
                "unit": self.unit,
                "loops": self.loops.get(name, 1),
            }
            about |= {"ratio": self.ratio(name), "load": os.getloadavg()[0]}
            if aim := self._aim(name):
                about["goal"] = aim
            kept.append(pyperf.Benchmark([pyperf.Run(list(values), metadata=about)]))
        return kept


def in_turns(
    what: str,
    alternatives: Alternatives,
    *,
    goals: Mapping[str, float] | None = None,
    turns: int = 31,
    prepare: Callable[[], object] = lambda: None,
    speed: bool = False,
) -> Comparison:
    """Measure each alternative once a turn; `prepare` runs before each measurement, unmeasured."""
    loops = {name: _loops(act, prepare) for name, act in alternatives.items()}
    taken: dict[str, list[float]] = {name: [] for name in alternatives}
    for _ in range(turns):
        for name, act in alternatives.items():
            prepare()
            taken[name].append(seconds(act, loops[name]) / loops[name])
    return Comparison(what, taken, goals or {}, speed=speed, loops=loops)


def seconds(act: Callable[[], object], loops: int = 1) -> float:
    """Give the seconds of so many calls."""
    turns = range(loops)
    began = time.perf_counter()
    for _ in turns:
        act()
    return time.perf_counter() - began


def _loops(act: Callable[[], object], prepare: Callable[[], object]) -> int:
    """Find how many calls take long enough to be measured; the first ones warm up."""
    loops = 1
    prepare()
    act()
    while True:
        prepare()
        if seconds(act, loops) >= _SHORTEST:
            return loops
        loops *= 2


HEAD = "| × floor | goal | median | what | with |\n|---:|---:|---:|---|---|"


def report(about: str, comparisons: Iterable[Comparison]) -> None:
    """Print a table of ratios while they come; with ``--json FILE``, keep all that was measured."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--json", type=Path, help="a file in pyperf's format; it is replaced")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n\n{HEAD}", flush=True)
    kept: list[pyperf.Benchmark] = []
    for comparison in comparisons:
        print("\n".join(comparison.rows()), flush=True)
        kept += comparison.benchmarks()
    if asked.json:
        import pyperf

        pyperf.BenchmarkSuite(kept).dump(str(asked.json), replace=True)
