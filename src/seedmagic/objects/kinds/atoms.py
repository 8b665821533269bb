"""What never changes, so that nothing has to be put back: numbers, text, classes, modules."""

from __future__ import annotations

import enum
import gc
import marshal
import re
import sys
import types
import typing
import weakref
from collections.abc import Collection
from typing import Any

from seedmagic.code.ownership import is_made_by_hand, is_own, is_own_module, package_of
from seedmagic.code.per_class import PerClass
from seedmagic.code.raw_attributes import full_name, name_of_class, vars_of_class
from seedmagic.imports import is_loaded, loaded

PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes})
# Sequences of at most so many plain values are told apart item by item, longer ones as a whole.
LONG = 1000

_NAMED = (
    types.BuiltinFunctionType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
)
# By class, the module: their text says all about such values.
_SAY_ALL = {
    **dict.fromkeys(("date", "datetime", "time", "timedelta", "timezone"), "datetime"),
    **dict.fromkeys(("PosixPath", "PurePosixPath", "PureWindowsPath", "WindowsPath"), "pathlib"),
    **dict.fromkeys(("IPv4Address", "IPv6Address", "IPv4Network", "IPv6Network"), "ipaddress"),
    "Decimal": "decimal",
    "Fraction": "fractions",
    "UUID": "uuid",
    "ZoneInfo": "zoneinfo",
}
_SHOWN = (
    type(...),
    type(NotImplemented),
    types.GenericAlias,
    types.UnionType,
    typing.TypeVar,
    type(typing.List[int]),  # noqa: UP006 - the class of such aliases is private
    type(typing.Any),
    type(typing.Union[int, str]),  # noqa: UP007 - another class than int | str
)


def bits(value: Any) -> bytes | None:
    """Give what makes an immutable value what it is; None where `value` is no such value.

    The type is not in it. Functions, classes, enumerations and modules of a library stand for
    themselves by name; those of a notebook, which the user may change at any time, are no atoms.
    """
    if type(value) in PLAIN:
        return _encode(value)
    if type(value) in (tuple, frozenset):
        return _of_pure(value) if is_pure(value) else None
    if is_reference(value):  # first: a proxy answers for an object that may be gone
        return _encode(type(value).__name__)
    if isinstance(value, enum.Enum):
        # Flags without a name of their own have a number.
        number = value._value_ if type(value._value_) in PLAIN else None
        return None if is_of_notebook(type(value)) else _encode((value._name_, number))
    if isinstance(value, types.ModuleType):
        return None if is_made_by_hand(value) or is_own_module(value) else _encode(value.__name__)
    if isinstance(value, (type, types.FunctionType)):
        return None if is_of_notebook(value) else _encode(f"{value.__module__}.{_name(value)}")
    return _bits_of_rarer(value)


def _is_annotated(alias: Any) -> bool:
    """Whether an alias of a type holds what `typing.Annotated` was given, which may be anything."""
    held = getattr(alias, "__args__", ())
    return hasattr(alias, "__metadata__") or any(map(_is_annotated, held))


def is_pure(value: tuple[Any, ...] | frozenset[Any], depth: int = 20) -> bool:
    """Whether a tuple or frozenset holds immutable values alone, down to its last level."""
    # Deeper ones may be so shared that to unfold them has no end.
    return depth > 0 and all(
        type(item) in PLAIN or (type(item) in (tuple, frozenset) and is_pure(item, depth - 1))
        for item in value
    )


def is_plain(values: Collection[Any]) -> bool:
    """Whether no item is anything but a number, a text or None; fast for millions of them."""
    return set(map(type, values)) <= PLAIN


def together(values: Any) -> bytes:
    """Give the bits of a plain value, or of a list or tuple of such."""
    return _encode(values)


def kind_of(value: Any) -> str:
    """Name the class of a value."""
    return full_name(type(value))


def is_of_notebook(thing: Any) -> bool:
    """Whether a class or function was defined in the notebook, or in a module of the user's own.

    So is what no module holds: its name does not stand for it.
    """
    is_class = issubclass(type(thing), type)
    # Past whatever a metaclass makes of being asked.
    module = name_of_class(thing)[0] if is_class else getattr(thing, "__module__", None)
    if module == "types" and is_class:  # as make_dataclass has it
        return not hasattr(types, name_of_class(thing)[1])
    if isinstance(module, str) and module not in sys.modules:
        return not is_class or is_made_in_python(thing)
    return is_own(module)


def _bits_of_rarer(value: Any) -> bytes | None:
    if isinstance(value, _NAMED) and not _is_bound(value):
        return _encode(f"{getattr(value, '__module__', '')}.{_name(value)}")
    if isinstance(value, re.Pattern):  # its repr is cut
        return _encode((value.pattern, value.flags))
    if isinstance(value, _SHOWN):
        return None if _is_annotated(value) else _encode(repr(value))
    if isinstance(value, types.CodeType):
        return _of_code(value)
    if _says_all(value):
        return _encode(repr(value))
    if type(value).__module__ == "numpy" and is_loaded("numpy"):
        return _of_numpy(value)
    if isinstance(value, re.Match) and type(value.string) in PLAIN:
        return _encode((value.re.pattern, value.re.flags, value.string, value.regs))
    if type(value).__module__ == "torch.utils.hooks":
        # Its number counts all hooks of the process.
        return _encode(type(value).__name__) if type(value).__name__ == "RemovableHandle" else None
    if type(value).__module__ in ("torch", "torch._C") and is_loaded("torch"):
        return _of_torch(value)
    return None


