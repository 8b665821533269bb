"""What travels to a worker: a function or a cell's code, with the variables that it needs."""

from __future__ import annotations

import inspect
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from itertools import islice
from types import CodeType, FunctionType, ModuleType
from typing import Any

from seedmagic.code import running_cells
from seedmagic.code.names_in_code import named_by
from seedmagic.runs.one_run import describe_error
from seedmagic.seeds import describe

_SHOWN = 5


def pack(body: Callable[..., object]) -> bytes:
    """Give `body` and all that it needs as bytes, by cloudpickle.

    The global generators stay global: ``from random import random`` draws, on the worker, from
    the worker's own, where a plain pickle would bring a copy that no seed reaches.

    Raises
    ------
    TypeError
        Something cannot travel; the message names each such variable.
    """
    try:
        return dumps(body)
    except Exception as error:
        stuck = [*islice(_stuck(body, ""), _SHOWN + 1)]
        if len(stuck) > _SHOWN:
            stuck[-1] = "and more"
        named = "; ".join(stuck) or f"{describe(inspect.unwrap(body))}: {describe_error(error)}"
        raise TypeError(
            f"what cannot travel to a worker: {named}. Make it inside the run, or leave it out "
            "of what the run uses. Nothing was run."
        ) from error


def dumps(thing: object) -> bytes:
    """Pickle by cloudpickle, the global generators by name."""
    import cloudpickle

    generators = _global_generators()

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
        def reducer_override(self, given: Any) -> Any:
            place = generators.get(id(given))
            if place is not None:
                return getattr, place
            # cloudpickle knows plain modules alone; torch.backends.cudnn is of a class of its own.
            if isinstance(given, ModuleType) and type(given) is not ModuleType:
                name = given.__name__
                if sys.modules.get(name) is given:
                    return import_module, (name,)
            return super().reducer_override(given)

    file = io.BytesIO()
    Pickler(file).dump(thing)
    return file.getvalue()


class CellCode:
    """A cell's code, to be run in the namespace that its functions see.

    Parameters
    ----------
    code : code
        Compiled as a module.
    namespace : mapping
        Where its variables are.
    variables : mapping
        Those that travel.
    track : tuple of str
        What the run gives, by name.

    Raises
    ------
    TypeError
        The code awaits, which it cannot on a worker.
    """

    def __init__(
        self,
        code: CodeType,
        namespace: dict[str, Any],
        variables: Mapping[str, Any],
        track: tuple[str, ...],
    ) -> None:
        if code.co_flags & inspect.CO_COROUTINE:
            raise TypeError("a cell that awaits cannot travel to a worker. Nothing was run.")
        self._code, self._track = code, track
        self._cell = running_cells.cell_code()
        # A function of this namespace takes it along. cloudpickle gives one dict to all functions
        # that had one, so what the cell assigns is seen by the functions that it calls.
        self._carrier = FunctionType(_nothing.__code__, namespace)
        self.variables = variables

    def __call__(self, seed: int) -> dict[str, Any]:
        """Run the code, and give what is tracked of what it left."""
        namespace = self._carrier.__globals__
        namespace.update(self.variables)
        with running_cells.in_cell(self._cell, namespace):
            exec(self._code, namespace)
        return {name: namespace[name] for name in self._track if name in namespace}


def _nothing() -> None:
    pass


def _global_generators() -> dict[int, tuple[Any, str]]:
    """Give each global generator's identity, and the module and name where it stands."""
    places = [("random", "_inst"), ("numpy.random.mtrand", "_rand"), ("torch", "default_generator")]
    return {
        id(getattr(sys.modules[module], name)): (sys.modules[module], name)
        for module, name in places
        if hasattr(sys.modules.get(module), name)
    }


def _stuck(
    thing: object, path: str, depth: int = 0, known: frozenset[int] = frozenset()
) -> Iterator[str]:
    """Name the variables of `thing`, and of the functions among them, that cannot travel."""
    known |= {id(thing)}
    for name, value in _variables(thing).items():
        if id(value) in known:
            continue
        try:
            dumps(value)
        except Exception as error:
            deeper = _stuck(value, f"{path}{name}.", depth + 1, known) if depth < 5 else iter(())
            yield next(deeper, f"{path}{name} ({type(value).__name__}: {describe_error(error)})")
            yield from deeper


def _variables(thing: object) -> Mapping[str, object]:
    """Give what a function, a cell's code or an object holds, by name."""
    if isinstance(thing, CellCode):
        return thing.variables
    inner = inspect.unwrap(thing) if callable(thing) else thing
    if inspect.isfunction(inner):
        return named_by(inner)
    if inspect.ismethod(inner):
        return {"self": inner.__self__, **_variables(inner.__func__)}
    if isinstance(inner, (type, ModuleType)):
        return {}
    return dict(getattr(inner, "__dict__", {}))
