"""Lists and dicts of plain values alone, however nested: looked at, taken and put back as one."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from operator import is_
from typing import Any, NamedTuple

from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.aspects import Base, Place
from seedmagic.objects.kinds.kinds import kind

# Deeper trees are taken apart. Data that was written by hand or read from a file is flatter.
_DEEPEST = 12
# How many items are written at once, so that a long list is not copied as a whole.
_AT_ONCE = 1 << 16
_IN_TREES = atoms.PLAIN | {list, dict, tuple}


class Branches(NamedTuple):
    """All lists and dicts of a tree, its root first."""

    lists: list[list[Any]]
    dicts: list[dict[Any, Any]]
    is_whole: bool  # False: it goes on below these

    def ids(self) -> list[int]:
        """Give the numbers that tell them apart."""
        return [*map(id, self.lists), *map(id, self.dicts)]


def branches_of(root: Any) -> Branches | None:
    """Give the branches of a tree of plain values; None: something else is in it, or shared."""
    lists: list[list[Any]] = []
    dicts: list[dict[Any, Any]] = []
    level = [root]
    for _ in range(_DEEPEST):
        now_lists = [each for each in level if type(each) is list]
        now_dicts = [each for each in level if type(each) is dict]
        lists += now_lists
        dicts += now_dicts
        if not are_plain(chain.from_iterable(now_dicts)) and not all(map(_has_keys, now_dicts)):
            return None
        types = set(map(type, _items(now_lists, now_dicts)))
        if types <= atoms.PLAIN:
            return Branches(lists, dicts, True)
        if not types <= _IN_TREES:
            return None
        level = [each for each in _items(now_lists, now_dicts) if type(each) not in atoms.PLAIN]
        if tuple in types:
            tuples = [each for each in level if type(each) is tuple]
            if not are_plain(chain.from_iterable(tuples)) and not all(map(atoms.is_pure, tuples)):
                return None
            level = [each for each in level if type(each) is not tuple]
            if not level:
                return Branches(lists, dicts, True)
        if len(set(map(id, level))) < len(level):
            return None
    return Branches(lists, dicts, False)


def _items(lists: list[list[Any]], dicts: list[dict[Any, Any]]) -> Iterator[Any]:
    return chain(chain.from_iterable(lists), chain.from_iterable(map(dict.values, dicts)))


def _has_keys(value: dict[Any, Any]) -> bool:
    """Whether the keys of a dict are plain values and tuples of such."""
    return all(
        type(key) in atoms.PLAIN or (type(key) is tuple and atoms.is_pure(key)) for key in value
    )


def is_leaf(value: Any) -> bool:
    """Whether a list or dict holds plain values and nothing else."""
    if type(value) is list:
        return are_plain(value)
    return are_plain(value) and are_plain(value.values())


def are_plain(values: Any) -> bool:
    """Whether no item is anything but a number, a text or None; the first other one ends it."""
    return atoms.PLAIN.issuperset(map(type, values))


@dataclass(frozen=True)
class Held:
    """What the branches of a tree held."""

    branches: Branches
    held: tuple[list[list[Any]], list[dict[Any, Any]]]

    @property
    def nbytes(self) -> int:
        """Give the bytes that the copies take."""
        return sum(map(sys.getsizeof, chain(*self.held)))


class PlainTree(Base):
    """A list or dict that holds plain values, and lists and dicts of such, all of them its own."""

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give all of it: types, values bit by bit, keys in order."""
        if len(value) <= _AT_ONCE:
            yield atoms.together(value)
            return
        items = iter(value.items() if type(value) is dict else value)
        while some := [*islice(items, _AT_ONCE)]:
            yield atoms.together(some)

    def take(self, value: Any) -> Held:
        """Give every list and dict of it, and what it holds."""
        branches = branches_of(value)
        if branches is None:
            raise RuntimeError("it changed while it was looked at")
        held = [*map(list.copy, branches.lists)], [*map(dict.copy, branches.dicts)]
        return Held(branches, held)

    def put(self, value: Any, saved: Held) -> None:
        """Put the same into each."""
        for branch, items in zip(saved.branches.lists, saved.held[0], strict=True):
            if not _is_same(branch, items):
                branch[:] = items
        for held, kept in zip(saved.branches.dicts, saved.held[1], strict=True):
            if not (_is_same(held.values(), kept.values()) and _is_same(held, kept)):
                held.clear()
                held.update(kept)


def _is_same(one: Collection[Any], other: Collection[Any]) -> bool:
    return len(one) == len(other) and all(map(is_, one, other))


class Tree(NamedTuple):
    """Where a tree was met, and where all of its branches are, worked out when one is asked for."""

    root: Any
    place: Place
    places: dict[int, Place]


def place_in(met: Place | Tree, value: Any) -> Place:
    """Give the place where a value was met, by itself or as a branch of a tree."""
    if isinstance(met, Place):
        return met
    if not met.places:
        met.places.update(_branches_by_place(met))
    return met.places.get(id(value), met.place)


def _branches_by_place(tree: Tree) -> Iterator[tuple[int, Place]]:
    todo = [(tree.root, tree.place)]
    while todo:
        value, place = todo.pop()
        yield id(value), place
        todo += [
            (edge.value, Place(edge.label, edge.kind, place))
            for aspect in kind(value).aspects
            for edge in aspect.parts(value)
            if type(edge.value) not in atoms.PLAIN
        ]
