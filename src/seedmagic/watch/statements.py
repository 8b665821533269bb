"""Put probes between the statements of a cell, so that the one that drew can be named.

A probe is a call after a statement. Into functions none goes. A loop's statements are probed in
its first turns; the rest of the turns run the user's own statements, untouched and at full speed.
"""

from __future__ import annotations

import ast
import builtins
import copy
from itertools import count, islice
from typing import Any, Protocol

NAME = "__seedmagic_probe__"
FIRST_TURNS = 3

# What runs no code of anybody's cannot draw. Operators can, in theory; no library's do.
_DRAWING = (
    ast.Call,
    ast.Await,
    ast.Subscript,
    ast.Import,
    ast.ImportFrom,
    ast.comprehension,
    ast.AsyncFor,
    ast.AsyncWith,
)
_TRY = (ast.Try, *([ast.TryStar] if hasattr(ast, "TryStar") else []))
_numbers = count()


class Probe(Protocol):
    """What the probes call: with the line of the statement that has just ended."""

    def __call__(self, line: int) -> None:
        """Look whether something was drawn since the last look."""


class Loops:
    """What the loops of a probed cell hold while they run."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._held: dict[int, Any] = {}

    def __call__(self, line: int) -> None:
        """Look, after the statement at `line`."""
        __tracebackhide__ = True  # where a cell is stopped, its own line is the last one shown
        self._probe(line)

    def value(self, line: int, value: object) -> object:
        """Look, after the expression at `line`, and hand on its value."""
        __tracebackhide__ = True
        self._probe(line)
        return value

    def hold(self, number: int, iterator: Any) -> Any:
        """Give the first turns of a `for`; the rest is held.

        The turns come from `islice`, so no frame of ours stands in a traceback.
        """
        self._held[number] = iterator
        return islice(iterator, FIRST_TURNS)

    def rest(self, number: int) -> Any:
        """Give the turns of a `for` that `hold` left."""
        return self._held[number]

    def begin(self, number: int) -> None:
        """Count the turns of a `while` anew."""
        self._held[number] = 0

    def is_early(self, number: int) -> bool:
        """Whether a `while` is in its first turns; asked before its condition."""
        self._held[number] += 1
        return bool(self._held[number] <= FIRST_TURNS)

    def is_cut(self, number: int) -> bool:
        """Whether a `while` ended because its first turns are over, not by its condition."""
        return bool(self._held[number] > FIRST_TURNS)

    def done(self, number: int, line: int) -> None:
        """Let go of what a loop held, and look."""
        __tracebackhide__ = True
        self._held.pop(number, None)
        self._probe(line)


def install(probe: Probe) -> None:
    """Make the name that the probes call known, without a name among the user's."""
    setattr(builtins, NAME, Loops(probe))


def uninstall() -> None:
    """Forget it."""
    if hasattr(builtins, NAME):
        delattr(builtins, NAME)


def add_probes(tree: ast.Module, offset: int = 0, stops: bool = False) -> None:
    """Add probes to a cell, in place.

    Parameters
    ----------
    tree : ast.Module
        The cell, its magics transformed.
    offset : int
        What to add to its line numbers.
    stops : bool
        Whether a probe may raise. Then the last statement is probed too, inside its expression,
        so that what IPython shows stays; else the end of the cell tells about it.
    """
    _Prober(offset, stops).add(tree)


def can_draw(statement: ast.stmt) -> bool:
    """Whether running `statement` could draw: a ``def`` or ``a = 1`` cannot."""
    nodes: list[ast.AST] = [statement]
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        defaults = [*statement.args.defaults, *statement.args.kw_defaults]
        nodes = [*statement.decorator_list, *(node for node in defaults if node)]
    return any(isinstance(part, _DRAWING) for node in nodes for part in ast.walk(node))


