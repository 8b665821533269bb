"""Which globals a function reads and binds, by the order of its instructions."""

from __future__ import annotations

import types
from collections.abc import Iterator

from seedmagic.code.names_in_code import instructions_of, names_in

_PARTS = ("FOR_ITER", "SETUP_FINALLY", "SETUP_WITH")  # from here on, not all need run


def read_first_by(code: types.CodeType) -> set[str]:
    """Name the globals that a function reads, less those that it binds before anything else."""
    return {*names_in(code).loaded} - {*bound_at_once(code)}


def bound_at_once(code: types.CodeType) -> Iterator[str]:
    """Name the globals that a function binds whenever it runs, before it has read one of them."""
    read: set[str] = set()
    for instruction in instructions_of(code):
        name = instruction.opname
        if "JUMP" in name or name in _PARTS or "RETURN" in name:
            return
        if name == "STORE_GLOBAL" and instruction.argval not in read:
            yield instruction.argval
        elif name in ("LOAD_GLOBAL", "DELETE_GLOBAL"):
            read.add(instruction.argval)
