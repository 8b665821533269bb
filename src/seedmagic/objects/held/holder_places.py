"""Where a generator was found, as people write it: ``kf.random_state``, ``pair[1].rng``."""

from __future__ import annotations

import enum
import functools
import types
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from seedmagic.code.class_slots import class_slots
from seedmagic.code.raw_attributes import mro_of, name_of_class, own_dict, vars_of_class
from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.held.bounded_look import BoundedLook
from seedmagic.objects.held.holder_classes import LONG, names_of_code
from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.aspects import Ordinal, Place

# A label and the kind of an edge, as `Place` takes them.
Step = tuple[Any, str]
# What holds something for another, and is not named.
_SILENT = (types.CellType,)
_ATTRIBUTES: dict[type, tuple[str, ...]] = {
    types.MethodType: ("__self__", "__func__"),
    types.BuiltinMethodType: ("__self__",),
    types.MethodWrapperType: ("__self__",),
    functools.partial: ("func", "args", "keywords"),
    staticmethod: ("__func__",),
    classmethod: ("__func__",),
    property: ("fget", "fset", "fdel"),
}
_UNKNOWN: Step = ("…", ".")


class HolderPlaces:
    """The places of what a look has found; written while the objects are there.

    Parameters
    ----------
    look : BoundedLook
        The look.
    namespace : mapping of str to object
        The notebook's, whose names stand for themselves in its functions.
    """

    def __init__(self, look: BoundedLook, namespace: Mapping[str, Any]) -> None:
        self._look = look
        self._namespace = namespace
        self._places: dict[int, Place] = {}
        self._steps: dict[int, dict[int, tuple[Step, ...] | str]] = {}

    def of(self, part: Any, holder: int) -> Place:
        """Give the place of what the holder of this number leads to."""
        way: list[tuple[Any, int]] = []
        while holder >= 0 and holder not in self._places:
            way.append((part, holder))
            part, holder = self._look.holders[holder], self._look.above[holder]
        place = Place(self._look.roots[~holder]) if holder < 0 else self._step(holder, part)
        for part, number in reversed(way):
            self._places[number] = place
            place = self._step(number, part)
        return place

    def _step(self, holder: int, part: Any) -> Place:
        place = self._places[holder]
        if holder not in self._steps:
            self._steps[holder] = {}
            for found, way in self._leads(holder):
                self._steps[holder].setdefault(found, way)
        steps = self._steps[holder].get(id(part), (_UNKNOWN,))
        if isinstance(steps, str):
            return Place(steps)  # a name of the notebook's own
        for label, kind in steps:
            if (label, kind) != _UNKNOWN or place.label != label:
                place = Place(label, kind, place)
        return place

    def _leads(self, number: int) -> Iterator[tuple[int, tuple[Step, ...] | str]]:
        """Give the steps to each part of a holder, by its address; the first of two counts."""
        value, above = self._look.holders[number], self._look.above[number]
        over = self._look.holders[above] if above >= 0 else None
        cls = type(value)
        if issubclass(cls, types.FunctionType):
            yield from self._of_function(value)
        elif issubclass(cls, dict):
            is_attributes = over is not None and own_dict(over) is value
            yield from _items(value, over if is_attributes else None)
        elif issubclass(cls, (list, tuple, set, frozenset, deque)):
            yield from _sequence(value, over)
        elif issubclass(cls, type):
            yield from ((id(item), ((name, "."),)) for name, item in vars_of_class(value).items())
        elif is_loaded("numpy") and issubclass(cls, loaded("numpy").ndarray):
            items = islice(loaded("numpy").ndarray.flat.__get__(value), LONG)
            yield from ((id(item), (("flat", "."), (at, "["))) for at, item in enumerate(items))
        for name in _ATTRIBUTES.get(cls, ()):
            yield id(getattr(value, name)), ((name, "."),)
        if issubclass(cls, _SILENT):
            yield from ((id(part), ()) for part in (value.cell_contents,))
        yield from _attributes(value)
        for base in mro_of(value if issubclass(cls, type) else cls):
            name = name_of_class(base)[1]
            is_here = self._namespace.get(name) is base
            yield id(base), (name if is_here else (("__class__", "."),))

    def _of_function(
        self, value: types.FunctionType
    ) -> Iterator[tuple[int, tuple[Step, ...] | str]]:
        given = value.__globals__
        for name in names_of_code(value.__code__):
            if name in given:
                way: tuple[Step, ...] = (("__globals__", "."), (name, "["))
                yield id(given[name]), (name if given is self._namespace else way)
        yield id(value.__closure__), ()
        for name in ("__defaults__", "__kwdefaults__"):
            yield id(getattr(value, name)), ((name, "."),)


def _items(value: dict[Any, Any], owner: Any) -> Iterator[tuple[int, tuple[Step, ...]]]:
    """Give the steps to what a dict holds; as attributes, where it is its owner's `__dict__`."""
    registers = (
        owner is not None
        and is_loaded("torch.nn")
        and issubclass(type(owner), loaded("torch.nn").Module)
    )
    for number, (key, item) in enumerate(islice(dict.items(value), LONG)):
        label, kind = key, "["
        if owner is not None and type(key) is str:
            kind = "registry" if registers and key == "_modules" else "."
        elif issubclass(type(key), enum.Enum):
            pass
        elif type(key) not in atoms.PLAIN or (type(key) in (str, bytes) and len(key) > 60):
            label = Ordinal(number)
            yield id(key), ((number, "key"),)
        yield id(item), ((label, kind),)


def _sequence(value: Any, over: Any) -> Iterator[tuple[int, tuple[Step, ...]]]:
    cls = type(value)
    cells = over.__closure__ if type(over) is types.FunctionType else None
    if cells is not None and cells is value:
        for name, cell in zip(over.__code__.co_freevars, cells, strict=True):
            yield id(cell), ((name, "closure"),)
        return
    base = next(base for base in (list, tuple, set, frozenset, deque) if issubclass(cls, base))
    fields = vars_of_class(cls).get("_fields", ()) if base is tuple else ()
    for number, item in enumerate(islice(base.__iter__(value), LONG)):
        if isinstance(fields, tuple) and number < len(fields):
            yield id(item), ((fields[number], "."),)
        elif base in (set, frozenset):
            yield id(item), ((Ordinal(number), "["),)
        else:
            yield id(item), ((number, "["),)


def _attributes(value: Any) -> Iterator[tuple[int, tuple[Step, ...]]]:
    """Give the steps to attributes, whether their dict exists or only its values do."""
    cls = type(value)
    for name, slot in class_slots(cls):
        try:
            yield id(slot.__get__(value)), ((name.rpartition(" ")[2], "."),)
        except AttributeError:  # not set
            continue
    held = None if issubclass(cls, type) else own_dict(value)
    if type(held) is dict:
        yield id(held), ()
        yield from _items(held, value)
