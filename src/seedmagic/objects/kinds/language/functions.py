"""Functions of the notebook: what they have caught, and what was set on them."""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Iterator
from typing import Any

from seedmagic.code.ownership import is_own
from seedmagic.objects.kinds.aspects import Base, Edge, Fact
from seedmagic.objects.kinds.atoms import held_by_ufunc
from seedmagic.objects.kinds.instances import UNSET, Settable

_HOLDS = ("__code__", "__defaults__", "__kwdefaults__")
_SAYS = ("__name__", "__qualname__", "__doc__", "__module__")


class Function(Settable):
    """A function of the notebook: its code, defaults, and the variables it has caught."""

    def __init__(self) -> None:
        super().__init__(*_HOLDS)

    def parts(self, value: types.FunctionType) -> Iterator[Edge]:
        """Give them; of a library's wrapper only the function that it wraps."""
        wrapped = getattr(value, "__wrapped__", None)
        if wrapped is not None and not is_own(value.__globals__.get("__name__")):
            yield Edge(wrapped, "__wrapped__")
            return
        yield from super().parts(value)
        yield Edge(getattr(value, _annotations(value)), "__annotations__")
        names = value.__code__.co_freevars
        for name, cell in zip(names, value.__closure__ or (), strict=True):
            yield Edge(cell, name, "closure")

    def take(self, value: types.FunctionType) -> Any:
        """Give them, and what it says of itself."""
        names = (*_HOLDS, *_SAYS, _annotations(value))
        return {name: getattr(value, name) for name in names}

    def put(self, value: types.FunctionType, saved: Any) -> None:
        """Set those that are others now."""
        for name, item in saved.items():
            if getattr(value, name) is not item:
                setattr(value, name, item)

    def facts(self, value: types.FunctionType) -> Iterator[Fact]:
        """Give its names and what it says of itself."""
        yield Fact("name", value.__name__)
        yield Fact("qualified name", value.__qualname__)
        yield Fact("documentation", value.__doc__)


def _annotations(value: types.FunctionType) -> str:
    # From Python 3.14 on a function works its annotations out when they are asked for.
    is_lazy = getattr(value, "__annotate__", None) is not None
    return "__annotate__" if is_lazy else "__annotations__"


CACHE = type(functools.lru_cache(abs))


class Cache(Settable):
    """A function with `functools.lru_cache`, which shows only how much it holds."""

    def __init__(self) -> None:
        super().__init__(fixed=("__wrapped__",))

    def take(self, value: Any) -> Any:
        """Give the numbers of hits and misses, and of results that it holds."""
        return value.cache_info()

    def put(self, value: Any, saved: Any) -> None:
        """Empty it if it was empty; single results cannot be taken out."""
        now = value.cache_info()
        if now == saved or _is_of_library(value):
            return
        if not saved.currsize:
            value.cache_clear()
        elif (now.misses, now.currsize) != (saved.misses, saved.currsize):
            raise RuntimeError(
                "the cache of lru_cache held results at the start, and more came: they cannot be "
                f"taken out; run {value.__qualname__}.cache_clear() before"
            )


def _is_of_library(value: Any) -> bool:
    module = None if is_own(value.__module__) else sys.modules.get(value.__module__)
    return module is not None and getattr(module, value.__name__, None) is value


class PythonUfunc(Base):
    """A ufunc that `numpy.frompyfunc` made of a Python function."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the function."""
        return (Edge(held, "function") for held in held_by_ufunc(value))

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give its name, and how many arguments it takes and gives."""
        yield Fact("name", (value.__name__, value.nin, value.nout))


class ClosureCell(Base):
    """A variable that functions share."""

    def parts(self, value: types.CellType) -> Iterator[Edge]:
        """Give what it holds."""
        if self.take(value) is not UNSET:
            yield Edge(value.cell_contents, "cell_contents", "=")

    def take(self, value: types.CellType) -> Any:
        """Give what it holds."""
        try:
            return value.cell_contents
        except ValueError:
            return UNSET

    def put(self, value: types.CellType, saved: Any) -> None:
        """Put the same in."""
        if saved is not UNSET:
            value.cell_contents = saved
        elif self.take(value) is not UNSET:
            del value.cell_contents
