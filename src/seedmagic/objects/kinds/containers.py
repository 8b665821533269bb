"""Python's own containers: list, dict, set, deque, bytearray and those derived from them."""

from __future__ import annotations

import array
import types
import weakref
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from typing import Any

from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.aspects import Base, Edge, Ordinal, numbered
from seedmagic.objects.memory.raw_memory import Raw
from seedmagic.objects.memory.set_order import Order, fill, is_in_order, order_of


class Items(Base):
    """The items of a list or tuple."""

    def __init__(self, base: type) -> None:
        self._walk: Any = base.__iter__  # type: ignore[attr-defined]
        self._count: Any = base.__len__  # type: ignore[attr-defined]

    def parts(self, value: Any) -> Iterable[Edge]:
        """Give each item, or none where they are many and plain."""
        return () if self._is_leaf(value) else numbered(self._walk(value))

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give the length, and many plain items as one."""
        yield self._count(value).to_bytes(8, "little")
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

    def bits(self, value: deque[Any]) -> Iterator[bytes]:
        """Give the largest length too."""
        yield atoms.together((value.maxlen,))
        yield from super().bits(value)


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
            if atoms.bits(key) is None:
                label = Ordinal(number)
                yield Edge(key, number, "key")
            elif isinstance(key, weakref.ref):
                label = Ordinal(number)  # its text has an address
            elif type(key) in (str, bytes) and len(key) > 60:
                label = Ordinal(number)
            yield Edge(item, label, "[")

    def bits(self, value: dict[Any, Any]) -> Iterator[bytes]:
        """Give the keys in order, and many plain values as one."""
        if self._is_leaf(value):
            yield atoms.together([*self._base.items(value)])
            return
        for key in self._base.keys(value):
            known = atoms.bits(key)
            yield b"object" if known is None else atoms.kind_of(key).encode() + b" " + known

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
            len(value) > atoms.LONG
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
    """The elements of a set or frozenset, and the order in which they are walked through."""

    def parts(self, value: Any) -> Iterable[Edge]:
        """Give the elements that are objects."""
        found = (item for item in _elements(value) if atoms.bits(item) is None)
        return (Edge(item, Ordinal(number), "[") for number, item in enumerate(found))

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give the immutable elements, whatever their order."""
        yield len(value).to_bytes(8, "little")
        yield from sorted(self._known(value))

    def order(self, value: Any) -> bytes:
        """Give the immutable elements in the order in which they are walked through."""
        return b"".join(len(item).to_bytes(8, "little") + item for item in self._known(value))

    def _known(self, value: Any) -> Iterator[bytes]:
        for item in _elements(value):
            known = atoms.bits(item)
            if known is not None:
                yield atoms.kind_of(item).encode() + b" " + known


class MutableSetItems(SetItems):
    """The elements of a set, in place."""

    def take(self, value: set[Any]) -> Order:
        """Give the elements and their order."""
        return order_of(value)

    def put(self, value: set[Any], saved: Order) -> None:
        """Put the same elements in, in the same order."""
        if not is_in_order(value, saved):
            fill(value, saved)


class BytearrayBits(Base):
    """The bytes of a bytearray."""

    def bits(self, value: bytearray) -> Iterator[bytes]:
        """Give them."""
        yield bytes(value)

    def take(self, value: bytearray) -> bytes:
        """Copy them."""
        return bytes(value)

    def put(self, value: bytearray, saved: bytes) -> None:
        """Copy them back."""
        if bytes(value) != saved:
            value[:] = saved


class ArrayBits(Base):
    """The numbers of an `array.array`."""

    def bits(self, value: array.array[Any]) -> Iterator[bytes]:
        """Give them, with their type."""
        yield value.typecode.encode()
        yield value.tobytes()

    def take(self, value: array.array[Any]) -> array.array[Any]:
        """Copy them."""
        return value[:]

    def put(self, value: array.array[Any], saved: array.array[Any]) -> None:
        """Copy them back."""
        if value.tobytes() != saved.tobytes():
            value[:] = saved


class Viewed(Base):
    """What a view of another object shows: a mapping proxy, a dict's keys, a memoryview."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the object."""
        if isinstance(value, types.MappingProxyType):
            import gc

            yield Edge(gc.get_referents(value)[0], "mapping")
        elif isinstance(value, memoryview):
            yield Edge(value.obj, "obj")
        else:
            yield Edge(gc_mapping(value), "mapping")

    def bits(self, value: Any) -> Iterable[bytes | Raw]:
        """Give the bytes that a memoryview shows."""
        if isinstance(value, memoryview):
            yield repr((value.format, value.shape, value.strides)).encode()
            yield value.tobytes()


def gc_mapping(view: Any) -> Any:
    """Give the dict that keys, values or items belong to."""
    import gc

    return gc.get_referents(view)[0]


def is_same_dict(one: dict[Any, Any], other: dict[Any, Any]) -> bool:
    """Whether two dicts hold the very same objects in the same order."""
    return len(one) == len(other) and all(
        a[0] is b[0] and a[1] is b[1] for a, b in zip(one.items(), other.items(), strict=True)
    )


def _elements(value: Any) -> Iterator[Any]:
    base = set if isinstance(value, set) else frozenset
    return base.__iter__(value)
