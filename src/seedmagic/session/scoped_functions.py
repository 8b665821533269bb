"""Functions each call of which runs in a scope of its own; workers can be handed them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from types import FunctionType, MethodType
from typing import Any, Protocol, TypeVar

from seedmagic.code.cell_frames import module_of, outward

F = TypeVar("F", bound=Callable[..., Any])

# These write functions of a notebook by value; pickle itself writes their names alone.
_BY_VALUE = {"cloudpickle", "dill"}


class Context(AbstractContextManager[Any], Protocol):
    """What opens a scope."""

    def again(self) -> Context:
        """Give another one like this, for one call."""

    def carried(self) -> Context:
        """Give what does the same in another process."""


def scoped(function: F, context: Context) -> F:
    """Give `function`, each call of which runs in a scope of its own."""
    import inspect
    from functools import wraps

    if isinstance(function, type) or not callable(function):
        raise TypeError(f"{type(context).__name__} decorates functions, not {function!r}")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(
            f"{type(context).__name__} cannot decorate the generator function "
            f"{function.__qualname__}: its body runs after the call has ended. Write the `with` "
            "inside it, around what draws and without a yield."
        )
    called = getattr(function, "__call__", None)  # noqa: B004 - an object may have an async one
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called):

        @wraps(function)
        async def run_async(*args: Any, **kwargs: Any) -> Any:
            with context.again():
                return await function(*args, **kwargs)

        return run_async  # type: ignore[return-value]

    scoped_function = ScopedFunction(function, context)
    # Below a decorator, the name is still to be bound: what pickles by it has to be a function,
    # which all that pickles functions by value takes too.
    if isinstance(function, FunctionType) and _at_its_name(function) is not function:

        @wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            return scoped_function(*args, **kwargs)

        return run  # type: ignore[return-value]
    return scoped_function  # type: ignore[return-value]


class ScopedFunction:
    """A function with its scope, as one object: it pickles as both do."""

    def __init__(self, function: Callable[..., Any], context: Context) -> None:
        from functools import update_wrapper

        update_wrapper(self, function)
        self._function = function
        self._context = context.again()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function in a scope."""
        import inspect

        with self._context.again():
            result = self._function(*args, **kwargs)
        # What a function that returns a coroutine draws, it draws when that is awaited.
        return self._finish(result) if inspect.iscoroutine(result) else result

    def __get__(self, owner: object, kind: type | None = None) -> Any:
        """Be a method of the class that it is put into, as functions are."""
        return self if owner is None else MethodType(self, owner)

    def __repr__(self) -> str:
        return f"<{type(self._context).__name__}(...) of {self._function!r}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        # Where it took the function's place, pickle would look for the function there, and find it.
        if _at_its_name(self) is self and not _is_by_value():
            return str(self._function.__qualname__)
        return ScopedFunction, (self._function, self._context.carried())

    async def _finish(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        with self._context.again():
            return await coroutine


def _at_its_name(function: Any) -> Any:
    """Give what is found where a function says that it stands."""
    found: Any = sys.modules.get(str(getattr(function, "__module__", None)))
    for name in str(getattr(function, "__qualname__", "<none>")).split("."):
        found = getattr(found, name, None)
    return found


def _is_by_value() -> bool:
    """Whether what pickles just now takes a notebook's functions by value."""
    frames = outward(sys._getframe(2))
    return any(not _BY_VALUE.isdisjoint((module_of(each) or "").split(".")) for each, _ in frames)
