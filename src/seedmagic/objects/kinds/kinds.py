"""Which kind an object is of: what never changes, what can be put back, and what can not."""

from __future__ import annotations

import array
import enum
import functools
import io
import types
from collections import OrderedDict, defaultdict, deque
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.kinds import (
    atoms,
    containers,
    exceptions,
    functions,
    instances,
    library_kinds,
    opaque_objects,
    plain_values,
    process_tools,
    tensors,
)
from seedmagic.objects.kinds.aspects import Aspect
from seedmagic.objects.kinds.instances import with_attributes

_ATTRIBUTES = instances.Attributes()
_RESULT = instances.Attributes(*process_tools.RESULTS_POOL)
_ERROR = exceptions.RaisedError()
_MEMBER = instances.Member()
# Of a module that no import made.
_MODULE = instances.Attributes("__builtins__", "__loader__", "__spec__")
_FUNCTION = functions.Function()
_CLASS = functions.ClassAttributes()
_REDUCED = opaque_objects.Reduced()
_STATE_DICT = opaque_objects.StateDict()
_VIEWED = plain_values.Viewed()

# By the class written in C that holds the part of an object which Python does not show.
_BUILT_IN: dict[type, tuple[Aspect, ...]] = {
    object: (),
    list: (containers.ListItems(list),),
    tuple: (containers.Items(tuple),),
    dict: (containers.DictItems(dict),),
    OrderedDict: (containers.DictItems(OrderedDict),),
    defaultdict: (containers.DictItems(dict), containers.DefaultFactory()),
    set: (containers.MutableSetItems(),),
    frozenset: (containers.SetItems(),),
    deque: (containers.DequeItems(deque),),
    bytearray: (plain_values.BytearrayBits(),),
    array.array: (plain_values.ArrayBits(),),
    types.MappingProxyType: (_VIEWED,),
    memoryview: (_VIEWED,),
    type({}.keys()): (_VIEWED,),
    type({}.values()): (_VIEWED,),
    type({}.items()): (_VIEWED,),
    types.SimpleNamespace: (),
    **{base: (exact,) for base, exact in plain_values.EXACT.items()},
    range: (instances.Settable(fixed=("start", "stop", "step")),),
    slice: (instances.Settable(fixed=("start", "stop", "step")),),
    types.CellType: (functions.ClosureCell(),),
    types.MethodType: (instances.Settable(fixed=("__self__", "__func__")),),
    types.BuiltinMethodType: (instances.Settable(fixed=("__self__", "__name__")),),
    types.MethodWrapperType: (instances.Settable(fixed=("__self__", "__name__")),),
    staticmethod: (instances.Settable(fixed=("__func__",)),),
    classmethod: (instances.Settable(fixed=("__func__",)),),
    property: (instances.Settable(fixed=("fget", "fset", "fdel")),),
    functools.partial: (instances.Settable(fixed=("func", "args", "keywords")),),
    functions.CACHE: (functions.Cache(),),
}


# Written in C, and changed in ways that pickling shows and cannot undo.
_CHANGES = {"_ctypes._CData", "decimal.Context"}


@dataclass(frozen=True)
class Kind:
    """What an object is to a rewind.

    `aspects` tell how it is put back. Without any it is immutable, or a tool, which is left alone;
    with a `refusal` it can neither be put back nor left out, nor compared. What can be compared and
    not put back is `unkept`.
    """

    aspects: tuple[Aspect, ...] = ()
    refusal: str | None = None
    unkept: str | None = None

    @property
    def cannot_go_back(self) -> str | None:
        """Why it cannot be put back, where it cannot."""
        return self.refusal or self.unkept


class NotReached(Kind):
    """The kind of what a walk did not come to, for its bound was reached before."""


ATOM = Kind()
TOOL = Kind()
# Most of what is met; about these nothing has to be asked.
_COMMON = {kind: Kind(_BUILT_IN[kind]) for kind in (list, dict, set)}
_known: WeakKeyDictionary[type, Kind] = WeakKeyDictionary()
_PLAIN_TENSOR = Kind(library_kinds.PLAIN_TENSOR)
# Nor has it of more than one object of these.
_FIXED = {*_COMMON, OrderedDict, defaultdict, deque, bytearray, array.array, types.CellType}


