"""Load and unload the extension: magics, hooks, transformers, completion."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell
from IPython.core.magic import Magics

from seedmagic.code import running_cells
from seedmagic.ipython import shells
from seedmagic.ipython.cells.cell_identity import RunningCell
from seedmagic.ipython.cells.cell_scopes import CellScopes
from seedmagic.ipython.cells.header_rewriting import (
    HeaderCall,
    rewrite_header,
    rewrite_replay,
    without_header,
)
from seedmagic.ipython.header_line import parse_header
from seedmagic.ipython.input_transformers import put_in, take_out
from seedmagic.ipython.magics.completion import OptionMatcher
from seedmagic.ipython.magics.ledger_magics import LedgerMagics
from seedmagic.ipython.magics.panel_magics import PanelMagics
from seedmagic.ipython.magics.seed_magics import SeedMagics
from seedmagic.ipython.panel.idle_actions import Idle
from seedmagic.ipython.unknown_magics import answer_guesses
from seedmagic.session.seeding import begin_cell
from seedmagic.status.cells_seen import Watched
from seedmagic.warn import warn
from seedmagic.watch.process_watch import process_watch


class Extension:
    """All that one shell has of ours, and how to take it out again."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.number = shells.number_of(shell)
        self._thread = threading.get_ident()
        self._scopes = CellScopes(shell)
        self._code = ""
        self.magics = SeedMagics(shell, self.number, self._scopes)
        self._watching = self.magics.watching
        self._idle = Idle(shell)
        self._panels = PanelMagics(shell, self._idle, self.magics.seen)
        self._magics = (self.magics, LedgerMagics(shell, self.magics), self._panels)
        self.header = HeaderCall(self.number)
        self._completion = OptionMatcher(shell, self._watching.cell_numbers)
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
        shell = self.shell
        shell.register_magics(*self._magics)
        shell.input_transformers_cleanup.append(self._rewrite)
        shell.input_transformers_post.append(self._answer)
        self._completion.install()
        for event, hook in self._events:
            shell.events.register(event, hook)
        history = shell.history_manager.input_hist_raw
        self._code = history[-1] if history else ""
        shells.join(self, self._watching.letting_go())
        if self._shows_tips:
            shell.enable_tip = False

    def uninstall(self) -> None:
        """Take everything out; the seed in force and its flags stay, for the core goes on."""
        shell = self.shell
        self._scopes.close_all()
        for event, hook in self._events:
            shell.events.unregister(event, hook)
        self._completion.uninstall()
        for transformer in (self.header, self._watching.probes):
            take_out(shell, transformer)
        shell.input_transformers_cleanup.remove(self._rewrite)
        shell.input_transformers_post.remove(self._answer)
        self._watching.set_mode("off")
        self._panels.close_all()
        self.magics.cells.rewinds.clear()
        if self._shows_tips:
            shell.enable_tip = True
        for magics in self._magics:
            _unregister(shell, magics)
        shells.leave(self.number)
        if self._scopes.depth:
            shell.events.register("post_execute", self._end_after_unloading)
        else:
            shells.end_cell(self.number)

    def _end_after_unloading(self) -> None:
        """Let what the rest of the cell drew be its own: no other shell is to be told of it."""
        self.shell.events.unregister("post_execute", self._end_after_unloading)
        process_watch.settle()
        shells.end_cell(self.number)

    def seen(self) -> Watched:
        """Tell a status what was seen, and what is kept."""
        return self.magics.seen()

    def _rewrite(self, lines: list[str]) -> list[str]:
        """Rewrite a cell that is ours to run; called for cells that are only looked at too."""
        if not any("%" in line for line in lines):
            return lines
        inner = self._scopes.depth > 0
        replayed = rewrite_replay(lines, self._code_of, self.shell.user_ns)
        rewritten = rewrite_header(replayed, self.number, inner)
        if rewritten is not lines:
            self._scopes.has_headers = True
            # Before the probes, among which it would not find the header.
            put_in(self.shell, self.header, first=True)
        return rewritten

    # The terminal asks whether a cell is complete; a header alone is not.
    _rewrite.has_side_effects = True  # type: ignore[attr-defined]

    def _answer(self, lines: list[str]) -> list[str]:
        """Answer calls of magics that are not there, where ours are meant."""
        return answer_guesses(lines, self.shell)

    def _code_of(self, number: int) -> str | None:
        try:
            return self._watching.watcher.ledger.find(number)[0].code
        except LookupError:
            return None

    def cell(self) -> running_cells.Cell:
        """Give the cell that runs, or ran last."""
        # The same body gets the same entropy, whatever its header asks for beside the seed.
        body = without_header(self._code).strip()
        return running_cells.Cell(body, self.shell.user_ns, written=self._code)

    def _is_outermost(self) -> bool:
        # A cell in a subshell runs beside one that must keep its streams.
        return self._scopes.depth == 1 and threading.get_ident() == self._thread

    def _end_cell(self) -> None:
        """Let the watcher read, and then close what the cell opened."""
        if self._scopes.is_blank_end():
            return
        if self._is_outermost():
            self._watching.end_cell()
        try:
            self._scopes.post_execute()
        finally:
            if self._scopes.depth == 0 and threading.get_ident() == self._thread:
                shells.end_cell(self.number)
                self.magics.cells.end_cell()

    def _rest(self, _: ExecutionResult) -> None:
        """Let the panel act and redraw once all else, such as matplotlib's figures, is shown."""
        if self._scopes.depth == 0 and threading.get_ident() == self._thread:
            self._idle.end_cell()

    def _begin_cell(self, info: ExecutionInfo) -> None:
        """Do what `--per-cell` and `--pin-entropy` ask for, for the outermost cell alone."""
        if not self._is_outermost():
            return
        code, cell_id = info.raw_cell or "", getattr(info, "cell_id", None)
        self._idle.begin_cell(cell_id)
        # Not execution_count, which some versions of IPython have raised by now.
        history = self.shell.history_manager if info.store_history else None
        number = len(history.input_hist_raw) if history else None
        self.magics.cells.begin_cell(RunningCell(code, cell_id or "", number))
        self._code = code
        try:
            shells.begin_cell(self.number)
            # A cell that another shell's cell runs draws from that one's streams.
            if running_cells.is_outermost():
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


