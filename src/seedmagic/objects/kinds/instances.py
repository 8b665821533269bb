"""Instances and their attributes, wherever Python keeps them."""

from __future__ import annotations

import abc
import re
import types
import weakref
from collections.abc import Iterator
from typing import Any

from seedmagic.code.class_slots import class_slots
from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.aspects import Aspect, Base, Edge, Fact, Text
from seedmagic.objects.kinds.containers import is_same_dict

UNSET = object()
# Dicts whose keys count, or name by their addresses, what there was in the whole process.
_NUMBERED = re.compile("^_.*hooks|^_per_optimizer_states$")
# torch's compiler numbers what it wraps, and marks what it has seen.
HIDDEN = ("_torchdynamo_wrapper_id", "_dynamo_static_input_type")


class Attributes(Base):
    """What stands in an object's `__dict__`."""

    def __init__(self, *hidden: str) -> None:
        self._hidden = frozenset((*hidden, *HIDDEN))

    def _is_hidden(self, name: Any) -> bool:
        return name in self._hidden

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the attributes."""
        for name, item in self.held(value).items():
            if isinstance(item, dict) and isinstance(name, str) and _NUMBERED.search(name):
                yield Edge(list(item.values()), name, only="compared")
                yield Edge(item, name, only="taken")
            else:
                yield Edge(item, name)

    def held(self, value: Any) -> dict[str, Any]:
        """Give what stands under each name, in order."""
        held = dict(vars(value))
        if not self._hidden.isdisjoint(held):
            return {name: item for name, item in held.items() if not self._is_hidden(name)}
        return held

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give the names, in order."""
        return (repr(name).encode() for name in self.held(value))

    def take(self, value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give the dict itself, and what it holds."""
        return vars(value), self.held(value)

    def put(self, value: Any, saved: tuple[dict[str, Any], dict[str, Any]]) -> None:
        """Put the same dict in, holding the same."""
        held, items = saved
        if vars(value) is not held:
            # Frozen dataclasses refuse to be set, object does not.
            object.__setattr__(value, "__dict__", held)
        kept = {name: item for name, item in held.items() if self._is_hidden(name)}
        if not is_same_dict(held, {**items, **kept}):
            held.clear()
            held.update(items)
            held.update(kept)


class Member(Attributes):
    """A member of an enumeration of the notebook: its name, its value, and its attributes."""

    def __init__(self) -> None:
        super().__init__("_name_", "__objclass__", "_sort_order_", "_hashable_values_")

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give the name."""
        name = str(value._name_)
        yield Fact("value", Text(name, name), decides=True)


class OwnClass(Base):
    """The class of an instance, where the notebook made it: no name may hold it."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give it; what is put back of classes is what code can reach by name."""
        yield Edge(type(value), "__class__", only="compared")


class Slots(Base):
    """What stands in the `__slots__` of an object's classes."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give those that are set."""
        return (Edge(item, name.rpartition(" ")[2]) for name, item in self.held(value).items())

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give the names of those that are set."""
        return (name.encode() for name in self.held(value))

    def held(self, value: Any) -> dict[str, Any]:
        """Give what stands in each that is set, under its class's name and its own."""
        return {name: item for name, item in self.take(value).items() if item is not UNSET}

    def take(self, value: Any) -> dict[str, Any]:
        """Give each slot's object."""
        taken = {}
        for name, slot in class_slots(type(value)):
            try:
                taken[name] = slot.__get__(value)
            except AttributeError:
                taken[name] = UNSET
        return taken

    def put(self, value: Any, saved: dict[str, Any]) -> None:
        """Put the same objects in."""
        now = self.take(value)
        for name, slot in class_slots(type(value)):
            if now[name] is saved[name]:
                continue
            if saved[name] is UNSET:
                slot.__delete__(value)
            else:
                slot.__set__(value, saved[name])


# A class has the slots that its statement gave it, to its end. Kept themselves, they would hold on
# to their class, and it would never be forgotten.
_have_slots: weakref.WeakKeyDictionary[type, bool] = weakref.WeakKeyDictionary()


def has_slots(cls: type) -> bool:
    """Whether a ``class`` statement gave `cls` or one of its bases slots."""
    known = _have_slots.get(cls)
    if known is None:
        known = _have_slots[cls] = any(True for _ in class_slots(cls))
    return known


# What a class may define and by that decide for each instance anew what it is, or is asked for.
_DECIDES = {"__class__", "__getattribute__", "__reduce__", "__reduce_ex__", "state_dict", "write"}

_HELD_BY_PYTHON = (object, types.GetSetDescriptorType)


def is_plain_class(cls: type) -> bool:
    """Whether all instances of a class written in Python hold what they are in the same way."""
    return type(cls) in (type, abc.ABCMeta) and all(
        base is object
        or (
            atoms.is_made_in_python(base)
            and _DECIDES.isdisjoint(vars(base))
            and type(vars(base).get("__dict__", UNSET)) in _HELD_BY_PYTHON
        )
        for base in cls.__mro__
    )


class Settable(Base):
    """Attributes of an object written in C that can be set, and are all that it holds."""

    def __init__(self, *names: str, fixed: tuple[str, ...] = ()) -> None:
        self._names = names
        self._fixed = fixed

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give those that it has."""
        for name in (*self._fixed, *self._names):
            item = getattr(value, name, UNSET)
            if item is not UNSET:
                yield Edge(item, name)

    def take(self, value: Any) -> list[Any]:
        """Give them."""
        return [getattr(value, name, None) for name in self._names]

    def put(self, value: Any, saved: list[Any]) -> None:
        """Set those that are others now."""
        for name, item in zip(self._names, saved, strict=True):
            if getattr(value, name, None) is not item:
                setattr(value, name, item)


def is_widget(value: Any) -> bool:
    """Whether it is one of ipywidgets'."""
    return is_loaded("ipywidgets") and isinstance(value, loaded("ipywidgets").Widget)


ATTRIBUTES = Attributes()
_WIDGETS = Attributes("_model_id")  # a random name for what a browser shows
_SLOTS = Slots()
_OWN_CLASS = OwnClass()


def with_attributes(value: Any, own: tuple[Aspect, ...]) -> tuple[Aspect, ...]:
    """Give `own` and the aspects of the attributes that `value` has beside."""
    # A bound method shows its function's dict as its own.
    if hasattr(value, "__dict__") and not isinstance(value, types.MethodType):
        own = (*own, _WIDGETS if is_widget(value) else ATTRIBUTES)
    if has_slots(type(value)):
        own = (*own, _SLOTS)
    return with_class(value, own)


def with_class(value: Any, own: tuple[Aspect, ...]) -> tuple[Aspect, ...]:
    """Give `own` and the aspect of the class, where the notebook made it."""
    return (*own, _OWN_CLASS) if atoms.is_of_notebook(type(value)) else own
