"""Loggers, events, storage of a thread, maps of memory: what a cell sets in them, and goes back."""

from __future__ import annotations

import mmap
import threading
from collections.abc import Iterator
from typing import Any

from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.kinds.aspects import Aspect, Base, Fact
from seedmagic.objects.kinds.instances import Attributes
from seedmagic.objects.memory.raw_memory import require


class LoggerSettings(Attributes):
    """A logger: level, handlers, filters, and whether it is on. Handlers are not looked into."""

    def __init__(self) -> None:
        super().__init__("parent", "manager", "root", "_cache", "handlers", "filters")

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give how many there are, beside the attributes."""
        yield from super().facts(value)
        yield Fact("handlers", len(value.handlers))
        yield Fact("filters", len(value.filters))

    def take(self, value: Any) -> Any:
        """Give them."""
        return super().take(value), value.level, [*value.handlers], [*value.filters]

    def put(self, value: Any, saved: Any) -> None:
        """Set them."""
        attributes, level, handlers, filters = saved
        if value.level != level:
            value.setLevel(level)  # which forgets what loggers have worked out from levels
        super().put(value, attributes)
        value.handlers[:], value.filters[:] = handlers, filters


class MappedBytes(Base):
    """A map of memory that can be written to, and the place in it."""

    differs = "other bytes in the second run"

    def bits(self, value: mmap.mmap) -> Iterator[bytes]:
        """Give both."""
        yield repr(value.tell()).encode()
        yield value[:]

    def take(self, value: mmap.mmap) -> tuple[bytes, int]:
        """Copy the bytes."""
        require(len(value))
        return value[:], value.tell()

    def put(self, value: mmap.mmap, saved: tuple[bytes, int]) -> None:
        """Copy them back."""
        copied, place = saved
        if value[:] != copied:
            value[:] = copied
        value.seek(place)


class EventFlag(Base):
    """Whether an event is set."""

    def facts(self, value: threading.Event) -> Iterator[Fact]:
        """Give that."""
        yield Fact("set", value.is_set())

    def take(self, value: threading.Event) -> bool:
        """Give that."""
        return value.is_set()

    def put(self, value: threading.Event, saved: bool) -> None:
        """Set or clear it, and tell those who wait."""
        if saved != value.is_set():
            value.set() if saved else value.clear()


_LOGGER, _OF_THREAD, _MAPPED = LoggerSettings(), Attributes(), MappedBytes()
# Locks and the threads that wait are left alone.
_EVENT, _SEMAPHORE = EventFlag(), Attributes("_cond")
OF_OTHERS = "is storage of a thread, of which other threads see another part"


def aspects(value: Any) -> tuple[Aspect, ...]:
    """Give what goes back of a tool; nothing of most."""
    if isinstance(value, threading.local):
        return (_OF_THREAD,)
    if isinstance(value, threading.Event):
        return (_EVENT,)
    if isinstance(value, threading.Semaphore):
        return (_SEMAPHORE,)
    if is_loaded("logging") and isinstance(value, loaded("logging").Logger):
        return (_LOGGER,)
    return (_MAPPED,) if isinstance(value, mmap.mmap) and _can_be_written_to(value) else ()


def unseen(value: Any) -> str | None:
    """Say why two of which all is equal that can be seen may differ all the same."""
    return OF_OTHERS if isinstance(value, threading.local) and vars(value) else None


def _can_be_written_to(value: mmap.mmap) -> bool:
    try:
        with memoryview(value) as view:
            return not view.readonly
    except ValueError:  # it is closed
        return False
