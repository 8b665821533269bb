"""The one watch over this process: which sources moved, and whose cell it was that ran.

Generators, and the functions of libraries that we replace, belong to the process. Several shells
may watch their cells in it: a draw is that cell's which ran just then, and nobody else's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import partial
from types import FrameType

from seedmagic.code import running_cells
from seedmagic.code.cell_frames import calling_frame, is_installed_import
from seedmagic.replacements import Replacements
from seedmagic.session import in_force, late_sources
from seedmagic.sources.known import drawing_calls
from seedmagic.sources.known.registry import present_of_known, take_in
from seedmagic.watch import seeding_calls
from seedmagic.watch.forked_workers import forked_workers
from seedmagic.watch.generator_names import GENERATORS, PYTHON_GENERATOR
from seedmagic.watch.made.unseeded_generators import MadeGenerators
from seedmagic.watch.moved_sources import Looks
from seedmagic.watch.seeded_anew import SeededByCells
from seedmagic.watch.watched_cell import WatchedCell


class ProcessWatch:
    """Watches while anybody does; `owner` is the number of a shell, as in `running_cells`."""

    def __init__(self) -> None:
        self._replacements = Replacements()
        self._looks = Looks()
        self._made = MadeGenerators(self.take_anew)
        self._cells: dict[int, WatchedCell] = {}
        self._late: set[int] = set()
        self._between: set[str] = set()
        self._anew = SeededByCells()
        self._changing = 0
        self._modules = 0
        self._seeds_anew = False  # whether any cell's text asked for that, so far

    def start(self, owner: int) -> None:
        """Watch for `owner` too."""
        self.settle()
        self._replacements.use(owner)
        if running_cells.running_owner() == owner:
            self._late.add(owner)
        if self not in in_force.observers:
            in_force.observers.append(self)
            drawing_calls.listeners.append(self.take_call)
            late_sources.importing.append(self.take_import)
        take_in()
        forked_workers.start(owner)
        self._follow_libraries()
        # A statement that is no import may import too: a function's, `importlib`, `%time import x`.
        late_sources.followers.add(self)
        self._looks.note_modules()

    def stop(self, owner: int) -> None:
        """Watch for `owner` no more; after the last one, leave no trace in any library."""
        self.settle()
        self._cells.pop(owner, None)
        self._late.discard(owner)
        self._replacements.release(owner)
        forked_workers.stop(owner)
        if self._replacements.in_use:
            return
        late_sources.followers.discard(self)
        if self in in_force.observers:
            in_force.observers.remove(self)
        if self.take_call in drawing_calls.listeners:
            drawing_calls.listeners.remove(self.take_call)
        if self.take_import in late_sources.importing:
            late_sources.importing.remove(self.take_import)
        self._made.stop()
        seeding_calls.stop()
        self._between.clear()
        self._anew.clear()
        self._modules = 0  # or a start without a further import would put nothing in

    @property
    def is_on(self) -> bool:
        """Whether anybody watches."""
        return self._replacements.in_use

    def settle(self) -> None:
        """Book what moved by now: whose it is may be about to change."""
        if self._replacements.in_use:
            self._book_here(self._looks.moved(), None)

    def begin(
        self, owner: int, number: int | None, cell_id: str | None, code: str, stops: bool
    ) -> WatchedCell:
        """Begin a cell that is watched: it runs, and all before it is settled."""
        if in_force.lock.acquire(blocking=False):  # nobody changes anything just now
            self._changing = 0  # an interrupt may have left it
            in_force.lock.release()
        self._looks.note_modules()
        between = tuple(sorted(self._between))
        self._between.clear()
        cell = WatchedCell(number, cell_id, code, self._looks.moment(), between, stops)
        self._seeds_anew |= cell.seeds_anew
        self._cells[owner] = cell
        return cell

    def cell(self, owner: int) -> WatchedCell | None:
        """Give the cell of `owner` that runs and is watched."""
        return self._cells.get(owner)

    def end(self, owner: int, line: int | None, imports: bool | None) -> WatchedCell | None:
        """End a cell, whose last or failed statement stands at `line`; see `book`."""
        cell = self._cells.get(owner)
        if cell is None:
            self.settle()
        else:
            self.book(cell, self._looks.moved(), line, imports, whole=True)
            del self._cells[owner]
            self._anew.take(cell.seeded_anew())
        self._late.discard(owner)
        return cell

    def before_change(self) -> None:
        """Book what was drawn before somebody seeds or restores."""
        if self._changing == 0:
            self._book_here(self._looks.moved(), None)
            forked_workers.begin_anew()
        self._changing += 1

    def after_change(self) -> None:
        """Take what a seeding, a restore or an import moved as no draw."""
        self._changing = max(self._changing - 1, 0)
        if self._changing == 0:
            self._follow_libraries()
            cell = self._cells.get(running_cells.running_owner() or 0)
            if cell is not None:
                cell.take_seeded(in_force.current.seeded)
                self.take_origins(cell)
            self._anew.forget(in_force.current.seeded)

    def take_import(self, package: bool | None) -> None:
        """Book what was drawn before a module is executed, and what it drew if it is the user's.

        `package` tells after it whether it is not; before it, it is None. What a package draws
        until then is no draw, nor is what another package drew that imports it.
        """
        self._modules = -1  # what was there in part is there wholly now
        if self._changing == 0:
            moved = self._looks.moved()
            nobodys = is_installed_import(calling_frame()) if package is None else package
            if not nobodys:
                self._book_here(moved, None)

    def take_anew(self, names: Iterable[str], frame: FrameType) -> None:
        """Take that the operating system seeds sources, at the call that `frame` is in."""
        cell = self._cells.get(running_cells.running_owner() or 0)
        if self._changing and PYTHON_GENERATOR in names:
            return  # a library seeds a generator that is one of the sources
        if cell is not None and not is_installed_import(frame):
            known = {source.name for source in present_of_known()} | GENERATORS.keys()
            for name in known.intersection(names):
                was_seeded = name in GENERATORS or _is_controlled(name)
                cell.take_anew(name, running_cells.line_in_cell(frame), was_seeded)

    def take_call(self, name: str, seeds: bool, frame: FrameType) -> None:
        """Take that the call `frame` is in draws from a source which cannot be looked at.

        `seeds` is whether the call seeds it in place of drawing.
        """
        if seeds or self._changing or is_installed_import(frame):
            return
        owner = running_cells.running_owner()
        cell = None if owner is None else self._cells.get(owner)
        seeded = name in in_force.current.seeded
        if cell is not None:
            line = cell.line_of(running_cells.line_in_cell(frame))
            cell.take_draw(name, seeded, line, self._anew.find(name))
        elif not seeded and (owner is None or owner in self._late):
            self._between.add(name)

    def moved(self, names: set[str] | None = None) -> list[str]:
        """Name the sources, all or those of `names`, that have moved since the last look."""
        return self._looks.moved(names)

    def unseeded(self) -> set[str]:
        """Name the present sources that nobody gave a known seed."""
        seed_only = {
            source.name for source in present_of_known() if drawing_calls.tells_calls(source)
        }
        return self._looks.unseeded() | (seed_only - in_force.current.seeded.keys())

    def book(
        self,
        cell: WatchedCell,
        moved: list[str],
        line: int | None,
        imports: bool | None = False,
        *,
        whole: bool = False,
    ) -> None:
        """Write down what a cell has drawn and made, in the statement at `line`.

        `imports` is whether that is an import; None where its line alone is known. `whole` is
        whether the cell has ended.
        """
        if imports is None:
            imports = line in cell.imports
        # What an import brought is no more fresh at the next statement, which may stand beside it.
        if imports and self._looks.imported_only_installed():
            moved = []
        if not moved and not cell.told() and not self._made.waits:
            return
        for name in moved:
            if not self._looks.was_seeded(name):
                seeded = name in in_force.current.seeded
                cell.take_draw(name, seeded, line, self._anew.find(name))
            # torch's own method, perhaps in a function of an earlier cell. A state that was loaded
            # from a file looks the same.
            elif self._seeds_anew and self._looks.has_long_seed(name):
                in_force.note(name, None)
                cell.take_anew(name, 0, _is_controlled(name))
        if line:
            cell.take_line(line)
        place = partial(cell.line_of, otherwise=line)
        for kind, where in self._made.settle(whole or cell.stops, place):
            cell.take_made(kind, where)

    def take_origins(self, cell: WatchedCell) -> None:
        """Remember where the sources stand that a cell has not drawn from yet, if it is asked."""
        if cell.origins is not None:
            for name in self._looks.names() - cell.draws.keys():
                cell.origins[name] = self._looks.digest(name)

    def _book_here(self, moved: list[str], line: int | None) -> None:
        """Write down what was drawn where we are; outside of cells it waits for the next."""
        owner = running_cells.running_owner()
        cell = None if owner is None else self._cells.get(owner)
        if cell is not None:
            self.book(cell, moved, line)
            return
        self._made.settle()  # made in a cell that nobody watches, or in none
        seeded = {name for name in moved if self._looks.was_seeded(name)}
        if owner is None or owner in self._late:
            self._between |= (set(moved) - seeded) & self._looks.unseeded()

    def _follow_libraries(self) -> None:
        if len(sys.modules) != self._modules:
            self._modules = len(sys.modules)
            seeding_calls.install(self._replacements, self.take_anew)
            self._made.install(self._replacements)
        self._looks.renew()


def _is_controlled(name: str) -> bool:
    """Whether a seed controls a source, or would if nobody had seeded it otherwise."""
    current = in_force.current
    return name in current.seeded or current.newcomers_seed(name) is not None


process_watch = ProcessWatch()
