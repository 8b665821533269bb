"""One setting of the process, and how two values of it are compared."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from types import FunctionType
from typing import Any, NamedTuple

from seedmagic.objects.kinds.atoms import PLAIN, bits

ABSENT = object()
# Two of these can be compared, and their own `==` tells all.
_BY_VALUE = (*PLAIN, re.Pattern, PurePath)


@dataclass(frozen=True)
class Aside:
    """What is put back, and counts for no difference: ordinary work changes it, or counts it up."""

    value: Any


def is_it(one: Any, other: Any) -> bool:
    """Whether two objects are one."""
    return one is other or (isinstance(one, Aside) and one == other)


def is_of_one_kind(one: Any, other: Any) -> bool:
    """Whether two objects, of which each run made its own, are of one class, and run one code."""
    if isinstance(one, FunctionType):
        return isinstance(other, FunctionType) and one.__code__ == other.__code__
    return type(one) is type(other) and bits(one) == bits(other)


class ProcessSetting(NamedTuple):
    """One setting.

    Attributes
    ----------
    name : str
        What people call it.
    module : str
        Which module must be loaded for it to be there.
    take : callable
        Reads it from the module, as copies; `ABSENT` where the library has not settled it yet.
    put : callable or None
        Gives it back to the module; None where nothing can.
    likeness : callable
        Whether two objects that two runs left there count as the same.
    """

    name: str
    module: str
    take: Callable[[Any], Any]
    put: Callable[[Any, Any], object] | None
    likeness: Callable[[Any, Any], bool] = is_of_one_kind


def of_attribute(name: str, module: str, attribute: str) -> ProcessSetting:
    """Give the setting that is an attribute of a module."""
    return ProcessSetting(
        name,
        module,
        lambda owner: getattr(owner, attribute),
        lambda owner, saved: setattr(owner, attribute, saved),
    )


def of_calls(name: str, module: str, getter: str, setter: str) -> ProcessSetting:
    """Give the setting that a module has two functions for."""
    return ProcessSetting(
        name,
        module,
        lambda owner: getattr(owner, getter)(),
        lambda owner, saved: getattr(owner, setter)(saved),
    )


def quietly(put: Callable[[Any, Any], object]) -> Callable[[Any, Any], object]:
    """Let a library say nothing while a setting of its is put back: the user changed none."""

    def put_quietly(owner: Any, saved: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            put(owner, saved)

    return put_quietly


def copied(value: Any) -> Any:
    """Copy plain containers, and what they hold of these; all else stands for itself."""
    if type(value) is dict:
        return {key: copied(item) for key, item in value.items()}
    if type(value) is list:
        return [copied(item) for item in value]
    return set(value) if type(value) is set else value


def put_into(target: Any, saved: Any) -> None:
    """Give a dict, in place, what it held; others may look at it at any time."""
    for key in target.keys() - saved.keys():
        del target[key]
    target.update(saved)


def is_same(one: Any, other: Any, likeness: Callable[[Any, Any], bool] = is_it) -> bool:
    """Whether two copies hold the same objects; plain values count by what they are.

    Parameters
    ----------
    one, other : object
        What `ProcessSetting.take` gave.
    likeness : callable, optional
        Whether two objects count as the same, though they are not one.
    """
    if one is other:
        return True
    if type(one) is type(other):
        if isinstance(one, dict):
            return one.keys() == other.keys() and all(
                is_same(item, other[key], likeness) for key, item in one.items()
            )
        if isinstance(one, (list, tuple)):
            pairs = zip(one, other, strict=False)
            return len(one) == len(other) and all(is_same(*pair, likeness) for pair in pairs)
        if isinstance(one, (set, frozenset, *_BY_VALUE)):
            return bool(one == other)
    return likeness(one, other)


def ways(one: Any, other: Any, likeness: Callable[[Any, Any], bool]) -> Iterator[tuple[Any, ...]]:
    """Give the keys that lead to each item in which two copies differ."""
    if is_same(one, other, likeness):
        return
    if type(one) is dict and type(other) is dict:
        for key in dict.fromkeys((*one, *other)):
            for way in ways(one.get(key, ABSENT), other.get(key, ABSENT), likeness):
                yield key, *way
    else:
        yield ()


def at(copy: Any, way: tuple[Any, ...]) -> Any:
    """Give what a copy has there, or `ABSENT`."""
    for key in way:
        copy = copy.get(key, ABSENT) if type(copy) is dict else ABSENT
    return copy


def with_changes(copy: Any, before: Any, after: Any) -> Any:
    """Give a copy to which happened what made `after` of `before`."""
    # A whole part that is new comes with what it holds when it is complete.
    if copy is ABSENT and type(after) is dict:
        return after
    if is_same(before, after):
        return copy
    if type(copy) is type(before) is type(after) is Aside:
        return Aside(with_changes(copy.value, before.value, after.value))
    if type(copy) is type(before) is type(after) is dict:
        changed = dict(copy)
        for key in dict.fromkeys((*before, *after)):
            now = with_changes(*(each.get(key, ABSENT) for each in (copy, before, after)))
            changed[key] = now
        return {key: item for key, item in changed.items() if item is not ABSENT}
    if type(copy) is type(before) is type(after) is list:
        new = [item for item in after if not _holds(before, item)]
        kept = [item for item in copy if _holds(after, item) or not _holds(before, item)]
        is_first = bool(new) and is_same(new[0], after[0])
        return [*new, *kept] if is_first else [*kept, *new]
    return after


def _holds(items: list[Any], item: Any) -> bool:
    return any(is_same(item, each) for each in items)
