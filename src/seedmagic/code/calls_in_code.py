"""Which calls of what name stand in compiled code, and with what arguments."""

from __future__ import annotations

import ast
import dis
import inspect
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import takewhile
from types import CodeType, FrameType
from typing import Any, NamedTuple

from seedmagic.code.names_in_code import instructions_of

# Python 3.13 loads two variables at once, and gives both names.
_VARIABLES = ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FAST", "LOAD_DEREF", "LOAD_FROM_DICT_OR_")
_ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD"}
_BETWEEN = {"CACHE", "PUSH_NULL", "EXTENDED_ARG", "NOT_TAKEN"}
_ENDS = ("STORE_", "POP_TOP", "RETURN_", "POP_JUMP")
# As many instructions as the arguments of a call may take, where its end is not seen.
_LONGEST = 60


class Missing:
    """What a name gives that holds nothing."""


class _Argument(NamedTuple):
    path: tuple[str, ...]  # a variable, and attributes; empty for a constant
    value: Any = None


class NamedCall(NamedTuple):
    """A call in a piece of code.

    Attributes
    ----------
    line : int
        Where what is called is looked up.
    path : tuple of str
        A variable, and attributes; the last is called.
    """

    line: int
    path: tuple[str, ...]
    given: tuple[_Argument, ...]

    def arguments(self, frame: FrameType) -> list[Any]:
        """Give what constants and variables in its arguments hold."""
        return _values(frame, self.given)


def find_calls(code: CodeType, names: Collection[str]) -> Iterator[NamedCall]:
    """Give the calls in `code`, less those in functions inside it, of what has one of `names`."""
    found = [*_instructions(code)]
    path: list[str] = []
    line = 0
    for at, each in enumerate(found):
        line = _line(each) or line
        if each.opname.startswith(_VARIABLES):
            path = [*_names(each)][-1:]
        elif each.opname in _ATTRIBUTES and path:
            path = [*path, each.argval]
        else:
            path = []
        rest = found[at + 1 : at + 1 + _LONGEST]
        if path and path[-1] in names and rest and not rest[0].opname.startswith(_ENDS):
            inside = takewhile(lambda one: not one.opname.startswith(_ENDS), rest)
            yield NamedCall(line, tuple(path), tuple(_arguments(inside)))


def texts_of_call(frame: FrameType, name: str) -> list[str]:
    """Give the texts in the arguments of a call of a method `name`, which the frame is at."""
    passed = [each for each in _instructions(frame.f_code) if each.offset <= frame.f_lasti]
    inside = takewhile(
        lambda each: each.opname not in _ATTRIBUTES or each.argval != name, reversed(passed)
    )
    values = _values(frame, _arguments(reversed([*inside])))
    return [value for value in values if type(value) is str]


def texts_of_next_call(frame: FrameType) -> list[str]:
    """Give the texts in the rest of the statement that a frame is at, as far as it is simple."""
    rest = [each for each in _instructions(frame.f_code) if each.offset > frame.f_lasti]
    inside = takewhile(lambda one: not one.opname.startswith(_ENDS), rest[:_LONGEST])
    values = _values(frame, _arguments(inside))
    return [value for value in values if type(value) is str]


def count_arguments(frame: FrameType) -> int | None:
    """Count the arguments of the call that the frame is at; None where the code does not tell."""
    here = (each for each in instructions_of(frame.f_code) if each.offset == frame.f_lasti)
    call = next(here, None)
    tells = call is not None and call.opname.startswith("CALL") and "_EX" not in call.opname
    return call.arg if call is not None and tells else None


def path_of(expression: ast.expr) -> list[str]:
    """Give the names in a variable, or an attribute of it; of anything else none."""
    path: list[str] = []
    while isinstance(expression, ast.Attribute):
        path.insert(0, expression.attr)
        expression = expression.value
    return [expression.id, *path] if isinstance(expression, ast.Name) else []


def resolve(frame: FrameType, path: Collection[str]) -> Any:
    """Give what a variable, or an attribute of it, holds, without running anybody's code."""
    return held(path, frame.f_locals, frame.f_globals)


def held(path: Collection[str], *namespaces: Mapping[str, Any]) -> Any:
    """Give the same of the first of `namespaces` that has the variable."""
    first, *attributes = path
    value: Any = next((space[first] for space in namespaces if first in space), Missing)
    for name in attributes:
        if value is not Missing:
            value = inspect.getattr_static(value, name, Missing)
    return value


def _values(frame: FrameType, arguments: Iterable[_Argument]) -> list[Any]:
    return [resolve(frame, each.path) if each.path else each.value for each in arguments]


def _instructions(code: CodeType) -> Iterator[dis.Instruction]:
    return (each for each in instructions_of(code) if each.opname not in _BETWEEN)


def _arguments(instructions: Iterable[dis.Instruction]) -> Iterator[_Argument]:
    path: tuple[str, ...] = ()
    for each in instructions:
        if each.opname in _ATTRIBUTES and path:
            path = (*path, each.argval)
            continue
        if path:
            yield _Argument(path)
        path = ()
        if each.opname == "LOAD_CONST":
            yield _Argument((), each.argval)
        elif each.opname.startswith(_VARIABLES):
            *others, last = _names(each)
            yield from (_Argument((name,)) for name in others)
            path = (last,)
    if path:
        yield _Argument(path)


def _names(instruction: dis.Instruction) -> tuple[str, ...]:
    value = instruction.argval
    return value if isinstance(value, tuple) else (value,)


def _line(instruction: dis.Instruction) -> int | None:
    positions = getattr(instruction, "positions", None)  # from Python 3.11 on
    line = positions.lineno if positions else instruction.starts_line
    return line if type(line) is int else None
