"""The user's own modules that a piece of code can reach, and the variables in them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from types import FunctionType, ModuleType
from typing import Any

from seedmagic.code.ownership import is_own


def own_modules(values: Iterable[Any]) -> dict[str, ModuleType]:
    """Find the modules that values are, or come from, and those that they name themselves."""
    found: dict[str, ModuleType] = {}
    todo = list(values)
    while todo:
        module = _module_of(todo.pop())
        if module is not None and module.__name__ not in found:
            found[module.__name__] = module
            todo += [
                value
                for value in vars(module).values()
                if issubclass(type(value), (ModuleType, FunctionType, type))
            ]
    return found


def variables(modules: dict[str, ModuleType]) -> Iterator[tuple[str, Any]]:
    """Give what modules name, by its way."""
    for name, module in modules.items():
        for variable, value in vars(module).items():
            if is_variable(variable):
                yield f"{name}.{variable}", value


def is_variable(name: str) -> bool:
    """Whether a name of a module is not one that Python gives to all."""
    return not (name.startswith("__") and name.endswith("__"))


def _module_of(value: Any) -> ModuleType | None:
    # By its type: a proxy answers for an object that may be gone.
    if issubclass(type(value), ModuleType):
        name = value.__name__
    else:
        is_defined = issubclass(type(value), (FunctionType, type))
        name = (value if is_defined else type(value)).__module__
    if name == "__main__" or not is_own(name):
        return None
    return sys.modules[name]
