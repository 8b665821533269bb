"""Contexts at whose end everything is as it was: `seeded`, `preserve`, `deterministic`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from types import TracebackType
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeVar

from seedmagic.errors import RestoreError
from seedmagic.seeds import check_seed, fresh_seed
from seedmagic.session import algorithm_flags, in_force, late_sources
from seedmagic.session.scoped_functions import scoped
from seedmagic.session.scopes import Scope
from seedmagic.session.seed_report import SeedReport
from seedmagic.session.seeding import put_in_force
from seedmagic.session.session_terms import Deterministic, Modes, make_modes
from seedmagic.warn import warn

F = TypeVar("F", bound=Callable[..., Any])


class preserve:  # noqa: N801 - a context manager that reads as a verb, like contextlib's
    """Put every RNG, flag, variable and the seed in force back at the end; seed nothing.

    The flags and variables are those of `seedmagic.status`. Also a decorator, for coroutine
    functions too.

    Raises
    ------
    ScopeError
        On entering, if another thread or asyncio task has a scope open.
    RestoreError
        At the end, if a source could not be put back; all others were.

    Examples
    --------
    >>> import random
    >>> import seedmagic as sm
    >>> _ = sm.seed_everything(42)
    >>> with sm.preserve():
    ...     inside = random.random()
    >>> inside == random.random()
    True
    """

    def __init__(self) -> None:
        self._open: list[Scope] = []

    def _begin(self) -> Any:
        """Do what belongs at the start of the scope that has just been opened."""
        return None

    def __enter__(self) -> Any:
        self._open.append(Scope(f"{type(self).__name__}()"))
        try:
            return self._begin()
        except BaseException:
            self._open.pop().close()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.pop().close()

    def __call__(self, function: F) -> F:
        """Run each call of `function` in a scope of its own."""
        return scoped(function, self)

    def again(self) -> preserve:
        """Give another one like this, for one call."""
        one = copy(self)
        one._open = []
        return one

    def carried(self) -> preserve:
        """Give what does the same in another process, where another seed is in force, or none."""
        return self.again()


class seeded(preserve):  # noqa: N801 - see preserve
    """Seed everything inside; put every RNG, flag, variable and the seed in force back at the end.

    The flags and variables are those of `seedmagic.status`. Also a decorator, for coroutine
    functions too: each call starts from the same seed, and ``seeded(7)(function)`` pickles wherever
    `function` does, unless that is a coroutine function, so that it can be handed to worker
    processes. Scopes nest. One belongs to the thread and asyncio task that opened it.

    Parameters
    ----------
    seed : int or None
        0 ≤ seed ≤ 4294967295. None draws a fresh one at each entry; ``as report`` tells which.
    cudnn, deterministic, only, skip
        As in `seed_everything`. What is not given is as in the seed in force.

    Raises
    ------
    SeedError
        `seed` is not a seed.
    ScopeError
        On entering, if another thread or asyncio task has a scope open.
    RestoreError
        At the end, if a source could not be put back; all others were.

    Examples
    --------
    >>> import random
    >>> import seedmagic as sm
    >>> with sm.seeded(1024):
    ...     first = random.random()
    >>> with sm.seeded(1024):
    ...     random.random() == first
    True
    """

    def __init__(
        self,
        seed: SupportsIndex | None,
        *,
        cudnn: bool | None = None,
        deterministic: Deterministic | None = None,
        only: str | Iterable[str] | None = None,
        skip: str | Iterable[str] | None = None,
    ) -> None:
        super().__init__()
        self._seed = None if seed is None else check_seed(seed)
        given = {"cudnn": cudnn, "deterministic": deterministic, "only": only, "skip": skip}
        checked = make_modes(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
        self._modes = {name: getattr(checked, name) for name in given if given[name] is not None}

    if TYPE_CHECKING:

        def __enter__(self) -> SeedReport:
            """Give what the seeding did."""

    def _begin(self) -> SeedReport:
        seed = fresh_seed() if self._seed is None else self._seed
        return put_in_force(seed, inherited_modes(**self._modes), f"seeded({seed})")

    def carried(self) -> seeded:
        """Give what does the same in another process: it keeps the modes in force here."""
        one = copy(self)
        one._open, one._modes = [], inherited_modes(**self._modes)._asdict()
        return one


def inherited_modes(**changed: Any) -> Modes:
    """Give the modes of the seed in force, with what a scope changes of them."""
    seeding = in_force.current.seeding
    return (seeding.modes if seeding else Modes())._replace(**changed)


@contextmanager
def deterministic(*, warn_only: bool = False) -> Iterator[None]:
    """Use deterministic algorithms inside, and put every flag and variable back after.

    Sets what ``torch.use_deterministic_algorithms(True)`` sets, cuDNN's ``deterministic`` on and
    ``benchmark`` off, and ``CUBLAS_WORKSPACE_CONFIG=:4096:8`` unless it has a value. cuBLAS reads
    that variable when it starts: after that, setting it has no effect, and a warning says so.
    Where torch is imported inside, its flags are set at that moment.

    Parameters
    ----------
    warn_only : bool, default False
        Warn about an operation that has no deterministic algorithm, in place of an error.

    References
    ----------
    https://docs.pytorch.org/docs/stable/notes/randomness.html

    Examples
    --------
    >>> import torch
    >>> import seedmagic as sm
    >>> with sm.deterministic():
    ...     torch.are_deterministic_algorithms_enabled()
    True
    >>> torch.are_deterministic_algorithms_enabled()
    False
    """
    settings = algorithm_flags.CUDNN_SETTINGS | algorithm_flags.deterministic_settings(
        "warn" if warn_only else True
    )
    with in_force.lock:
        former = algorithm_flags.read()
        _, caveats = algorithm_flags.apply(settings, {})
        forget = late_sources.also(
            algorithm_flags.MODULES, lambda: algorithm_flags.apply(settings, {})
        )
    for caveat in caveats:
        warn(f"deterministic(): {caveat}")
    try:
        yield
    finally:
        with in_force.lock:
            forget()
            failures = algorithm_flags.put_back(former, in_force.current.changes)
        if failures:
            raise RestoreError(failures)
