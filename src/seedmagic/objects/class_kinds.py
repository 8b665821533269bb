"""Which classes decide of which kind their instances are, so that one tells of all."""

from __future__ import annotations

import abc
import array
import types
from collections import OrderedDict, defaultdict, deque
from typing import Any

from seedmagic.code.per_class import PerClass
from seedmagic.objects.kinds.arrays import Elements
from seedmagic.objects.kinds.atoms import is_made_in_python, is_of_notebook
from seedmagic.objects.kinds.classes import HeldClass
from seedmagic.objects.kinds.data_frames import Columns, Labels, PandasArray, PolarsFrame
from seedmagic.objects.kinds.instances import Slots, attributes_of
from seedmagic.objects.kinds.kinds import Kind, kind
from seedmagic.objects.kinds.library_kinds import ModuleAttributes

_BUILT_IN: set[type] = {list, dict, set, OrderedDict, defaultdict, deque, bytearray}
_BUILT_IN |= {array.array, types.CellType}
# Of libraries; of a module of torch only one that is lazy may be refused.
_BY_CLASS = (Elements, Columns, Labels, PandasArray, PolarsFrame, ModuleAttributes)
_IN_SIGHT = (Slots, HeldClass)
# What a class may define and by that decide for each instance anew what it is, or is asked for.
_DECIDES = {"__class__", "__getattribute__", "__reduce__", "__reduce_ex__", "state_dict", "write"}
_MADE_BY_PYTHON = (types.NoneType, types.GetSetDescriptorType)


class ClassKinds:
    """What one walk has learned of classes; of those that libraries made, also what others have."""

    def __init__(self) -> None:
        # By the id of a class, for not all have a hash.
        self._known: dict[int, Kind] = {}
        self._varying: set[int] = set()

    def kind(self, value: Any) -> Kind:
        """Give what `kinds.kind` gives."""
        cls = type(value)
        known = self._known.get(id(cls))
        if known is not None:
            return known
        of_library = _of_libraries(cls)
        found = of_library[0] if of_library else kind(value)
        if id(cls) in self._varying:
            return found
        if not _is_of_class(cls, found):
            self._varying.add(id(cls))
            return found
        self._known[id(cls)] = found
        if not of_library and not is_of_notebook(cls):
            of_library.append(found)
        return found


def _no_kind(cls: type) -> list[Kind]:
    return []


_of_libraries = PerClass(_no_kind)


def _is_of_class(cls: type, found: Kind) -> bool:
    """Whether every instance of a class is of the kind that was found of one."""
    if not found.aspects or found != Kind(found.aspects):
        return False
    if cls in _BUILT_IN:
        return True
    if isinstance(found.aspects[0], _BY_CLASS):
        return not hasattr(cls, "has_uninitialized_params")
    own = attributes_of(cls)
    in_sight = all(each is own or isinstance(each, _IN_SIGHT) for each in found.aspects)
    return in_sight and _is_plain(cls)


def _decides_nothing(cls: type) -> bool:
    return type(cls) in (type, abc.ABCMeta) and all(
        base is object
        or (
            is_made_in_python(base)
            and _DECIDES.isdisjoint(vars(base))
            and type(vars(base).get("__dict__")) in _MADE_BY_PYTHON
        )
        for base in cls.__mro__
    )


# Whether all instances of a class written in Python hold what they are in the same way.
_is_plain = PerClass(_decides_nothing)
