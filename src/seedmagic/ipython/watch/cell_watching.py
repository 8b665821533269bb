"""Feed the watcher with what IPython runs, and show what it found."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from IPython.core.error import UsageError
from IPython.core.interactiveshell import ExecutionInfo, InteractiveShell

from seedmagic.code.cell_frames import line_in, outward_from
from seedmagic.errors import SeedmagicWarning, UnseededWarning
from seedmagic.ipython.watch.cell_probes import ProbeStatements, has_parts
from seedmagic.session.rng_state import RngState
from seedmagic.status.cells_seen import Watched
from seedmagic.warn import warn
from seedmagic.watch.cell_ledger import CellRecord
from seedmagic.watch.forked_workers import forked_workers
from seedmagic.watch.probes.probed_loops import Loops
from seedmagic.watch.process_watch import process_watch
from seedmagic.watch.warning_text import tell_record
from seedmagic.watch.watcher import Watcher

if TYPE_CHECKING:
    from seedmagic.watch.reruns import Reruns

# How many cells a status holds, and how many faulty ones it looks at.
_SHOWN = 20
MODES = ("off", "warn", "strict", "error")
# What the probes of a shell's cells call, also of one in which the extension is loaded again.
_loops: WeakKeyDictionary[InteractiveShell, Loops] = WeakKeyDictionary()


class Watching:
    """The watcher of one shell, and the hooks that feed it; none of them may raise.

    Parameters
    ----------
    shell : InteractiveShell
        Whose cells are watched.
    number : int
        What it is known by, beside other shells of this process.
    in_cell : callable
        Says whether a cell of it runs.
    mode : str
        One of `MODES`.
    """

    def __init__(
        self, shell: InteractiveShell, number: int, in_cell: Callable[[], bool], mode: str
    ) -> None:
        self._shell = shell
        self._in_cell = in_cell
        self._loops = _loops.setdefault(shell, Loops(number))
        self.watcher = Watcher(number)
        self.probes = ProbeStatements(shell, self._loops.name, self.watcher.expect)
        self._reruns: Reruns | None = None
        self._is_on = False
        self.speaks = True
        self._speaks_of_cell = True
        self.mode = "off"
        self.set_mode(mode)

    def set_mode(self, mode: str) -> None:
        """Switch to one of `MODES`."""
        if (mode != "off") != self._is_on:
            self._is_on = not self._is_on
            if self._is_on:
                self.watcher.start()
                self._loops.turn_on(self.watcher.probe, self.watcher.error)
            elif self._in_cell():
                self._loops.turn_off()
                self._shell.events.register("post_execute", self._forget_probes)
                self.watcher.stop()
            else:
                stop_watching(self.watcher, self._loops)
                self.probes.leave()
        self.mode = mode
        self.watcher.keeps_origins = mode == "strict"
        if mode != "strict":
            self._reruns = None  # what ran last would not be known of cells that run meanwhile
        elif self._reruns is None:
            # It brings all that is known of objects, which nobody else needs at each start.
            from seedmagic.watch.reruns import Reruns

            self._reruns = Reruns(self.watcher)

    def begin_cell(self, info: ExecutionInfo) -> None:
        """Take the beginning of a cell that the user runs."""
        self._speaks_of_cell = self.speaks
        if not self._is_on:
            return
        try:
            code = info.raw_cell or ""
            # Not execution_count, which some versions of IPython have raised by now.
            number = len(self._shell.history_manager.input_hist_raw) if info.store_history else None
            cell_id = getattr(info, "cell_id", None)
            stops = self.mode == "error"
            if not self.watcher.begin(number, cell_id, code, stops):
                self.probes.rest(code)
            elif stops or has_parts(code):
                self.probes.arm(code, stops)
            else:
                self.probes.rest(code, knows_line=True)
            if self._reruns is not None:
                self._reruns.begin(code, cell_id, self._shell.user_ns)
        except Exception as error:
            self._step_aside(error)

    def end_cell(self) -> None:
        """Take its end, while its scopes are open."""
        if not self._is_on:
            process_watch.settle()  # it was this cell's, and no other shell is to be told of it
            return
        try:
            result = self._shell.last_execution_result
            lines = self.probes.disarm()
            if lines.has_probes:
                self._loops.let_go()
            error = getattr(result, "error_in_exec", None)
            failed = None
            if error is not None:
                failed = line_in(outward_from(error), self._shell.user_ns, lines.code)
            number = getattr(result, "execution_count", None)
            imports = None if failed else lines.last_imports
            held: tuple[str, ...] = ()
            if self._reruns is not None:
                held = self._reruns.moved(lines.code, self._shell.user_ns)
            record = self.watcher.end(number, failed or lines.last, imports, held)
            if record is None:
                return
            self._tell_forked(record)
            if record.verdict == "unseeded" or record.between or self.mode == "strict":
                self._tell(record)
        except Exception as error:
            self._step_aside(error)

    def _tell(self, record: CellRecord) -> None:
        """Warn of what is wrong with a cell."""
        is_first = len(self.watcher.ledger.records) == 1
        told = [tell_record(record, is_first) if self.mode != "error" else None]
        if self._reruns is not None:
            told.append(self._reruns.end(record, self._shell.user_ns))
        text = "\n".join(filter(None, told))
        if text and self._speaks_of_cell:
            warn(text, UnseededWarning, (f"In[{record.number}]", record.line or 1))

    def _tell_forked(self, record: CellRecord) -> None:
        """Warn of forked workers that got the same numbers."""
        told = forked_workers.tell(record.code)
        if told and self._speaks_of_cell:
            place = f"In[{record.number}]"
            warn(f"{place}: {told.text}", SeedmagicWarning, (place, told.line or 1))

    def seen(self, rewind_bytes: int) -> Watched:
        """Give the mode, the last cells and those that are faulty, beside what copies take."""
        ledger = self.watcher.ledger
        cells, faulty = tuple(ledger.last(_SHOWN)), tuple(ledger.faulty()[-_SHOWN:])
        return Watched(self.mode, cells, faulty, rewind_bytes)

    def letting_go(self) -> Callable[[], None]:
        """Give what stops watching for a shell that has ended, and does not hold it."""
        return partial(stop_watching, self.watcher, self._loops)

    def cell_numbers(self) -> list[int]:
        """Give the numbers of the cells that are in the ledger, the oldest first."""
        return [cell.number for cell in self.watcher.ledger.records if cell.number is not None]

    def find(self, number: int) -> tuple[CellRecord, RngState]:
        """Give ``In[number]`` and the state that it started from, or say why not."""
        try:
            return self.watcher.ledger.find(number)
        except LookupError as error:
            raise UsageError(f"{error.args[0]} Nothing was changed.") from error

    def _forget_probes(self) -> None:
        """Take the probes and their name away once the cell that runs has ended."""
        self._shell.events.unregister("post_execute", self._forget_probes)
        self.probes.leave()
        self._loops.forget()

    def _step_aside(self, error: Exception) -> None:
        """Say once that watching failed, and stop: the user's cells go on."""
        try:
            self.set_mode("off")
        finally:
            warn(
                f"The watcher failed and is off: {type(error).__name__}: {error}. "
                "%seedwatch warn starts it again."
            )


def stop_watching(watcher: Watcher, loops: Loops) -> None:
    """Stop watching while no cell runs that could meet a probe."""
    watcher.stop()
    loops.turn_off()
    loops.forget()
