"""One run: the body under its own seed, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from seedmagic.runs.tracked_values import Value, pick
from seedmagic.session.scopes import Scope
from seedmagic.session.seeding import put_in_force
from seedmagic.session.session_terms import Modes


@dataclass(frozen=True)
class Failure:
    """Why a run gave nothing.

    Attributes
    ----------
    text : str
        The exception's type and message.
    exception : BaseException
        The exception itself; from a worker, a copy of it.
    is_mistake : bool
        The body ran, and what is tracked was not there, or no number.
    traceback : str
        Where it was raised, if that was on a worker.
    """

    text: str
    exception: BaseException
    is_mistake: bool = False
    traceback: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of one run.

    Attributes
    ----------
    seed : int
        Its seed.
    values : mapping of str to float or tuple of float
        What is tracked; empty where the run failed.
    output : object
        What `capture` of `attempt` gave: what the run printed and showed.
    failure : Failure or None
        Why it failed.
    """

    seed: int
    values: Mapping[str, Value] = field(default_factory=dict)
    output: Any = None
    failure: Failure | None = None


def attempt(
    seed: int,
    body: Callable[[int], object],
    *,
    modes: Modes,
    track: tuple[str, ...] | None = None,
    before_each: Callable[[], object] | None = None,
    capture: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> Outcome:
    """Run `body` as ``with seeded(seed):`` does, and keep what is tracked, or the error.

    Parameters
    ----------
    seed : int
        The run's own.
    body : callable
        Is given the seed; what it returns goes to `pick`.
    modes : Modes
        What the seeding does beside seeding.
    track : tuple of str, optional
        The names to keep; None: all.
    before_each : callable, optional
        Called before the seeding, as ``rewind`` of a handle that puts objects back.
    capture : callable, optional
        Gives a context manager that takes what is printed; what it gives is `Outcome.output`.

    Raises
    ------
    ScopeError
        Another thread or asyncio task has a scope open.
    RestoreError
        A source could not be put back after the run.
    """
    scope = Scope(f"the run under seed {seed}")
    try:
        with capture() as output:
            try:
                if before_each is not None:
                    before_each()
                put_in_force(seed, modes, f"seeded({seed})")
                given = body(seed)
            except (Exception, SystemExit) as error:
                outcome = Outcome(seed, failure=Failure(describe_error(error), error))
            else:
                outcome = outcome_of(seed, given, track)
    finally:
        scope.close()
    return replace(outcome, output=output)


def outcome_of(seed: int, given: object, track: tuple[str, ...] | None) -> Outcome:
    """Keep what is tracked of what a run gave."""
    try:
        return Outcome(seed, pick(given, track))
    except Exception as error:  # also what a broken tensor raises when it is read
        return Outcome(seed, failure=Failure(describe_error(error), error, is_mistake=True))


def describe_error(error: BaseException) -> str:
    """Write an exception as the last line of a traceback."""
    from traceback import format_exception_only

    try:
        return "".join(format_exception_only(type(error), error)).strip()
    except Exception:  # its own __str__ fails
        return type(error).__name__
