"""What objects lead to, by their classes, as the garbage collector sees it.

The collector asks no object for anything: no property runs, no `__getattr__` and no `__reduce__`,
as they would where `kinds` looks. It also sees what a suspended generator's frame holds.
"""

from __future__ import annotations

import gc
import sys
import types
import weakref
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any

from seedmagic.code.ownership import is_own
from seedmagic.code.raw_attributes import (
    mro_of,
    name_of_class,
    own_dict,
    vars_of_class,
)
from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.kinds import atoms, process_tools, random_generators

Parts = Callable[[Any], Iterable[Any]]
Way = tuple["Parts | None", bool]

# Of anything that holds more, the first so many are looked at.
LONG = 1_000
# Nothing in them draws, and they hold many small things, or the whole process.
_PACKAGES = frozenset(
    ("IPython", "asyncio", "comm", "concurrent", "ipykernel", "ipywidgets", "logging",
     "matplotlib", "pandas", "tornado", "traitlets", "zmq")
)  # fmt: skip
_LEAVES = frozenset(
    map(
        id,
        (
            *atoms.PLAIN,
            *(bytearray, range, slice, type(...), type(NotImplemented)),
            *(types.CodeType, types.FrameType, types.TracebackType, types.GenericAlias),
            *(types.WrapperDescriptorType, types.MethodDescriptorType),
            *(types.GetSetDescriptorType, types.MemberDescriptorType),
            *(weakref.ref, *weakref.ProxyTypes),
        ),
    )
)
_CONTAINERS = frozenset(
    map(id, (list, tuple, dict, set, frozenset, deque, OrderedDict, defaultdict))
)
_known: dict[int, tuple[weakref.ref[type], Way]] = {}
_MOST_KNOWN = 10_000


def parts_of(cls: type) -> Parts | None:
    """Give what tells the parts of an instance of `cls`; None where there is nothing to find."""
    return way_into(cls)[0]


def way_into(cls: type) -> Way:
    """Give `parts_of`, and whether an instance is a container of Python's, which may be empty."""
    # By address: a metaclass may have a hash of its own, which would run.
    known = _known.get(id(cls))
    if known is not None and known[0]() is cls:
        return known[1]
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    way = _parts_of(cls), id(cls) in _CONTAINERS
    _known[id(cls)] = weakref.ref(cls), way
    return way


def GENERATOR(value: Any) -> Iterable[Any]:  # noqa: N802 - stands among others as what is found
    """Stand for a generator of random numbers, into which nobody looks."""
    return ()


def _parts_of(cls: type) -> Parts | None:
    mro = mro_of(cls)
    if not _LEAVES.isdisjoint(map(id, mro[:-1])):
        return None
    names = [name_of_class(base) for base in mro]
    if names[0][0].partition(".")[0] in _PACKAGES:
        return None
    if random_generators.is_generator_class(cls):
        return GENERATOR
    if any(process_tools.is_tool_class(*name) for name in names) or _is_data(cls):
        return None
    if is_loaded("numpy") and issubclass(cls, loaded("numpy").ndarray):
        return of_array
    for base, parts in _SPECIAL:
        if issubclass(cls, base):
            return parts
    return _referents


def _is_data(cls: type) -> bool:
    """Whether its instances are numbers in memory."""
    bases: tuple[type, ...] = ()
    if is_loaded("numpy"):
        np = loaded("numpy")
        bases += (np.generic, np.dtype)
    if is_loaded("torch"):
        torch = loaded("torch")
        bases += (torch.Tensor, torch.UntypedStorage)
    return issubclass(cls, bases)


def _referents(value: Any) -> Iterable[Any]:
    return gc.get_referents(value)[:LONG]


def _in_order(base: type, walk: Callable[[Any], Iterator[Any]]) -> Parts:
    """Make what gives the items of a list or tuple: of one the collector begins with the last."""

    def parts(value: Any) -> Iterable[Any]:
        if type(value) is base:
            return value[:LONG]  # type: ignore[no-any-return, index]
        return [*islice(walk(value), LONG), *_referents(value)]

    return parts


def _in_any_order(base: type, walk: Callable[[Any], Iterator[Any]]) -> Parts:
    """Make what gives the items of another container, of a long one the first."""
    count = base.__len__  # type: ignore[attr-defined]

    def parts(value: Any) -> Iterable[Any]:
        if count(value) <= LONG:
            return gc.get_referents(value)
        return [*islice(walk(value), LONG), own_dict(value)]

    return parts


_items = _in_any_order(dict, lambda value: chain.from_iterable(dict.items(value)))


def _of_dict(value: dict[Any, Any]) -> Iterable[Any]:
    """Give keys and values, but of no library's module, to which functions in C lead."""
    return () if dict.__contains__(value, "__spec__") else _items(value)


def of_array(value: Any) -> Iterable[Any]:
    """Give the objects of an array of objects."""
    array = loaded("numpy").ndarray
    if not array.dtype.__get__(value).hasobject:
        return ()
    return islice(array.flat.__get__(value), LONG)


def of_function(value: types.FunctionType) -> Iterable[Any]:
    """Give what a function has caught, its defaults, and of the user's what it names."""
    given = value.__globals__
    for part in gc.get_referents(value):
        if part is not given and part is not getattr(value, "__builtins__", None):
            yield part
    if is_own(dict.get(given, "__name__")):
        for name in names_of_code(value.__code__):
            if name in given:
                yield given[name]


def _of_suspended(value: types.GeneratorType[Any, Any, Any]) -> Iterable[Any]:
    """Give what a suspended generator of Python's holds: before Python 3.11 in a frame."""
    parts = gc.get_referents(value)
    frame = value.gi_frame if sys.version_info < (3, 11) else None
    if frame is not None:
        apart = (id(frame.f_globals), id(frame.f_builtins), id(frame.f_back))
        parts += [part for part in gc.get_referents(frame) if id(part) not in apart]
    return parts[:LONG]


def names_of_code(code: types.CodeType) -> Iterator[str]:
    """Give what a piece of code may name, the names of attributes among it: that is no harm here.

    To tell them apart takes a look at every instruction.
    """
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from names_of_code(constant)


def of_class(value: type) -> Iterable[Any]:
    """Give what stands in a class of the user's, and its bases."""
    if not is_own(name_of_class(value)[0]):
        return ()
    return [*islice(vars_of_class(value).values(), LONG), *mro_of(value)[1:]]


def of_module(value: types.ModuleType) -> Iterable[Any]:
    """Give what stands in a module of the user's; the notebook's names are known already."""
    held = own_dict(value)
    name = held.get("__name__")
    if name == "__main__" or sys.modules.get(name) is not value or not is_own(name):
        return ()
    return [*islice(held.values(), LONG)]


_SPECIAL: tuple[tuple[type, Parts], ...] = (
    (types.FunctionType, of_function),
    (types.GeneratorType, _of_suspended),
    (type, of_class),
    (types.ModuleType, of_module),
    (list, _in_order(list, list.__iter__)),
    (tuple, _in_order(tuple, tuple.__iter__)),
    (dict, _of_dict),
    (set, _in_any_order(set, set.__iter__)),
    (frozenset, _in_any_order(frozenset, frozenset.__iter__)),
    (deque, _in_any_order(deque, deque.__iter__)),
)
