"""What many runs gave: their values, errors, statistics, table and picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seedmagic.runs import runs_dependencies
from seedmagic.runs.one_run import Outcome
from seedmagic.runs.result_comparison import Comparison, compare
from seedmagic.runs.run_plan import Plan
from seedmagic.runs.tracked_values import Value

if TYPE_CHECKING:
    import numpy as np
    import pandas
    from numpy.typing import NDArray

    from seedmagic.runs.result_summary import Summary


@dataclass(frozen=True, eq=False, repr=False)
class RunsResult:
    """What the same code gave under many seeds; in a notebook, a table and a picture.

    `repeat` makes one, and so does ``%%seeded --runs``.

    Attributes
    ----------
    seeds : tuple of int
        Those of the finished runs, as they were asked for.
    tracked : mapping of str to tuple
        For each name what each run gave: a float, a tuple of floats, or None.
    errors : dict of int to str
        The seeds whose runs failed, and the type and text of the exception.
    outputs : dict of int to object
        By seed, what the runs printed, where it was taken: as text, from an engine.
    cancelled : tuple of int
        The seeds whose runs an interrupt has cancelled.
    """

    seeds: tuple[int, ...]
    tracked: Mapping[str, tuple[Value | None, ...]]
    errors: dict[int, str]
    outputs: dict[int, Any]
    cancelled: tuple[int, ...] = ()

    @classmethod
    def of(cls, plan: Plan, finished: Mapping[int, Outcome]) -> RunsResult:
        """Put together what came, in whatever order it came."""
        seeds = tuple(seed for seed in plan.seeds if seed in finished)
        outcomes = [finished[seed] for seed in seeds]
        names = plan.track or tuple(dict.fromkeys(name for o in outcomes for name in o.values))
        return cls(
            seeds,
            {name: tuple(outcome.values.get(name) for outcome in outcomes) for name in names},
            {o.seed: o.failure.text for o in outcomes if o.failure},
            {o.seed: o.output for o in outcomes if o.output},
            tuple(seed for seed in plan.seeds if seed not in finished),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """What was tracked."""
        return tuple(self.tracked)

    def is_sequence(self, name: str) -> bool:
        """Whether some run gave a sequence under `name`; a number beside it is one of length 1."""
        return any(isinstance(value, tuple) for value in self._of(name))

    def values(self, name: str) -> NDArray[np.float64]:
        """Give what was tracked under a name.

        Parameters
        ----------
        name : str
            One of `names`.

        Returns
        -------
        ndarray of float64
            One row a run, in the order of `seeds`: of shape (runs,) for numbers, and of shape
            (runs, steps) for sequences, where steps is the length of the longest. NaN where a
            run failed, and after the end of a shorter sequence.

        Raises
        ------
        ValueError
            Nothing was tracked under `name`.
        """
        import numpy as np

        given = self._of(name)
        if not self.is_sequence(name):
            return np.array([np.nan if value is None else value for value in given])
        sequences = [_as_sequence(value) for value in given]
        rows = np.full((len(given), max(map(len, sequences))), np.nan)
        for row, sequence in zip(rows, sequences, strict=True):
            row[: len(sequence)] = sequence
        return rows

    def last(self, name: str) -> NDArray[np.float64]:
        """Give one number a run: the tracked one, or the last of a sequence; shape (runs,)."""
        import numpy as np

        sequences = [_as_sequence(value) for value in self._of(name)]
        return np.array([sequence[-1] if sequence else np.nan for sequence in sequences])

    def to_frame(self) -> pandas.DataFrame:
        """Give all values as a tidy table of pandas.

        Returns
        -------
        DataFrame
            The columns ``seed``, ``name``, ``step`` (from 0) and ``value``; a row for each value.
            Where a run failed, one row for each name, with step 0 and NaN.

        Raises
        ------
        ImportError
            pandas is not installed.
        """
        runs_dependencies.require("to_frame()", "pandas")
        import pandas

        rows = [
            (seed, name, step, number)
            for name, given in self.tracked.items()
            for seed, value in zip(self.seeds, given, strict=True)
            for step, number in enumerate((float("nan"),) if value is None else _as_sequence(value))
        ]
        frame = pandas.DataFrame(rows, columns=["seed", "name", "step", "value"])
        return frame.astype({"seed": "int64", "step": "int64", "value": "float64"})

    def summary(self) -> Summary:
        """Give the statistics of each name, of a sequence those of each run's last value.

        Returns
        -------
        Summary
            Printable; ``summary()["acc"]`` has ``n``, ``mean``, ``sd``, ``median``, ``iqm``,
            ``low``, ``high`` (of the 95 % interval of the mean), ``min``, ``min_seed``, ``max``
            and ``max_seed``.
        """
        from seedmagic.runs.result_summary import Summary
        from seedmagic.runs.run_statistics import describe_values

        runs_dependencies.require("summary()", "scipy")
        return Summary(
            tuple(describe_values(name, self.last(name), self.seeds) for name in self.names),
            tuple(filter(self.is_sequence, self.names)),
        )

    def compare(self, other: RunsResult) -> Comparison:
        """Compare with other runs under the same seeds, seed by seed: this minus `other`.

        Parameters
        ----------
        other : RunsResult
            With seeds and names in common.

        Returns
        -------
        Comparison
            Printable; for each common name the differences per seed, their mean, its bootstrapped
            95 % interval, and a plain sentence. Of sequences each run's last values are compared.

        Raises
        ------
        TypeError
            `other` is no RunsResult.
        ValueError
            No seed, or no name, is in common.
        """
        runs_dependencies.require("compare()", "scipy")
        return compare(self, other)

    def picture(self) -> bytes:
        """Draw what was tracked, as a PNG.

        Points for every run beside the mean and its interval; for sequences the mean's curve with
        the interval as a band, and the single runs behind it. matplotlib's backend and settings
        are left alone.
        """
        runs_dependencies.require("picture()", "matplotlib", "scipy")
        from seedmagic.runs.result_plots import draw

        return draw(self)

    def __repr__(self) -> str:
        from seedmagic.runs.result_report import describe_runs

        return f"RunsResult: {describe_runs(self)}; {', '.join(self.names) or 'nothing tracked'}"

    def __str__(self) -> str:
        from seedmagic.runs.result_report import text

        return text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from base64 import b64encode

        from seedmagic.runs.result_report import html

        if not self.names:
            return {"text/plain": str(self), "text/html": html(self, "")}
        png = b64encode(self.picture()).decode()
        return {"text/plain": str(self), "text/html": html(self, png), "image/png": png}

    def _of(self, name: str) -> tuple[Value | None, ...]:
        if name not in self.tracked:
            known = ", ".join(self.names) or "nothing"
            raise ValueError(f"{name!r} was not tracked: {known} was.")
        return self.tracked[name]


def _as_sequence(value: Value | None) -> tuple[float, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)