def _of_numpy(value: Any) -> bytes | None:
    np = loaded("numpy")
    if isinstance(value, np.dtype):
        return _encode(repr(value))
    if isinstance(value, np.generic) and not value.dtype.hasobject:
        if value.dtype.names:  # its fields can be set
            return None
        # The last six bytes of a long double mean nothing.
        exact = repr(value) if value.dtype.char in "gG" else value.tobytes()
        return _encode((repr(value.dtype), exact))
    if isinstance(value, np.ufunc) and not held_by_ufunc(value):
        return _encode((value.__name__, value.nin, value.nout, value.types))
    return None


def _of_torch(value: Any) -> bytes | None:
    torch = loaded("torch")
    named = (torch.dtype, torch.device, torch.layout, torch.memory_format, torch.Size)
    return _encode(repr(value)) if isinstance(value, named) else None


def _of_code(code: types.CodeType) -> bytes:
    """Give what a piece of code does, whatever file and line it stands in."""
    constants = [
        # Of no other kind are constants, but for slices, which Python 3.14 has among them.
        bits(constant) or repr(constant).encode()
        for constant in code.co_consts
    ]
    types_of = [type(constant).__name__ for constant in code.co_consts]
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)
    handlers = getattr(code, "co_exceptiontable", b"")  # before Python 3.11 it is in the code
    return _encode((code.co_code, *types_of, *constants, *names, *counts, handlers, code.co_flags))


def _of_pure(value: Any) -> bytes:
    items = [_encode(item) if type(item) in PLAIN else _of_pure(item) for item in value]
    if type(value) is tuple:
        return b"(" + b"".join(_sized(item) for item in items) + b")"
    # A set is its content; in which order it is walked through counts too.
    return b"{" + b"".join(map(_sized, sorted(items))) + b"|" + b"".join(map(_sized, items)) + b"}"


def _sized(item: bytes) -> bytes:
    return len(item).to_bytes(8, "little") + item


def _encode(value: Any) -> bytes:
    # Version 2 writes floats bit by bit, and knows nothing of references, which depend on who
    # else holds an object.
    return marshal.dumps(value, 2)


def is_reference(value: Any) -> bool:
    """Whether `value` only refers weakly to another object, which belongs to others."""
    return issubclass(type(value), (weakref.ref, *weakref.ProxyTypes))


def held_by_ufunc(value: Any) -> list[Any]:
    """Give the Python function that a ufunc of `numpy.frompyfunc` calls; nothing for others."""
    return [held for held in gc.get_referents(value) if callable(held)]


def _says_all(value: Any) -> bool:
    cls = type(value)
    if _SAY_ALL.get(cls.__name__) != package_of(cls):
        return False
    # A time zone may be of the user's own making.
    zone = getattr(value, "tzinfo", None)
    return zone is None or _says_all(zone)


def _is_bound(value: Any) -> bool:
    owner = getattr(value, "__self__", None)
    return owner is not None and not isinstance(owner, (types.ModuleType, type))


def _name(value: Any) -> str:
    name = str(getattr(value, "__qualname__", None) or getattr(value, "__name__", ""))
    # Several functions of a library may share such a name.
    if "<" in name and isinstance(value, types.FunctionType):
        name += f" {_of_code(value.__code__).hex()}"
        caught = (_caught(cell) for cell in value.__closure__ or ())
        name += "".join(f" {known.hex()}" for known in caught if known is not None)
    return name


def _caught(cell: types.CellType) -> bytes | None:
    """Give what a library's function has caught, where it never changes."""
    try:
        held = cell.cell_contents
    except ValueError:  # not bound yet
        return None
    return bits(held) if type(held) in PLAIN or type(held) is tuple else None


_RAW = {name: type.__dict__[name].__get__ for name in ("__flags__", "__base__", "__basicsize__")}
_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: not compiled in
# Py_TPFLAGS_IMMUTABLETYPE: written in C all the same, as defaultdict and deque are from 3.13 on.
_IMMUTABLE_TYPE = 1 << 8


def _is_made_in_python(cls: type) -> bool:
    flags, base, size = (_RAW[name](cls) for name in ("__flags__", "__base__", "__basicsize__"))
    if not flags & _HEAP_TYPE or flags & _IMMUTABLE_TYPE or base is None:
        return False
    inside = vars_of_class(cls)
    held = {"__dict__", "__weakref__"} & inside.keys()
    slots = [item for item in inside.values() if isinstance(item, types.MemberDescriptorType)]
    return bool(size - _RAW["__basicsize__"](base) <= 8 * (len(held) + len(slots)))


# Whether a ``class`` statement made a class: all that its instances hold is in plain sight.
is_made_in_python = PerClass(_is_made_in_python)


def builtin_base(cls: type) -> type:
    """Give the class written in C that holds the instances' hidden part; often `object`."""
    while is_made_in_python(cls):
        cls = _RAW["__base__"](cls)
    return cls
