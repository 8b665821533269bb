"""Notice the worker processes, pools of threads and programs that code starts and hands work to.

The functions by which work goes out and results come back are replaced by ones that note the call
and then make it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator
from functools import partial
from typing import Any

from seedmagic.code.cell_frames import calling_frame
from seedmagic.imports import is_loaded, loaded
from seedmagic.private_names import find
from seedmagic.replacements import Replacements, dressed
from seedmagic.verify.witness.workers.task_draws import watched_task
from seedmagic.verify.witness.workers.worker_evidence import Kind
from seedmagic.verify.witness.workers.worker_notes import Line, WorkerNotes

_LOKY = ("loky.process_executor", "joblib.externals.loky.process_executor")
_FUTURES = ("concurrent.futures._base", "joblib.externals.loky._base")
_RESULTS = ("ApplyResult", "MapResult", "IMapIterator", "IMapUnorderedIterator")
_STARTS = ("fork", "forkpty", "posix_spawn", "posix_spawnp", "system")
MODULES = {
    "os",
    "subprocess",
    "multiprocessing.process",
    "multiprocessing.pool",
    "multiprocessing.queues",
    "multiprocessing.connection",
    "concurrent.futures._base",
    "concurrent.futures.process",
    "concurrent.futures.thread",
    *_LOKY,
}

Function = Callable[..., Any]


class WorkerCalls:
    """The replaced functions, and the notes on their calls.

    Parameters
    ----------
    line : callable
        Gives the line of the user's code that a frame was called from, where one was.
    """

    def __init__(self, line: Line) -> None:
        self.notes = WorkerNotes(line)
        self._replacements = Replacements()
        self._process = os.getpid()

    def install(self, user: Hashable = "the witness") -> None:
        """Replace the functions of what is loaded by now; a second call looks for what came."""
        self._replacements.use(user)
        for owner, name, make in self._places():
            # A class has what its base has, and ours would be put over ours.
            if owner is not None and name in vars(owner):
                dressing = partial(self._dressed, make, owner, name)
                self._replacements.replace(owner, name, dressing)

    def release(self, user: Hashable = "the witness") -> None:
        """Put the originals back once nobody is left."""
        self._replacements.release(user)

    def _dressed(
        self, make: Callable[[Function], Function], owner: Any, name: str, original: Function
    ) -> Function:
        return dressed(make(original), original, owner, name)

    def _places(self) -> Iterator[tuple[Any, str, Callable[[Function], Function]]]:
        """Give what is to be replaced: its owner, its name, and what makes ours."""
        if is_loaded("os"):
            yield from ((os, name, self._starting_program) for name in _STARTS)
        if is_loaded("subprocess"):
            yield loaded("subprocess").Popen, "__init__", self._starting_program
            yield loaded("subprocess").Popen, "communicate", self._communicating
        if is_loaded("multiprocessing.process"):
            yield loaded("multiprocessing.process").BaseProcess, "start", self._starting
        for name in _RESULTS if is_loaded("multiprocessing.pool") else ():
            result = find(loaded("multiprocessing.pool"), name)
            yield result, "__init__", self._asking
            yield result, "_set", self._setting
        if is_loaded("multiprocessing.queues"):
            for name in ("Queue", "SimpleQueue"):
                yield getattr(loaded("multiprocessing.queues"), name), "get", self._receiving
        if is_loaded("multiprocessing.connection"):
            for each in loaded("multiprocessing.connection").Connection.__mro__[:2]:
                yield each, "recv", self._receiving
        for module in ("concurrent.futures.process", *_LOKY):
            if is_loaded(module):
                yield loaded(module).ProcessPoolExecutor, "submit", self._handing_to("processes")
        if is_loaded("concurrent.futures.thread"):
            executor = loaded("concurrent.futures.thread").ThreadPoolExecutor
            yield executor, "submit", self._handing_to("threads")
        for module in _FUTURES:
            if is_loaded(module):
                yield loaded(module), "_create_and_install_waiters", self._waiting

    def _quietly(self, note: Callable[..., object], *args: Any) -> None:
        """Note, unless this is a worker; what fails is no error of the user's."""
        try:
            if self._replacements.in_use and os.getpid() == self._process:
                with self.notes.lock:
                    note(*args)
        except Exception:
            return

    def _starting(self, original: Function) -> Function:
        def start(process: Any) -> Any:
            self._quietly(self.notes.start, calling_frame())
            return original(process)

        return start

    def _starting_program(self, original: Function) -> Function:
        def starting(*args: Any, **kwargs: Any) -> Any:
            self._quietly(self.notes.program, original.__name__, calling_frame())
            return original(*args, **kwargs)

        return starting

    def _communicating(self, original: Function) -> Function:
        def communicate(*args: Any, **kwargs: Any) -> Any:
            given = original(*args, **kwargs)
            self._quietly(self.notes.output, given)
            return given

        return communicate

    def _asking(self, original: Function) -> Function:
        def asking(result: Any, pool: Any, *args: Any, **kwargs: Any) -> None:
            is_threads = isinstance(pool, loaded("multiprocessing.pool").ThreadPool)
            kind: Kind = "threads" if is_threads else "processes"
            # First: a short task may be done before the call has ended.
            self._quietly(self.notes.task, result, kind, calling_frame())
            original(result, pool, *args, **kwargs)

        return asking

    def _handing_to(self, kind: Kind) -> Callable[[Function], Function]:
        def make(original: Function) -> Function:
            def submit(*args: Any, **kwargs: Any) -> Any:
                if kind == "threads" and len(args) > 1 and self._replacements.in_use:
                    executor, task, *rest = args
                    args = executor, watched_task(task, self._moved), *rest
                future = original(*args, **kwargs)
                self._quietly(self.notes.task, future, kind, calling_frame())
                self._quietly(future.add_done_callback, self._done)
                return future

            return submit

        return make

    def _done(self, future: Any) -> None:
        self._quietly(self.notes.done, future)

    def _moved(self) -> None:
        self._quietly(self.notes.moved)

    def _waiting(self, original: Function) -> Function:
        def install(futures: Any, until: Any, *args: Any) -> Any:
            if until != "ALL_COMPLETED":
                self._quietly(self.notes.by_arrival)
            return original(futures, until, *args)

        return install

    def _setting(self, original: Function) -> Function:
        def setting(result: Any, part: int, given: Any) -> Any:
            self._quietly(self.notes.result, result, part, given[1])
            return original(result, part, given)

        return setting

    def _receiving(self, original: Function) -> Function:
        def receive(*args: Any, **kwargs: Any) -> Any:
            given = original(*args, **kwargs)
            self._quietly(self.notes.received, given, calling_frame())
            return given

        return receive
