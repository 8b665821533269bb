"""Compare instances: by their attributes, by what their type shows, or by what pickling keeps."""

from __future__ import annotations

import copyreg
import enum
import random
import types
import weakref
from collections.abc import Iterator
from typing import Any

from seedmagic.objects.compare import scalars
from seedmagic.objects.compare.compare_containers import compare_attributes, slots
from seedmagic.objects.compare.difference import Difference, Pair, Path, change, uncompared

Found = Iterator[Difference | Pair]

# Modules whose values say all about themselves in their text.
_SAY_ALL = {"datetime", "decimal", "fractions", "pathlib", "uuid", "ipaddress", "zoneinfo"}
# How to get the plain value out of one of a subclass, past whatever the subclass redefines.
_EXACT: dict[type, Any] = {
    int: int.__pos__,
    float: float.__pos__,
    complex: complex.__pos__,
    str: lambda value: str.__getitem__(value, slice(None)),
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    bytearray: lambda value: bytearray.__getitem__(value, slice(None)),
}
_PROXIES = (weakref.ProxyType, weakref.CallableProxyType)


def is_same_type(first: type, second: type) -> bool:
    """Whether two types are one, or a cell's class that was defined anew by the other run."""
    if first is second:
        return True
    return (first.__module__, first.__qualname__) == (second.__module__, second.__qualname__)


def type_names(first: type, second: type) -> list[str]:
    """Name two types so that they can be told apart."""
    if first.__qualname__ != second.__qualname__:
        return [first.__qualname__, second.__qualname__]
    return [f"{each.__module__}.{each.__qualname__}" for each in (first, second)]


def is_opaque(value: object) -> bool:
    """Whether nothing tells what a value is about to give: iterators, files, coroutines."""
    kind = type(value)
    if kind in _PROXIES:
        return True
    step = getattr(kind, "__next__", None) or getattr(kind, "send", None)
    # An iterator written as a Python class has its state in its attributes.
    return step is not None and not (isinstance(step, types.FunctionType) and is_plain(kind))


def is_plain(kind: type) -> bool:
    """Whether instances hold nothing but their attributes and slots.

    As copyreg decides whether it may pickle them: by their size.
    """
    size = object.__basicsize__ + 8 * len(slots(kind))
    size += 8 * ((kind.__dictoffset__ > 0) + (kind.__weakrefoffset__ > 0))
    return kind.__basicsize__ <= size and kind.__itemsize__ == 0


def compare_instances(path: Path, first: Any, second: Any) -> Found:
    """Compare by attributes and slots where that is all there is, else by what pickling keeps."""
    if type(first).__module__.partition(".")[0] in _SAY_ALL:
        yield from scalars.compare_texts_of(path, first, second)
    elif is_plain(type(first)) and is_plain(type(second)):
        yield from compare_attributes(path, first, second)
    else:
        yield from _compare_pickled(path, first, second)


def _compare_pickled(path: Path, first: Any, second: Any) -> Found:
    try:
        kept = [_pickled(each) for each in (first, second)]
    except Exception:  # what cannot be pickled says so with any error
        yield uncompared(path, first)
        return
    yield Pair(path.attribute("__reduce__()"), *kept)


def _pickled(value: Any) -> Any:
    registered = copyreg.dispatch_table.get(type(value))
    reduced = registered(value) if registered else value.__reduce_ex__(4)
    if isinstance(reduced, str):
        return reduced
    maker, arguments, state, items, entries = (*reduced, None, None, None)[:5]
    # The maker is a class or a function of a library: its name tells it from another.
    name = getattr(maker, "__qualname__", "")
    contents = [arguments, state, list(items or ()), list(entries or ())]
    return [name, *(each for each in contents if each not in ((), None, []))]


def compare_modules(path: Path, first: Any, second: Any) -> Found:
    """Compare two modules by their names."""
    if first.__name__ != second.__name__:
        yield change(path, "value", first.__name__, second.__name__)


def compare_enums(path: Path, first: Any, second: Any) -> Found:
    """Compare two members of an enumeration, by name and value."""
    if first._name_ != second._name_:
        yield change(path, "value", str(first._name_), str(second._name_))
    else:
        yield Pair(path.attribute("value"), first._value_, second._value_)


def compare_errors(path: Path, first: Any, second: Any) -> Found:
    """Compare two exceptions: what they were made of, and their attributes."""
    yield Pair(path.attribute("args"), first.args, second.args)
    yield from compare_attributes(path, first, second)


def compare_references(path: Path, first: Any, second: Any) -> Found:
    """Compare what two weak references lead to."""
    yield Pair(Path("()", path), first(), second())


def compare_ranges(path: Path, first: Any, second: Any) -> Found:
    """Compare two ranges or slices."""
    for name in ("start", "stop", "step"):
        yield Pair(path.attribute(name), getattr(first, name), getattr(second, name))


def compare_generators(path: Path, first: Any, second: Any) -> Found:
    """Compare the states of two of Python's generators of random numbers."""
    if isinstance(first, random.SystemRandom):
        return  # it has none
    if first.getstate() != second.getstate():
        yield Difference(str(path), "state", "the generators are in different states")


def compare_views(path: Path, first: Any, second: Any) -> Found:
    """Compare what two memoryviews, mapping proxies or scalars' subclasses stand for."""
    yield Pair(path, *(_plain(each) for each in (first, second)))
    yield from compare_attributes(path, first, second)


def _plain(value: Any) -> Any:
    if isinstance(value, memoryview):
        return value.tobytes()
    if isinstance(value, types.MappingProxyType):
        return dict(value)
    for kind, taken in _EXACT.items():
        if isinstance(value, kind):
            return taken(value)
    raise TypeError(type(value))


def compare_widgets(path: Path, first: Any, second: Any) -> Found:
    """Compare two widgets by their traits; the names that browsers know them by are random."""
    inner = path.attribute("_trait_values")
    values = ({**each._trait_values, "comm": None} for each in (first, second))
    yield Pair(inner, *values)


COMPARERS: list[Any] = [
    (enum.Enum, compare_enums),
    ((*_EXACT, memoryview), compare_views),
    (types.MappingProxyType, compare_views),
    (types.ModuleType, compare_modules),
    (BaseException, compare_errors),
    (weakref.ReferenceType, compare_references),
    ((range, slice), compare_ranges),
    (random.Random, compare_generators),
]
