"""Put probes between the statements of a cell, so that the one that drew can be named.

A probe is a call after a statement. Into functions none goes. A loop's statements are probed in
its first turns; the rest of the turns run the user's own statements, untouched and at full speed.
"""

from __future__ import annotations

import ast
import copy
from typing import Any

from seedmagic.watch.probes.probed_loops import numbers

# A loop deeper than this is left as it is: what is in it stands in the cell once for each level.
_DEEPEST = 5

# These run nobody's code. All else may: a name that is bound anew can end an object with `__del__`.
_SILENT = (ast.Pass, ast.Break, ast.Continue, ast.Global, ast.Nonlocal)
_IMPORTS = (ast.Import, ast.ImportFrom)
_TRY = (ast.Try, *([ast.TryStar] if hasattr(ast, "TryStar") else []))
_LOAD = ast.Load()


def add_probes(tree: ast.Module, name: str, offset: int = 0, stops: bool = False) -> None:
    """Add probes to a cell, in place.

    Parameters
    ----------
    tree : ast.Module
        The cell, its magics transformed.
    name : str
        What the probes call.
    offset : int
        What to add to its line numbers.
    stops : bool
        Whether the cell is to stop where a probe says so. Then the last statement is probed too,
        before its value is used, so that what IPython shows stays; else the end of the cell tells
        about it.
    """
    _Prober(name, offset, stops).add(tree)


def can_draw(statement: ast.stmt) -> bool:
    """Whether running `statement` runs code that could draw."""
    value = getattr(statement, "value", None)
    is_text = isinstance(statement, ast.Expr) and isinstance(value, ast.Constant)
    return not (is_text or isinstance(statement, _SILENT) or _is_future_import(statement))


def first_line(statement: ast.stmt) -> int:
    """Give the line on which `statement` begins, its decorators included."""
    decorators = getattr(statement, "decorator_list", [])
    first: int = min(part.lineno for part in (statement, *decorators))
    return first


