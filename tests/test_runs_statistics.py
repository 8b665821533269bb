"""The numbers of the table, the curve and the comparison are those of NumPy and SciPy."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
import scipy.stats

import seedmagic as sm
from seedmagic.runs.run_statistics import mean_curve


def result_of(values: list[Any], first: int = 0, name: str = "x") -> sm.RunsResult:
    """Make a result; an exception among the values is raised in its run."""

    def give(seed: int) -> dict[str, Any]:
        value = values[seed - first]
        if isinstance(value, Exception):
            raise value
        return {name: value}

    return sm.repeat(give, range(first, first + len(values)), progress=False)


SAMPLE = [0.91, 0.905, 0.93, 0.92, 0.89, 0.96, 0.915]


def test_the_statistics_are_numpys_and_scipys() -> None:
    told = result_of(SAMPLE, first=10).summary()["x"]
    assert told.n == told.runs == 7
    assert told.mean == pytest.approx(np.mean(SAMPLE))
    assert told.sd == pytest.approx(np.std(SAMPLE, ddof=1))
    assert told.median == np.median(SAMPLE)
    assert told.iqm == pytest.approx(scipy.stats.trim_mean(SAMPLE, 0.25))
    assert (told.min, told.min_seed, told.max, told.max_seed) == (0.89, 14, 0.96, 15)
    interval = scipy.stats.bootstrap(
        (SAMPLE,), np.mean, method="percentile", n_resamples=100_000, random_state=1
    ).confidence_interval
    assert (told.low, told.high) == pytest.approx(interval, abs=0.002)


def test_nothing_is_drawn_from_the_users_generators_and_the_table_says_the_same_again() -> None:
    result = result_of([SAMPLE, *([n * s for s in SAMPLE] for n in range(3))])
    before = sm.snapshot()
    first = str(result), result.picture()
    assert (str(result), result.picture()) == first
    assert before.diff(sm.snapshot()) == []


@pytest.mark.parametrize("value", [0.1, 3, -1e300, math.inf])
@pytest.mark.parametrize("count", [1, 2, 10])
def test_equal_values_have_their_own_mean_and_no_deviation(value: float, count: int) -> None:
    result = result_of([value] * count)
    told = result.summary()["x"]
    assert told.mean == told.median == told.iqm == told.min == told.max == value
    assert told.min_seed == told.max_seed == 0
    if count == 1:
        assert all(map(math.isnan, (told.sd, told.low, told.high)))
        assert "–" in str(result)
    else:
        assert (told.sd, told.low, told.high) == (0, value, value)
    result._repr_mimebundle_()


def test_failed_runs_and_nan_do_not_count_and_are_told() -> None:
    result = result_of([1.0, math.nan, ValueError("x"), 3.0])
    told = result.summary()["x"]
    assert (told.n, told.runs, told.mean, told.median) == (2, 4, 2, 2)
    assert "2 of 4" in str(result)
    nothing = result_of([math.nan, math.nan])
    assert nothing.summary()["x"].n == 0
    assert math.isnan(nothing.summary()["x"].mean)
    for each in (result, nothing):
        each._repr_mimebundle_()


@pytest.mark.parametrize(
    "values", [[1, math.inf], [-math.inf, 2, math.inf], [1e308, 1.5e308, -1e308]]
)
def test_what_is_infinite_gives_no_interval_and_no_warning(values: list[float]) -> None:
    result = result_of(values)
    told = result.summary()["x"]
    assert told.n == len(values)
    assert (told.min, told.max) == (min(values), max(values))
    result._repr_mimebundle_()
    result_of([values, values[::-1]])._repr_mimebundle_()


def test_a_curve_counts_the_runs_that_reached_each_step() -> None:
    result = result_of([[1.0, 2.0, 3.0], [3.0], ValueError("x"), [2.0, 5.0]])
    rows = result.values("x")
    np.testing.assert_array_equal(rows[1], [3, np.nan, np.nan])
    curve = mean_curve(rows)
    np.testing.assert_array_equal(curve.n, [3, 2, 1])
    np.testing.assert_array_equal(curve.mean, [2, 3.5, 3])
    assert curve.low[0] < 2 < curve.high[0]
    assert (curve.low[1], curve.high[1]) == (2, 5)
    assert math.isnan(curve.low[2])
    assert result.summary()["x"].mean == np.mean([3, 3, 5])  # each run's last


def test_a_steps_interval_is_that_of_the_step_alone() -> None:
    rows = np.random.default_rng(0).standard_normal((5, 6000))
    curve = mean_curve(rows)
    assert np.isfinite(curve.low).sum() == 1000
    for step in np.flatnonzero(np.isfinite(curve.low))[[0, 123, -1]]:
        alone = mean_curve(rows[:, [step]])
        assert (alone.low[0], alone.high[0]) == (curve.low[step], curve.high[step])


def test_empty_sequences_are_curves_of_nothing() -> None:
    result = result_of([[], []])
    assert result.values("x").shape == (2, 0)
    assert result.summary()["x"].n == 0
    result._repr_mimebundle_()
    assert len(result_of([[], [1.0]]).to_frame()) == 1


def test_a_number_among_sequences_is_a_sequence_of_one() -> None:
    np.testing.assert_array_equal(result_of([1.0, [2.0, 3.0]]).values("x"), [[1, np.nan], [2, 3]])


def test_results_are_compared_seed_by_seed() -> None:
    noise = [random.gauss(0, 1) for _ in range(20)]
    first = result_of([value + 0.5 + random.gauss(0, 0.1) for value in noise])
    second = result_of(noise[5:], first=5)
    found = first.compare(second)["x"]
    assert found.seeds == tuple(range(5, 20))
    expected = first.values("x")[5:] - second.values("x")
    np.testing.assert_array_equal(found.values, expected)
    assert found.statistics.mean == pytest.approx(expected.mean())
    assert "the first is higher by 0." in str(found)
    assert "over 15 common seeds (95 % interval of the difference: 0." in str(found)
    turned = second.compare(first)["x"]
    assert turned.statistics.mean == -found.statistics.mean
    assert "lower by 0." in str(turned)


SENTENCES: list[tuple[list[Any], list[Any], str]] = [
    ([1, 2, 3], [1, 2, 3], "x: the same under each of 3 common seeds."),
    ([1], [1], "x: the same under 1 common seed."),
    ([2], [1], "under the one common seed, from which no interval can be had"),
    ([1, 5, 3], [2, 4, 3.5], "no clear difference"),
    ([math.nan], [1], "under no common seed do both have a number"),
    ([math.inf, 1], [1, 2], "no interval can be had of infinite values"),
    ([2, 3], [1, 2], "higher by 1 on average over 2 common seeds (95 % interval of the difference"),
    ([[9, 2], [9, 4]], [[1], [1]], "higher by 2.00 on average"),
]


@pytest.mark.parametrize(("ours", "theirs", "told"), SENTENCES)
def test_a_comparison_is_a_plain_sentence(ours: list[Any], theirs: list[Any], told: str) -> None:
    comparison = result_of(ours).compare(result_of(theirs))
    assert told in str(comparison)
    assert comparison._repr_mimebundle_()["text/plain"] == str(comparison)


def test_what_cannot_be_compared_is_refused() -> None:
    first = result_of([1, 2])
    with pytest.raises(ValueError, match="no seed in common"):
        first.compare(result_of([1, 2], first=7))
    with pytest.raises(ValueError, match="no name in common: one has x, the other y"):
        first.compare(result_of([1, 2], name="y"))
    with pytest.raises(TypeError, match="another RunsResult"):
        first.compare([1, 2])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'y' was not tracked: x was"):
        first.values("y")
