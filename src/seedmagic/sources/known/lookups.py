"""Notice that functions of a module are looked up, where no frame of ours may stand before them.

DuckDB finds ``df`` of ``duckdb.sql("FROM df")`` in the frame that calls it, so a function of ours
in the place of its own would hide the user's variables.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from types import FrameType, ModuleType
from typing import Any

from seedmagic.code.cell_frames import calling_frame, module_of, outward

# They write modules; pickle and copy refuse to.
_BY_NAME = {"cloudpickle", "dill"}
Note = Callable[[str, FrameType], None]

# What was watched, and the class that each module had before.
_watched: dict[ModuleType, type[ModuleType]] = {}


def watch(module: ModuleType, names: Iterable[str], note: Note) -> None:
    """Tell `note` of each lookup of one of `names` in `module`; a second call changes nothing."""
    if module in _watched:
        return
    former = type(module)
    found: dict[str, object] = {
        name: _looked_up(name, note) for name in names if name in vars(module)
    }
    found["__reduce_ex__"] = _reduce
    _watched[module] = former
    module.__class__ = type(former.__name__, (former,), found)


def forget() -> None:
    """Leave no trace in any module."""
    for module, former in _watched.items():
        module.__class__ = former
    _watched.clear()


def _reduce(module: ModuleType, protocol: Any) -> Any:
    """Be written by name where modules are; these writers know a module by its very class."""
    frames = outward(sys._getframe(1))
    if any(not _BY_NAME.isdisjoint((module_of(each) or "").split(".")) for each, _ in frames):
        return import_module, (module.__name__,)
    return ModuleType.__reduce_ex__(module, protocol)


def _looked_up(name: str, note: Note) -> property:
    def get(module: ModuleType) -> object:
        note(name, calling_frame())
        try:
            return vars(module)[name]
        except KeyError:
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}") from None

    def put(module: ModuleType, value: object) -> None:
        vars(module)[name] = value

    def remove(module: ModuleType) -> None:
        del vars(module)[name]

    return property(get, put, remove)
