"""All runs of one notebook beside each other: in what they agree, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

from seedmagic.verify.notebook.kernel_run import Run
from seedmagic.verify.operations.first_operation import OperationDifference, first_difference
from seedmagic.verify.operations.operation_record import from_plain
from seedmagic.verify.outputs.output_pieces import Compared, Piece, compare, pieces_of
from seedmagic.verify.witness.evidence import Evidence

# What is compared: what a cell showed, a variable before a cell, or a source's state after one.
SHOWN, VARIABLE, SOURCE = "shown", "variable", "source"


@dataclass(frozen=True)
class Item:
    """One thing that can differ between runs: of which kind, at which cell, and its name."""

    kind: str
    cell: int
    name: str = ""


class Runs:
    """The runs that are compared first, and further ones that only tell causes apart."""

    def __init__(self, base: Sequence[Run], home: Path, without: frozenset[str]) -> None:
        self.base = tuple(base)
        self.further: tuple[Run, ...] = ()
        self.alone: tuple[Run, ...] = ()  # two of the first run's hash seed, with one thread
        self.recorded: tuple[Run, ...] = ()  # two in which torch's operations were recorded
        self.home = home
        self.without = without
        self._pieces: dict[tuple[int, int], list[Piece]] = {}
        self._compared: dict[tuple[int, int, int], Compared] = {}
        self._operations: dict[int, OperationDifference | None] = {}

    @property
    def every(self) -> tuple[Run, ...]:
        """All runs, the compared ones first."""
        return (*self.base, *self.further)

    @cached_property
    def cells(self) -> tuple[int, ...]:
        """Give the code cells that every compared run has reached and ended."""
        ended = [
            {index for index in run.outputs if run.failure is None or index != run.failure.cell}
            for run in self.base
        ]
        return tuple(sorted(set.intersection(*ended)))

    def pieces(self, run: Run, cell: int) -> list[Piece]:
        """Take apart what a cell showed in a run."""
        key = (id(run), cell)
        if key not in self._pieces:
            outputs = run.outputs.get(cell, [])
            self._pieces[key] = pieces_of(outputs, run.widgets, run.folder, self.home)
        return self._pieces[key]

    def compare(self, one: Run, other: Run, cell: int) -> Compared:
        """Compare what a cell showed in two runs."""
        key = (id(one), id(other), cell)
        if key not in self._compared:
            pieces = self.pieces(one, cell), self.pieces(other, cell)
            self._compared[key] = compare(*pieces, self.without)
        return self._compared[key]

    def evidence(self, cell: int) -> list[Evidence]:
        """Give what the compared runs tell of a cell."""
        return _evidence(self.base, cell)

    def close_evidence(self, cell: int) -> list[Evidence]:
        """Give what the runs tell of a cell that looked closely."""
        return _evidence([run for run in self.further if run.setting.closely], cell)

    def differs(self, item: Item) -> bool:
        """Whether `item` is not the same in all compared runs."""
        return any(not self.agree(item, self.base[0], run) for run in self.base[1:])

    def drift(self, cell: int, runs: Sequence[Run] = ()) -> list[str]:
        """Name the sources that a cell moved, and whose states after it differ between `runs`.

        Those are the compared runs if none are given.
        """
        first, *others = runs or self.base
        told = _evidence((first, *others), cell)
        names = dict.fromkeys(name for evidence in told for name in evidence.end)
        return [
            name
            for name in names
            if any(_moved(evidence, name) for evidence in told)
            and any(not self.agree(Item(SOURCE, cell, name), first, run) for run in others)
        ]

    def operation(self, cell: int) -> OperationDifference | None:
        """Give the first operation of a cell by which the recorded runs differ."""
        if not self.recorded:
            return None
        if cell not in self._operations:
            told = _evidence(self.recorded, cell)
            records = [record for e in told if (record := from_plain(e.operations)) is not None]
            both = len(records) == len(told)
            self._operations[cell] = first_difference(*records) if both else None
        return self._operations[cell]

    def agree(self, item: Item, one: Run, other: Run) -> bool:
        """Whether `item` is the same in two runs."""
        if item.kind == SHOWN:
            return not self.compare(one, other, item.cell).differences
        a, b = (run.evidence.get(item.cell, Evidence()) for run in (one, other))
        if item.kind == VARIABLE:
            return a.inputs.get(item.name) == b.inputs.get(item.name)
        return a.end.get(item.name) == b.end.get(item.name)

    def agree_by(self, item: Item, of: Callable[[Run], object]) -> bool:
        """Whether runs of which `of` says the same agree on `item`, and some others differ.

        Only further runs have the hash seed or the threads of another, so it takes those.
        """
        alike = [pair for pair in combinations(self.every, 2) if of(pair[0]) == of(pair[1])]
        unlike = [pair for pair in combinations(self.every, 2) if of(pair[0]) != of(pair[1])]
        return (
            bool(alike)
            and all(self.agree(item, *pair) for pair in alike)
            and any(not self.agree(item, *pair) for pair in unlike)
        )

    def agree_alone(self, item: Item) -> bool:
        """Whether the runs with one thread agree where like runs with more threads do not."""
        pairs = combinations(self.every, 2)
        alike = [(one, other) for one, other in pairs if one.setting == other.setting]
        return (
            len(self.alone) > 1
            and self.agree(item, *self.alone)
            and any(not self.agree(item, *pair) for pair in alike)
        )


def _evidence(runs: Sequence[Run], cell: int) -> list[Evidence]:
    return [run.evidence.get(cell, Evidence()) for run in runs]


def _moved(evidence: Evidence, source: str) -> bool:
    if source in evidence.start:
        return evidence.start[source] != evidence.end.get(source)
    touched = {draw.source for draw in evidence.draws} | {one.source for one in evidence.seedings}
    return source in touched
