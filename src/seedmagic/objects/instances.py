"""Instances, functions and classes: their attributes, wherever Python keeps them."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any

from seedmagic.objects import atoms
from seedmagic.objects.aspects import Aspect, Base, Edge
from seedmagic.objects.containers import is_same_dict

_UNSET = object()


class Attributes(Base):
    """What stands in an object's `__dict__`."""

    def __init__(self, hidden: tuple[str, ...] = ()) -> None:
        self._hidden = hidden

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the attributes."""
        for name, item in list(vars(value).items()):
            if name in self._hidden:
                continue
            if "_hooks" in name and isinstance(item, dict):
                # torch keeps hooks under numbers that count all hooks of the process.
                yield Edge(list(item.values()), name, only="compared")
                yield Edge(item, name, only="taken")
            else:
                yield Edge(item, name)

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give the names, in order."""
        return (repr(name).encode() for name in vars(value) if name not in self._hidden)

    def take(self, value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give the dict itself, and what it holds."""
        held = vars(value)
        return held, {name: item for name, item in held.items() if name not in self._hidden}

    def put(self, value: Any, saved: tuple[dict[str, Any], dict[str, Any]]) -> None:
        """Put the same dict in, holding the same."""
        held, items = saved
        if vars(value) is not held:
            # Frozen dataclasses refuse to be set, object does not.
            object.__setattr__(value, "__dict__", held)
        kept = {name: held[name] for name in self._hidden if name in held}
        if not is_same_dict(held, {**items, **kept}):
            held.clear()
            held.update(items)
            held.update(kept)


class Slots(Base):
    """What stands in the `__slots__` of an object's classes."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give those that are set."""
        for name, item in self.take(value).items():
            if item is not _UNSET:
                yield Edge(item, name.rpartition(" ")[2])

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give the names of those that are set."""
        return (name.encode() for name, item in self.take(value).items() if item is not _UNSET)

    def take(self, value: Any) -> dict[str, Any]:
        """Give each slot's object."""
        taken = {}
        for name, slot in slots(type(value)):
            try:
                taken[name] = slot.__get__(value)
            except AttributeError:
                taken[name] = _UNSET
        return taken

    def put(self, value: Any, saved: dict[str, Any]) -> None:
        """Put the same objects in."""
        now = self.take(value)
        for name, slot in slots(type(value)):
            if now[name] is saved[name]:
                continue
            if saved[name] is _UNSET:
                slot.__delete__(value)
            else:
                slot.__set__(value, saved[name])


def slots(cls: type) -> Iterator[tuple[str, Any]]:
    """Give the name and descriptor of each slot that a ``class`` statement made."""
    for base in cls.__mro__:
        if atoms.is_made_in_python(base):
            for name, slot in vars(base).items():
                if isinstance(slot, types.MemberDescriptorType):
                    yield f"{base.__qualname__} {name}", slot


class Settable(Base):
    """Attributes of an object written in C that can be set, and are all that it holds."""

    def __init__(self, *names: str, fixed: tuple[str, ...] = ()) -> None:
        self._names = names
        self._fixed = fixed

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give those that it has."""
        for name in (*self._fixed, *self._names):
            item = getattr(value, name, None)
            if item is not None:
                yield Edge(item, name)

    def take(self, value: Any) -> list[Any]:
        """Give them."""
        return [getattr(value, name, None) for name in self._names]

    def put(self, value: Any, saved: list[Any]) -> None:
        """Set those that are others now."""
        for name, item in zip(self._names, saved, strict=True):
            if getattr(value, name, None) is not item:
                setattr(value, name, item)


class Function(Settable):
    """A function of the notebook: its code, defaults, and the variables it has caught."""

    def __init__(self) -> None:
        super().__init__("__code__", "__defaults__", "__kwdefaults__")

    def parts(self, value: types.FunctionType) -> Iterator[Edge]:
        """Give them; of a library's wrapper only the function that it wraps."""
        wrapped = getattr(value, "__wrapped__", None)
        if wrapped is not None and value.__globals__.get("__name__") != "__main__":
            yield Edge(wrapped, "__wrapped__")
            return
        yield from super().parts(value)
        names = value.__code__.co_freevars
        for name, cell in zip(names, value.__closure__ or (), strict=True):
            yield Edge(cell, f"<{name}>")

    def bits(self, value: types.FunctionType) -> Iterator[bytes]:
        """Give its name."""
        yield value.__qualname__.encode()


class Cell(Base):
    """A variable that functions share."""

    def parts(self, value: types.CellType) -> Iterator[Edge]:
        """Give what it holds."""
        if self.take(value) is not _UNSET:
            yield Edge(value.cell_contents, "cell_contents")

    def take(self, value: types.CellType) -> Any:
        """Give what it holds."""
        try:
            return value.cell_contents
        except ValueError:
            return _UNSET

    def put(self, value: types.CellType, saved: Any) -> None:
        """Put the same in."""
        if saved is not _UNSET:
            value.cell_contents = saved
        elif self.take(value) is not _UNSET:
            del value.cell_contents


class ClassAttributes(Base):
    """What stands in a class of the notebook."""

    _OWN = frozenset(("__dict__", "__weakref__", "__doc__", "__module__", "__abstractmethods__"))

    def parts(self, value: type) -> Iterator[Edge]:
        """Give its attributes and methods."""
        return (Edge(item, name) for name, item in self.take(value).items())

    def bits(self, value: type) -> Iterator[bytes]:
        """Give its name, its bases' and its attributes'."""
        yield value.__qualname__.encode()
        for base in value.__mro__[1:]:
            yield f"{base.__module__}.{base.__qualname__}".encode()
        yield from (name.encode() for name in self.take(value))

    def take(self, value: type) -> dict[str, Any]:
        """Give its attributes and methods."""
        return {
            name: item
            for name, item in vars(value).items()
            if name not in self._OWN
            # Slots, and what abc keeps to itself.
            and not isinstance(item, (types.MemberDescriptorType, types.GetSetDescriptorType))
            and name not in ("_abc_impl", "__static_attributes__", "__firstlineno__")
            and not name.startswith("__dataclass_")
        }

    def put(self, value: type, saved: dict[str, Any]) -> None:
        """Set those that are others now, and take out those that came."""
        now = self.take(value)
        for name in now.keys() - saved.keys():
            type.__delattr__(value, name)
        for name, item in saved.items():
            if now.get(name, _UNSET) is not item:
                type.__setattr__(value, name, item)


class Reduced(Base):
    """An object written in C, as pickle sees it: how it is made, and the state set after that."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the function that makes it, its arguments, and the state."""
        reduced = value.__reduce_ex__(4)
        if isinstance(reduced, str):
            return
        for label, item in zip(("<made by>", "<made from>", "<state>"), reduced, strict=False):
            if item is not None:
                yield Edge(item, label)

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give the name that stands for it, if one does."""
        reduced = value.__reduce_ex__(4)
        if isinstance(reduced, str):
            yield reduced.encode()

    def take(self, value: Any) -> Any:
        """Give the state."""
        reduced = value.__reduce_ex__(4)
        return None if isinstance(reduced, str) or len(reduced) < 3 else reduced[2]

    def put(self, value: Any, saved: Any) -> None:
        """Set the state."""
        if saved is not None and hasattr(value, "__setstate__"):
            value.__setstate__(saved)


class StateDict(Base):
    """Any object, as its own `state_dict` sees it."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the dict, whose tensors lie where the object's own do."""
        yield Edge(value.state_dict(), "state_dict()", only="compared")

    def take(self, value: Any) -> Any:
        """Give the dict, apart from the object."""
        import copy

        return copy.deepcopy(value.state_dict())

    def put(self, value: Any, saved: Any) -> None:
        """Load it."""
        import copy

        value.load_state_dict(copy.deepcopy(saved))


_ATTRIBUTES = Attributes()
_SLOTS = Slots()


def with_attributes(value: Any, own: tuple[Aspect, ...]) -> tuple[Aspect, ...]:
    """Give `own` and the aspects of the attributes that `value` has beside."""
    # A bound method shows its function's dict as its own.
    if hasattr(value, "__dict__") and not isinstance(value, types.MethodType):
        own = (*own, _ATTRIBUTES)
    if any(True for _ in slots(type(value))):
        own = (*own, _SLOTS)
    return own
