"""Compare lists, dictionaries, sets and the like; the order of what they give counts."""

from __future__ import annotations

import enum
import types
from array import array
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any

from seedmagic.objects.compare import scalars
from seedmagic.objects.compare.difference import Difference, Pair, Path, change, describe

Found = Iterator[Difference | Pair]


def compare_sequences(path: Path, first: Any, second: Any) -> Found:
    """Compare two lists, tuples, deques or arrays of Python's, and what a subclass adds."""
    if len(first) != len(second):
        yield change(path, "length", str(len(first)), str(len(second)))
    places = [
        place
        for place, (one, other) in enumerate(zip(first, second, strict=False))
        if not (type(one) is type(other) and scalars.is_atom(one) and scalars.same(one, other))
    ]
    numbers = [(first[at], second[at]) for at in places] if len(places) > 1 else []
    if numbers and all(type(x) is type(y) and type(x) in (int, float) for x, y in numbers):
        yield _of_numbers(path, places, numbers, len(first))
    else:
        fields = getattr(type(first), "_fields", ())
        for at in places:
            inner = path.attribute(fields[at]) if at < len(fields) else path.item(at)
            yield Pair(inner, first[at], second[at])
    if isinstance(first, deque):
        yield Pair(path.attribute("maxlen"), first.maxlen, second.maxlen)
    if isinstance(first, array):
        yield Pair(path.attribute("typecode"), first.typecode, second.typecode)
    yield from compare_attributes(path, first, second)


def _of_numbers(
    path: Path, places: list[int], numbers: list[tuple[Any, Any]], total: int
) -> Difference:
    """Say in one line how much many numbers differ."""
    sizes = [scalars.distance(*pair) for pair in numbers]
    return change(
        path,
        "elements",
        *map(describe, numbers[0]),
        place=(places[0],),
        count=len(places),
        total=total,
        largest=max((size for size, _ in sizes if size is not None), default=None),
        ulps=max((steps for _, steps in sizes if steps is not None), default=None),
    )


def compare_mappings(path: Path, first: Any, second: Any) -> Found:
    """Compare two dictionaries: keys, their order, values."""
    keys, others = ([canonical(key) for key in each] for each in (first, second))
    if None in keys or None in others:
        yield from _compare_in_turn(path, first, second)
    else:
        yield from _compare_by_key(path, first, second, keys, others)
    if isinstance(first, defaultdict):
        factories = first.default_factory, second.default_factory
        yield Pair(path.attribute("default_factory"), *factories)
    yield from compare_attributes(path, first, second)


def _compare_by_key(path: Path, first: Any, second: Any, keys: Any, others: Any) -> Found:
    if keys != others:
        yield from _members(path, "keys", list(first), list(second), keys, others)
    places = dict(zip(others, second.values(), strict=True))
    for key, original, value in zip(keys, first, first.values(), strict=True):
        if key not in places:
            continue
        other = places[key]
        is_plain = type(value) is type(other) and scalars.is_atom(value)
        if not (is_plain and scalars.same(value, other)):
            yield Pair(path.item(original), value, other)


def _compare_in_turn(path: Path, first: Any, second: Any) -> Found:
    """Compare entries in the order in which they stand, where keys can only be looked at."""
    if len(first) != len(second):
        yield change(path, "length", str(len(first)), str(len(second)))
    pairs = zip(first.items(), second.items(), strict=False)
    for number, ((key, value), (other_key, other)) in enumerate(pairs):
        yield Pair(path.attribute("keys").item(number), key, other_key)
        yield Pair(path.attribute("values").item(number), value, other)


def compare_sets(path: Path, first: Any, second: Any) -> Found:
    """Compare two sets: their elements, and the order in which they give them."""
    keys, others = ([canonical(key) for key in each] for each in (first, second))
    if None in keys or None in others:
        yield Pair(path, list(first), list(second))
    elif keys != others:
        yield from _members(path, "elements", list(first), list(second), keys, others)
    yield from compare_attributes(path, first, second)


def _members(
    path: Path, what: str, first: list[Any], second: list[Any], keys: Any, others: Any
) -> Iterator[Difference]:
    gone, come = set(keys) - set(others), set(others) - set(keys)
    if not gone and not come:
        yield change(path, "order", _listed(first), _listed(second), total=len(first))
        return
    only = [
        _listed([each for each, key in zip(values, their, strict=True) if key in marked])
        for values, their, marked in ((first, keys, gone), (second, others, come))
    ]
    yield change(path, what, *(text or "none" for text in only))


def _listed(values: list[Any]) -> str:
    return ", ".join(describe(value) for value in values[:20])


def canonical(key: Any) -> Any:
    """Give what tells a key from others bit for bit; None where its class alone could tell."""
    kind = type(key)
    if scalars.is_atom(key):
        if kind is float:
            return kind, scalars.bits(key)
        if kind is complex:
            return kind, scalars.bits(key.real), scalars.bits(key.imag)
        return kind, key
    if isinstance(key, enum.Enum):
        return kind.__module__, kind.__qualname__, key.name
    if kind in (tuple, frozenset):
        inner = [canonical(each) for each in key]
        return None if None in inner else (kind, *inner)
    return None


def compare_attributes(path: Path, first: Any, second: Any) -> Found:
    """Compare the attributes and slots that an instance has of its own."""
    own = [getattr(each, "__dict__", None) for each in (first, second)]
    for name in dict.fromkeys(name for each in own for name in each or ()):
        inner = path.attribute(str(name))
        if name not in (own[0] or ()):
            yield change(inner, "attribute", "missing", describe((own[1] or {})[name]))
        elif name not in (own[1] or ()):
            yield change(inner, "attribute", describe((own[0] or {})[name]), "missing")
        else:
            yield Pair(inner, (own[0] or {})[name], (own[1] or {})[name])
    yield from _compare_slots(path, first, second)


def _compare_slots(path: Path, first: Any, second: Any) -> Found:
    absent = object()
    for slot, other_slot in zip(slots(type(first)), slots(type(second)), strict=False):
        values = []
        for member, owner in ((slot, first), (other_slot, second)):
            try:
                values.append(member.__get__(owner))
            except AttributeError:
                values.append(absent)
        if values[0] is not values[1]:
            yield Pair(path.attribute(slot.__name__), *values)


def slots(kind: type) -> list[types.MemberDescriptorType]:
    """Give the slots of a class and of those it is derived from."""
    return [
        member
        for each in kind.__mro__
        if "__slots__" in vars(each)  # C types show fields of theirs in the same way
        for member in vars(each).values()
        if isinstance(member, types.MemberDescriptorType)
    ]


COMPARERS = [
    ((list, tuple, deque, array), compare_sequences),
    (dict, compare_mappings),
    ((set, frozenset), compare_sets),
]
