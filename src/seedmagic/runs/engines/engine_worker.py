"""What runs on a worker: one run, after which the worker is as it was."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from traceback import format_exception
from typing import Any

from seedmagic.errors import ScopeError
from seedmagic.runs.engines.engine_threads import apart
from seedmagic.runs.engines.worker_pickles import dumps
from seedmagic.runs.engines.worker_surroundings import Surroundings, import_carriers, surrounded
from seedmagic.runs.one_run import Failure, Outcome, attempt, describe_error
from seedmagic.session.context_managers import preserve
from seedmagic.session.session_terms import Modes

# Workers may be threads of one process, which has one set of global generators: runs take turns.
_turn = threading.Lock()
_process = os.urandom(8)


@dataclass(frozen=True)
class Job:
    """What all runs share.

    Attributes
    ----------
    body : bytes
        What `pack` gave.
    surroundings : bytes
        Pickled, for its sources need cloudpickle.
    modes : Modes
        What the seeding does beside seeding.
    track : tuple of str or None
        The names to keep.
    origin : bytes
        The caller's process.
    has_scope : bool
        Whether the caller has a scope open.
    """

    body: bytes
    surroundings: bytes
    modes: Modes
    track: tuple[str, ...] | None
    origin: bytes
    has_scope: bool


class WorkerTraceback(Exception):  # noqa: N818 - it tells of an error, and is none
    """The traceback of a run on a worker, as text: the cause of the copy of its exception."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


def origin() -> bytes:
    """Name this process, apart from its forks and from those of other machines."""
    return _process + os.getpid().to_bytes(8, "little")


def run_job(job: bytes, seed: int, call: bytes) -> bytes:
    """Do one run of a pickled `Job`, and give its `Outcome`, pickled.

    Parameters
    ----------
    job : bytes
        The job.
    seed : int
        The run's own.
    call : bytes
        Of no meaning, and never the same: Dask answers equal calls from its memory.
    """
    asked: Job = pickle.loads(job)
    try:
        if asked.has_scope and asked.origin == origin():
            # The caller waits for us; to wait for its scope would be for ever.
            raise ScopeError(
                "the engine's workers are threads of this process, in which a scope is open that "
                "its global generators belong to. Leave the scope first, or use processes."
            )
        with _turn:
            outcome = _run(asked, seed)
    except Exception as error:
        outcome = Outcome(seed, failure=Failure(describe_error(error), error))
    return dumps(_portable(outcome))


def _run(job: Job, seed: int) -> Outcome:
    surroundings: Surroundings = pickle.loads(job.surroundings)
    if job.origin == origin():
        surroundings = replace(surroundings, sources=())  # they are registered here
    with apart(), preserve():
        import_carriers(surroundings)
        body = pickle.loads(job.body)
        with surrounded(surroundings):
            return attempt(seed, body, modes=job.modes, track=job.track, capture=own_text)


@contextmanager
def own_text() -> Iterator[list[str]]:
    """Take what this thread prints; other threads' goes where it went."""
    text, printed = StringIO(), [""]
    out, err = _OwnText(text, sys.stdout), _OwnText(text, sys.stderr)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            yield printed
    finally:
        printed[0] = text.getvalue()


class _OwnText:
    """A stream that keeps what one thread writes."""

    def __init__(self, text: StringIO, other: Any) -> None:
        self._text = text
        self._other = other
        self._owner = threading.get_ident()

    def write(self, written: str) -> int:
        own = threading.get_ident() == self._owner
        return int((self._text if own else self._other).write(written))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._other, name)


def _portable(outcome: Outcome) -> Outcome:
    """Give an outcome that can travel back: its exception without frames, or a stand-in for it."""
    output = outcome.output[0] if outcome.output else ""
    failure = outcome.failure
    if failure is None:
        return replace(outcome, output=output)
    error = failure.exception
    told = "".join(format_exception(type(error), error, error.__traceback__))
    try:
        copy = pickle.loads(dumps(error))
    except Exception:
        copy = None
    if type(copy) is not type(error):
        error = RuntimeError(failure.text)
    failure = replace(failure, exception=error.with_traceback(None), traceback=told)
    return replace(outcome, output=output, failure=failure)
