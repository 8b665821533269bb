"""Numbers, text and bytes that are of a subclass, that can change, or that are seen by a view."""

from __future__ import annotations

import array
import gc
import types
from collections.abc import Callable, Iterator
from typing import Any

from seedmagic.imports import loaded
from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.aspects import Base, Edge, Fact


class ExactValue(Base):
    """The number or text that an instance of a subclass of `int`, `float`, `str`, … is."""

    def __init__(self, get: Callable[[Any], Any]) -> None:
        self.get = get  # past whatever the subclass redefines

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give it."""
        yield atoms.together(self.get(value))


EXACT: dict[type, ExactValue] = {
    int: ExactValue(int.__pos__),
    float: ExactValue(float.__pos__),
    complex: ExactValue(complex.__pos__),
    str: ExactValue(lambda value: str.__getitem__(value, slice(None))),
    bytes: ExactValue(lambda value: bytes.__getitem__(value, slice(None))),
}


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
        """Give them."""
        yield value.tobytes()

    def parts(self, value: array.array[Any]) -> Iterator[Edge]:
        """Give their type."""
        yield Edge(value.typecode, "typecode", only="compared")

    def facts(self, value: array.array[Any]) -> Iterator[Fact]:
        """Give how many there are."""
        yield Fact("length", len(value))

    def take(self, value: array.array[Any]) -> array.array[Any]:
        """Copy them."""
        return value[:]

    def put(self, value: array.array[Any], saved: array.array[Any]) -> None:
        """Copy them back."""
        if value.tobytes() != saved.tobytes():
            value[:] = saved


class CBits(Base):
    """A value of `ctypes` that holds no address: its bytes."""

    differs = "other bytes in the second run"

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give them."""
        yield memoryview(value).tobytes()

    def take(self, value: Any) -> bytes:
        """Copy them."""
        return memoryview(value).tobytes()

    def put(self, value: Any, saved: bytes) -> None:
        """Copy them back."""
        ctypes = loaded("ctypes")
        seen = (ctypes.c_char * len(saved)).from_buffer(value)
        if bytes(seen) != saved:
            seen[:] = saved


class Viewed(Base):
    """What a view of another object shows: a mapping proxy, a dict's keys, a memoryview."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the object."""
        if isinstance(value, types.MappingProxyType):
            yield Edge(gc.get_referents(value)[0], "mapping", "=")
        elif isinstance(value, memoryview):
            yield Edge(value.obj, "obj")
        else:
            yield Edge(gc.get_referents(value)[0], "mapping", "=")

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give how a memoryview looks at its bytes."""
        if isinstance(value, memoryview):
            yield Fact("format", (value.format, value.shape, value.strides), decides=True)
            yield Fact("readonly", value.readonly)

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give the bytes that a memoryview shows."""
        if isinstance(value, memoryview):
            yield value.tobytes()
