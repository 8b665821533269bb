"""The slots of a class: where its instances keep what stands in no `__dict__`."""

from __future__ import annotations

import types
from collections.abc import Iterator


def class_slots(cls: type) -> Iterator[tuple[str, types.MemberDescriptorType]]:
    """Give each slot that a ``class`` statement made, under its class's name and its own.

    Classes written in C show fields of theirs in the same way, but name no ``__slots__``.
    """
    for base in cls.__mro__:
        if "__slots__" in vars(base):
            for name, slot in vars(base).items():
                if isinstance(slot, types.MemberDescriptorType):
                    yield f"{base.__qualname__} {name}", slot
