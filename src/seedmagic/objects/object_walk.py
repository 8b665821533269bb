"""One walk over objects and all that they hold: what is put back is what is compared."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

from seedmagic.objects.class_kinds import ClassKinds
from seedmagic.objects.folding import Folding
from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.aspects import Edge, Place
from seedmagic.objects.kinds.kinds import ATOM, Kind, NotReached
from seedmagic.objects.plain_trees import Tree, place_in
from seedmagic.objects.walk_bound import Meter

# A metaclass of the user's may leave its classes without a hash, by which to look for them.
_PLAIN = frozenset(map(id, atoms.PLAIN))


class Node(NamedTuple):
    """A value that was met, and where."""

    value: Any
    kind: Kind
    place: Place
    first: Place | None = None  # where the same object was met before


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector off while many small objects are made, all of which stay.

    It would go through everything that the user holds, again and again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def walk(roots: Mapping[str, Any], *, compared: bool, folded: bool = False) -> Iterator[Node]:
    """Go through objects and all that they hold, depth first; through none of them twice.

    It ends where `walk_bound` says. A node of the kind `NotReached` then tells where that was, and
    one for each root that it did not come to.

    Parameters
    ----------
    roots : mapping of str to object
        Where to begin, by name.
    compared : bool
        True for all that is compared, immutable values too, and each place where an object is met
        again. False for what is put back.
    folded : bool
        Whether lists, dicts and instances that hold plain values come as one each, many times
        faster. Else each value has a place of its own.
    """
    meter = Meter()
    try:
        yield from _walk(roots, compared, folded, meter)
    finally:
        meter.close()


def _walk(roots: Mapping[str, Any], compared: bool, folded: bool, meter: Meter) -> Iterator[Node]:
    other = "taken" if compared else "compared"
    met: dict[int, Place | Tree] = {}
    folding = Folding(met, meter, compared) if folded else None
    # Objects that exist only while they are asked for would hand their id on to others.
    alive: list[list[Edge]] = []
    kinds = ClassKinds()
    todo = [(value, Place(name)) for name, value in reversed([*roots.items()])]
    while todo:
        value, place = todo.pop()
        meter.left -= 1
        cls = type(value)
        if id(cls) in _PLAIN:
            if compared:
                yield Node(value, ATOM, place)
            continue
        first = met.get(id(value))
        if first is not None:
            if compared:
                yield Node(value, ATOM, place, place_in(first, value))
            continue
        found = _kind(value, kinds)
        if found is ATOM:
            if compared:
                yield Node(value, found, place)
            continue
        if folding is not None:
            found = _folded(folding, value, found, place)
        met[id(value)] = place
        found, parts = _parts(value, found, meter.left)
        why = meter.ended(len(parts))
        if why:
            yield from _not_reached([*todo, (value, place)], why)
            return
        yield Node(value, found, place)
        if parts:
            alive.append(parts)
            for item, label, edge_kind, only in reversed(parts):
                if only != other and (compared or id(type(item)) not in _PLAIN):
                    todo.append((item, Place(label, edge_kind, place)))


def _not_reached(todo: list[tuple[Any, Place]], why: str) -> Iterator[Node]:
    value, place = todo.pop()
    reason = f"was not looked into, nor what comes after it: {why}"
    yield Node(value, NotReached(refusal=reason), place)
    for value, place in reversed(todo):
        if place.parent is None:
            yield Node(value, NotReached(refusal=f"was not looked into: {why}"), place)


def _kind(value: Any, kinds: ClassKinds) -> Kind:
    try:
        return kinds.kind(value)
    except MemoryError:
        raise
    except Exception as error:  # of a property, say
        return _unreadable(error)


def _folded(folding: Folding, value: Any, found: Kind, place: Place) -> Kind:
    try:
        return folding.fold(value, found, place)
    except MemoryError:
        raise
    except Exception:  # of a dict, say, that another thread fills: piece by piece it may go
        return found


def _parts(value: Any, found: Kind, most: int) -> tuple[Kind, list[Edge]]:
    parts: list[Edge] = []
    try:
        for aspect in found.aspects:
            parts += islice(aspect.parts(value), max(most, 0) + 1)
    except MemoryError:
        raise
    except Exception as error:
        return _unreadable(error), []
    return found, parts


def _unreadable(error: Exception) -> Kind:
    return Kind(refusal=f"cannot be looked into ({type(error).__name__}: {error})")
