"""Keep what a run hands to workers and gets back from them; of results no more than a digest."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

from seedmagic.code.cell_frames import (
    asker,
    is_installed_import,
    is_users,
    module_of,
    outward,
)
from seedmagic.code.running_cells import is_importing
from seedmagic.objects.fingerprints.bounded_fingerprint import BoundedFingerprints
from seedmagic.private_names import find
from seedmagic.verify.witness.workers.task_draws import quiet_glance
from seedmagic.verify.witness.workers.task_times import without_times
from seedmagic.verify.witness.workers.worker_evidence import Kind, WorkersEvidence

Line = Callable[[FrameType], "int | None"]

_POOLS = {"multiprocessing", "joblib", "loky"}
# Programs are started through these on the user's behalf.
_STARTERS = {"subprocess", "os", "pty", "pexpect", "ptyprocess", "IPython", "ipykernel"}
# What these receive they hand on to whoever called them.
_HAND_ON = {"multiprocessing.queues", "multiprocessing.connection"}
# These take their messages apart, and are heard of by their tasks.
_INNER = ("multiprocessing.", "concurrent.", "asyncio.", "loky.", "joblib.externals.loky.")
_LOADER = "torch.utils.data"
# Longer lists are digested as a whole; and after so many results no more of them.
_LONG, _MOST = 1000, 100_000


@dataclass
class _Noted:
    """Workers of one kind in the run that goes on."""

    line: int | None = None
    starts: int = 0
    sent: int = 0
    is_whole: bool = True
    is_cut: bool = False
    came: list[tuple[tuple[int, int], list[str]]] = field(default_factory=list)
    times: list[tuple[tuple[int, int], str]] = field(default_factory=list)
    in_order_of_arrival: bool = False
    has_moved: bool = False
    began: list[int] | None = None


class WorkerNotes:
    """What the run that goes on hands to workers, and what it gets back.

    Parameters
    ----------
    line : callable
        Gives the line of the user's code that a frame was called from, where one was.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self.lock = threading.RLock()  # results come in threads of their own
        self._tasks: WeakKeyDictionary[Any, tuple[int, Kind, int]] = WeakKeyDictionary()
        self._run = 0
        self._noted: dict[Kind, _Noted] = {}

    def begin(self) -> None:
        """Begin a run: what comes back of an earlier one's tasks is not its."""
        with self.lock:
            self._run += 1
            self._noted = {}

    def take(self) -> tuple[WorkersEvidence, ...]:
        """Give what is known of the run by now."""
        with self.lock:
            # Who waits for a future is woken before its callbacks are called.
            for future in [task for task in self._tasks if hasattr(task, "done")]:
                self.done(future)
            return tuple(_evidence(kind, noted) for kind, noted in self._noted.items())

    def start(self, frame: FrameType) -> None:
        """Note a process of Python that is started."""
        noted = self._used(_whose(frame), frame, is_workers=True)
        if noted is not None:
            noted.starts += 1

    def program(self, function: str, frame: FrameType) -> None:
        """Note another program that is started, or a fork, by a `function` of the system's."""
        caller = next((each for each, _ in outward(frame) if _package(each) not in _STARTERS), None)
        # multiprocessing's own forks and helpers are noted where a process is started.
        if caller is None or _package(caller) in _POOLS:
            return
        if is_importing(frame) and is_installed_import(frame):
            return
        noted = self._used("processes" if function == "fork" else "program", frame)
        if noted is not None:
            noted.starts += 1
            # What a library starts for itself is no more than known of.
            noted.is_whole &= is_users(caller)

    def output(self, given: tuple[Any, Any]) -> None:
        """Note what a program wrote."""
        noted = self._noted.get("program")
        # One that says nothing may have written what it did elsewhere.
        if noted is not None and noted.is_whole and any(given):
            noted.sent += 1
            _keep(noted, (noted.sent, 0), given)

    def task(self, task: Any, kind: Kind, frame: FrameType) -> None:
        """Note a task that is handed to a pool; pools hand on the rest from their own threads."""
        if task not in self._tasks:
            noted = self._used(kind, frame, is_workers=kind == "processes")
            if noted is not None:
                noted.sent += 1
                noted.in_order_of_arrival |= _unordered(task, frame)
                self._tasks[task] = self._run, kind, noted.sent
                if kind == "threads" and not hasattr(task, "done"):  # a pool's: no task is ours
                    noted.began = quiet_glance()

    def by_arrival(self) -> None:
        """Note that results of futures are taken in the order in which they come."""
        for noted in self._noted.values():
            noted.in_order_of_arrival = True

    def moved(self) -> None:
        """Note that a global generator moved while a task of threads ran."""
        if "threads" in self._noted:
            self._noted["threads"].has_moved = True

    def result(self, task: Any, part: int, given: Any) -> None:
        """Note what came back of a task, or of a part of it."""
        run, kind, place = self._tasks.get(task, (0, "processes", 0))
        if run == self._run and kind in self._noted:
            noted = self._noted[kind]
            if noted.began is not None and not noted.has_moved:
                noted.has_moved = quiet_glance() != noted.began
            _keep(noted, (place, part), given)

    def done(self, future: Any) -> None:
        """Note what came back of a future, once."""
        if future in self._tasks and future.done() and not future.cancelled():
            error = future.exception(0)
            self.result(future, 0, future.result(0) if error is None else error)
            del self._tasks[future]

    def received(self, given: Any, frame: FrameType) -> None:
        """Note what came through a queue or a pipe."""
        caller = asker(frame, _HAND_ON)
        if caller is None or (module_of(caller) or "").startswith(_INNER):
            return
        kind = _whose(frame)
        noted = self._used(kind, frame)
        if noted is not None:
            noted.sent += 1
            # A loader's pieces carry their number, by which it puts them in order.
            _keep(noted, (0 if kind == "loader" else noted.sent, 0), given)

    def _used(self, kind: Kind, frame: FrameType, is_workers: bool = False) -> _Noted | None:
        """Give the notes on workers of a kind; None: the user's code has none of it at work.

        `is_workers` is whether nobody but the user has such.
        """
        noted = self._noted.get(kind)
        if noted is None or noted.line is None:
            line = self._line(frame)
            if noted is None and (line is not None or is_workers):
                noted = self._noted[kind] = _Noted()
            if noted is not None:
                noted.line = line
        return noted


