"""Which generators a cell itself gives a number, so that they do not go on from the last run."""

from __future__ import annotations

import ast
import weakref
from typing import Any

from seedmagic.objects.held.held_generators import HeldPlace

_SEEDERS = ("seed", "manual_seed")
_given: dict[int, weakref.ref[Any]] = {}


def note_given(generator: Any) -> None:
    """Take that a `random.Random` was given a number, or a state."""
    _given[id(generator)] = weakref.ref(generator)


def was_given(generator: Any) -> bool:
    """Whether it was since the cell began."""
    known = _given.get(id(generator))
    return generator is not None and known is not None and known() is generator


def forget_given() -> None:
    """Begin a cell."""
    _given.clear()


def starts_with_seed(code: str, told: HeldPlace) -> bool:
    """Whether the first statement of a cell that names a generator's root gives it a number.

    The methods of generators in C tell nobody of a call.
    """
    lines = ["" if line.lstrip().startswith(("%", "!")) else line for line in code.splitlines()]
    try:
        statements = ast.parse("\n".join(lines)).body
    except (SyntaxError, ValueError):
        return False
    for statement in statements:
        inside = [*ast.walk(statement)]
        if any(isinstance(node, ast.Name) and node.id == told.root for node in inside):
            return any(_gives(node, told.place) for node in inside)
    return False


def _gives(node: ast.AST, place: str) -> bool:
    if not isinstance(node, ast.Call) or not (node.args or node.keywords):
        return False
    called = node.func
    is_seeder = isinstance(called, ast.Attribute) and called.attr in _SEEDERS
    return is_seeder and ast.unparse(called.value) == place  # type: ignore[attr-defined]
