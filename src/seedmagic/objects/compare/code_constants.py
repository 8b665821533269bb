"""The constants of two pieces of code that do the same with them."""

from __future__ import annotations

import dis
import types
from typing import Any

_NAMES = ("co_names", "co_varnames", "co_freevars", "co_cellvars", "co_flags")
# Python 3.14 has small integers in the instructions, and not in co_consts.
_LOADS = ("LOAD_CONST", "LOAD_SMALL_INT")


def constants(
    first: types.CodeType, second: types.CodeType
) -> tuple[str, tuple[list[Any], list[Any]]] | None:
    """Name and give the constants of each, in one order; None if all else is not the same."""
    if any(getattr(first, name) != getattr(second, name) for name in _NAMES):
        return None
    if first.co_code == second.co_code:
        return "co_consts", ([*first.co_consts], [*second.co_consts])
    (done, loaded), (other_done, other_loaded) = map(_taken_apart, (first, second))
    if done != other_done or loaded == other_loaded:
        return None
    return "constants", (loaded, other_loaded)


def _taken_apart(code: types.CodeType) -> tuple[list[Any], list[Any]]:
    steps = [*dis.Bytecode(code)]
    done = [step.opname not in _LOADS and (step.opname, step.argval) for step in steps]
    return done, [step.argval for step in steps if step.opname in _LOADS]
