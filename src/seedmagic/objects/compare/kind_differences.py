"""Say in what two values of one kind differ, as far as they do in themselves and not in a part."""

from __future__ import annotations

import enum
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from seedmagic.objects.compare import scalars
from seedmagic.objects.compare.code_constants import constants
from seedmagic.objects.compare.difference import Difference, change, describe
from seedmagic.objects.compare.numpy_elements import compare_arrays
from seedmagic.objects.compare.torch_elements import compare_tensors
from seedmagic.objects.kinds import (
    arrays,
    atoms,
    containers,
    library_kinds,
    opaque_objects,
    plain_values,
    tensors,
)
from seedmagic.objects.kinds.aspects import Aspect, Fact, Place, Text
from seedmagic.objects.object_walk import Node

Found = Iterator[Difference]


def tell(node: Node, other: Node) -> Found:
    """Say in what two values differ that are of one class, and are met at one place."""
    if not node.kind.aspects:
        yield from tell_value(node.place, node.value, other.value)
    for aspect in node.kind.aspects:
        facts = _differing_facts(aspect, node.value, other.value)
        for fact, other_fact in facts:
            yield change(node.place.told, fact.name, _told(fact), _told(other_fact))
        if not _decide(facts):
            yield from _tell_rest(node, other, aspect)


def is_decided(node: Node, other: Node) -> bool:
    """Whether two values differ in a fact without which their parts have no meaning."""
    return any(
        _decide(_differing_facts(aspect, node.value, other.value)) for aspect in node.kind.aspects
    )


def _differing_facts(aspect: Aspect, first: Any, second: Any) -> list[tuple[Fact, Fact]]:
    """Give the facts that differ, up to one that decides."""
    found = []
    for pair in zip(aspect.facts(first), aspect.facts(second), strict=False):
        if repr(pair[0].value) != repr(pair[1].value):
            found.append(pair)
            if pair[0].decides:
                break
    return found


def _decide(facts: list[tuple[Fact, Fact]]) -> bool:
    return bool(facts) and facts[-1][0].decides


def _told(fact: Fact) -> str:
    value = fact.value
    if isinstance(value, Text):
        return value.told
    return describe(value) if isinstance(value, (str, type(None))) else str(value)


def _tell_rest(node: Node, other: Node, aspect: Aspect) -> Found:
    path, first, second = node.place.told, node.value, other.value
    if isinstance(aspect, arrays.Elements):
        yield from compare_arrays(path, first, second)
    elif isinstance(aspect, tensors.Tensor):
        yield from compare_tensors(path, first, second)
    elif [*aspect.bits(first)] != [*aspect.bits(second)]:
        telling = next((_TELLING[cls] for cls in type(aspect).__mro__ if cls in _TELLING), None)
        if telling is not None:
            yield from telling(node.place, aspect, first, second)
        elif hasattr(aspect, "held"):
            yield from _tell_names(node.place, aspect.held(first), aspect.held(second))
        else:
            yield Difference(path, "state", aspect.differs)


def tell_value(place: Place, first: Any, second: Any) -> Found:
    """Say in what two immutable values differ."""
    path = place.told
    if type(first) is not type(second):
        yield change(path, "type", *type_names(type(first), type(second)))
    elif isinstance(first, tuple):
        yield from tell_items(place, first, second)
    elif isinstance(first, frozenset):
        yield from _tell_members(place, "elements", first, second)
    elif isinstance(first, types.CodeType):
        yield from _tell_code(place, first, second)
    elif type(first) in atoms.PLAIN:
        yield from scalars.compare_atoms(path, first, second)
    elif library_kinds.is_numpy_number(first):
        if first.dtype != second.dtype:
            yield change(path, "dtype", str(first.dtype), str(second.dtype))
        else:
            yield from compare_arrays(path, first, second)
    elif atoms.bits(first) != atoms.bits(second):
        yield change(path, "value", *map(_shown, (first, second)))


def tell_items(place: Place, first: Any, second: Any) -> Found:
    """Compare two sequences of immutable values."""
    if len(first) != len(second):
        yield change(place.told, "length", str(len(first)), str(len(second)))
    places = [
        at
        for at, (one, other) in enumerate(zip(first, second, strict=False))
        if not _is_same(one, other)
    ]
    pairs = [(first[at], second[at]) for at in places]
    if len(pairs) > 1 and all(are_numbers(*pair) for pair in pairs):
        yield tell_numbers(place, places, pairs, len(first))
    else:
        for at, pair in zip(places, pairs, strict=True):
            yield from tell_value(Place(at, "[", place), *pair)


def _is_same(first: Any, second: Any) -> bool:
    return type(first) is type(second) and atoms.bits(first) == atoms.bits(second)


def are_numbers(first: Any, second: Any) -> bool:
    """Whether two values are numbers of one type, whose distance says something."""
    return type(first) is type(second) and type(first) in (int, float)


