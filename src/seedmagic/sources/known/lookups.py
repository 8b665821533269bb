"""Notice that functions of a module are looked up, where no frame of ours may stand before them.

DuckDB finds ``df`` of ``duckdb.sql("FROM df")`` in the frame that calls it, so a function of ours
in the place of its own would hide the user's variables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import FrameType, ModuleType

from seedmagic.code.cell_frames import calling_frame

Note = Callable[[str, FrameType], None]

# What was watched, and the class that each module had before.
_watched: dict[ModuleType, type[ModuleType]] = {}


def watch(module: ModuleType, names: Iterable[str], note: Note) -> None:
    """Tell `note` of each lookup of one of `names` in `module`; a second call changes nothing."""
    if module in _watched:
        return
    former = type(module)
    found = {name: _looked_up(name, note) for name in names if name in vars(module)}
    _watched[module] = former
    module.__class__ = type(former.__name__, (former,), found)


def forget() -> None:
    """Leave no trace in any module."""
    for module, former in _watched.items():
        module.__class__ = former
    _watched.clear()


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
