"""Watch cells: which sources moved, whether they were seeded, and in which statement."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable

from seedmagic.code.source_lines import text_of_line
from seedmagic.errors import UnseededError
from seedmagic.session import in_force
from seedmagic.session.rng_state import RngState
from seedmagic.sources.registry import take_in
from seedmagic.watch import seeding_calls
from seedmagic.watch.ledger import GENERATOR, CellRecord, Draw, Ledger
from seedmagic.watch.source_looks import Looks
from seedmagic.watch.unseeded_generators import MadeGenerators
from seedmagic.watch.warning_text import tell_causes, tell_unseeded

# All probes in loops of a cell may take this many seconds, and this part of the cell's time. One
# outside of loops runs once, takes some microseconds, and without it the wrong line would be named.
_ALLOWANCE = 0.002
_SHARE = 0.01


class _Cell:
    """The cell that runs."""

    imports: frozenset[int] = frozenset()
    blank: int | None = 0
    spent = 0.0
    rests = False  # until the outermost loop ends: there is no time to look
    replays: int | None = None

    def __init__(
        self,
        number: int | None,
        cell_id: str | None,
        code: str,
        start: RngState,
        between: tuple[str, ...],
        stops: bool,
    ) -> None:
        self.number = number
        self.cell_id = cell_id
        self.code = code
        self.start = start
        self.between = between
        self.stops = stops
        self.draws: dict[str, Draw] = {}
        self.began = time.perf_counter()


class Watcher:
    """Keeps the ledger, fed with the beginning and end of each cell and its statements."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self._looks = Looks()
        self._made = MadeGenerators()
        self._cell: _Cell | None = None
        self._changing = 0
        self._thread = threading.current_thread()
        self._known_threads: set[threading.Thread] = set()
        self._modules = 0
        self._between: set[str] = set()
        self._origins: dict[str, str] = {}
        self.keeps_origins = False

    def start(self) -> None:
        """Begin to watch."""
        in_force.observers.append(self)
        take_in()
        self._follow_libraries()
        self._known_threads = set(threading.enumerate())

    def stop(self) -> None:
        """Stop, and leave no trace in any library."""
        if self in in_force.observers:
            in_force.observers.remove(self)
        seeding_calls.uninstall()
        self._made.uninstall()
        self._modules = 0  # or a start without a further import would put nothing in

    def before_change(self) -> None:
        """Book what was drawn before somebody seeds or restores."""
        if self._changing == 0:
            self._book(self._looks.moved(), None)
        self._changing += 1

    def after_change(self) -> None:
        """Take what a seeding, a restore or an import moved as no draw."""
        self._changing -= 1
        if self._changing == 0:
            self._follow_libraries()
            if self.keeps_origins:
                self._take_origins()

    def begin(self, number: int | None, cell_id: str | None, code: str, stops: bool) -> bool:
        """Begin a cell; say whether its statements are worth probing."""
        if moved := self._looks.moved():
            self._note_between(moved)
        between: tuple[str, ...] = ()
        if self._between:
            between, self._between = tuple(sorted(self._between)), set()
        self._made.settle()
        self._looks.note_modules()
        if not self.ledger.records:  # loaded with the kernel, whose own threads came later
            self._known_threads = set(threading.enumerate())
        self._cell = _Cell(number, cell_id, code, self._looks.moment(), between, stops)
        if self.keeps_origins:
            self._take_origins()
        return stops or self._can_be_unseeded()

    def expect(self, imports: Iterable[int], blank: int | None) -> None:
        """Take the lines of the running cell that import, and how many blank ones come first.

        None: its frames tell nothing of its lines, as below ``%%time``.
        """
        if self._cell:
            self._cell.imports, self._cell.blank = frozenset(imports), blank

    def replay(self, number: int) -> None:
        """Note that the running cell begins where ``In[number]`` began."""
        if self._cell:
            self._cell.replays = number

    def probe(self, line: int, in_loop: bool) -> bool:
        """Look after the statement at `line`; say whether the cell is to stop there."""
        cell = self._cell
        if cell is None or threading.current_thread() is not self._thread:
            return False
        now, worked = time.perf_counter(), time.thread_time()
        cell.rests = in_loop and (
            cell.rests or cell.spent > _ALLOWANCE + _SHARE * (now - cell.began)
        )
        if not cell.rests:
            faults = {name for name, draw in cell.draws.items() if not draw.seeded}
            wanted = self._looks.unseeded() - faults
            self._book(self._looks.moved(wanted) if wanted else [], line)
            if in_loop:
                # Not what other processes took meanwhile.
                cell.spent += time.thread_time() - worked
        # Not while the user's own except or finally has it; after that, it stops the cell again.
        return cell.stops and bool(_faults(cell)) and sys.exc_info()[0] is not UnseededError

    def error(self) -> UnseededError:
        """Give the error that stops the running cell."""
        cell = self._cell
        if cell is None:
            return UnseededError("the cell drew numbers that no seed controls")
        return UnseededError(tell_unseeded(cell.number, cell.code, _faults(cell)))

    def unseeded(self) -> tuple[str, ...]:
        """Say what the running cell has drawn or made that no seed controls."""
        if self._cell is None:
            return ()
        self._book(self._looks.moved(), None)
        return tell_causes(self._cell.code, _faults(self._cell))

    def end(self, number: int | None, last_line: int | None) -> CellRecord | None:
        """End the cell; `last_line` is that of its last or failed statement."""
        cell = self._cell
        if cell is None:
            return None
        self._book(self._looks.moved(), last_line)
        self._cell = None
        faults = _faults(cell) if cell.draws else []
        first = min((draw.line for draw in faults if draw.line), default=None) if faults else None
        verdict = "unseeded" if faults else "seeded" if cell.draws else "no draws"
        seeding = in_force.current.seeding
        record = CellRecord(  # by position: twelve names would take 3 µs after each cell
            cell.number if number is None else number,
            cell.cell_id,
            cell.code,
            seeding.seed if seeding else None,
            tuple(cell.draws.values()),
            cell.between,
            self._fresh_threads() if cell.draws or cell.between else (),
            verdict,
            first,
            text_of_line(cell.code, first) if first else None,
            time.perf_counter() - cell.began,
            cell.replays,
        )
        self.ledger.add(record, cell.start)
        return record

    def _book(self, moved: list[str], line: int | None) -> None:
        """Write down draws of the running cell; what is drawn outside one waits for the next."""
        cell = self._cell
        if cell is None:
            self._note_between(moved)
            return
        if not moved and not cell.draws and not self._made.waits:
            return
        if moved and line in cell.imports and self._looks.imported_only_installed():
            moved = []
        for name in moved:
            if self._looks.was_seeded(name):
                continue
            seeded = name in in_force.current.seeded
            former = cell.draws.get(name)
            # A seeded draw does not hide an unseeded one of the same cell.
            if former is None or (former.seeded and not seeded):
                cell.draws[name] = Draw(name, seeded, line)
            elif former.line is None and line is not None:
                cell.draws[name] = Draw(name, former.seeded, line)
        for draw in [draw for draw in cell.draws.values() if draw.line is None and line]:
            cell.draws[draw.source] = Draw(draw.source, draw.seeded, line)
        for made_on in self._made.settle():
            where = made_on + cell.blank if made_on and cell.blank is not None else line
            cell.draws.setdefault(GENERATOR, Draw(GENERATOR, False, where))

    def origin(self, name: str) -> str | None:
        """Digest the state from which the last cell first drew from a source."""
        return self._origins.get(name)

    def _take_origins(self) -> None:
        """Remember where the sources stand that the running cell has not drawn from yet."""
        drawn = self._cell.draws if self._cell else {}
        for name in self._looks.names() - drawn.keys():
            self._origins[name] = self._looks.digest(name)

    def _note_between(self, moved: list[str]) -> None:
        """Keep what was drawn while no cell ran for the next cell's report."""
        unseeded = self._looks.unseeded()
        self._between |= {name for name in moved if not self._looks.was_seeded(name)} & unseeded

    def _can_be_unseeded(self) -> bool:
        seeding = in_force.current.seeding
        whole = seeding is not None and seeding.modes.only is None and not seeding.modes.skip
        # A library that is imported in the cell is seeded then if the seed in force covers it.
        return not whole or bool(self._looks.unseeded())

    def _fresh_threads(self) -> tuple[str, ...]:
        fresh = set(threading.enumerate()) - self._known_threads
        # A subshell of ipykernel 7, which takes clicks, is there in every notebook with widgets.
        names = {thread.name for thread in fresh if not thread.name.startswith("subshell-")}
        return tuple(sorted(names))

    def _follow_libraries(self) -> None:
        if len(sys.modules) != self._modules:
            self._modules = len(sys.modules)
            seeding_calls.install()
            self._made.install()
        self._looks.renew()


def _faults(cell: _Cell) -> list[Draw]:
    return [draw for draw in cell.draws.values() if not draw.seeded]
