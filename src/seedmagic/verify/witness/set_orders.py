"""Find the lines on which the order of a set decides: where code goes through one.

It is fed with Python's trace events, and reads the source of the code that runs. Numbers stand in a
set in the same order in every process; texts do not, nor do objects, which go by their address.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from types import CodeType, FrameType
from typing import Any

from seedmagic.code.calls_in_code import Missing, path_of, resolve

# What takes its arguments in their order. Others may keep a set as it is.
_ORDERED = frozenset((
    "DataFrame", "Index", "OrderedDict", "Series", "accumulate", "array", "asarray", "chain",
    "choice", "choices", "combinations", "concat", "cycle", "deque", "dict", "enumerate", "extend",
    "filter", "format", "from_iterable", "fromkeys", "islice", "iter", "join", "list", "map",
    "permutations", "print", "product", "reduce", "repr", "sample", "str", "tensor", "tuple", "zip",
))  # fmt: skip
# Whatever the order of what is made for them, these give the same.
_UNORDERED = frozenset(("all", "any", "frozenset", "len", "max", "min", "set", "sorted", "sum"))
_SETS = frozenset(("difference", "intersection", "symmetric_difference", "union", "copy"))
_NUMBERS = (int, float, complex, bool)
_LOOKED_AT, _LOOKS = 1000, 200

Note = Callable[[FrameType, bool], None]


class _InOrder:
    """An expression that is gone through in its order, on a line; looked at so often, and no more.

    Code that runs a million times would be slowed, and goes through the same the next time.
    """

    def __init__(self, value: ast.expr) -> None:
        self.line = value.lineno
        self.left = _LOOKS
        self._value = value

    def kind(self, frame: FrameType) -> str:
        """Say of what kind of set it is now; empty: of none."""
        kind = _kind(self._value, frame)
        self.left = 0 if kind else self.left - 1
        return kind


class SetOrders:
    """The sets that the user's code has gone through.

    Parameters
    ----------
    is_users : callable
        Whether a frame runs the user's code.
    note : callable
        Is told of the frame that goes through a set, and whether its members go by their address.
    """

    def __init__(self, is_users: Callable[[FrameType], bool], note: Note) -> None:
        self._is_users = is_users
        self._note = note
        self._of_file: dict[str, list[_InOrder]] = {}
        self._of_code: dict[CodeType, dict[int, list[_InOrder]]] = {}

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Take the start of a frame, as `sys.settrace` tells of it; nothing is raised."""
        try:
            code = frame.f_code
            if code not in self._of_code:
                self._of_code[code] = self._places(code) if self._is_users(frame) else {}
            places = self._of_code[code]
            return _FrameLines(places, self._note).trace if places else None
        except Exception:  # of odd code
            return None

    def _places(self, code: CodeType) -> dict[int, list[_InOrder]]:
        file = code.co_filename
        if file not in self._of_file:
            self._of_file[file] = [*_places_in("".join(linecache.getlines(file)))]
        lines = {line for *_, line in code.co_lines()}
        found: dict[int, list[_InOrder]] = {}
        for place in self._of_file[file]:
            if place.line in lines:
                found.setdefault(place.line, []).append(place)
        return found