def tell_numbers(
    place: Place, places: list[int], pairs: list[tuple[Any, Any]], total: int
) -> Difference:
    """Say in one line how much many numbers of a sequence differ."""
    sizes = [scalars.distance(*pair) for pair in pairs]
    return change(
        place.told,
        "elements",
        *map(describe, pairs[0]),
        place=(places[0],),
        count=len(places),
        total=total,
        largest=max((size for size, _ in sizes if size is not None), default=None),
        ulps=max((steps for _, steps in sizes if steps is not None), default=None),
    )


def tell_order(place: Place, first: Any, second: Any) -> Difference:
    """Say that two sets have the same elements in another order."""
    return change(place.told, "order", _listed(first), _listed(second), total=len(first))


def type_names(first: type, second: type) -> list[str]:
    """Name two types so that they can be told apart."""
    if first.__qualname__ != second.__qualname__:
        return [first.__qualname__, second.__qualname__]
    return [f"{each.__module__}.{each.__qualname__}" for each in (first, second)]


def _tell_code(place: Place, first: types.CodeType, second: types.CodeType) -> Found:
    found = constants(first, second)
    if found is None:
        yield Difference(place.told, "value", "other code")
    else:
        name, both = found
        yield from tell_items(Place(name, ".", place), *both)


def _tell_names(
    place: Place, first: dict[str, Any], second: dict[str, Any], edge_kind: str = "."
) -> Found:
    """Compare the names of attributes; what they hold are parts."""
    for name in dict.fromkeys((*first, *second)):
        there = [describe(each[name]) if name in each else "missing" for each in (first, second)]
        if name not in first or name not in second:
            step = Place(name.rpartition(" ")[2], edge_kind, place)
            yield change(step.told, "attribute", *there)
    if first.keys() == second.keys():
        yield change(place.told, "order", ", ".join(first), ", ".join(second), total=len(first))


def _tell_keys(place: Place, aspect: Aspect, first: Any, second: Any) -> Found:
    keys, others = ([*map(containers.told_apart, each)] for each in (first, second))
    if keys == others:  # many plain values, which are no parts
        for key, one, other in zip(first, first.values(), second.values(), strict=True):
            if not _is_same(one, other):
                yield from tell_value(Place(key, "[", place), one, other)
    elif place.edge_kind == "registry" and first.keys() != second.keys():
        yield from _tell_names(place, first, second, "[")
    else:
        yield from _tell_members(place, "keys", first, second)


def _tell_members(place: Place, what: str, first: Any, second: Any) -> Found:
    """Compare what tells the keys of dicts, or the elements of sets, apart."""
    keys, others = ([containers.told_apart(key) for key in each] for each in (first, second))
    gone, come = set(keys) - set(others), set(others) - set(keys)
    if gone or come:
        only = [
            _listed([each for each, key in zip(values, their, strict=True) if key in marked])
            for values, their, marked in ((first, keys, gone), (second, others, come))
        ]
        yield change(place.told, what, *(text or "none" for text in only))
    elif len(keys) != len(others):
        yield change(place.told, "length", str(len(keys)), str(len(others)))
    elif keys != others:
        yield change(place.told, "order", _listed(first), _listed(second), total=len(keys))


def _listed(values: Iterable[Any]) -> str:
    return ", ".join(describe(value) for value in [*values][:20])


def _shown(value: Any) -> str:
    """Write an immutable value whose own text says what it is."""
    if isinstance(value, types.ModuleType):
        return value.__name__
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, enum.Enum):
        return str(value._name_)
    # The text of a function has an address.
    name = getattr(value, "__qualname__", None)
    return repr(value) if name is None else f"{value.__module__}.{name}"


def _tell_leaf(place: Place, aspect: Aspect, first: Any, second: Any) -> Found:
    yield from tell_items(place, [*first], [*second])


def _tell_exact(place: Place, aspect: Aspect, first: Any, second: Any) -> Found:
    get = getattr(aspect, "get", lambda value: value)
    yield from scalars.compare_atoms(place.told, get(first), get(second))


def _tell_view(place: Place, aspect: Aspect, first: Any, second: Any) -> Found:
    yield from scalars.compare_atoms(place.told, first.tobytes(), second.tobytes())


def _tell_picture(place: Place, aspect: Aspect, first: Any, second: Any) -> Found:
    yield change(place.told, "picture", aspect.differs, "")


_TELLING: dict[type, Callable[[Place, Aspect, Any, Any], Found]] = {
    containers.Items: _tell_leaf,
    plain_values.ArrayBits: _tell_leaf,
    containers.DictItems: _tell_keys,
    containers.SetItems: lambda place, _, *values: _tell_members(place, "elements", *values),
    plain_values.BytearrayBits: _tell_exact,
    plain_values.ExactValue: _tell_exact,
    plain_values.Viewed: _tell_view,
    opaque_objects.Picture: _tell_picture,
}
