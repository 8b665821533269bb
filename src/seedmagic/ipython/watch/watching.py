"""Feed the watcher with what IPython runs, and show what it found."""

from __future__ import annotations

from IPython.core.error import UsageError
from IPython.core.interactiveshell import ExecutionInfo, InteractiveShell

from seedmagic.code.running import line_in, outward_from
from seedmagic.errors import UnseededWarning
from seedmagic.ipython.watch.probing import ProbeStatements, has_parts
from seedmagic.session.rng_state import RngState
from seedmagic.status.watched import Watched
from seedmagic.warn import warn
from seedmagic.watch import loops
from seedmagic.watch.ledger import CellRecord
from seedmagic.watch.reruns import Reruns
from seedmagic.watch.warning_text import tell_record
from seedmagic.watch.watcher import Watcher

# How many cells a status holds, and how many faulty ones it looks at.
_SHOWN = 20
MODES = ("off", "warn", "strict", "error")


class Watching:
    """The watcher of one shell, and the hooks that feed it; none of them may raise."""

    def __init__(self, shell: InteractiveShell, mode: str) -> None:
        self._shell = shell
        self.watcher = Watcher()
        self.probes = ProbeStatements(shell, self.watcher.expect)
        self._reruns = Reruns(self.watcher)
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
                loops.install(self.watcher.probe, self.watcher.error)
            else:
                loops.uninstall()
                self._shell.events.register("post_execute", self._forget_probes)
                self.watcher.stop()
        self.mode = mode
        self.watcher.keeps_origins = mode == "strict"

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
            if self.mode == "strict":
                self._reruns.begin(code, cell_id, self._shell.user_ns)
        except Exception as error:
            self._step_aside(error)

    def end_cell(self) -> None:
        """Take its end, while its scopes are open."""
        if not self._is_on:
            return
        try:
            result = self._shell.last_execution_result
            lines = self.probes.disarm()
            if lines.has_probes:
                loops.let_go()
            error = getattr(result, "error_in_exec", None)
            failed = None
            if error is not None:
                failed = line_in(outward_from(error), self._shell.user_ns, lines.code)
            number = getattr(result, "execution_count", None)
            record = self.watcher.end(number, failed or lines.last)
            if record is None:
                return
            if record.verdict == "unseeded" or record.between or self.mode == "strict":
                self._tell(record)
        except Exception as error:
            self._step_aside(error)

    def _tell(self, record: CellRecord) -> None:
        """Warn of what is wrong with a cell."""
        is_first = len(self.watcher.ledger.records) == 1
        told = [tell_record(record, is_first) if self.mode != "error" else None]
        if self.mode == "strict":
            told.append(self._reruns.end(record, self._shell.user_ns))
        text = "\n".join(filter(None, told))
        if text and self._speaks_of_cell:
            warn(text, UnseededWarning, (f"In[{record.number}]", record.line or 1))

    def seen(self, rewind_bytes: int) -> Watched:
        """Give the mode, the last cells and those that are faulty, beside what copies take."""
        ledger = self.watcher.ledger
        cells, faulty = (
            tuple(record.to_dict() for record in records)
            for records in (ledger.last(_SHOWN), ledger.faulty()[-_SHOWN:])
        )
        return Watched(self.mode, cells, faulty, rewind_bytes)

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
        loops.forget()

    def _step_aside(self, error: Exception) -> None:
        """Say once that watching failed, and stop: the user's cells go on."""
        try:
            self.set_mode("off")
        finally:
            warn(
                f"The watcher failed and is off: {type(error).__name__}: {error}. "
                "%seedwatch warn starts it again."
            )
