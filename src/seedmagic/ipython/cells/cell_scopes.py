"""The scopes of cells: each closed when the execution that opened it ends."""

from __future__ import annotations

import ast
import threading
from contextlib import ExitStack
from typing import Any

from IPython.core.inputtransformer2 import cell_magic
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

from seedmagic.errors import RestoreError
from seedmagic.ipython.header_line import MAGIC, part_cell


class CellScopes:
    """The scopes that cells have open, each closed when the execution that opened it ends.

    ``post_run_cell`` would come too early under a nested ``run_cell``, and never for silent runs
    such as those of ``%run notebook.ipynb``; ``pre_execute`` and ``post_execute`` come for all,
    in each thread that runs cells.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._here = _Here()
        self._blank: ExecutionResult | None = None
        self.has_headers = False  # whether any cell was under one

    @property
    def depth(self) -> int:
        """How many executions run in this thread, one inside the other."""
        return self._here.depth

    def enter(self, opened: ExitStack) -> None:
        """Keep what a header opened until the execution that runs ends."""
        self._here.open.append((self.depth, opened))

    def leave_former(self) -> None:
        """Close a scope of the execution that runs: ``%%timeit`` meets its header many times."""
        self._close_from(self.depth)

    def pre_execute(self) -> None:
        """Count an execution that begins."""
        self._here.depth += 1

    def post_execute(self) -> None:
        """Close what the execution that ends has opened."""
        here = self._here
        try:
            if here.open:
                self._close_from(here.depth)
        except RestoreError as error:
            self._show(error)
        finally:
            if self.has_headers:
                self._keep_runnable()
            # The cell that loads the extension ends without having begun.
            here.depth = max(0, here.depth - 1)

    def close_all(self) -> None:
        """Close everything, for an extension that is unloaded inside a cell."""
        self._close_from(0)

    def _close_from(self, depth: int) -> None:
        """Close the scopes at `depth` and deeper, each of them, whatever another does."""
        failures: dict[str, Exception] = {}
        while self._here.open and self._here.open[-1][0] >= depth:
            try:
                self._here.open.pop()[1].close()
            except RestoreError as error:
                failures |= error.failures
        if failures:
            raise RestoreError(failures)

    def _show(self, error: RestoreError) -> None:
        """Let the cell end with `error`: of what a hook raises, the cell's reply knows nothing."""
        result = self._shell.last_execution_result
        if result is not None and result.success:
            result.error_in_exec = error
        self._shell.showtraceback((type(error), error, None))

    def _keep_runnable(self) -> None:
        """Let ``In[n]`` hold a call that runs the cell in its scope, as for other cell magics.

        Not earlier: while the cell runs, IPython looks there for a trailing semicolon.
        """
        history = self._shell.history_manager
        parsed = history.input_hist_parsed if history else [""]
        if parsed[-1].startswith((f"u'{MAGIC}", f'u"{MAGIC}')):
            header, body = part_cell(history.input_hist_raw[-1])
            if header is not None:
                parsed[-1] = cell_magic([f"{MAGIC}{header.text}\n", body])[0]

    def is_blank_end(self) -> bool:
        """Whether what ends is a blank cell, of which IPython announces no beginning."""
        result = self._shell.last_execution_result
        if result is None or result is self._blank or (result.info.raw_cell or "").strip():
            return False
        self._blank = result
        return True


class _Here(threading.local):
    """What one thread runs."""

    def __init__(self) -> None:
        self.depth = 0
        self.open: list[tuple[int, ExitStack]] = []


def run_body(shell: InteractiveShell, body: str) -> Any:
    """Run a body that came through ``run_cell_magic``, and give its last expression's value."""
    tree = shell.compile.ast_parse(shell.transform_cell(body))
    tree = shell.transform_ast(tree)
    if not tree.body:
        return None  # nothing but comments
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    name = "<%%seeded>"
    exec(compile(tree, name, "exec"), shell.user_ns)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), name, "eval"), shell.user_ns)
