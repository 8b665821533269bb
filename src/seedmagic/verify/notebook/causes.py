"""Why a cell differs: what the cell itself did, or the earlier cell that it follows.

Every cause is shown from evidence of the runs; where none can be, it is `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from seedmagic.verify.notebook.close_causes import by_libraries, line_of_set
from seedmagic.verify.notebook.explanation import Explanation
from seedmagic.verify.notebook.kernel_run import Run
from seedmagic.verify.notebook.runs_compared import SHOWN, SOURCE, VARIABLE, Item, Runs
from seedmagic.verify.notebook.worker_causes import by_workers
from seedmagic.verify.operations.first_operation import OperationDifference
from seedmagic.verify.operations.operation_remedies import RANDOM
from seedmagic.verify.witness.evidence import DrawEvidence, Evidence
from seedmagic.verify.witness.generator_seeds import FROM_SYSTEM
from seedmagic.verify.witness.outside_calls import GENERATORS as SEEDED_BY_SYSTEM
from seedmagic.verify.witness.outside_calls import remedies, strongest
from seedmagic.watch.generator_names import GENERATORS, anew_remedy, name_all
from seedmagic.words import enumerate_names

_OTHER_VALUES = "gave other values from the same random numbers"


class Causes:
    """Explains cells from their runs."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._known: dict[Item, Explanation | None] = {}

    def explain(self, cell: int) -> Explanation:
        """Say why what `cell` showed differs."""
        found = self._explain(Item(SHOWN, cell))
        if found is None or not found.is_shown:
            other = self._follow_unseen(cell)
            found = other if other is not None and (found is None or other.is_shown) else found
        if found is None and not all(told.watched for told in self._runs.evidence(cell)):
            text = "differs, and the watcher was off: what it drew is not known"
            return Explanation("unknown", cell, text)
        return found or Explanation("unknown", cell, "differs, and no cause could be shown")

    def explain_drift(self, cell: int, source: str) -> Explanation | None:
        """Say why the state of a source differs after `cell`."""
        return self._explain(Item(SOURCE, cell, source))

    def own(self, cell: int) -> Explanation | None:
        """Say what a cell itself did that no other run repeats, whether it is shown or not."""
        noted = [*self._noted(cell), *by_workers(self._runs, cell)]
        shown = [found for found in noted if found.is_shown]
        return min(shown, key=lambda found: found.rank, default=None)

    def _explain(self, item: Item, at: int | None = None) -> Explanation | None:
        """Explain `item`, which came to differ in the cell `at`, by what that did or read."""
        cell = item.cell if at is None else at
        key = replace(item, name=f"{item.name} {cell}")
        if key not in self._known:
            self._known[key] = None
            inherited = list(self._inherited(cell))
            compared = [] if inherited else _agreement(self._runs, item, cell)
            # What both the agreement of runs and an operation show is told by the first of them.
            workers = by_workers(self._runs, cell, began_alike=not inherited)
            found = [*compared, *self._noted(cell), *workers, *filter(None, inherited)]
            self._known[key] = min(
                found, key=lambda one: (one.rank[0], one.cell != cell, one.rank), default=None
            )
        return self._known[key]

    def _noted(self, cell: int) -> Iterator[Explanation]:
        """Give what the records of a cell show."""
        told = self._runs.evidence(cell)
        draws = [draw for evidence in told for draw in evidence.draws if not draw.seeded]
        others = [draw for draw in draws if not draw.anew]
        drawn = [draw for draw in others if draw.source not in GENERATORS]
        if drawn:
            names = enumerate_names(list(dict.fromkeys(draw.source for draw in drawn)))
            line = min((draw.line for draw in drawn if draw.line), default=None)
            text = f"drew from {names}, which no seed controls"
            yield Explanation("unseeded", cell, text, line, remedy=_of_anew(drawn))
        between = dict.fromkeys(name for evidence in told for name in evidence.between)
        if between:
            names = enumerate_names(list(between))
            text = f"came after draws between cells from {names}, which no seed controls"
            yield Explanation("unseeded", cell, text)
        anew = [draw for draw in draws if draw.anew]
        if anew:
            text = f"seeded {name_all([draw.source for draw in anew])} from {FROM_SYSTEM}"
            helps = anew_remedy(all(draw.was_seeded for draw in anew))
            yield Explanation("entropy", cell, text, anew[0].line, remedy=helps)
        made = [draw for draw in others if draw.source in GENERATORS]
        if made:
            text = f"made {name_all([draw.source for draw in made])} without a seed"
            helps = "" if all(draw.can_pin for draw in made) else "Give it a fixed seed."
            yield Explanation("entropy", cell, text, made[0].line, remedy=helps)
        yield from self._seeded_otherwise(cell, told)
        asked = list(dict.fromkeys(asked for evidence in told for asked in evidence.asked))
        if asked:
            whats = strongest(one.what for one in asked)
            line = next(one.line for one in asked if one.what in whats)
            text = f"asked for {enumerate_names(whats[:4])}"
            yield Explanation("outside", cell, text, line, remedy=remedies(whats))
        yield from by_libraries(self._runs, cell)
        yield from _recorded(self._runs, cell)

    def _seeded_otherwise(self, cell: int, told: list[Evidence]) -> Iterator[Explanation]:
        """Give a source or generator that was seeded with a number that itself changes."""
        for seeding in told[0].seedings:
            if seeding.number == FROM_SYSTEM:
                text = f"seeded {seeding.source} from {FROM_SYSTEM}"
                helps = dict(SEEDED_BY_SYSTEM.values()).get(seeding.source, "")
                yield Explanation("entropy", cell, text, seeding.line, remedy=helps)
                return
        for ones in zip(*(evidence.seedings for evidence in told), strict=False):
            if len({(one.source, one.number) for one in ones}) > 1:
                text = f"seeded {ones[0].source} with a number that changes from run to run"
                yield Explanation(
                    "entropy", cell, text, ones[0].line, remedy="Give it a fixed one."
                )
                return

    def _inherited(self, cell: int) -> Iterator[Explanation | None]:
        """Explain the variables and sources that the cell used, and that differed before it ran."""
        for item, origin in self._inputs(cell):
            found = self._explain(item, origin) if origin is not None else None
            yield found or self._between(item, origin, cell)

    def _inputs(self, cell: int) -> Iterator[tuple[Item, int | None]]:
        told = self._runs.evidence(cell)
        for name in sorted(set().union(*(evidence.inputs for evidence in told))):
            item = Item(VARIABLE, cell, name)
            if self._runs.differs(item):
                yield item, self._origin(name, cell)
        seeded_here = {seeding.source for evidence in told for seeding in evidence.seedings}
        used = {draw.source for evidence in told for draw in evidence.draws if draw.seeded}
        used |= {name for evidence in told if evidence.states for name in evidence.start}
        for name in sorted(used - seeded_here):
            if len({evidence.start.get(name) for evidence in told}) > 1:
                origin = self._last_mover(name, cell)
                if origin is not None:
                    yield Item(SOURCE, origin, name), origin

    def _before(self, cell: int) -> list[int]:
        return [other for other in reversed(self._runs.cells) if other < cell]

    def _origin(self, name: str, cell: int) -> int | None:
        """Find the cell in which a variable came to differ."""
        for other in self._before(cell):
            told = self._runs.evidence(other)
            if any(name in evidence.inputs for evidence in told):
                if not self._runs.differs(Item(VARIABLE, other, name)):
                    return other
            elif any(name in evidence.stores for evidence in told):
                return other
        return None

    def _last_mover(self, source: str, cell: int) -> int | None:
        """Find the cell after which a source's state began to differ."""
        found = None
        for other in self._before(cell):
            if source in self._runs.drift(other):
                found = other
                told = self._runs.evidence(other)
                seeded = any(one.source == source for evidence in told for one in evidence.seedings)
                if seeded or len({evidence.start.get(source) for evidence in told}) == 1:
                    break
        return found

    def _between(self, item: Item, origin: int | None, cell: int) -> Explanation | None:
        """Find what changed a variable under another name, after the cell that bound it."""
        for other in self._before(cell):
            if origin is not None and other <= origin:
                break
            found = self.own(other)
            if found is not None:
                text = f"{item.name!r}, which came to differ after it"
                return replace(found, through=text)
        return None

    def _follow_unseen(self, cell: int) -> Explanation | None:
        """Follow a variable that holds more than could be compared to a cell that had it."""
        told = self._runs.evidence(cell)[0]
        for name, (_, whole) in told.inputs.items():
            for other in self._before(cell) if not whole else ():
                there = self._runs.evidence(other)[0]
                if name in there.stores | there.names:
                    found = self._explain(Item(VARIABLE, cell, name), other)
                    if found is not None:
                        text = f"{name!r}, of which not all can be compared"
                        return replace(found, through=found.through or text)
        return None


