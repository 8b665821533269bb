"""Tools: locks, threads, loggers, bars. A rewind leaves them, and little of them is compared."""

from __future__ import annotations

import marshal
import sys
from typing import Any

from seedmagic.objects.kinds import atoms, library_kinds

# Whoever holds one holds a tool: it belongs to the process, and has no state of the object's own.
_TOOLS = {
    "_thread": ("lock", "RLock", "_local", "_ThreadHandle"),
    "threading": ("Thread", "Timer", "Event", "Condition", "Semaphore", "BoundedSemaphore"),
    "logging": ("Logger", "RootLogger", "LoggerAdapter"),
    "concurrent.futures.thread": ("ThreadPoolExecutor",),
    "concurrent.futures.process": ("ProcessPoolExecutor",),
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
    ("threading", "Event"): ("_flag",),
    ("threading", "Semaphore"): ("_value",),
    ("logging", "Logger"): ("name", "level", "disabled"),
    ("tqdm.std", "tqdm"): ("n", "total", "desc"),
}
_UNSEEN = {("logging", "LoggerAdapter"), ("mmap", "mmap")}


def is_tool(value: Any) -> bool:
    """Whether `value` belongs to the process, and has no state of its holder's own."""
    streams = (sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__, sys.__stderr__)
    if any(value is stream for stream in streams):
        return True
    # A compiled module is one of torch's compiler's classes, and holds the user's own.
    return not library_kinds.is_module(value) and any(
        is_tool_class(str(cls.__module__), cls.__name__) for cls in type(value).__mro__
    )


def is_tool_class(module: str, name: str) -> bool:
    """Whether the instances of a class are tools, as far as its name tells."""
    return name in _TOOLS.get(module, ()) or module.startswith(_COMPILERS)


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
    thread = sys.modules.get("threading")
    if thread is not None and isinstance(value, thread.local):
        return "is storage of a thread, which is not compared" if vars(value) else None
    if any((base.__module__, base.__name__) in _UNSEEN for base in cls.__mro__):
        return f"is a {cls.__qualname__}, of which only the class is compared"
    return None
