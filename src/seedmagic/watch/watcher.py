"""Watch the cells of one shell: what each drew, whether it was seeded, and in which statement."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable

from seedmagic.code.source_lines import text_of_line
from seedmagic.code.thread_work import is_librarys, runs_users_code
from seedmagic.errors import UnseededError
from seedmagic.session import in_force
from seedmagic.watch.cell_ledger import CellRecord, Ledger
from seedmagic.watch.made.makers import maker_of
from seedmagic.watch.process_watch import process_watch
from seedmagic.watch.warning_text import tell_causes, tell_unseeded

# All probes in loops of a cell may take this many seconds, and this part of the cell's time. One
# outside of loops runs once, takes some microseconds, and without it the wrong line would be named.
_ALLOWANCE = 0.002
_SHARE = 0.01


class Watcher:
    """Keeps the ledger, fed with the beginning and end of each cell and its statements.

    Parameters
    ----------
    owner : int
        The number of the shell.
    """

    def __init__(self, owner: int) -> None:
        self.ledger = Ledger()
        self._owner = owner
        self._thread = threading.current_thread()
        self._known_threads: set[threading.Thread] = set()
        self._known_resting: set[threading.Thread] = set()
        self._origins: dict[str, str] = {}
        self.keeps_origins = False

    def start(self) -> None:
        """Begin to watch."""
        process_watch.start(self._owner)
        self._known_threads = set(threading.enumerate())

    def stop(self) -> None:
        """Stop; the watchers of other shells notice nothing."""
        process_watch.stop(self._owner)

    def begin(self, number: int | None, cell_id: str | None, code: str, stops: bool) -> bool:
        """Begin a cell; say whether its statements are worth probing."""
        if not self.ledger.records:  # loaded with the kernel, whose own threads came later
            self._known_threads = set(threading.enumerate())
        cell = process_watch.begin(self._owner, number, cell_id, code, stops)
        if self.keeps_origins:
            cell.origins = self._origins
            process_watch.take_origins(cell)
        return stops or cell.seeds_anew or self._can_be_unseeded()

    def expect(self, imports: Iterable[int], blank: int | None) -> None:
        """Take the lines of the running cell that import, and how many blank ones come first.

        None: its frames tell nothing of its lines, as below ``%%time``.
        """
        cell = process_watch.cell(self._owner)
        if cell:
            cell.imports, cell.blank = frozenset(imports), blank

    def replay(self, number: int) -> None:
        """Note that the running cell begins where ``In[number]`` began."""
        cell = process_watch.cell(self._owner)
        if cell:
            cell.replays = number

    def probe(self, line: int, in_loop: bool, imports: bool | None) -> bool:
        """Look after the statement at `line`; say whether the cell is to stop there."""
        cell = process_watch.cell(self._owner)
        if cell is None or threading.current_thread() is not self._thread:
            return False
        now, worked = time.perf_counter(), time.thread_time()
        cell.rests = in_loop and (
            cell.rests or cell.spent > _ALLOWANCE + _SHARE * (now - cell.began)
        )
        if not cell.rests:
            faults = {name for name, draw in cell.draws.items() if not draw.seeded}
            wanted = None if cell.seeds_anew else process_watch.unseeded() - faults
            moved = [] if wanted == set() else process_watch.moved(wanted)
            process_watch.book(cell, moved, line, imports)
            if in_loop:
                # Not what other processes took meanwhile.
                cell.spent += time.thread_time() - worked
        # Not while the user's own except or finally has it; after that, it stops the cell again.
        return cell.stops and bool(cell.faults()) and sys.exc_info()[0] is not UnseededError

    def error(self) -> UnseededError:
        """Give the error that stops the running cell."""
        cell = process_watch.cell(self._owner)
        if cell is None:
            return UnseededError("the cell drew numbers that no seed controls")
        return UnseededError(tell_unseeded(cell.number, cell.code, cell.faults()))

    def unseeded(self) -> tuple[str, ...]:
        """Say what the running cell, whose body has ended, has drawn or made unseeded."""
        cell = process_watch.cell(self._owner)
        if cell is None:
            return ()
        process_watch.book(cell, process_watch.moved(), None, whole=True)
        return tell_causes(cell.code, cell.faults())

    def made_unseeded(self, name: str) -> str:
        """Give the cell that made what a name holds with a generator without a seed, or nothing."""
        return maker_of(name, reversed(self.ledger.records))

    def end(
        self,
        number: int | None,
        last_line: int | None,
        imports: bool | None,
        held: tuple[str, ...] = (),
    ) -> CellRecord | None:
        """End the cell; `last_line` is that of its last or failed statement.

        `imports` is whether that is an import; None where its line alone is known. `held` says
        where the generators are that it moved.
        """
        cell = process_watch.end(self._owner, last_line, imports)
        if cell is None:
            return None
        draws = cell.told()
        faults = cell.faults() if draws else []
        first = min((draw.line for draw in faults if draw.line), default=None) if faults else None
        verdict = "unseeded" if faults else "seeded" if draws else "no draws"
        seeding = in_force.current.seeding
        record = CellRecord(  # by position: twelve names would take 3 µs after each cell
            cell.number if number is None else number,
            cell.cell_id,
            cell.code,
            seeding.seed if seeding else None,
            draws,
            cell.between,
            self._fresh_threads() if draws or cell.between else (),
            verdict,
            first,
            text_of_line(cell.code, first) if first else None,
            time.perf_counter() - cell.began,
            cell.replays,
            held,
        )
        self.ledger.add(record, cell.start)
        return record

    def origin(self, name: str) -> str | None:
        """Digest the state from which the last cell first drew from a source."""
        return self._origins.get(name)

    def _can_be_unseeded(self) -> bool:
        seeding = in_force.current.seeding
        whole = seeding is not None and seeding.modes.only is None and not seeding.modes.skip
        # A library that is imported in the cell is seeded then if the seed in force covers it.
        return not whole or bool(process_watch.unseeded())

    def _fresh_threads(self) -> tuple[str, ...]:
        fresh = set(threading.enumerate()) - self._known_threads
        busy = {thread for thread in fresh if runs_users_code(thread)}
        # A pool's worker that rests may have worked in the cell in which it came; it is told then,
        # and later where it works. Those of torch's compiler would be told for ever.
        resting = {thread for thread in fresh - busy if not is_librarys(thread)}
        self._known_resting, told = resting, busy | (resting - self._known_resting)
        return tuple(sorted({thread.name for thread in told}))
