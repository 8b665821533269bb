"""The body of a cell, compiled to be run more than once, as IPython would run it."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from types import CodeType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from seedmagic.ipython.showing import Showing
from seedmagic.objects.reach import reach
from seedmagic.verifying.observed import Shown

_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_ASSIGNS = (ast.Assign, ast.AugAssign, ast.AnnAssign)
_MAGICS = ("run_line_magic", "run_cell_magic", "system", "getoutput")
_WORD = re.compile(r"[^\W\d]\w*")


class Body:
    """The statements of a cell below its header.

    Parameters
    ----------
    shell : InteractiveShell
        Where they run.
    tree : ast.Module
        They themselves.
    file : str
        The file name that the cell was compiled with, so that tracebacks show its lines.
    """

    def __init__(self, shell: InteractiveShell, tree: ast.Module, file: str) -> None:
        self._shell = shell
        self._tree = tree
        self.file = file
        with shell.compile.extra_flags(_AWAIT):
            self._codes = [*self._compiled()]

    @property
    def is_async(self) -> bool:
        """Whether it awaits at its top level."""
        return any(code.co_flags & inspect.CO_COROUTINE for code in self._codes)

    async def run(self, live: bool) -> Shown:
        """Run it once; an error of its own stands in what is returned.

        Parameters
        ----------
        live : bool
            Whether the user sees what it shows, and ``Out`` keeps its value.
        """
        __tracebackhide__ = True
        with Showing(self._shell, live) as showing:
            try:
                for code in self._codes:
                    ran = eval(code, self._shell.user_global_ns, self._shell.user_ns)
                    if inspect.iscoroutine(ran):
                        await ran
            except (Exception, SystemExit) as error:
                showing.shown.error = error
        return showing.shown

    def reached(self) -> dict[str, Any]:
        """Give what it can reach by name; what a magic's line names counts."""
        namespace = self._shell.user_ns
        found = self._reached(self._tree.body)
        for statement in self._tree.body:
            for name in self._rebound(statement, found):
                del found[name]
        for text in _lines_of_magics(self._tree):
            for name in dict.fromkeys(_WORD.findall(text)):
                if name in namespace and name not in found:
                    found |= reach(name, namespace)
        return found

    def whole(self) -> CodeType:
        """Give the code as a module's, which shows no value."""
        return self._whole(self._tree.body)

    def _whole(self, statements: list[ast.stmt]) -> CodeType:
        tree = ast.Module(statements, [])
        code: CodeType = compile(tree, self.file, "exec", _AWAIT, dont_inherit=True)
        return code

    def _reached(self, statements: list[ast.stmt]) -> dict[str, Any]:
        return reach(self._whole(statements), self._shell.user_ns)

    def _rebound(self, statement: ast.stmt, found: dict[str, Any]) -> set[str]:
        """Name what a statement of the top level binds anew before anything has asked for it."""
        if not isinstance(statement, (ast.Assign, ast.Import, ast.ImportFrom)):
            return set()
        bound = {
            part.id
            for part in ast.walk(statement)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        bound &= found.keys()
        if bound:
            before = self._tree.body[: self._tree.body.index(statement)]
            value = [ast.Expr(statement.value)] if isinstance(statement, ast.Assign) else []
            bound -= self._reached([*before, *map(ast.fix_missing_locations, value)]).keys()
        return bound

    def _compiled(self) -> Iterator[CodeType]:
        compiler, statements = self._shell.compile, list(self._tree.body)
        shown = self._shell.ast_node_interactivity
        last = statements[-1] if statements else None
        if shown == "last_expr_or_assign" and isinstance(last, _ASSIGNS):
            target = last.targets[0] if isinstance(last, ast.Assign) else last.target
            if isinstance(target, ast.Name):
                name = ast.Name(target.id, ast.Load())
                statements.append(
                    ast.fix_missing_locations(ast.copy_location(ast.Expr(name), last))
                )
        for statement in statements:
            is_last = statement is statements[-1]
            is_shown = shown == "all" or (
                is_last
                and (shown == "last" or (shown != "none" and isinstance(statement, ast.Expr)))
            )
            if is_shown:
                yield compiler(ast.Interactive([statement]), self.file, "single")
            else:
                yield compiler(ast.Module([statement], []), self.file, "exec")


def _lines_of_magics(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        called = getattr(node, "func", None)
        if isinstance(called, ast.Attribute) and called.attr in _MAGICS:
            yield from (
                given.value
                for given in node.args  # type: ignore[attr-defined]
                if isinstance(given, ast.Constant) and isinstance(given.value, str)
            )