class _Prober:
    def __init__(self, offset: int, stops: bool) -> None:
        self._offset = offset
        self._stops = stops

    def add(self, tree: ast.Module) -> None:
        if not tree.body:
            return
        *first, last = tree.body
        body = self._block(first)
        if self._stops:
            body += self._last(last)
        elif isinstance(last, ast.Expr):
            body.append(last)
        else:
            # Without the probe after it, which the end of the cell stands for.
            *inner, end = self._statement(last)
            body += [*inner] if inner and _is_probe(end) else [*inner, end]
        tree.body = body

    def _last(self, last: ast.stmt) -> list[ast.stmt]:
        """Probe inside the last value: a statement after it would hide it from display."""
        value = getattr(last, "value", None)
        if isinstance(last, (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign)) and value:
            wrapped = self._call(last, "value", self._line(last), value)
            last.value = ast.copy_location(wrapped, value)
            return [ast.fix_missing_locations(last)]
        return self._statement(last)

    def _block(self, statements: list[ast.stmt], header: ast.stmt | None = None) -> list[ast.stmt]:
        """Probe a block; what a header such as ``if random() < 0.5`` drew is the header's."""
        probed = [self._probe(header)] if header is not None else []
        for statement in statements:
            probed += self._statement(statement)
        return probed

    def _statement(self, statement: ast.stmt) -> list[ast.stmt]:
        if not can_draw(statement):
            return [statement]
        if isinstance(statement, ast.For):
            return self._for(statement)
        if isinstance(statement, ast.While):
            return self._while(statement)
        if isinstance(statement, ast.If):
            statement.body = self._block(statement.body, statement)
            statement.orelse = self._block(statement.orelse, statement) if statement.orelse else []
        elif isinstance(statement, ast.With):
            statement.body = self._block(statement.body, statement)
        elif isinstance(statement, _TRY):
            statement.body = self._block(statement.body)
            statement.orelse = self._block(statement.orelse)
            statement.finalbody = self._block(statement.finalbody)
            for handler in statement.handlers:
                handler.body = self._block(handler.body)
        elif isinstance(statement, ast.Match):
            for case in statement.cases:
                case.body = self._block(case.body, statement)
        return [statement, self._probe(statement)]

    def _for(self, loop: ast.For) -> list[ast.stmt]:
        """Turn a loop into one over its first turns and, in its ``else``, one over the rest.

        ``break`` in the first skips the second, and ``continue`` needs nothing.
        """
        number = next(_numbers)
        rest = copy.deepcopy(loop)
        rest.iter = self._call(loop, "rest", number)
        iterator = ast.copy_location(
            ast.Call(ast.copy_location(ast.Name("iter", ast.Load()), loop.iter), [loop.iter], []),
            loop.iter,
        )
        loop.iter = self._call(loop, "hold", number, iterator)
        loop.body = self._block(loop.body, loop)
        loop.orelse = [rest]
        return [loop, self._done(loop, number)]

    def _while(self, loop: ast.While) -> list[ast.stmt]:
        """Do the same; the condition is asked as often as the user wrote it, never twice."""
        number = next(_numbers)
        rest = copy.deepcopy(loop)
        ended = copy.deepcopy(loop.orelse) or [ast.Pass()]
        begin = ast.Expr(self._call(loop, "begin", number))
        loop.test = ast.BoolOp(ast.And(), [self._call(loop, "is_early", number), loop.test])
        loop.body = self._block(loop.body, loop)
        loop.orelse = [ast.If(self._call(loop, "is_cut", number), [rest], ended)]
        for node in (begin, loop.test, *loop.orelse):
            ast.copy_location(node, loop)
        return [ast.fix_missing_locations(begin), ast.fix_missing_locations(loop),
                self._done(loop, number)]  # fmt: skip

    def _done(self, loop: ast.stmt, number: int) -> ast.stmt:
        call = self._call(loop, "done", number, self._line(loop))
        return ast.fix_missing_locations(ast.copy_location(ast.Expr(call), loop))

    def _probe(self, statement: ast.stmt) -> ast.stmt:
        call = ast.Call(ast.Name(NAME, ast.Load()), [ast.Constant(self._line(statement))], [])
        return ast.fix_missing_locations(ast.copy_location(ast.Expr(call), statement))

    def _call(self, near: ast.AST, method: str, *arguments: int | ast.expr) -> ast.Call:
        function = ast.Attribute(ast.Name(NAME, ast.Load()), method, ast.Load())
        given = [ast.Constant(item) if isinstance(item, int) else item for item in arguments]
        call = ast.copy_location(ast.Call(function, given, []), near)
        return ast.fix_missing_locations(call)

    def _line(self, statement: ast.stmt) -> int:
        return statement.lineno + self._offset


def _is_probe(statement: ast.stmt) -> bool:
    called = getattr(getattr(statement, "value", None), "func", None)
    return isinstance(called, ast.Name) and called.id == NAME
