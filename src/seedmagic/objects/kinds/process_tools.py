"""Tools: locks, threads, workers. A rewind leaves them, and little is compared of them."""

from __future__ import annotations

import marshal
import sys
from typing import Any

from seedmagic.code.ownership import package_of
from seedmagic.code.per_class import PerClass
from seedmagic.code.raw_attributes import mro_of, name_of_class
from seedmagic.objects.kinds import atoms, library_kinds

# Whoever holds one holds a tool: it belongs to the process, and has no state of the object's own.
_TOOLS = {
    "_thread": ("lock", "RLock", "_local", "_ThreadHandle"),
    "threading": ("Thread", "Timer", "Event", "Condition", "Semaphore", "BoundedSemaphore"),
    "logging": ("Logger", "RootLogger"),
    "concurrent.futures.thread": ("ThreadPoolExecutor",),
    "concurrent.futures.process": ("ProcessPoolExecutor",),
    "loky.process_executor": ("ProcessPoolExecutor",),
    "joblib.externals.loky.process_executor": ("ProcessPoolExecutor",),
    "joblib.parallel": ("Parallel",),
    "multiprocessing.context": ("BaseContext",),
    "multiprocessing.pool": ("Pool",),
    "multiprocessing.heap": ("BufferWrapper",),
    "_multiprocessing": ("SemLock",),
    "multiprocessing.process": ("BaseProcess",),
    "multiprocessing.managers": ("BaseManager", "BaseProxy"),
    "multiprocessing.queues": ("Queue", "SimpleQueue"),
    "multiprocessing.connection": ("_ConnectionBase", "Listener"),
    "multiprocessing.synchronize": ("SemLock", "Condition", "Event", "Barrier"),
    "subprocess": ("Popen",),
    "mmap": ("mmap",),
    "asyncio.events": ("AbstractEventLoop",),
    "IPython.core.interactiveshell": ("InteractiveShell",),
    "ipykernel.kernelbase": ("Kernel",),
    "comm.base_comm": ("BaseComm", "CommManager"),
    "ipykernel.comm.comm": ("Comm",),  # before 6.18, which brought the package comm
    "ipykernel.comm.manager": ("CommManager",),
    "seedmagic.verify.cell.console_streams": ("Tee",),
    "random": ("SystemRandom",),
    "tqdm.std": ("tqdm",),
    "torch": ("Stream", "Event"),
    "torch.cuda.streams": ("Stream", "Event"),
    "torch._library.custom_ops": ("CustomOpDef",),
    "torch._ops": ("OpOverload", "OpOverloadPacket"),
}
_COMPILERS = ("torch._dynamo", "torch._inductor", "numba.core")
# By module and class: the attributes that tell a tool's state, and are plain values.
_FACTS = {
    ("subprocess", "Popen"): ("returncode",),
    ("joblib.parallel", "Parallel"): ("n_jobs",),
    ("tqdm.std", "tqdm"): ("n", "total", "desc"),
}
_UNSEEN = {
    ("multiprocessing.managers", "BaseProxy"),
    ("multiprocessing.queues", "Queue"),
    ("multiprocessing.queues", "SimpleQueue"),
    ("multiprocessing.connection", "_ConnectionBase"),
}
_WORKERS = {"multiprocessing", "concurrent", "subprocess", "joblib", "loky"}
# What stands for the result of a task that a pool or an executor was handed.
_RESULTS = {
    "concurrent.futures._base": ("Future",),
    "multiprocessing.pool": ("ApplyResult", "IMapIterator"),
}
# What such a result holds of its pool, which numbers its tasks, and of who waits for it.
RESULTS_POOL = (
    *("_job", "_cache", "_pool", "_event", "_cond"),
    *("_condition", "_waiters", "_done_callbacks"),
)


def is_tool(value: Any) -> bool:
    """Whether `value` belongs to the process, and has no state of its holder's own."""
    streams = (sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__, sys.__stderr__)
    if any(value is stream for stream in streams):
        return True
    # A compiled module is one of torch's compiler's classes, and holds the user's own.
    return _is_of_tools(type(value)) and not library_kinds.is_module(value)


def is_tool_class(module: str, name: str) -> bool:
    """Whether the instances of a class are tools, as far as its name tells."""
    return name in _TOOLS.get(module, ()) or module.startswith(_COMPILERS)


_is_of_tools = PerClass(
    lambda cls: any(is_tool_class(*name_of_class(base)) for base in mro_of(cls))
)


def is_of_workers(value: Any) -> bool:
    """Whether a tool is a worker, or what leads to workers: it has other numbers in each run."""
    return package_of(type(value)) in _WORKERS and is_tool(value)


def is_result(value: Any) -> bool:
    """Whether `value` stands for the result of a task that was handed to a pool."""
    return _is_of_results(type(value))


def _names_a_result(module: str, name: str) -> bool:
    return name in _RESULTS.get(module, ())


_is_of_results = PerClass(
    lambda cls: any(_names_a_result(*name_of_class(base)) for base in mro_of(cls))
)


def is_awaited(value: Any) -> bool:
    """Whether a result, as `is_result` has it, is still to come."""
    if hasattr(value, "done"):
        return not value.done()
    if hasattr(value, "ready"):
        return not value.ready()
    return bool(getattr(value, "_index", 0) != getattr(value, "_length", None))


def bits(value: Any) -> bytes:
    """Give what is compared of a tool beside its class."""
    facts = [
        getattr(value, name, None)
        for cls in type(value).__mro__
        for name in _FACTS.get((cls.__module__, cls.__name__), ())
    ]
    return marshal.dumps([fact if type(fact) in atoms.PLAIN else None for fact in facts], 2)


def unseen(value: Any) -> str | None:
    """Say why two tools of a class may differ in what is not compared; None: nothing is known."""
    cls = type(value)
    if atoms.is_of_notebook(cls):
        return f"is a {cls.__qualname__}, a tool of your own, of which only the class is compared"
    if any((base.__module__, base.__name__) in _UNSEEN for base in cls.__mro__):
        return f"is a {cls.__qualname__}, of which only the class is compared"
    return None
