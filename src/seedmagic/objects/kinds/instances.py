"""Instances and their attributes, wherever Python keeps them."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from typing import Any

from seedmagic.code.class_slots import class_slots
from seedmagic.code.per_class import PerClass
from seedmagic.code.raw_attributes import mro_of, name_of_class
from seedmagic.objects.kinds.aspects import Aspect, Base, Edge, Fact, Text
from seedmagic.objects.kinds.classes import aspects_of_class
from seedmagic.objects.kinds.containers import is_same_dict

UNSET = object()
# Dicts whose keys count, or name by their addresses, what there was in the whole process.
_NUMBERED = re.compile("^_.*hooks|^_per_optimizer_states$")
# torch's compiler numbers what it wraps, and marks what it has seen.
HIDDEN = ("_torchdynamo_wrapper_id", "_dynamo_static_input_type", "_dynamo_dynamic_range")


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


class OwnModule(Attributes):
    """A module of the user's own: what it names."""

    def held(self, value: Any) -> dict[str, Any]:
        """Give the variables, and nothing that Python gives to all modules."""
        return {
            name: item
            for name, item in list(vars(value).items())
            if not (name.startswith("__") and name.endswith("__"))
        }

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give its name."""
        yield Fact("name", str(value.__name__), decides=True)

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the variables."""
        return (Edge(item, name, "module") for name, item in self.held(value).items())

    def put(self, value: Any, saved: tuple[dict[str, Any], dict[str, Any]]) -> None:
        """Bind them one by one: its functions may run in another thread, and need the others."""
        held, items = saved
        for name in self.held(value).keys() - items.keys():
            del held[name]
        held.update(items)


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
        taken: dict[str, Any] = {}
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


# Whether a ``class`` statement gave a class or one of its bases slots. Kept themselves, they would
# hold on to the class, and it would never be forgotten.
has_slots = PerClass(lambda cls: any(True for _ in class_slots(cls)))


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


ATTRIBUTES, _SLOTS = Attributes(), Slots()
# By module and class: attributes that name or number an object anew in each run.
_NAMED_ANEW = {
    ("ipywidgets.widgets.widget", "Widget"): Attributes("_model_id"),
    # Its data has the index and the columns, which it was given as objects of their own.
    ("pandas.io.formats.style", "Styler"): Attributes("uuid", "index", "columns"),
    # Its ragged size is a number that counts those of the process.
    ("torch.nested._internal.nested_tensor", "NestedTensor"): Attributes("_size", "_strides"),
}


def _attributes_of(cls: type) -> Attributes:
    named = (_NAMED_ANEW.get(name_of_class(base)) for base in mro_of(cls))
    return next((found for found in named if found is not None), ATTRIBUTES)


# By class: the aspect of the attributes of its instances.
attributes_of = PerClass(_attributes_of)


def with_attributes(value: Any, own: tuple[Aspect, ...]) -> tuple[Aspect, ...]:
    """Give `own` and the aspects of the attributes that `value` has beside."""
    # A bound method shows its function's dict as its own, an alias that of its class.
    if hasattr(value, "__dict__") and not isinstance(value, (types.MethodType, types.GenericAlias)):
        own = (*own, attributes_of(type(value)))
    if has_slots(type(value)):
        own = (*own, _SLOTS)
    return with_class(value, own)


def with_class(value: Any, own: tuple[Aspect, ...]) -> tuple[Aspect, ...]:
    """Give `own` and the aspect of the class, where that can change."""
    return (*own, *aspects_of_class(type(value)))