def _of_anew(drawn: list[DrawEvidence]) -> str:
    """Say what helps where an earlier cell had every source seeded by the operating system."""
    cells = list(dict.fromkeys(draw.follows for draw in drawn))
    if None in cells:
        return ""
    remedy = anew_remedy(all(draw.was_seeded for draw in drawn), is_here=False)
    return f"The operating system seeded it in {enumerate_names([*map(str, cells)])}. {remedy}"


def _agreement(runs: Runs, item: Item, cell: int) -> Iterator[Explanation]:
    """Give what the agreement of runs shows, of a cell that began alike in all of them."""
    if runs.agree_by(item, _hash_seed):
        line = line_of_set(runs, cell)
        what = "the order of a set" if line else "the order of a set, or on hash()"
        told = f"depends on {what}: runs with the same PYTHONHASHSEED agree, others differ"
        remedy = "Put sorted(…) around the set, or use a kernel of `seedmagic kernel install`."
        yield Explanation("hash-order", cell, told, line, remedy=remedy if line else "")
    elif computes(runs, cell) and runs.agree_by(item, _threads):
        text = "gave other values with another number of threads, from the same random numbers"
        yield _computation(f"{text}: ", cell, _operation(runs, cell))
    elif computes(runs, cell) and runs.agree_alone(item):
        text = f"{_OTHER_VALUES}; with one thread, two runs agreed; "
        yield _computation(text, cell, _operation(runs, cell))


