"""The same function under many seeds: `repeat`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import wraps
from typing import SupportsIndex

from seedmagic.runs import runs_dependencies
from seedmagic.runs.one_run import Outcome, attempt
from seedmagic.runs.run_outcomes import Collecting, make_bar
from seedmagic.runs.run_plan import make_plan
from seedmagic.runs.runs_result import RunsResult
from seedmagic.seeds import describe
from seedmagic.session.context_managers import inherited_modes
from seedmagic.session.seed_only import NameCounts


def repeat(
    fn: Callable[..., object],
    seeds: Iterable[SupportsIndex] = range(20),
    *,
    track: str | Iterable[str] | None = None,
    engine: object = None,
    before_each: Callable[[], object] | None = None,
    tensorboard: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> RunsResult:
    """Call a function once under each seed, and keep what it returns.

    Each call is exactly ``with seedmagic.seeded(seed): fn()``, so that a run can be had again
    alone. The RNG states, flags and variables outside are as before afterwards.

    Parameters
    ----------
    fn : callable
        Takes nothing, or one argument named ``seed``, which it is given. Returns a number, a
        sequence of numbers, or a dict of them by name.
    seeds : iterable of int, default range(20)
        One a run, 0 ≤ seed ≤ 4294967295, none twice.
    track : str or iterable of str, optional
        Which names of the dict to keep; ``"acc,loss"`` is two. All, if not given.
    engine : object, optional
        Where to run: a concurrent.futures executor (loky's too), a Dask ``Client``, an ipyparallel
        ``Client``, or anything else with ``submit(fn, …) → future``. Here, if not given. `fn`
        travels with what it uses, as it is at the call; the values are the same, bit for bit, on
        every engine.
    before_each : callable, optional
        Called before each run, for what a run changes outside itself: the ``rewind`` of what
        `seedmagic.rewind` gives. On an engine each run starts from a fresh copy instead.
    tensorboard : path-like, optional
        A directory for event files: a run ``seed_0``, … for each seed, and ``mean``, ``lower`` and
        ``upper``. What an earlier call wrote there is replaced.
    progress : bool, default True
        Show a bar with the time left, if there is more than one run.

    Returns
    -------
    RunsResult
        The values; a run that raised is listed with its error.

    Raises
    ------
    SeedError, TypeError, ValueError, OSError, ImportError
        The call is wrong, or something is missing. Nothing was run.
    TypeError, ValueError
        The first seed's run returned no number, or not what `track` names; that is a mistake in
        the call, and the other runs are not waited for. In a later run it is that run's failure.
    RunsError
        Every run failed; chained from the error of the first.
    RunsInterrupted
        The call was interrupted, when some runs had finished; they are in its ``result``. Runs
        that wait on an engine are cancelled; one that has begun there ends by itself.
    ScopeError
        Another thread or asyncio task has a scope open.

    Examples
    --------
    >>> import random
    >>> import seedmagic as sm
    >>> result = sm.repeat(lambda: random.gauss(0, 1), seeds=range(5), progress=False)
    >>> result.values("value").shape
    (5,)
    >>> with sm.seeded(3):
    ...     random.gauss(0, 1) == float(result.values("value")[3])
    True
    """
    runs_dependencies.require("repeat()", *runs_dependencies.ALWAYS)
    if tensorboard is not None:
        runs_dependencies.require("repeat(tensorboard=…)", "tensorboard")
    body = _body(fn)
    plan = make_plan(seeds, track=track, tensorboard=tensorboard)
    modes = inherited_modes()
    if engine is not None:
        if before_each is not None:
            raise TypeError(
                "before_each has no meaning on an engine, where each run starts from a fresh copy "
                "of what it uses. Nothing was run."
            )
        from seedmagic.runs.engines.engine_runs import on_engine

        outcomes = on_engine(engine, plan.seeds, body, modes=modes, track=plan.track)
    else:
        given = NameCounts()

        def run_one(seed: int) -> Outcome:
            given.put_back()
            return attempt(seed, body, modes=modes, track=plan.track, before_each=before_each)

        outcomes = (run_one(seed) for seed in plan.seeds)
    with Collecting(plan, make_bar if progress else None) as collecting, closing(outcomes):
        for outcome in outcomes:
            collecting.take(outcome)
    return collecting.result()


def _body(fn: Callable[..., object]) -> Callable[[int], object]:
    """Give `fn` as a function of the seed."""
    import inspect

    if not callable(fn):
        raise TypeError(f"{describe(fn)} cannot be repeated: a function is. Nothing was run.")
    if inspect.iscoroutinefunction(fn) or inspect.isgeneratorfunction(fn):
        raise TypeError(
            f"{describe(fn)} cannot be repeated: its body runs after the call has ended. Give a "
            "function that returns a number, a sequence of numbers, or a dict of them. Nothing "
            "was run."
        )
    try:
        parameters = inspect.signature(fn).parameters
    except (TypeError, ValueError):  # a built-in function that tells nothing
        return wraps(fn)(lambda seed: fn())
    needed = [
        name
        for name, parameter in parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    if [name for name in needed if name != "seed"]:
        raise TypeError(
            f"{describe(fn)} needs {', '.join(needed)}: a function of nothing, or of seed alone, "
            "can be repeated. Nothing was run."
        )
    takes_seed = "seed" in parameters
    return wraps(fn)(lambda seed: fn(seed=seed) if takes_seed else fn())
