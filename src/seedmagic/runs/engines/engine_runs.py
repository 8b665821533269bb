"""Do the runs on anything with ``submit(fn, …) → future``, and lose none to a worker that dies."""

from __future__ import annotations

import pickle
from asyncio import CancelledError
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from seedmagic.runs import runs_dependencies
from seedmagic.runs.engines.engine_worker import Job, WorkerTraceback, origin, run_job
from seedmagic.runs.engines.executors import Workers, find_executor
from seedmagic.runs.engines.worker_pickles import dumps, pack
from seedmagic.runs.engines.worker_surroundings import take_surroundings
from seedmagic.runs.one_run import Failure, Outcome, describe_error
from seedmagic.session import in_force
from seedmagic.session.session_terms import Modes


def on_engine(
    engine: object,
    seeds: Sequence[int],
    body: Callable[[int], object],
    *,
    modes: Modes,
    track: tuple[str, ...] | None,
) -> Generator[Outcome, None, None]:
    """Do the runs on `engine`, and give each outcome when it has come.

    Parameters
    ----------
    engine : object
        Anything with ``submit(fn, …) → future``.
    seeds : sequence of int
        One a run.
    body : callable
        Is given the seed. It travels with what it needs, as it is now: every run starts from the
        same.
    modes : Modes
        What the seeding does beside seeding.
    track : tuple of str or None
        The names that come back; None: all.

    Raises
    ------
    TypeError
        `engine` has no ``submit``, or something that `body` needs cannot travel.
    ImportError
        cloudpickle or threadpoolctl is missing.

    Notes
    -----
    A worker takes over the caller's number of threads (torch's, and those of linear algebra),
    flags, and torch's default dtype and device, since numbers depend on them. Its own remain its
    hash seed, on which the order of a set of strings depends, its hardware, and the threads of
    what a run imports that the caller has not.
    """
    executor = find_executor(engine)
    runs_dependencies.require("an engine", *runs_dependencies.ON_ENGINES)
    surroundings = dumps(take_surroundings())
    has_scope = any(scope.owner == in_force.caller() for scope in in_force.scopes)
    job = Job(pack(body), surroundings, modes, track, origin(), has_scope)
    return _gather(Workers(executor, run_job, pickle.dumps(job)), seeds)


def _gather(workers: Workers, seeds: Sequence[int]) -> Generator[Outcome, None, None]:
    """Give every outcome; a run whose worker died is tried once more, alone."""
    left = list(seeds)
    try:
        while left:
            lost: dict[int, BaseException] = {}
            for seed, came in _together(workers, left):
                if isinstance(came, Outcome):
                    yield came
                else:
                    lost[seed] = came
            again, left = [seed for seed in left if seed in lost], []
            if any(isinstance(error, BrokenExecutor) for error in lost.values()):
                # A pool loses all that waited. It starts what it is given in turn, so the first
                # as many as it has workers are those of which one can have killed it.
                again, left = again[: workers.count], again[workers.count :]
            for seed in again:
                for _, came in _together(workers, [seed]):
                    yield came if isinstance(came, Outcome) else _given_up(seed, came)
    finally:
        workers.close()


def _together(
    workers: Workers, seeds: Sequence[int]
) -> Iterator[tuple[int, Outcome | BaseException]]:
    """Submit a run for each seed; give what came, in the order in which it came.

    An interrupt cancels what waits, and is raised once all that has finished is given.
    """
    done: SimpleQueue[tuple[int, Any]] = SimpleQueue()
    futures: dict[int, Any] = {}
    interrupt: KeyboardInterrupt | None = None
    try:
        for seed, future in workers.submit(seeds):
            if isinstance(future, BaseException):
                yield seed, future
            else:
                futures[seed] = future
                future.add_done_callback(lambda future, seed=seed: done.put((seed, future)))
        while futures and not (interrupt and done.empty()):
            try:
                seed, future = _next(done)
            except KeyboardInterrupt as error:
                interrupt = error
                _cancel(futures)
                continue
            came = _read(futures.pop(seed))
            if isinstance(came, Outcome):
                yield seed, came
            elif interrupt is None:
                workers.note(came)
                yield seed, came
        if interrupt:
            raise interrupt
    finally:
        _cancel(futures)  # the caller wants no more


def _cancel(futures: Mapping[int, Any]) -> None:
    for future in futures.values():
        with suppress(Exception):
            # ipyparallel's cancel() would leave the task where it waits
            getattr(future, "abort", future.cancel)()


def _read(future: Any) -> Outcome | BaseException:
    try:
        outcome: Outcome = pickle.loads(future.result())
    except (Exception, CancelledError) as error:
        return error
    if outcome.failure is not None:
        # The traceback that the copied exception left on the worker.
        outcome.failure.exception.__cause__ = WorkerTraceback(outcome.failure.traceback)
    return outcome


def _next(done: SimpleQueue[tuple[int, Any]]) -> tuple[int, Any]:
    while True:
        with suppress(Empty):
            # Without a limit, Windows would let no interrupt through.
            return done.get(timeout=1)


def _given_up(seed: int, error: BaseException) -> Outcome:
    text = f"its worker failed twice: {describe_error(error)}"
    return Outcome(seed, failure=Failure(text, error))
