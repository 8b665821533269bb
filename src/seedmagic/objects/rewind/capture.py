"""How objects were at one moment: everything that can change, taken in one go."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cached_property, partial
from types import ModuleType
from typing import Any

from seedmagic.code.ownership import is_own_module
from seedmagic.errors import RewindError
from seedmagic.objects.kinds.aspects import Aspect, Place
from seedmagic.objects.kinds.kinds import TOOL, NotReached
from seedmagic.objects.kinds.tensors import Taken
from seedmagic.objects.memory.set_order import Order
from seedmagic.objects.object_walk import Node, uncollected, walk

_SHOWN = 5


class Capture:
    """What `capture` took, and how it is put back."""

    def __init__(self, records: list[tuple[Place, Any, Aspect, Any]], copies: list[Any]) -> None:
        self._records = records
        self._copies = copies

    @cached_property
    def nbytes(self) -> int:
        """Give the bytes that the copies take."""
        taken = sum(_size(saved) for _, _, _, saved in self._records)
        return taken + sum(int(copy.nbytes) for _, copy in self._copies)

    def unmoved(self) -> set[int]:
        """Give the ids of tensors whose elements the last `put_back` found as they were taken."""
        aliases = {id(copy.alias) for _, copy in self._copies if copy.is_unmoved}
        tensors = (each for each in self._records if isinstance(each[3], Taken))
        return {id(value) for _, value, _, saved in tensors if id(saved.alias) in aliases}

    def put_back(self) -> dict[str, str]:
        """Put back everything that can be, and tell what could not be and why."""
        failures: dict[str, str] = {}
        interrupt: BaseException | None = None
        puts = [(place, copy.put) for place, copy in self._copies]
        # Parts before what holds them: a shape before the gradient of that shape.
        puts += [
            (place, partial(aspect.put, value, saved))
            for place, value, aspect, saved in reversed(self._records)
        ]
        for place, put in puts:
            for _ in range(2):
                try:
                    put()
                except Exception as error:
                    failures[str(place)] = str(error) or type(error).__name__
                except BaseException as error:  # an interrupt: once more, and on
                    interrupt = error
                    continue
                break
        if interrupt is not None:
            raise interrupt
        return failures


def capture(roots: Mapping[str, Any]) -> Capture:
    """Take what objects hold, or refuse before anything is copied."""
    try:
        with uncollected():
            nodes = list(walk(roots, compared=False, folded=True))
            _refuse(roots, nodes)
            return _take(nodes)
    except (MemoryError, RuntimeError) as error:
        if not _is_memory(error):
            raise
        raise RewindError(
            f"no memory for a copy of {', '.join(roots)}: {error}. Nothing was changed."
        ) from error


def _take(nodes: list[Node]) -> Capture:
    records: list[tuple[Place, Any, Aspect, Any]] = []
    aliases: list[tuple[Place, Any]] = []
    for node in nodes:
        for aspect in node.kind.aspects:
            try:
                saved = aspect.take(node.value)
            except (MemoryError, KeyboardInterrupt):
                raise
            except Exception as error:
                if _is_memory(error):
                    raise
                raise RewindError(
                    f"{node.place} cannot be read: {error}. Nothing was changed.",
                    {str(node.place): f"cannot be read: {error}"},
                ) from error
            records.append((node.place, node.value, aspect, saved))
            if type(saved) is Taken:
                aliases.append((node.place, saved.alias))
    return Capture(records, _copies(aliases))


def _copies(aliases: list[tuple[Place, Any]]) -> list[tuple[Place, Any]]:
    if not aliases:
        return []
    from seedmagic.objects.rewind.tensor_copies import copy_contents

    return copy_contents(aliases)


def _refuse(roots: Mapping[str, Any], nodes: list[Node]) -> None:
    refused = {
        str(node.place): node.kind.cannot_go_back for node in nodes if node.kind.cannot_go_back
    }
    unreached = [str(node.place) for node in nodes if type(node.kind) is NotReached][1:]
    refused |= {
        str(node.place): f"is a {type(node.value).__qualname__}, which a rewind leaves as it is"
        for node in nodes
        if node.kind is TOOL and node.place.parent is None
    }
    refused |= {
        name: "is a module of a library, which a rewind leaves as it is"
        for name, value in roots.items()
        if issubclass(type(value), ModuleType) and not is_own_module(value)
    }
    if refused:
        # Of a walk that ended, the first place tells it.
        told = [f"{place} {reason}" for place, reason in refused.items() if place not in unreached]
        more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
        raise RewindError(
            f"cannot be rewound: {'; '.join(told[:_SHOWN])}{more}. Nothing was changed.", refused
        )


def _is_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError):
        return True
    # torch has a class of its own for devices, and a plain RuntimeError for the CPU.
    named = type(error).__name__ == "OutOfMemoryError"
    return named or "allocate memory" in str(error) or "not enough memory" in str(error)


def _size(saved: Any) -> int:
    if isinstance(saved, type):
        return 0  # the class of an object is no copy
    if isinstance(saved, tuple):
        return sys.getsizeof(saved) + sum(_size(item) for item in saved if type(item) is not int)
    if isinstance(saved, Order):
        return 2 * sys.getsizeof(saved.walked)
    return max(int(getattr(saved, "nbytes", 0)), sys.getsizeof(saved))
