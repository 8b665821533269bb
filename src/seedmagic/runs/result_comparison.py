"""Two results over the same seeds, compared seed by seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seedmagic.runs.number_format import number
from seedmagic.runs.run_statistics import INTERVAL, Statistics, describe_values
from seedmagic.runs.tracked_runs import TrackedRuns
from seedmagic.seeds import describe
from seedmagic.words import many


@dataclass(frozen=True)
class PairedDifference:
    """The first result minus the second, in one name, for each seed that both have.

    Attributes
    ----------
    name : str
        What was tracked.
    seeds : tuple of int
        The common seeds under which both runs gave a number.
    values : tuple of float
        The differences, one a seed.
    statistics : Statistics
        Of `values`.
    """

    name: str
    seeds: tuple[int, ...]
    values: tuple[float, ...]
    statistics: Statistics

    def __str__(self) -> str:
        told, n = self.statistics, len(self.seeds)
        if n == 0:
            return f"{self.name}: under no common seed do both have a number."
        common = many(n, "common seed")
        if told.min == told.max == 0:
            return f"{self.name}: the same under {'each of ' if n > 1 else ''}{common}."
        by = number(abs(told.mean), told)
        word = "higher" if told.mean > 0 else "lower"
        lead = f"{self.name}: the first is {word} by {by}"
        if n == 1:
            return f"{lead} under the one common seed, from which no interval can be had."
        if not told.low <= told.high:  # NaN
            return f"{lead} on average over {common}; no interval can be had of infinite values."
        interval = (
            f"({INTERVAL} of the difference: {number(told.low, told)} to "
            f"{number(told.high, told)}, n = {n})"
        )
        if told.low <= 0 <= told.high:
            return (
                f"{self.name}: no clear difference: the first is {word} by {by} on average over "
                f"{common}, and the interval includes 0 {interval}."
            )
        return f"{lead} on average over {common} {interval}."


@dataclass(frozen=True)
class Comparison:
    """Two results over the same seeds: for each common name the differences, first minus second.

    Attributes
    ----------
    differences : tuple of PairedDifference
        One a name; ``comparison["acc"]`` gives that of a name.
    """

    differences: tuple[PairedDifference, ...]

    def __getitem__(self, name: str) -> PairedDifference:
        for difference in self.differences:
            if difference.name == name:
                return difference
        raise KeyError(name)

    def __str__(self) -> str:
        return "\n".join(map(str, self.differences))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": str(self)}


def compare(first: TrackedRuns, second: TrackedRuns) -> Comparison:
    """Compare two results, as `RunsResult.compare` says."""
    import numpy as np

    if type(second) is not type(first):
        raise TypeError(f"compare needs another RunsResult, not {describe(second)}.")
    places = {seed: place for place, seed in enumerate(second.seeds)}
    seeds = [seed for seed in first.seeds if seed in places]
    if not seeds:
        raise ValueError(
            "the two results have no seed in common, so nothing can be compared seed by seed: "
            "run both under the same seeds."
        )
    names = [name for name in first.names if name in second.names]
    if not names:
        raise ValueError(
            f"the two results have no name in common: one has {', '.join(first.names)}, the other "
            f"{', '.join(second.names)}."
        )
    found = []
    for name in names:
        ours = dict(zip(first.seeds, first.last(name), strict=True))
        theirs = dict(zip(second.seeds, second.last(name), strict=True))
        with np.errstate(invalid="ignore"):  # the difference of two infinities is none
            both = {seed: float(ours[seed] - theirs[seed]) for seed in seeds}
        there = {seed: value for seed, value in both.items() if not np.isnan(value)}
        values = np.array(list(there.values()))
        told = describe_values(name, values, list(there))
        found.append(PairedDifference(name, tuple(there), tuple(there.values()), told))
    return Comparison(tuple(found))