class _Prober:
    def __init__(self, name: str, offset: int, stops: bool) -> None:
        self._name = name
        self._offset = offset
        self._stops = stops
        self._depth = 0

    def add(self, tree: ast.Module) -> None:
        if not tree.body:
            return
        *first, last = tree.body
        # Python wants these at the top, and not in a block.
        body = [statement for statement in first if _is_future_import(statement)]
        rest = self._block([statement for statement in first if statement not in body])
        if rest:
            body.append(_as_one(rest))
        if self._stops:
            body += self._last(last)
        elif not hasattr(last, "body") and not hasattr(last, "cases"):
            body.append(last)  # the end of the cell stands for the probe after it
        else:
            *inner, end = self._statement(last)
            body.append(_as_one([*inner] if inner and self._is_probe(end) else [*inner, end]))
        tree.body = body

    def _last(self, last: ast.stmt) -> list[ast.stmt]:
        """Probe the last statement, and leave IPython what it may show of it."""
        if isinstance(last, ast.Expr):
            keep = ast.Expr(self._call(last, "keep", last.value), **_place(last))
            last.value = self._call(last, "kept")
            return [_as_one([keep, self._probe(last)]), last]
        name = _bound_name(last)
        probed = _as_one(self._statement(last))
        return [probed, _bind_again(name, last)] if name else [probed]

    def _block(self, statements: list[ast.stmt], header: ast.stmt | None = None) -> list[ast.stmt]:
        """Probe a block; what a header such as ``if random() < 0.5`` drew is the header's."""
        probed = [self._probe(header)] if header is not None else []
        for statement in statements:
            probed += self._statement(statement)
        return probed

    def _after_failure(
        self, statements: list[ast.stmt], header: ast.stmt, number: int
    ) -> list[ast.stmt]:
        """Probe a block to which an error may have led; what failed there may have drawn."""
        look = self._look(header, "failed", self._line(header), self._offset)
        return [self._release(header, number), look, *self._block(statements)]

    def _statement(self, statement: ast.stmt) -> list[ast.stmt]:
        if not can_draw(statement):
            return [statement]
        if isinstance(statement, (ast.For, ast.While)) and self._depth < _DEEPEST:
            self._depth += 1
            probed = (
                self._for(statement) if isinstance(statement, ast.For) else self._while(statement)
            )
            self._depth -= 1
            return [*probed, self._probe(statement)]
        if isinstance(statement, ast.If):
            statement.body = self._block(statement.body, statement)
            statement.orelse = self._block(statement.orelse, statement) if statement.orelse else []
        elif isinstance(statement, (ast.With, ast.AsyncWith)):
            number = next(numbers)
            statement.body = self._block(statement.body, statement)
            # It may have swallowed an error.
            return [statement, self._release(statement, number), self._probe(statement)]
        elif isinstance(statement, _TRY):
            number = next(numbers)
            statement.body = self._block(statement.body)
            statement.orelse = self._block(statement.orelse)
            for handler in statement.handlers:
                handler.body = self._after_failure(handler.body, statement, number)
            if statement.finalbody:
                final = self._after_failure(statement.finalbody, statement, number)
                statement.finalbody = final
        elif isinstance(statement, ast.Match):
            for case in statement.cases:
                case.body = self._block(case.body, statement)
        return [statement, self._probe(statement)]

    def _for(self, loop: ast.For) -> list[ast.stmt]:
        """Turn a loop into one over its first turns and, in its ``else``, one over the rest.

        ``break`` in the first skips the second, and ``continue`` needs nothing. The loop is
        changed only when nothing can fail any more: half of it would be another program.
        """
        number = next(numbers)
        turn = self._look(loop, "turn", number, self._line(loop))
        body = [turn, *self._block(copy.deepcopy(loop.body))]
        ended = self._block(copy.deepcopy(loop.orelse), loop) if loop.orelse else []
        rest = ast.For(loop.target, self._call(loop.iter, "rest", number), loop.body, ended)
        iterator = self._call(loop, "iter", loop.iter)
        held = self._call(loop.iter, "hold", number, iterator)
        first = ast.For(copy.deepcopy(loop.target), held, body, [ast.copy_location(rest, loop)])
        return [ast.copy_location(first, loop), self._release(loop, number)]

    def _while(self, loop: ast.While) -> list[ast.stmt]:
        """Do the same; the condition is asked as often as the user wrote it, never twice."""
        number = next(numbers)
        begin = self._tell(loop, "begin", number)
        body = self._block(copy.deepcopy(loop.body), loop)
        ended = self._block(copy.deepcopy(loop.orelse), loop) if loop.orelse else []
        rest = ast.While(loop.test, loop.body, ended)
        test = ast.BoolOp(
            ast.And(), [self._call(loop, "is_early", number), copy.deepcopy(loop.test)]
        )
        cut = ast.If(
            self._call(loop, "is_cut", number),
            [ast.copy_location(rest, loop)],
            copy.deepcopy(ended),
        )
        first = ast.While(ast.copy_location(test, loop.test), body, [ast.copy_location(cut, loop)])
        return [begin, ast.copy_location(first, loop), self._release(loop, number)]

    def _release(self, near: ast.stmt, number: int) -> ast.stmt:
        """Let go of what the loops since `number` hold: an error or a `break` may have left them.

        Not in a ``finally``, which would move the line that IPython shows of an error.
        """
        return self._tell(near, "release", number, next(numbers))

    def _probe(self, statement: ast.stmt) -> ast.stmt:
        if isinstance(statement, _IMPORTS):
            return self._look(statement, "imported", self._line(statement))
        place = _place(statement)
        line = ast.Constant(self._line(statement), **place)
        call = ast.Call(ast.Name(self._name, _LOAD, **place), [line], [], **place)
        return self._heeded(call, place) if self._stops else ast.Expr(call, **place)

    def _look(self, near: ast.stmt, method: str, *arguments: int) -> ast.stmt:
        call, place = self._call(near, method, *arguments), _place(near)
        return self._heeded(call, place) if self._stops else ast.Expr(call, **place)

    def _heeded(self, call: ast.Call, place: dict[str, Any]) -> ast.stmt:
        """Raise where the probe says so, in the cell's own frame, that tracebacks end there."""
        name = ast.Attribute(ast.Name(self._name, _LOAD, **place), "error", _LOAD, **place)
        return ast.If(call, [ast.Raise(ast.Call(name, [], [], **place), **place)], [], **place)

    def _tell(self, near: ast.stmt, method: str, *arguments: int) -> ast.stmt:
        return ast.Expr(self._call(near, method, *arguments), **_place(near))

    def _call(self, near: ast.stmt | ast.expr, method: str, *arguments: int | ast.expr) -> ast.Call:
        # Python gives a call of a method the line where its name ends: that of the beginning here.
        place = {**_place(near), "end_lineno": near.lineno, "end_col_offset": near.col_offset}
        function = ast.Attribute(ast.Name(self._name, _LOAD, **place), method, _LOAD, **place)
        given = [
            ast.Constant(item, **place) if isinstance(item, int) else item for item in arguments
        ]
        return ast.Call(function, given, [], **place)

    def _is_probe(self, statement: ast.stmt) -> bool:
        called = getattr(getattr(statement, "value", None), "func", None)
        return isinstance(called, ast.Name) and called.id == self._name

    def _line(self, statement: ast.stmt) -> int:
        return first_line(statement) + self._offset


def _bound_name(statement: ast.stmt) -> str | None:
    """Give the name whose value IPython may show as that of the last statement."""
    if not isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        return None
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    is_one = len(targets) == 1 and statement.value is not None
    return targets[0].id if is_one and isinstance(targets[0], ast.Name) else None


def _bind_again(name: str, near: ast.stmt) -> ast.stmt:
    """Write ``name = name``, which runs nobody's code."""
    place = _place(near)
    value = ast.Name(name, _LOAD, **place)
    return ast.Assign([ast.Name(name, ast.Store(), **place)], value, **place)


def _is_future_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _as_one(statements: list[ast.stmt]) -> ast.stmt:
    """Make one statement of several: IPython runs each of the top level by itself, at 25 µs."""
    if len(statements) == 1:
        return statements[0]
    place = _place(statements[0])
    return ast.If(ast.Constant(True, **place), statements, [], **place)


def _place(node: ast.stmt | ast.expr) -> dict[str, Any]:
    # Of a method call over several lines Python gives the last one in tracebacks.
    is_short = node.end_lineno == node.lineno
    return {
        "lineno": node.lineno,
        "col_offset": node.col_offset,
        "end_lineno": node.lineno,
        "end_col_offset": node.end_col_offset if is_short else node.col_offset,
    }
