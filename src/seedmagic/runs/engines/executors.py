"""What takes work: find it in what the user gave, hand work to it, replace it where it breaks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from inspect import signature
from typing import Any

from seedmagic.seeds import describe
from seedmagic.warn import warn

ENGINES = (
    "a concurrent.futures executor (loky's too), a Dask Client, an ipyparallel Client, or anything "
    "with submit(fn, …) that gives a future"
)
_LARGE = 1_000_000  # bytes, from which Dask wants an argument to be sent beforehand
# What an executor was made with, by parameter. Private in Python 3.10 to 3.14 and loky 3, and
# told nowhere else; one that is gone is left at its default.
_MADE_WITH = {
    "max_workers": "_max_workers",
    "mp_context": "_mp_context",
    "context": "_context",
    "timeout": "_timeout",
    "initializer": "_initializer",
    "initargs": "_initargs",
    "max_tasks_per_child": "_max_tasks_per_child",
    "env": "_env",
}
_POOLS = ("concurrent.futures.process", "loky.process_executor")


def find_executor(engine: Any) -> Any:
    """Give what has the ``submit``; an ipyparallel client or view balances the load.

    Raises
    ------
    TypeError
        There is none.
    """
    if type(engine).__module__.startswith("ipyparallel."):
        # A direct view, or its executor, would do each run on every engine.
        view = getattr(engine, "view", engine)
        if hasattr(view, "load_balanced_view"):
            return view.load_balanced_view().executor
        if hasattr(view, "client"):
            return view.client.load_balanced_view(view.targets).executor
    if isinstance(engine, type) or not callable(getattr(engine, "submit", None)):
        raise TypeError(f"{describe(engine)} is no engine: {ENGINES} is accepted. Nothing was run.")
    if getattr(engine, "asynchronous", False) is True:
        raise TypeError(
            "a Dask Client with asynchronous=True cannot be waited for: give one without. "
            "Nothing was run."
        )
    return engine


class Workers:
    """An executor, and a fresh one once it is broken.

    Parameters
    ----------
    executor : object
        The user's; it is never shut down.
    work : callable
        Is called on a worker with `job`, a seed, and bytes that differ between calls: Dask
        answers equal calls from its memory.
    job : bytes
        What all calls share.
    """

    def __init__(self, executor: Any, work: Callable[[bytes, int, bytes], bytes], job: bytes):
        self._executor = executor
        self._work = work
        self._job = job
        self._own: Any = None
        self._is_broken = False

    @property
    def count(self) -> int:
        """How many workers a pool has."""
        return int(getattr(self._executor, "_max_workers", 1))

    def submit(self, seeds: Sequence[int]) -> Iterator[tuple[int, Any]]:
        """Give, for each seed, its future, or the exception that there is in place of one."""
        if self._is_broken and not self._renew():
            broken = BrokenExecutor("its executor is broken, and none like it can be made")
            yield from ((seed, broken) for seed in seeds)
            return
        try:
            job = self._sent()
        except Exception as error:
            yield from ((seed, error) for seed in seeds)
            return
        for seed in seeds:
            try:
                future = self._executor.submit(self._work, job, seed, os.urandom(16))
                if not callable(getattr(future, "add_done_callback", None)):
                    raise TypeError(f"submit gave {describe(future)}, which is no future")
            except Exception as error:
                self.note(error)
                yield seed, error
            else:
                yield seed, future

    def note(self, error: BaseException) -> None:
        """Remember that the executor takes no more work, if `error` says so."""
        self._is_broken |= isinstance(error, BrokenExecutor)

    def close(self) -> None:
        """End the executor that was made here."""
        if self._own is not None:
            self._own.shutdown(wait=True)
            self._own = None

    def _sent(self) -> Any:
        is_dask = type(self._executor).__module__.startswith("distributed.")
        if is_dask and len(self._job) > _LARGE and hasattr(self._executor, "scatter"):
            return self._executor.scatter(self._job, broadcast=True, hash=False)
        return self._job

    def _renew(self) -> bool:
        fresh = _like(self._executor)
        if fresh is None:
            return False
        if self._own is None:
            warn(
                "A worker died, and with it the executor, which takes no more work: make a new "
                "one for later calls. The runs that are left go to one like it."
            )
        self.close()
        self._executor = self._own = fresh
        self._is_broken = False
        return True


def _like(broken: Any) -> Any:
    """Make a pool of processes like a broken one; None where that cannot be done."""
    for kind in type(broken).__mro__:
        if kind.__module__ in _POOLS and kind.__name__ == "ProcessPoolExecutor":
            taken = signature(kind).parameters
            found = {
                name: getattr(broken, place)
                for name, place in _MADE_WITH.items()
                if name in taken and hasattr(broken, place)
            }
            return kind(**found)
    return None
