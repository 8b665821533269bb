"""Exceptions: what they were made of, what they follow from, and what was noted on them."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any

from seedmagic.objects.kinds.aspects import Base, Edge, Fact
from seedmagic.objects.kinds.atoms import is_made_in_python
from seedmagic.objects.kinds.instances import UNSET

# The first is changed by setting a cause; the second belongs to who raised it last.
_PUT_LAST = ("__suppress_context__", "__traceback__")
_COMMON = ("args", "__cause__", "__context__")
# Frames belong to the run that raised; and what had no such attribute may be anything.
_LEFT_OUT = {"__dict__", "obj", *_PUT_LAST, *_COMMON}


class RaisedError(Base):
    """An exception; the attributes that a class written in C keeps are told by its descriptors."""

    def parts(self, value: BaseException) -> Iterator[Edge]:
        """Give arguments, cause, context, and what its class keeps beside: ``errno``, ``code``."""
        return (
            Edge(item, name)
            for name, item in self.take(value).items()
            if item is not UNSET and name not in _PUT_LAST
        )

    def facts(self, value: BaseException) -> Iterator[Fact]:
        """Give whether its context is shown."""
        yield Fact("suppress context", value.__suppress_context__)

    def take(self, value: BaseException) -> dict[str, Any]:
        """Give the same objects."""
        taken = {name: getattr(value, name) for name in _PUT_LAST}
        for name in (*_COMMON, *_kept_in_c(type(value))):
            try:
                taken[name] = getattr(value, name)
            except AttributeError:
                taken[name] = UNSET
        return taken

    def put(self, value: BaseException, saved: dict[str, Any]) -> None:
        """Set those that are others now."""
        now = self.take(value)
        for name, item in saved.items():
            if item is UNSET and now[name] is not UNSET:
                delattr(value, name)
            elif item is not now[name]:
                setattr(value, name, item)
        for name in _PUT_LAST:
            setattr(value, name, saved[name])


def _kept_in_c(cls: type) -> Iterator[str]:
    kinds = (types.MemberDescriptorType, types.GetSetDescriptorType)
    for base in cls.__mro__:
        if not is_made_in_python(base):
            for name, item in vars(base).items():
                if isinstance(item, kinds) and name not in _LEFT_OUT:
                    yield name
