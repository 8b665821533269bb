"""The body of a cell, compiled to be run more than once, as IPython would run it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from types import CodeType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from seedmagic.code.names_in_code import words_of_magics
from seedmagic.code.reads.names_read_first import not_seen_to_be_bound, read_first
from seedmagic.ipython.cells.display_recording import Results, Showing
from seedmagic.objects.reachable_objects import Reach, reach
from seedmagic.objects.rewind.namespace import is_users
from seedmagic.verify.cell.console_streams import Streams, Tee
from seedmagic.verify.cell.run_end import Shown

_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_ASSIGNS = (ast.Assign, ast.AugAssign, ast.AnnAssign)
# IPython has its own of these before Python's, which any other process has.
_OWN = ("exit", "quit", "open")


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
        self._streams = Streams()
        self._results = Results(shell)
        self._last = ""
        with shell.compile.extra_flags(_AWAIT):
            self._codes = [*self._compiled()]

    @property
    def ends_line(self) -> bool:
        """Whether what it wrote for the user to see ends with a line's end, or is nothing."""
        return self._last in ("", "\n")

    @property
    def stdout(self) -> Tee:
        """Where the user sees what is written, whatever the cell has made of `sys.stdout`."""
        return self._streams.stdout

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
        self._results.begin()
        try:
            with Showing(self._shell, self._streams, live) as showing:
                try:
                    for code in self._codes:
                        ran = eval(code, self._shell.user_global_ns, self._shell.user_ns)
                        if inspect.iscoroutine(ran):
                            await ran
                except (Exception, SystemExit) as error:
                    showing.shown.error = error
        finally:
            showing.shown.renewed = self._results.end(live)
            if live:
                self._last = showing.shown.texts.get("stdout", "")[-1:]
        return showing.shown

    def reached(self) -> dict[str, Any]:
        """Give what it can reach by name; what a magic's line names counts."""
        namespace = self._shell.user_ns
        all_of_it = Reach(self._code(self._tree.body), namespace)
        found = dict(all_of_it.objects)
        asked: set[str] = set()  # by what stands above
        for statement in self._tree.body:
            bound = _bound(statement) & found.keys() - asked
            if bound and isinstance(statement, ast.Assign):
                value = ast.fix_missing_locations(ast.Expr(statement.value))
                bound -= all_of_it.closure(self._code([value]))
            for name in bound:
                del found[name]
            asked |= all_of_it.closure(self._code([statement]))
        for name in dict.fromkeys(words_of_magics(self._tree)):
            if name in namespace and name not in found:
                found |= reach(name, namespace)
        return found

    def read_first(self) -> set[str]:
        """Name what it reads before it binds it."""
        return read_first(self._tree, self._shell.user_ns)

    def starts_from(self) -> set[str]:
        """Name what a re-run of it finds otherwise, if a run of it binds that name."""
        others = not_seen_to_be_bound(self._tree, self._shell.user_ns)
        return self.read_first() | {name for name in others if is_users(name)}

    def variables(self) -> dict[str, Any]:
        """Give what it reads by name before it binds it."""
        namespace, hidden = self._shell.user_ns, self._shell.user_ns_hidden
        return {
            name: namespace[name]
            for name in sorted(self.read_first() & namespace.keys())
            if not (name in _OWN and hidden.get(name) is namespace[name])
        }

    def whole(self) -> CodeType:
        """Give the code as a module's, which shows no value."""
        return self._code(self._tree.body)

    def _code(self, statements: list[ast.stmt]) -> CodeType:
        whole = ast.Module(statements, [])
        code: CodeType = compile(whole, self.file, "exec", _AWAIT, dont_inherit=True)
        return code

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


def _bound(statement: ast.stmt) -> set[str]:
    """Name what a statement binds anew, whatever the names held."""
    if not isinstance(statement, (ast.Assign, ast.Import, ast.ImportFrom)):
        return set()
    return {
        part.id
        for part in ast.walk(statement)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