class _FrameLines:
    """The lines of one frame that have run."""

    def __init__(self, places: dict[int, list[_InOrder]], note: Note) -> None:
        self._places = places
        self._note = note
        self._last: list[_InOrder] = []

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Look at what a line goes through before it runs, and again after: it may bind a name."""
        try:
            here = self._places.get(frame.f_lineno, []) if event == "line" else []
            if here or self._last:
                self._look([*self._last, *here], frame)
                self._last = here
        except Exception:  # of an odd object
            pass
        return self.trace if self._places or self._last else None

    def _look(self, places: list[_InOrder], frame: FrameType) -> None:
        for place in places:
            kind = place.kind(frame) if place.left else ""
            if kind:
                self._note(frame, kind == "objects")
            if not place.left and place in self._places.get(place.line, ()):
                self._places[place.line] = [each for each in self._places[place.line] if each.left]
                if not self._places[place.line]:
                    del self._places[place.line]


def _places_in(source: str) -> Iterator[_InOrder]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    unordered: set[ast.AST] = set()
    for node in ast.walk(tree):  # outer ones come first
        if isinstance(node, ast.Call) and _last_name(node.func) in _UNORDERED:
            unordered.update(node.args)
        for value in _gone_through(node) if node not in unordered else ():
            if _may_be_set(value):
                yield _InOrder(value)


def _gone_through(node: ast.AST) -> Iterable[ast.expr]:
    """Give what a piece of syntax takes in order."""
    if isinstance(node, ast.For):
        yield node.iter
    elif isinstance(node, (ast.Starred, ast.FormattedValue, ast.YieldFrom)):
        yield node.value
    elif isinstance(node, (ast.ListComp, ast.DictComp, ast.GeneratorExp)):
        yield from (each.iter for each in node.generators)
    elif isinstance(node, (ast.Assign, ast.AugAssign)):
        is_taken_apart = isinstance(getattr(node, "targets", [None])[0], (ast.Tuple, ast.List))
        if is_taken_apart or isinstance(getattr(node, "op", None), ast.Add):
            yield node.value
    elif isinstance(node, ast.Call):
        name = _last_name(node.func)
        if name == "pop" and isinstance(node.func, ast.Attribute) and not node.args:
            yield node.func.value
        elif name in _ORDERED:
            yield from (*node.args, *(each.value for each in node.keywords))


def _last_name(called: ast.expr) -> str:
    return str(getattr(called, "attr", getattr(called, "id", "")))


def _may_be_set(value: ast.expr) -> bool:
    if isinstance(value, ast.Set):
        return not all(isinstance(e, ast.Constant) and isinstance(e.value, _NUMBERS)
                       for e in value.elts)  # fmt: skip
    return isinstance(value, (ast.Name, ast.Attribute, ast.SetComp, ast.Call, ast.BinOp))


def _kind(value: ast.expr, frame: FrameType) -> str:
    """Say what a set holds: ``texts`` or ``objects``; empty: it is none, or one of numbers."""
    if isinstance(value, ast.Set):
        return "objects" if any(_is_object(each, frame) for each in value.elts) else "texts"
    if isinstance(value, ast.SetComp):
        return "texts"
    if isinstance(value, ast.BinOp):
        is_of_sets = isinstance(value.op, (ast.BitOr, ast.BitAnd, ast.BitXor, ast.Sub))
        return _kind(value.left, frame) if is_of_sets else ""
    if isinstance(value, ast.Call):
        function = value.func
        if isinstance(function, ast.Name) and function.id in ("set", "frozenset"):
            return "texts" if value.args else ""
        is_sets = isinstance(function, ast.Attribute) and function.attr in _SETS
        return _kind(function.value, frame) if is_sets else ""  # type: ignore[attr-defined]
    held = _held(value, frame)
    return _kind_of(held) if type(held) in (set, frozenset) else ""


def _kind_of(held: Any) -> str:
    members = [*islice(held, _LOOKED_AT)] if len(held) > 1 else []
    if all(type(each) in _NUMBERS for each in members):
        return ""
    return "objects" if any(map(_goes_by_address, members)) else "texts"


def _is_object(member: ast.expr, frame: FrameType) -> bool:
    if isinstance(member, ast.Constant):
        return False
    held = _held(member, frame)
    return held is Missing or _goes_by_address(held)


def _goes_by_address(member: Any) -> bool:
    return getattr(type(member), "__hash__", None) is getattr(object, "__hash__")  # noqa: B009


def _held(value: ast.expr, frame: FrameType) -> Any:
    path = path_of(value)
    return resolve(frame, path) if path else Missing
