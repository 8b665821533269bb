"""One walk over objects and all that they hold: what is put back is what is compared."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.aspects import Edge, Place
from seedmagic.objects.kinds.kinds import ATOM, Kind, kind


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


def walk(roots: Mapping[str, Any], *, compared: bool) -> Iterator[Node]:
    """Go through objects and all that they hold, depth first; through none of them twice.

    Parameters
    ----------
    roots : mapping of str to object
        Where to begin, by name.
    compared : bool
        True for all that is compared, immutable values too, and each place where an object is met
        again. False for what is put back.
    """
    other = "taken" if compared else "compared"
    met: dict[int, Place] = {}
    # Objects that exist only while they are asked for would hand their id on to others.
    alive: list[Any] = []
    todo = [(value, Place(name)) for name, value in reversed([*roots.items()])]
    while todo:
        value, place = todo.pop()
        if type(value) in atoms.PLAIN:
            if compared:
                yield Node(value, ATOM, place)
            continue
        if id(value) in met:
            if compared:
                yield Node(value, ATOM, place, met[id(value)])
            continue
        found, parts = _look(value)
        if found is ATOM:
            if compared:
                yield Node(value, found, place)
            continue
        met[id(value)] = place
        alive.append((value, parts))
        yield Node(value, found, place)
        todo += [
            (edge.value, Place(edge.label, edge.kind, place))
            for edge in reversed(parts)
            if edge.only != other
        ]


def _look(value: Any) -> tuple[Kind, list[Edge]]:
    try:
        found = kind(value)
        return found, [edge for aspect in found.aspects for edge in aspect.parts(value)]
    except MemoryError:
        raise
    except Exception as error:  # of a property, say
        return Kind(refusal=f"cannot be looked into ({type(error).__name__}: {error})"), []