def kind(value: Any) -> Kind:
    """Tell which kind `value` is of, without changing it."""
    common = _COMMON.get(type(value)) or _known.get(type(value))
    if common is not None:
        return common
    if type(value) is NotReached:  # which stands for that
        return value
    if library_kinds.is_tensor(value) and tensors.is_plain(value):
        return _PLAIN_TENSOR
    if type(value) in atoms.PLAIN or atoms.bits(value) is not None:
        return ATOM
    if process_tools.is_tool(value):
        return TOOL
    if process_tools.is_result(value):
        if process_tools.is_awaited(value):
            return Kind(refusal="is the result of a task that goes on elsewhere")
        return Kind(instances.with_class(value, (_RESULT,)))
    if isinstance(value, types.FunctionType):
        return Kind((_FUNCTION, _ATTRIBUTES))
    if isinstance(value, type):
        return Kind((_CLASS,))
    if isinstance(value, types.ModuleType):
        return Kind((_MODULE,))
    if isinstance(value, enum.Enum):
        return Kind(instances.with_class(value, (_MEMBER,)))
    picture = opaque_objects.of_figure(value)
    refusal = _refusal(value) or library_kinds.refusal(value)
    refusal = refusal or opaque_objects.without_figure(value)
    if refusal:
        return Kind(refusal=refusal)
    if picture is not None:
        return Kind((picture,), unkept=opaque_objects.FIGURE_UNKEPT)
    aspects = library_kinds.aspects(value)
    return Kind(aspects, unkept=library_kinds.unkept(value)) if aspects else _of_python(value)


def is_of_class(cls: type, found: Kind) -> bool:
    """Whether every instance of a class is of the kind that was found of one."""
    if not found.aspects or found.cannot_go_back:
        return False
    if cls in _FIXED:
        return True
    if library_kinds.is_told_by_class(cls, found.aspects[0]):
        if not atoms.is_of_notebook(cls):
            _known[cls] = found
        return True
    told = (instances.Attributes, instances.Slots, instances.OwnClass)
    return instances.is_plain_class(cls) and all(type(each) in told for each in found.aspects)


def _of_python(value: Any) -> Kind:
    own = _BUILT_IN.get(atoms.builtin_base(type(value)))
    if isinstance(value, BaseException):
        own = (_ERROR,)
    if own is None:
        own = _from_pickle(value)
    if own is None:
        if _has_state_dict(value):
            return Kind((_STATE_DICT,))
        return Kind(
            refusal=f"is a {atoms.kind_of(value)}, which is written in C and does not show "
            "what it holds"
        )
    aspects = with_attributes(value, own)
    if not _CHANGES.isdisjoint(map(_full_name, type(value).__mro__)):
        return Kind(aspects, unkept=f"is a {atoms.kind_of(value)}, which cannot be set back")
    if _has_state_dict(value) and any(
        kind(edge.value).cannot_go_back for aspect in aspects for edge in aspect.parts(value)
    ):
        return Kind((_STATE_DICT,))
    return Kind(aspects)


def _full_name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _from_pickle(value: Any) -> tuple[Aspect, ...] | None:
    try:
        reduced = value.__reduce_ex__(4)
    except Exception:
        return None
    # What can be changed has no hash, or says which state to set.
    has_state = isinstance(reduced, tuple) and len(reduced) > 2 and reduced[2] is not None
    if has_state and not hasattr(value, "__setstate__") and not hasattr(value, "__dict__"):
        return None
    if not has_state and type(value).__hash__ is None:
        return None
    return (_REDUCED,)


def _has_state_dict(value: Any) -> bool:
    # An optimiser's load_state_dict casts what it is given, and replaces what was there.
    # Asked of the object itself, one that makes whatever it is asked for would make them.
    return not library_kinds.is_optimiser(value) and all(
        any(name in vars(cls) for cls in type(value).__mro__)
        for name in ("state_dict", "load_state_dict")
    )


def _refusal(value: Any) -> str | None:
    """Say why `value` cannot be rewound, where that is known from its class."""
    if isinstance(value, types.GeneratorType):
        return "is a generator, which only goes forward"
    if isinstance(value, (Coroutine, types.AsyncGeneratorType)):
        return "is a coroutine, which only goes forward"
    if isinstance(value, io.IOBase):
        if isinstance(value, (io.BytesIO, io.StringIO)):
            return None
        return "is an open file, whose content lies outside of Python"
    if is_loaded("socket") and isinstance(value, loaded("socket").socket):
        return "is a socket, whose other end cannot be rewound"
    if isinstance(value, (Iterator, AsyncIterator)):
        base = atoms.builtin_base(type(value))
        if base is not object and base not in _BUILT_IN:
            return f"is an iterator ({type(value).__qualname__}), which only goes forward"
    return None
