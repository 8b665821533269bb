"""Load and unload the extension: magics, hooks, transformers, completion."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from IPython.core.error import UsageError
from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell
from IPython.core.magic import Magics

from seedmagic.code import running
from seedmagic.ipython.cells.cell_scopes import CellScopes
from seedmagic.ipython.cells.headers import (
    HeaderCall,
    rewrite_header,
    rewrite_replay,
    without_header,
)
from seedmagic.ipython.magics.completion import match_options
from seedmagic.ipython.magics.ledger_magics import LedgerMagics
from seedmagic.ipython.magics.panel_magics import PanelMagics
from seedmagic.ipython.magics.seed_magics import SeedMagics
from seedmagic.ipython.panel.idle import Idle
from seedmagic.ipython.transformers import put_in, take_out
from seedmagic.session import late_sources, numpy_entropy
from seedmagic.session.seeding import begin_cell
from seedmagic.status import watched
from seedmagic.status.watched import Watched
from seedmagic.warn import warn


class Extension:
    """All that one shell has of ours, and how to take it out again."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._thread = threading.get_ident()
        self._scopes = CellScopes(shell)
        self._code = ""
        self.magics = SeedMagics(shell, self._scopes)
        self._watching = self.magics.watching
        self._idle = Idle(shell)
        self._panels = PanelMagics(shell, self._idle)
        self._magics = (self.magics, LedgerMagics(shell, self.magics), self._panels)
        self.header = HeaderCall()
        # Of IPython 9's banner, made anew whenever a front end connects, the tip is drawn from
        # Python's generator: it would move the user's stream.
        self._shows_tips = getattr(shell, "enable_tip", False)
        self._events: list[tuple[str, Callable[..., None]]] = [
            ("pre_execute", self._scopes.pre_execute),
            ("pre_run_cell", self._begin_cell),
            ("post_execute", self._end_cell),
            ("post_run_cell", self._rest),
        ]

    def install(self) -> None:
        """Put everything in."""
        shell = self._shell
        shell.register_magics(*self._magics)
        shell.input_transformers_cleanup.append(self._rewrite)
        shell.Completer.custom_matchers.append(match_options)
        for event, hook in self._events:
            shell.events.register(event, hook)
        history = shell.history_manager.input_hist_raw
        self._code = history[-1] if history else ""
        running.begin_cell(self._cell)
        late_sources.start()
        numpy_entropy.follow_session()
        watched.ask = self._seen
        if self._shows_tips:
            shell.enable_tip = False

    def uninstall(self) -> None:
        """Take everything out; the seed in force and its flags stay, for the core goes on."""
        shell = self._shell
        self._scopes.close_all()
        for event, hook in self._events:
            shell.events.unregister(event, hook)
        shell.Completer.custom_matchers.remove(match_options)
        for transformer in (self.header, self._watching.probes):
            take_out(shell, transformer)
        shell.input_transformers_cleanup.remove(self._rewrite)
        self._watching.set_mode("off")
        self._panels.close_all()
        watched.ask = None
        if self._shows_tips:
            shell.enable_tip = True
        for magics in self._magics:
            _unregister(shell, magics)
        late_sources.stop()
        numpy_entropy.uninstall()

    def _seen(self) -> Watched:
        """Tell a status what was seen, and what is kept."""
        return self._watching.seen(self.magics.cells.rewinds.nbytes)

    def _rewrite(self, lines: list[str]) -> list[str]:
        """Rewrite a cell that is ours to run; called for cells that are only looked at too."""
        if not lines or "%" not in lines[0]:
            return lines
        inner = self._scopes.depth > 0
        rewritten = rewrite_header(rewrite_replay(lines, self._code_of), inner)
        if rewritten is not lines:
            self._scopes.has_headers = True
            # Before the probes, among which it would not find the header.
            put_in(self._shell, self.header, first=True)
        return rewritten

    # The terminal asks whether a cell is complete; a header alone is not.
    _rewrite.has_side_effects = True  # type: ignore[attr-defined]

    def _code_of(self, number: int) -> str | None:
        try:
            return self._watching.watcher.ledger.find(number)[0].code
        except LookupError:
            return None

    def _cell(self) -> running.Cell:
        # The same body gets the same entropy, whatever its header asks for beside the seed.
        return running.Cell(without_header(self._code).strip(), self._shell.user_ns)

    def _is_outermost(self) -> bool:
        # A cell in a subshell runs beside one that must keep its streams.
        return self._scopes.depth == 1 and threading.get_ident() == self._thread

    def _end_cell(self) -> None:
        """Let the watcher read, and then close what the cell opened."""
        if self._scopes.is_blank_end():
            return
        if self._is_outermost():
            self._watching.end_cell()
        self._scopes.post_execute()

    def _rest(self, _: ExecutionResult) -> None:
        """Let the panel act and redraw once all else, such as matplotlib's figures, is shown."""
        if self._scopes.depth == 0 and threading.get_ident() == self._thread:
            self._idle.end_cell()
            self.magics.cells.cell = None

    def _begin_cell(self, info: ExecutionInfo) -> None:
        """Do what `--per-cell` and `--pin-entropy` ask for, for the outermost cell alone."""
        if not self._is_outermost():
            return
        code, cell_id = info.raw_cell or "", getattr(info, "cell_id", None)
        self._idle.begin_cell(cell_id)
        self.magics.cells.cell = cell_id or code
        self._code = code
        try:
            running.begin_cell(self._cell)
            begin_cell(code)
        except Exception as error:
            warn(f"This cell did not start from a seed of its own: {error}")
        self._watching.begin_cell(info)


def _unregister(shell: InteractiveShell, magics: Magics) -> None:
    for kind, names in magics.magics.items():
        for name in names:
            installed = shell.magics_manager.magics[kind].get(name)
            if getattr(installed, "__self__", None) is magics:
                del shell.magics_manager.magics[kind][name]
    shell.magics_manager.registry.pop(type(magics).__name__, None)
    shell.configurables.remove(magics)


_loaded: WeakKeyDictionary[InteractiveShell, Extension] = WeakKeyDictionary()


def load(shell: InteractiveShell, speaks: bool = True) -> None:
    """Install the extension into `shell`; a second call changes nothing but whether it `speaks`.

    `seedmagic verify` loads it before the notebook does, to watch without a word: warnings would
    be outputs that the notebook does not have.
    """
    if shell not in _loaded:
        extension = Extension(shell)
        extension.install()
        _loaded[shell] = extension
    _loaded[shell].magics.watching.speaks = speaks


def extension_of(shell: InteractiveShell) -> Extension | None:
    """Give what is loaded into `shell`."""
    return _loaded.get(shell)


def unload(shell: InteractiveShell) -> None:
    """Take the extension out of `shell` without a trace."""
    extension = _loaded.pop(shell, None)
    if extension is not None:
        extension.uninstall()


def enter_cell(line: str) -> None:
    """Begin the scope of the cell that runs: what a rewritten ``%%seeded`` header calls."""
    cells = _loaded[get_ipython()].magics.cells
    if cells.read(line).verify:
        raise UsageError("--verify needs a cell magic above that keeps statements: not %%prun.")
    cells.enter(line)


def run_again(line: str, number: int) -> Any:
    """Run the body that was taken out of the cell more than once; to be awaited if it awaits."""
    __tracebackhide__ = True
    from seedmagic.ipython.cells.bodies import Body

    shell = get_ipython()
    extension = _loaded[shell]
    file = sys._getframe(1).f_code.co_filename
    return extension.magics.cells.run_again(line, Body(shell, extension.header.body(number), file))
