"""Statistics of runs: what a table, a curve with a band and a comparison say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 0.95
RESAMPLES = 9_999
INTERVAL = "95 % interval"
HOW = (
    f"{INTERVAL}: of the mean, by bootstrap over the runs (percentiles of {RESAMPLES:,} resamples)"
)
_AT_ONCE = 2_000_000  # values that are resampled at once: 16 MB
_STEPS = 1_000  # of a longer curve, at which there is an interval; TensorBoard shows no more


@dataclass(frozen=True)
class Statistics:
    """What is said of one number per run; NaN where it cannot be said.

    Attributes
    ----------
    name : str
        What was tracked.
    runs, n : int
        How many runs there were, and how many gave a number: neither failed runs count, nor NaN.
    mean, sd, median, iqm : float
        Mean; standard deviation with ddof 1; median; interquartile mean, that is the mean without
        the lowest and the highest ⌊n/4⌋ values [1]_.
    low, high : float
        The bootstrapped 95 % interval of the mean: of percentiles, from 9,999 resamples [2]_.
    min, max : float
        The smallest and the largest value.
    min_seed, max_seed : int or None
        The first seeds that gave them.

    References
    ----------
    .. [1] Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical Precipice",
       NeurIPS 2021.
    .. [2] `scipy.stats.bootstrap`, with a generator of its own under a fixed seed.
    """

    name: str
    runs: int
    n: int
    mean: float
    sd: float
    median: float
    iqm: float
    low: float
    high: float
    min: float
    min_seed: int | None
    max: float
    max_seed: int | None


@dataclass(frozen=True)
class Curve:
    """The mean of sequences at each step; each attribute an array of shape (steps,).

    Attributes
    ----------
    n : ndarray of int
        How many runs reached the step with a number.
    mean, low, high : ndarray of float64
        The mean over these, and its interval as in `Statistics`; NaN where there is none. Of more
        than 1,000 steps, 1,000 have one.
    """

    n: NDArray[np.int64]
    mean: Floats
    low: Floats
    high: Floats


def describe_values(name: str, values: Floats, seeds: Sequence[int]) -> Statistics:
    """Say what is to be said of one number per run.

    Parameters
    ----------
    name : str
        What was tracked.
    values : ndarray of shape (runs,)
        NaN where a run failed.
    seeds : sequence of int
        Their seeds.
    """
    import numpy as np

    is_there = ~np.isnan(values)
    present, of = (
        values[is_there],
        [seed for seed, there in zip(seeds, is_there, strict=True) if there],
    )
    n = len(present)
    if n == 0:
        nan = float("nan")
        return Statistics(name, len(values), 0, nan, nan, nan, nan, nan, nan, nan, None, nan, None)
    curve = mean_curve(values[:, np.newaxis])
    with np.errstate(all="ignore"):  # infinite values have no deviation
        if present.min() == present.max():
            mean = median = iqm = float(present[0])  # the mean of 0.1, ten times, is not 0.1
            sd = 0.0
        else:
            ordered, cut = np.sort(present), n // 4
            mean, median = float(curve.mean[0]), float(np.median(present))
            iqm, sd = float(ordered[cut : n - cut].mean()), float(present.std(ddof=1))
    lowest, highest = int(present.argmin()), int(present.argmax())
    return Statistics(
        name,
        len(values),
        n,
        mean,
        sd if n > 1 else float("nan"),
        median,
        iqm,
        float(curve.low[0]),
        float(curve.high[0]),
        float(present[lowest]),
        of[lowest],
        float(present[highest]),
        of[highest],
    )


def mean_curve(rows: Floats) -> Curve:
    """Give the mean and its interval at each step.

    Parameters
    ----------
    rows : ndarray of shape (runs, steps)
        NaN where a run failed, or ended before the step.
    """
    import numpy as np

    is_there = ~np.isnan(rows)
    n = is_there.sum(axis=0)
    if not rows.size:
        return Curve(n, *(np.empty(rows.shape[1]) for _ in range(3)))
    has_interval = np.zeros(rows.shape[1], bool)
    has_interval[np.linspace(0, rows.shape[1] - 1, _STEPS).round().astype(int)] = True
    mean, low, high = (np.full(rows.shape[1], np.nan) for _ in range(3))
    for runs, steps in _alike(is_there):
        if not runs.any():
            continue
        block = rows[np.ix_(runs, steps)]
        with np.errstate(all="ignore"):
            is_equal = (block == block[0]).all(axis=0)
            mean[steps] = np.where(is_equal, block[0], block.mean(axis=0))
        if len(block) < 2:
            continue
        is_equal &= has_interval[steps]
        low[steps[is_equal]] = high[steps[is_equal]] = block[0, is_equal]
        differ = ~is_equal & np.isfinite(block).all(axis=0) & has_interval[steps]
        if differ.any():
            low[steps[differ]], high[steps[differ]] = _interval(block[:, differ])
    return Curve(n, mean, low, high)


def _alike(is_there: Any) -> Any:
    """Give sets of steps that the same runs reached: these runs, as a mask, and the steps."""
    import numpy as np

    masks, which = np.unique(is_there, axis=1, return_inverse=True)
    for index in range(masks.shape[1]):
        yield masks[:, index], np.flatnonzero(which.ravel() == index)


def _interval(block: Floats) -> tuple[Floats, Floats]:
    """Bootstrap the mean at each step; the runs are drawn as wholes, the same for all steps."""
    from inspect import signature

    import numpy as np
    from scipy.stats import bootstrap

    # SciPy calls it random_state before 1.15.
    keyword = "rng" if "rng" in signature(bootstrap).parameters else "random_state"
    # SciPy would draw from the user's generator. Its own starts anew for each call, so that a table
    # says the same each time, and a step's interval does not depend on other steps.
    with np.errstate(all="ignore"):
        found = bootstrap(
            (block,),
            np.mean,
            axis=0,
            n_resamples=RESAMPLES,
            batch=max(1, _AT_ONCE // block.size),
            confidence_level=LEVEL,
            method="percentile",
            **{keyword: np.random.default_rng(0)},
        ).confidence_interval
    return found.low, found.high