def load(shell: InteractiveShell, speaks: bool = True) -> None:
    """Install the extension into `shell`; a second call changes nothing but whether it `speaks`.

    `seedmagic verify` loads it before the notebook does, to watch without a word: warnings would
    be outputs that the notebook does not have.
    """
    extension = shells.extension_of(shell)
    if extension is None:
        extension = Extension(shell)
        extension.install()
    extension.magics.watching.speaks = speaks


def unload(shell: InteractiveShell) -> None:
    """Take the extension out of `shell` without a trace."""
    extension = shells.extension_of(shell)
    if extension is not None:
        extension.uninstall()


def enter_cell(number: int, arguments: str) -> None:
    """Begin the scope of the cell that runs: what a rewritten ``%%seeded`` header calls.

    Parameters
    ----------
    number : int
        That of the shell that rewrote it.
    arguments : str
        Those of the header.
    """
    shells.extension_numbered(number).magics.cells.enter(parse_header(arguments))


def run_again(number: int, arguments: str, body: int) -> Any:
    """Run the body that was taken out of the cell more than once; to be awaited if it awaits."""
    __tracebackhide__ = True
    from seedmagic.ipython.cells.cell_bodies import Body

    extension = shells.extension_numbered(number)
    file = sys._getframe(1).f_code.co_filename
    tree = extension.header.body(body)
    cells = extension.magics.cells
    return cells.run_again(parse_header(arguments), Body(extension.shell, tree, file))
