"""Compare what code defines: functions, methods and classes."""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator
from typing import Any

from seedmagic.objects.compare.compare_containers import compare_attributes
from seedmagic.objects.compare.difference import Difference, Pair, Path, change

Found = Iterator[Difference | Pair]

_NOT_OF_A_CLASS = {"__dict__", "__weakref__", "__module__", "__doc__", "__annotations__"}
_NOT_OF_A_CLASS |= {"__firstlineno__", "__static_attributes__", "_abc_impl", "__classdictcell__"}
_NOT_OF_A_CLASS |= {"__abstractmethods__", "__annotate_func__", "__annotations_cache__"}
_CODE = (
    "co_code",
    "co_consts",
    "co_names",
    "co_varnames",
    "co_freevars",
    "co_cellvars",
    "co_flags",
)


def compare_functions(path: Path, first: Any, second: Any) -> Found:
    """Compare two functions: code, defaults, what they close over; not their globals."""
    for name in ("__code__", "__defaults__", "__kwdefaults__"):
        yield Pair(path.attribute(name), getattr(first, name), getattr(second, name))
    names = first.__code__.co_freevars
    cells = zip(names, first.__closure__ or (), second.__closure__ or (), strict=False)
    for name, cell, other in cells:
        yield Pair(path.attribute("__closure__").item(name), _content(cell), _content(other))
    yield from compare_attributes(path, first, second)


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not bound yet
        return NotImplemented


def compare_codes(path: Path, first: Any, second: Any) -> Found:
    """Compare what two pieces of code do; lines and files are left out."""
    if any(getattr(first, name) != getattr(second, name) for name in _CODE if name != "co_consts"):
        yield Difference(str(path), "value", "other code")
    else:
        yield Pair(path.attribute("co_consts"), first.co_consts, second.co_consts)


def compare_methods(path: Path, first: Any, second: Any) -> Found:
    """Compare two bound methods: the function and what it is bound to."""
    yield Pair(path.attribute("__self__"), first.__self__, second.__self__)
    if hasattr(first, "__func__"):
        yield Pair(path.attribute("__func__"), first.__func__, second.__func__)
    elif first.__qualname__ != second.__qualname__:
        yield change(path, "value", first.__qualname__, second.__qualname__)


def compare_classes(path: Path, first: Any, second: Any) -> Found:
    """Compare two classes of the same name: bases, and what their bodies defined."""
    names = [f"{each.__module__}.{each.__qualname__}" for each in (first, second)]
    if names[0] != names[1]:
        yield change(path, "value", *names)
        return
    yield Pair(path.attribute("__bases__"), first.__bases__, second.__bases__)
    own = [
        {name: _unwrapped(value) for name, value in vars(each).items() if _is_own(name, value)}
        for each in (first, second)
    ]
    yield Pair(path.attribute("__dict__"), *own)


def _is_own(name: str, value: object) -> bool:
    described = (types.MemberDescriptorType, types.GetSetDescriptorType)
    is_made = name.startswith(("__dataclass_", "_member_map_", "_value2member_map_"))
    return name not in _NOT_OF_A_CLASS and not is_made and not isinstance(value, described)


def _unwrapped(value: Any) -> Any:
    if isinstance(value, (staticmethod, classmethod)):
        return value.__func__
    if isinstance(value, property):
        return [value.fget, value.fset, value.fdel]
    return value


def compare_partials(path: Path, first: Any, second: Any) -> Found:
    """Compare two partial calls."""
    for name in ("func", "args", "keywords"):
        yield Pair(path.attribute(name), getattr(first, name), getattr(second, name))


COMPARERS: list[Any] = [
    (type, compare_classes),
    (types.FunctionType, compare_functions),
    (types.CodeType, compare_codes),
    ((types.MethodType, types.BuiltinMethodType, types.MethodWrapperType), compare_methods),
    (functools.partial, compare_partials),
]
