"""The extension as `seedmagic verify` loads it: silent, and with a witness of every cell."""

from __future__ import annotations

import ast
import builtins
import os
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import ExecutionInfo, InteractiveShell

from seedmagic.code.cell_frames import is_users
from seedmagic.code.source_lines import shifts_of
from seedmagic.ipython.extension import load
from seedmagic.ipython.input_transformers import put_in, take_out
from seedmagic.ipython.shells import extension_of
from seedmagic.session.algorithm_flags import HASH_SEED
from seedmagic.verify.witness.evidence import CLOSELY, OPERATIONS, VARIABLE
from seedmagic.verify.witness.operation_evidence import CellRecording
from seedmagic.verify.witness.outside_calls import C_ENTROPY, METHODS, NOW, SEEDS, TAKES_NOW
from seedmagic.verify.witness.sql_calls import SQL_NAMES
from seedmagic.verify.witness.witness import Witness
from seedmagic.watch.cell_ledger import Ledger

if TYPE_CHECKING:
    from seedmagic.verify.cell.clues.profiled_calls import ProfiledCalls

# Of a cell that is looked at closely: some two seconds.
_MOST_EVENTS = 2_000_000
NAME, SQL_NAME = "__seedmagic_mark__", "__seedmagic_mark_sql__"
_MARKED = METHODS | SEEDS | C_ENTROPY


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Do what ``--ext`` with this module asks for; without a file to write to, nothing."""
    file, most = os.environ.pop(VARIABLE, None), os.environ.pop(OPERATIONS, "0")
    closely = bool(os.environ.pop(CLOSELY, ""))
    if file is None:
        return
    _hide_hash_seed()
    # Not by the name of seedmagic: the notebook's own %load_ext must find it not loaded.
    load(shell, speaks=False)
    _Hooks(shell, Path(file), CellRecording(int(most)), closely).install()


def _hide_hash_seed() -> None:
    """Keep this run's hash seed for child processes, and out of `os.environ`.

    There `%seed` would take it for the user's own value, which it keeps.
    """
    value = os.environ.pop(HASH_SEED, None)
    if value is not None and hasattr(os, "putenv"):
        os.putenv(HASH_SEED, value)


class _Hooks(ast.NodeTransformer):
    """What feeds the witness; nothing here may raise or print."""

    def __init__(
        self, shell: InteractiveShell, file: Path, recording: CellRecording, closely: bool
    ) -> None:
        self._shell = shell
        self._recording = recording
        self._closely = closely
        self._close_look = ExitStack()
        self._seen: ProfiledCalls | None = None
        self._witness = Witness(file, self._is_users)
        self._depth = 0
        self._runs = False
        self._code = ""
        self._last: object = None
        self._was_silent = True

    def install(self) -> None:
        """Register the hooks, after the extension's own."""
        self._witness.start()
        setattr(builtins, NAME, self._witness.outside.marked)
        setattr(builtins, SQL_NAME, self._witness.outside.marked_sql)
        events = self._shell.events
        events.register("pre_execute", self._pre_execute)
        events.register("pre_run_cell", self._pre_run_cell)
        events.register("post_execute", self._post_execute)

    def visit(self, node: ast.AST) -> ast.AST:
        """Take the names of code about to run, and mark what can be noted in no other way."""
        try:
            if self._runs:
                self._witness.take_names(node)
                node = _MarkCalls().visit(node)
                # Here, as late as can be: what runs next is the cell.
                name = self._shell.compile.get_code_name(self._code, self._code, 0)
                files = shifts_of(self._code, name)
                self._recording.begin(files)
                if self._closely and self._seen is None:
                    from seedmagic.verify.cell.clues.profiled_calls import noting  # seldom needed

                    self._seen = self._close_look.enter_context(noting(files, _MOST_EVENTS))
        except Exception:  # less evidence
            pass
        return node

    def _pre_execute(self) -> None:
        self._depth += 1

    def _pre_run_cell(self, info: ExecutionInfo) -> None:
        # What a kernel is told to run at its start is no cell of the notebook.
        if self._depth == 1 and info.store_history:
            try:
                self._last = self._newest_record()
                # Last again, also after a %reload_ext: the watcher writes its record first.
                self._shell.events.unregister("post_execute", self._post_execute)
                self._shell.events.register("post_execute", self._post_execute)
                take_out(self._shell, self)
                put_in(self._shell, self)
                self._code = info.raw_cell or ""
                self._witness.begin(self._code, self._shell.user_ns)
                self._runs = True
            except Exception:
                return

    def _post_execute(self) -> None:
        if self._depth == 1 and self._runs:
            self._runs = False
            self._close_look.close()
            operations = self._recording.end()
            seen, self._seen = self._seen, None
            found = (seen.seen_closely(), seen.sets) if seen else ()
            try:
                newest: Any = self._newest_record()
                is_new = newest is not None and newest is not self._last
                self._witness.end(newest if is_new else None, operations, *found)
                self._begin_ledger()
            except Exception:
                pass
        self._depth = max(0, self._depth - 1)

    def _begin_ledger(self) -> None:
        """Let the ledger begin after the cell in which the notebook itself loads the extension."""
        extension = extension_of(self._shell)
        if extension and extension.magics.watching.speaks and self._was_silent:
            self._was_silent = False
            extension.magics.watching.watcher.ledger = Ledger()

    def _newest_record(self) -> object:
        extension = extension_of(self._shell)
        records = extension.magics.watching.watcher.ledger.last(1) if extension else []
        return records[0] if records else None

    def _is_users(self, frame: FrameType) -> bool:
        """Whether `frame` runs the user's code: a cell's, or that of a module nobody installed."""
        return self._runs and (frame.f_globals is self._shell.user_ns or is_users(frame))


class _MarkCalls(ast.NodeTransformer):
    """Puts the witness around what is called in ``datetime.now()`` and ``generator.seed()``.

    And around the arguments of what may run SQL, for the owner alone does not tell.
    """

    places = count()  # of all cells

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        first = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if name in _MARKED or (name in TAKES_NOW and first in NOW):
            node.func = _call(NAME, function, function, ast.Constant(first))
        elif name in SQL_NAMES:
            place = ast.Constant(next(self.places))
            node.func = _call(SQL_NAME, function, place, function, ast.Constant(name))
            node.args = [_argument(each, place) for each in node.args]
            for given in node.keywords:
                stars = [] if given.arg else [ast.Constant("**")]
                given.value = _call(SQL_NAME, given.value, place, given.value, *stars)
        return node


def _argument(given: ast.expr, place: ast.expr) -> ast.expr:
    if not isinstance(given, ast.Starred):
        return _call(SQL_NAME, given, place, given)
    given.value = _call(SQL_NAME, given.value, place, given.value, ast.Constant("*"))
    return given


def _call(name: str, at: ast.expr, *args: ast.expr) -> ast.Call:
    """Make a call of the witness that stands where `at` does."""
    call = ast.Call(ast.Name(name, ast.Load()), [*args], [])
    for made in (call, call.func, *args):
        if not hasattr(made, "lineno"):
            ast.copy_location(made, at)
    return call
