"""What is worked out once for each class, and forgotten with it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerClass(Generic[T]):
    """A function of a class, whose answer holds to the class's end.

    Classes are told apart by what they are alone: a metaclass may say that two are equal, or that
    none has a hash.
    """

    def __init__(self, answer: Callable[[type], T]) -> None:
        self._answer = answer
        self._known: dict[int, tuple[weakref.ref[type], T]] = {}

    def __call__(self, cls: type) -> T:
        """Give the answer for `cls`."""
        known = self._known.get(id(cls))
        if known is not None and known[0]() is cls:
            return known[1]
        answer = self._answer(cls)
        number = id(cls)
        self._known[number] = (weakref.ref(cls, lambda _: self._known.pop(number, None)), answer)
        return answer