def _keep(noted: _Noted, place: tuple[int, int], given: Any) -> None:
    noted.is_cut |= len(noted.came) >= _MOST
    if noted.is_cut:
        noted.came.clear()
        return
    taking = BoundedFingerprints()
    if isinstance(given, BaseException):  # Python keeps what it holds to itself
        given = [type(given).__qualname__, given.args]
    given, times = without_times(given)
    if times:
        noted.times.append((place, times))
    # joblib puts as many tasks into one as their time lets it.
    items = given if type(given) is list and len(given) <= _LONG else [given]
    with _unrecorded():
        taken = [taking.take(item) for item in items]
    noted.is_whole &= all(each.complete for each in taken)
    noted.came.append((place, [each.digest for each in taken]))


def _unrecorded() -> AbstractContextManager[object]:
    """Keep what a look at tensors does out of the record of the cell's operations."""
    module: Any = sys.modules.get("torch.utils._python_dispatch")
    disable = None if module is None else find(module, "_disable_current_modes")
    return nullcontext() if disable is None else disable()


def _package(frame: FrameType) -> str:
    return (module_of(frame) or "").partition(".")[0]


def _whose(frame: FrameType) -> Kind:
    is_loaders = any((module_of(each) or "").startswith(_LOADER) for each, _ in outward(frame))
    return "loader" if is_loaders else "processes"


def _evidence(kind: Kind, noted: _Noted) -> WorkersEvidence:
    came = bool(noted.came)
    digests = _digest(digest for _, each in sorted(noted.came) for digest in each)
    is_whole = noted.is_whole and came and (kind != "program" or len(noted.came) == noted.starts)
    order = _digest(str(place) for place, _ in noted.came) if noted.in_order_of_arrival else ""
    return WorkersEvidence(
        kind,
        noted.line,
        digests if came else None,
        is_whole,
        order,
        is_kept=not noted.starts,
        has_moved=noted.has_moved,
        times=_digest(times for _, times in sorted(noted.times)) if noted.times else "",
    )


def _unordered(task: Any, frame: FrameType) -> bool:
    """Whether a task's results are given out as they come: by a pool's iterator, or joblib."""
    if type(task).__name__ == "IMapUnorderedIterator":
        return True
    callers = (each for each, _ in outward(frame) if module_of(each) == "joblib.parallel")
    return any(find(each.f_locals.get("self"), "return_ordered") is False for each in callers)


def _digest(texts: Iterator[str]) -> str:
    return hashlib.blake2b(" ".join(texts).encode(), digest_size=16).hexdigest()
