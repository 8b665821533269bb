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
from itertools import islice
from typing import Any

from seedmagic.code.ownership import is_own_module
from seedmagic.code.per_class import PerClass
from seedmagic.code.raw_attributes import mro_of, name_of_class
from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.kinds import (
    atoms,
    classes,
    containers,
    instances,
    library_kinds,
    opaque_objects,
    plain_values,
    process_tools,
    tensors,
    tool_settings,
)
from seedmagic.objects.kinds.aspects import Aspect
from seedmagic.objects.kinds.instances import with_attributes
from seedmagic.objects.kinds.language import exceptions, files, functions

_ATTRIBUTES = instances.Attributes()
_RESULT = instances.Attributes(*process_tools.RESULTS_POOL)
_ERROR = exceptions.RaisedError()
_MEMBER = instances.Member()
# Of a module that no import made.
_MODULE = instances.Attributes("__builtins__", "__loader__", "__spec__")
_OWN_MODULE = instances.OwnModule()
_FUNCTION = functions.Function()
_CLASS = classes.ClassAttributes()
_CLOSED_FILE = files.ClosedFile()
_REDUCED = opaque_objects.Reduced()
_STATE_DICT = opaque_objects.StateDict()
_WRAPPER = instances.Settable(fixed=("__wrapped__",))
_VIEWED, _C_BITS = plain_values.Viewed(), plain_values.CBits()


_NEAREST = 20


def likeness(value: Any, depth: int = 2) -> bytes:
    """Give in few bytes what an object is, as far as its nearest parts tell."""
    known = atoms.bits(value)
    if known is not None or not depth:
        return atoms.kind_of(value).encode() + (known or b"")
    told = [atoms.kind_of(value).encode()]
    for aspect in kind(value).aspects:
        told += [repr(fact.value).encode() for fact in aspect.facts(value)]
        told += [bits for bits in aspect.bits(value) if isinstance(bits, bytes)]
        held = (
            edge.value
            for edge in aspect.parts(value)
            if edge.only != "taken" and edge.label != "__class__"
        )
        told += [likeness(item, depth - 1) for item in islice(held, _NEAREST)]
    return b"\0".join(told)


# By the class written in C that holds the part of an object which Python does not show.
_BUILT_IN: dict[type, tuple[Aspect, ...]] = {
    object: (),
    list: (containers.ListItems(list),),
    tuple: (containers.Items(tuple),),
    dict: (containers.DictItems(dict),),
    OrderedDict: (containers.DictItems(OrderedDict),),
    defaultdict: (containers.DictItems(dict), containers.DefaultFactory()),
    set: (containers.MutableSetItems(likeness),),
    frozenset: (containers.SetItems(likeness),),
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
    types.GenericAlias: (instances.Settable(fixed=("__origin__", "__args__")),),
    types.UnionType: (instances.Settable(fixed=("__args__",)),),
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
_is_context = PerClass(lambda cls: ("decimal", "Context") in map(name_of_class, mro_of(cls)))
_is_of_ctypes = PerClass(lambda cls: ("_ctypes", "_CData") in map(name_of_class, mro_of(cls)))


@dataclass(frozen=True)
class Kind:
    """What an object is to a rewind.

    `aspects` tell how it is put back. Without any it is immutable, or a tool, which is left alone;
    with a `refusal` it can neither be put back nor left out, nor compared. What can be compared and
    not put back is `unkept`, and what can be put back and not be compared as a whole `unseen`.
    """

    aspects: tuple[Aspect, ...] = ()
    refusal: str | None = None
    unkept: str | None = None
    unseen: str | None = None

    @property
    def cannot_go_back(self) -> str | None:
        """Why it cannot be put back, where it cannot."""
        return self.refusal or self.unkept


class NotReached(Kind):
    """The kind of what a walk did not come to, for its bound was reached before."""


ATOM = Kind()
TOOL = Kind()
# Most of what is met; about these nothing has to be asked.
_COMMON: dict[type, Kind] = {kind: Kind(_BUILT_IN[kind]) for kind in (list, dict, set)}
_COMMON[classes.Bindings] = Kind((classes.BoundInClass(),))
# By class, torch's own: of a tensor that `tensors.is_plain`.
_tensor_kind = PerClass(
    lambda cls: Kind(
        (library_kinds.TENSOR, instances.attributes_of(cls), *classes.aspects_of_class(cls))
    )
)


def kind(value: Any) -> Kind:
    """Tell which kind `value` is of, without changing it."""
    common = _COMMON.get(type(value))
    if common is not None:
        return common
    if type(value) is NotReached:  # which stands for that
        return value
    if library_kinds.is_tensor(value) and tensors.is_plain(value):
        return _tensor_kind(type(value))
    if type(value) in atoms.PLAIN or atoms.bits(value) is not None:
        return ATOM
    if process_tools.is_tool(value):
        settings = tool_settings.aspects(value)
        if not settings:
            return TOOL
        return Kind(instances.with_class(value, settings), unseen=tool_settings.unseen(value))
    if process_tools.is_result(value):
        if process_tools.is_awaited(value):
            return Kind(refusal="is the result of a task that goes on elsewhere")
        return Kind(instances.with_class(value, (_RESULT,)))
    if isinstance(value, types.FunctionType):
        return Kind((_FUNCTION, _ATTRIBUTES))
    if isinstance(value, type):
        return Kind(instances.with_class(value, (_CLASS,)))
    if isinstance(value, types.ModuleType):
        own = _OWN_MODULE if is_own_module(value) else _MODULE
        return Kind(instances.with_class(value, (own,)))
    if isinstance(value, enum.Enum):
        return Kind(instances.with_class(value, (_MEMBER,)))
    if files.is_closed(value):
        return Kind((_CLOSED_FILE,))
    picture = opaque_objects.of_figure(value)
    refusal = _refusal(value) or library_kinds.refusal(value)
    refusal = refusal or opaque_objects.without_figure(value)
    if refusal:
        return Kind(refusal=refusal)
    if picture is not None:
        return Kind((picture,), unkept=opaque_objects.FIGURE_UNKEPT)
    aspects = library_kinds.aspects(value)
    return Kind(aspects, unkept=library_kinds.unkept(value)) if aspects else _of_python(value)


def _of_python(value: Any) -> Kind:
    own = _BUILT_IN.get(atoms.builtin_base(type(value)))
    if isinstance(value, BaseException):
        own = (_ERROR,)
    if own is None and isinstance(getattr(value, "__wrapped__", None), types.FunctionType):
        own = (_WRAPPER,)  # as jax.jit makes them, which keeps what it has compiled
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
    if _is_context(type(value)):
        return Kind(aspects, unkept=f"is a {atoms.kind_of(value)}, which cannot be set back")
    if _has_state_dict(value) and any(
        kind(edge.value).cannot_go_back for aspect in aspects for edge in aspect.parts(value)
    ):
        return Kind((_STATE_DICT,))
    return Kind(aspects)


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
    # Pickling refuses those values of ctypes that hold addresses.
    return (_C_BITS,) if _is_of_ctypes(type(value)) else (_REDUCED,)


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