def _recorded(runs: Runs, cell: int) -> Iterator[Explanation]:
    """Give what the recorded operations of a cell show."""
    found = _operation(runs, cell)
    if found is not None:
        yield _computation(f"{_OTHER_VALUES}: ", cell, found)


def _operation(runs: Runs, cell: int) -> OperationDifference | None:
    """Name the operation of a cell that gave other values from the same random numbers."""
    found = runs.operation(cell)
    if found is None or not found.did_it:
        return None
    # An operation that draws gets its numbers beside its inputs.
    draws = found.remedy == RANDOM or runs.drift(cell, runs.recorded)
    return None if draws else found


def computes(runs: Runs, cell: int) -> bool:
    """Whether a numerical library was there, and the sources went the same way in all runs."""
    told = runs.evidence(cell)
    return all(evidence.libraries for evidence in told) and not runs.drift(cell)


def _computation(text: str, cell: int, found: OperationDifference | None) -> Explanation:
    if found is None:
        return Explanation("computation", cell, text.rstrip(":; "))
    # What is said of a cell's header is said of the notebook's seed here.
    remedy = found.remedy.replace("--deterministic", "%seed 42 --deterministic", 1)
    remedy = f"{remedy[0].upper()}{remedy[1:]}." if remedy else ""
    return Explanation(
        "computation", cell, f"{text}{found.told}", found.line or None, remedy=remedy
    )


def _hash_seed(run: Run) -> object:
    # As the kernel has it: its specification may set PYTHONHASHSEED, and that wins.
    return run.arrival.hashed if run.arrival else None


def _threads(run: Run) -> object:
    return run.setting.threads
