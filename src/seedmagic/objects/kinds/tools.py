"""What is compared of tools: locks, threads, loggers, bars. A rewind leaves them as they are."""

from __future__ import annotations

import marshal
import sys
from typing import Any

from seedmagic.objects.kinds import atoms

# By module and class: the attributes that tell a tool's state, and are plain values.
_FACTS = {
    ("threading", "Event"): ("_flag",),
    ("threading", "Semaphore"): ("_value",),
    ("logging", "Logger"): ("name", "level", "disabled"),
    ("tqdm.std", "tqdm"): ("n", "total", "desc"),
}
_UNSEEN = {("logging", "LoggerAdapter"), ("mmap", "mmap")}


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
