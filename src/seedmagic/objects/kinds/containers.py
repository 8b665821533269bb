"""Python's own containers: list, dict, set, deque, bytearray and those derived from them."""

from __future__ import annotations

import enum
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.aspects import Base, Edge, Fact, Ordinal
from seedmagic.objects.memory.set_order import Order, fill, is_in_order, order_of


class Items(Base):
    """The items of a list or tuple."""

    def __init__(self, base: type) -> None:
        self._walk: Any = base.__iter__  # type: ignore[attr-defined]
        self._count: Any = base.__len__  # type: ignore[attr-defined]

    def parts(self, value: Any) -> Iterable[Edge]:
        """Give each item, or none where they are many and plain."""
        if self._is_leaf(value):
            return ()
        fields = getattr(type(value), "_fields", ()) if isinstance(value, tuple) else ()
        if len(fields) == self._count(value):
            return map(Edge, self._walk(value), fields)
        return (Edge(item, index, "[") for index, item in enumerate(self._walk(value)))

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give the length."""
        yield Fact("length", self._count(value))

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give many plain items as one."""
        if self._is_leaf(value):
            yield atoms.together(list(self._walk(value)))

    def _is_leaf(self, value: Any) -> bool:
        return self._count(value) > atoms.LONG and atoms.is_plain(value)


class ListItems(Items):
    """The items of a list, in place."""

    def take(self, value: list[Any]) -> list[Any]:
        """Give the items."""
        return list(list.__iter__(value))

    def put(self, value: list[Any], saved: list[Any]) -> None:
        """Put the same items in."""
        list.__setitem__(value, slice(None), saved)


class DequeItems(Items):
    """The items of a deque; its `maxlen` cannot change."""

    def take(self, value: deque[Any]) -> list[Any]:
        """Give the items."""
        return list(deque.__iter__(value))

    def put(self, value: deque[Any], saved: list[Any]) -> None:
        """Put the same items in."""
        deque.clear(value)
        deque.extend(value, saved)

    def parts(self, value: deque[Any]) -> Iterator[Edge]:
        """Give the largest length too."""
        yield from super().parts(value)
        yield Edge(value.maxlen, "maxlen", only="compared")


class DictItems(Base):
    """Keys and values of a dict, in their order."""

    def __init__(self, base: type[dict[Any, Any]]) -> None:
        self._base = base

    def parts(self, value: dict[Any, Any]) -> Iterator[Edge]:
        """Give the values, and those keys that are objects."""
        if self._is_leaf(value):
            return
        for number, (key, item) in enumerate(self._base.items(value)):
            label = key
            if type(key) in atoms.PLAIN:
                if type(key) in (str, bytes) and len(key) > 60:
                    label = Ordinal(number)
            elif atoms.bits(key) is None:
                label = key if isinstance(key, enum.Enum) else Ordinal(number)
                yield Edge(key, number, "key")
            elif atoms.is_reference(key):
                label = Ordinal(number)  # its text has an address
            yield Edge(item, label, "[")

    def bits(self, value: dict[Any, Any]) -> Iterator[bytes]:
        """Give the keys in order, and many plain values as one."""
        if self._is_leaf(value):
            yield atoms.together([*self._base.items(value)])
            return
        yield from map(told_apart, self._base.keys(value))

    def take(self, value: dict[Any, Any]) -> dict[Any, Any]:
        """Give the items, in a plain dict."""
        return dict(self._base.items(value))

    def put(self, value: dict[Any, Any], saved: dict[Any, Any]) -> None:
        """Put the same items in, in the same order."""
        if not is_same_dict(dict(self._base.items(value)), saved):
            self._base.clear(value)
            for key, item in saved.items():
                self._base.__setitem__(value, key, item)

    def _is_leaf(self, value: dict[Any, Any]) -> bool:
        return (
            self._base.__len__(value) > atoms.LONG
            and atoms.is_plain(self._base.keys(value))
            and atoms.is_plain(self._base.values(value))
        )


class DefaultFactory(Base):
    """What a defaultdict calls for a missing key."""

    def parts(self, value: defaultdict[Any, Any]) -> Iterator[Edge]:
        """Give it."""
        yield Edge(value.default_factory, "default_factory")

    def take(self, value: defaultdict[Any, Any]) -> Any:
        """Give it."""
        return value.default_factory

    def put(self, value: defaultdict[Any, Any], saved: Any) -> None:
        """Set it."""
        value.default_factory = saved


class SetItems(Base):
    """The elements of a set or frozenset, and the order in which they are walked through.

    Parameters
    ----------
    likeness : callable
        Gives of an object what tells it from others, in few bytes: the addresses by which a set
        orders objects are others in each run.
    """

    def __init__(self, likeness: Callable[[Any], bytes]) -> None:
        self._likeness = likeness

    def parts(self, value: Any) -> Iterable[Edge]:
        """Give the elements that are objects, those that are alike beside each other."""
        if atoms.PLAIN.issuperset(map(type, _elements(value))):
            return ()
        found = [item for item in _elements(value) if atoms.bits(item) is None]
        found.sort(key=self._likeness)
        return (Edge(item, Ordinal(number), "[") for number, item in enumerate(found))

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give the immutable elements, whatever their order, and how many others there are."""
        yield from sorted(map(told_apart, _elements(value)))

    def order(self, value: Any) -> bytes:
        """Give what tells the elements apart in the order in which they are walked through."""
        known = (
            self._likeness(item) if atoms.bits(item) is None else told_apart(item)
            for item in _elements(value)
        )
        return b"".join(len(item).to_bytes(8, "little") + item for item in known)


class MutableSetItems(SetItems):
    """The elements of a set, in place."""

    def take(self, value: set[Any]) -> Order:
        """Give the elements and their order."""
        return order_of(value)

    def put(self, value: set[Any], saved: Order) -> None:
        """Put the same elements in, in the same order."""
        if not is_in_order(value, saved):
            fill(value, saved)


def told_apart(key: Any) -> bytes:
    """Give what tells the key of a dict, or the element of a set, from others bit for bit."""
    if type(key) in atoms.PLAIN:
        return atoms.together(key)  # its type is in it
    known = atoms.bits(key)
    if known is not None:
        return atoms.kind_of(key).encode() + b" " + known
    if isinstance(key, enum.Enum):
        return f"{atoms.kind_of(key)}.{key._name_}".encode()
    return b"object"  # which is a part of its own


def is_same_dict(one: dict[Any, Any], other: dict[Any, Any]) -> bool:
    """Whether two dicts hold the very same objects in the same order."""
    return len(one) == len(other) and all(
        a[0] is b[0] and a[1] is b[1] for a, b in zip(one.items(), other.items(), strict=True)
    )


def _elements(value: Any) -> Iterator[Any]:
    base = set if isinstance(value, set) else frozenset
    return base.__iter__(value)
