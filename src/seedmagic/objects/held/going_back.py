"""Whether ``--rewind`` of a variable puts a generator back, told without running any code of it."""

from __future__ import annotations

import functools
import types
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from seedmagic.code.ownership import is_own
from seedmagic.code.raw_attributes import mro_of, name_of_class, vars_of_class
from seedmagic.objects.held.bounded_look import MOST, BoundedLook
from seedmagic.objects.held.holder_classes import (
    GENERATOR,
    LONG,
    of_array,
    of_class,
    of_module,
    parts_of,
)
from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.language import functions
from seedmagic.objects.kinds.random_generators import anchor_of
from seedmagic.objects.object_walk import walk

_PLAIN = frozenset(map(id, atoms.PLAIN))
_LONGEST_SEEN = 1_000_000  # whose items' types are asked for, in some 50 ms
_CONTAINERS: tuple[type, ...] = (list, tuple, dict, set, frozenset, deque)
# What `kinds` asks of an object that answers for itself, and of which classes it asks no more.
_ASKED = ("__getattribute__", "__class__")
_ANSWERED_IN_C = (types.WrapperDescriptorType, types.GetSetDescriptorType)
_IN_SIGHT = frozenset(
    (object, list, tuple, dict, set, frozenset, deque, OrderedDict, defaultdict, functools.partial,
     types.FunctionType, types.MethodType, types.BuiltinMethodType, types.CellType,
     types.MappingProxyType, types.SimpleNamespace, staticmethod, classmethod, property,
     functions.CACHE)
)  # fmt: skip
# How the states of generators are read and set.
_STATES = frozenset(("getstate", "setstate", "get_state", "set_state", "state", "bit_generator"))
# What Python puts into classes: of named tuples, and of those with abstract methods.
_IN_CLASSES = {"_tuplegetter", "_abc_data"}


def goes_back(root: str, namespace: Mapping[str, Any], anchors: Iterable[Any]) -> bool:
    """Whether ``--rewind`` of a variable puts generators back, as far as can be told.

    `anchors` stand for them, as `anchor_of` says. Told without running code of the user's, and
    without looking further than a look does.
    """
    if root not in namespace:
        return False
    look = BoundedLook({root: namespace[root]})
    if not look.whole:
        return False
    met = (*look.holders, *(found.generator for found in look.found))
    if not all(_is_in_sight(type(value)) and _is_whole(value) for value in met):
        return False
    sought = {id(anchor) for anchor in anchors}
    for number, node in enumerate(walk({root: namespace[root]}, compared=False)):
        if number > MOST or node.kind.cannot_go_back:
            return False
        if parts_of(type(node.value)) is GENERATOR:
            sought.discard(id(anchor_of(node.value)))
    return not sought


def _is_in_sight(cls: type) -> bool:
    """Whether `kinds` tells all about an instance of `cls`, and runs no code of its class."""
    parts = parts_of(cls)
    if parts is GENERATOR:
        bases = (base for base in mro_of(cls) if is_own(name_of_class(base)[0]))
        return all(_STATES.isdisjoint(vars_of_class(base)) for base in bases)
    if parts in (None, of_array, of_class, of_module):
        return True
    if name_of_class(cls)[1] in _IN_CLASSES:
        return True
    if any(is_own(name_of_class(base)[0]) for base in mro_of(type(cls))):
        return False  # a class of a metaclass of the user's: to look it up in a dict may run that
    for name in _ASKED:
        held = (vars_of_class(base) for base in mro_of(cls))
        answer = next(attributes[name] for attributes in held if name in attributes)
        if not isinstance(answer, _ANSWERED_IN_C):
            return False
    return atoms.builtin_base(cls) in _IN_SIGHT


def _is_whole(value: Any) -> bool:
    """Whether a look goes into all that a container holds, or the rest of it is plain values."""
    cls = type(value)
    if (cls is list or cls is tuple or cls is dict) and LONG < len(value) <= _LONGEST_SEEN:
        items = chain(value, value.values()) if cls is dict else value
        return all(map(_PLAIN.__contains__, map(id, map(type, items))))
    bases = (base for base in _CONTAINERS if issubclass(cls, base))
    return all(base.__len__(value) <= LONG for base in bases)  # type: ignore[attr-defined]
