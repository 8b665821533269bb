"""What stands in objects and classes, read past all that they make of being asked."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

from seedmagic.code.per_class import PerClass

_MRO, _VARS, _MODULE, _NAME, _QUALNAME = (
    type.__dict__[name]
    for name in ("__mro__", "__dict__", "__module__", "__name__", "__qualname__")
)
# A module's is a member; that of other objects is computed in C.
_WRITTEN_IN_C = (types.GetSetDescriptorType, types.MemberDescriptorType)


def mro_of(cls: type) -> tuple[type, ...]:
    """Give a class and its bases, whatever its metaclass says."""
    return _MRO.__get__(cls)  # type: ignore[no-any-return]


def vars_of_class(cls: type) -> Mapping[str, Any]:
    """Give what stands in a class itself."""
    return _VARS.__get__(cls)  # type: ignore[no-any-return]


def name_of_class(cls: type) -> tuple[str, str]:
    """Give the module and the name of a class."""
    try:
        module = _MODULE.__get__(cls)
    except AttributeError:  # deleted
        module = ""
    return (module if isinstance(module, str) else ""), _NAME.__get__(cls)


def full_name_now(cls: type) -> str:
    """Give the module of a class and its name there, as they are now."""
    return f"{name_of_class(cls)[0]}.{_QUALNAME.__get__(cls)}"


# The same as they were when it was first asked for.
full_name = PerClass(full_name_now)


def own_dict(value: Any) -> Any:
    """Give the `__dict__` of an object; None where it has none, or its class computes one."""
    for cls in mro_of(type(value)):
        found = vars_of_class(cls).get("__dict__")
        if found is not None:
            return found.__get__(value) if isinstance(found, _WRITTEN_IN_C) else None
    return None
