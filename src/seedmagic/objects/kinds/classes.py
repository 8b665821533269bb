"""Classes: which one an object is of, and what stands in those that the user has made."""

from __future__ import annotations

import sys
import types
import weakref
from collections.abc import Iterator
from typing import Any

from seedmagic.code.per_class import PerClass
from seedmagic.code.raw_attributes import full_name_now, mro_of, name_of_class, vars_of_class
from seedmagic.objects.kinds.aspects import Aspect, Base, Edge, Fact
from seedmagic.objects.kinds.atoms import is_of_notebook

# What Python keeps in a class for itself.
_MADE = {"_abc_impl", "__static_attributes__", "__firstlineno__", "__classdictcell__"}
_MADE |= {"__annotate_func__", "__annotations_cache__", "__slotnames__"}
# What a class is beside what stands in it.
_SAYS = ("__name__", "__qualname__", "__bases__")
_get_says = {name: type.__dict__[name].__get__ for name in _SAYS}
_set_class = object.__dict__["__class__"].__set__


class ClassAttributes(Base):
    """What stands in a class of the notebook."""

    _OWN = frozenset(("__dict__", "__weakref__", "__doc__", "__module__", "__abstractmethods__"))

    def parts(self, value: type) -> Iterator[Edge]:
        """Give its attributes and methods, and the bases that the notebook made."""
        for name, item in self.held(value).items():
            yield Edge(item, name)
        for base in _get_says["__bases__"](value):
            if is_of_notebook(base):
                yield Edge(base, f"<base {name_of_class(base)[1]}>")

    def facts(self, value: type) -> Iterator[Fact]:
        """Give its name and its bases'."""
        yield Fact("value", full_name_now(value), decides=True)
        yield Fact("bases", [*map(full_name_now, mro_of(value)[1:])])

    def bits(self, value: type) -> Iterator[bytes]:
        """Give its attributes' names."""
        return (name.encode() for name in self.held(value))

    def held(self, value: type) -> dict[str, Any]:
        """Give what stands under each name."""
        return {
            name: item
            for name, item in vars_of_class(value).items()
            if name not in self._OWN
            # Slots, the fields of ctypes' structures, and what abc keeps to itself.
            and not isinstance(item, (types.MemberDescriptorType, types.GetSetDescriptorType))
            and name_of_class(type(item)) != ("_ctypes", "CField")
            and name not in _MADE
        }

    def take(self, value: type) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give its attributes and methods, and what it is called and made from."""
        says = {name: get(value) for name, get in _get_says.items()}
        if "__doc__" in vars_of_class(value):
            says["__doc__"] = vars_of_class(value)["__doc__"]
        return self.held(value), says

    def put(self, value: type, saved: tuple[dict[str, Any], dict[str, Any]]) -> None:
        """Set those that are others now, and take out those that came."""
        held, says = saved
        now, said = self.take(value)
        for name in now.keys() - held.keys():
            type.__delattr__(value, name)
        for former, present in ((says, said), (held, now)):
            for name, item in former.items():
                if name not in present or present[name] is not item:
                    type.__setattr__(value, name, item)


class HeldClass(Base):
    """The class that an object is of: Python lets code set it, ``o.__class__ = B``."""

    def take(self, value: Any) -> Any:
        """Give it."""
        return type(value)

    def put(self, value: Any, saved: Any) -> None:
        """Set it."""
        if type(value) is not saved:
            _set_class(value, saved)  # whatever the class makes of being asked for it


class OwnClass(HeldClass):
    """The class of an object, where the user has made it: its instances lead to what it holds."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give it."""
        yield Edge(type(value), "__class__")


class MadeClass(HeldClass):
    """A class that a library has made for one object, or a few, and that no module holds.

    So are a module's of torch that has parametrizations, and a graph's of torch.fx. The library
    changes them as it changes the object.
    """

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give what stands for it; what it holds is the library's, and is not looked into."""
        yield Edge(_bindings_of(type(value)), "__class__", only="taken")


class Bindings:
    """Stands for what the names in a class are bound to: one for all of its instances."""

    def __init__(self, cls: type) -> None:
        self.of = weakref.ref(cls)


class BoundInClass(Base):
    """What the names in a class are bound to."""

    def take(self, value: Bindings) -> Any:
        """Give the class, and what each name is bound to."""
        cls: Any = value.of()  # which its instance holds
        return cls, _ATTRIBUTES.take(cls)

    def put(self, value: Bindings, saved: Any) -> None:
        """Bind them."""
        _ATTRIBUTES.put(*saved)


_bindings_of = PerClass(Bindings)
_ATTRIBUTES = ClassAttributes()
_HELD, _OWN, _MADE_BY_LIBRARY = HeldClass(), OwnClass(), MadeClass()
_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: not compiled in
_IMMUTABLE_TYPE = 1 << 8  # Py_TPFLAGS_IMMUTABLETYPE: nor set in stone


def _aspects_of_class(cls: type) -> tuple[Aspect, ...]:
    if is_of_notebook(cls):
        return (_OWN,)
    flags = type.__dict__["__flags__"].__get__(cls)
    if not flags & _HEAP_TYPE or flags & _IMMUTABLE_TYPE:
        return (_HELD,) if cls is types.ModuleType else ()
    return (_HELD,) if _is_held(cls) else (_MADE_BY_LIBRARY,)


# By class: what there is to put back of the class of its instances.
aspects_of_class = PerClass(_aspects_of_class)


def _is_held(cls: type) -> bool:
    """Whether the module that names a class holds it."""
    module = name_of_class(cls)[0]
    held: Any = sys.modules.get(module)
    for step in str(_get_says["__qualname__"](cls)).split("."):
        held = vars(held).get(step) if isinstance(held, (type, types.ModuleType)) else None
    return held is cls
