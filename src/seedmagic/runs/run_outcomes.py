"""Take the outcomes of many runs as they come, and make them a result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any

from seedmagic.errors import RunsError, RunsInterrupted
from seedmagic.runs.one_run import Outcome
from seedmagic.runs.run_plan import Plan
from seedmagic.runs.runs_result import RunsResult

if TYPE_CHECKING:
    from typing_extensions import Self


class Collecting:
    """While it is entered, it takes outcomes; after that it has the result.

    Parameters
    ----------
    plan : Plan
        What was asked for.
    bar : callable, optional
        Is called with the number of runs, if there is more than one, and gives a bar: something
        with ``update``, ``clear`` and ``close``.

    Raises
    ------
    RunsInterrupted
        At the end, if an interrupt came when some runs had finished.
    """

    def __init__(self, plan: Plan, bar: Callable[[int], Any] | None = None) -> None:
        self._plan = plan
        self._make_bar = bar if len(plan.seeds) > 1 else None
        self._bar: Any = None
        self._finished: dict[int, Outcome] = {}

    def __enter__(self) -> Self:
        if self._make_bar is not None:
            self._bar = self._make_bar(len(self._plan.seeds))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        if isinstance(error, KeyboardInterrupt) and self._finished:
            raise RunsInterrupted(self._result()) from error

    def take(self, outcome: Outcome) -> None:
        """Take an outcome, in whatever order they come.

        Raises
        ------
        TypeError, ValueError
            What is tracked was not there, or no number, in the run of the first seed.
        """
        failure = outcome.failure
        if failure and outcome.seed == self._plan.seeds[0]:
            if failure.is_mistake:
                raise failure.exception
        elif failure:
            # Only the first is chained from; another would keep its run's objects alive.
            light = replace(failure, exception=RuntimeError(failure.text))
            outcome = replace(outcome, failure=light)
        self._finished[outcome.seed] = outcome
        if self._bar is not None:
            self._bar.update()

    def clear(self) -> None:
        """Take the bar out of the way of what a run prints; the next outcome shows it again."""
        if self._bar is not None:
            self._bar.clear()

    def result(self) -> RunsResult:
        """Give the result.

        Raises
        ------
        RunsError
            Every run failed.
        """
        seeds = self._plan.seeds
        failures = {seed: self._finished[seed].failure for seed in seeds}
        failed = {seed: failure for seed, failure in failures.items() if failure}
        if len(failed) == len(seeds):
            texts = {seed: failure.text for seed, failure in failed.items()}
            raise RunsError(texts) from failed[seeds[0]].exception
        return self._result()

    def _result(self) -> RunsResult:
        result = RunsResult.of(self._plan, self._finished)
        if self._plan.tensorboard is not None:
            from seedmagic.runs.tensorboard_files import write

            write(result, self._plan.tensorboard)
        return result


def make_bar(count: int, **options: Any) -> Any:
    """Make a bar of tqdm's with the time left, for notebook or terminal."""
    return bar_class()(total=count, desc="runs", unit="run", miniters=1, leave=False, **options)


def bar_class() -> Any:
    """Give the kind of bar that suits the front end."""
    from tqdm.auto import tqdm

    class Bar(tqdm):  # type: ignore[misc]
        # No thread that looks after slow bars: a pool may fork, and each run is told anyway.
        monitor_interval = 0

    return Bar
