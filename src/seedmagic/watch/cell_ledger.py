"""The record of cells: seed, states at the start, draws, verdict.

Bounded: the last 10,000 records, and what the last 1,000 cells started from: 2.5 kB each for
Python's, NumPy's and torch's generators as they lie in memory, shared by all cells between which
they did not move. 1,500 cells that each draw from all three take 9 to 11 MB (measured), and 10,000
records some 6 MB besides the cells' code.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from seedmagic.session.rng_state import RngState

RECORDS = 10_000
STATES = 1_000


@dataclass(frozen=True)
class Draw:
    """One source that a cell drew from, or had seeded anew, or a generator made without a seed.

    Attributes
    ----------
    source : str
        The source's name; of a generator that was made without a seed, its kind: one of
        `GENERATORS`.
    seeded : bool
        Whether a known seed controlled the source at that moment.
    line : int or None
        The line of the statement, counted from the cell's first; None where it is not known.
    anew : bool
        Whether this is no draw: the operating system gave the source another seed, as
        ``np.random.seed()`` asks for.
    follows : str or None
        Of an unseeded draw, the earlier cell that had the source seeded so: ``"In[3] (line 2:
        np.random.seed())"``.
    was_seeded : bool
        Whether a seed controls the source once the call of that cell, or of this, is deleted.
    can_pin : bool
        Whether ``%seed 42 --pin-entropy`` would give the generator a seed.
    """

    source: str
    seeded: bool
    line: int | None = None
    anew: bool = False
    follows: str | None = None
    was_seeded: bool = True
    can_pin: bool = True


class CellRecord(NamedTuple):
    """What is known of one run of a cell.

    Attributes
    ----------
    number : int or None
        As in ``In[number]``; None for a run that is not in the history.
    cell_id : str or None
        What the front end calls the cell, where it tells.
    code : str
        As the user wrote it.
    seed : int or None
        The seed in force when the cell ended, before its scope was closed.
    draws : tuple of Draw
        What it drew from and made.
    between : tuple of str
        The unseeded sources that moved while no cell ran, since the cell before.
    threads : tuple of str
        Where anything was drawn, the other threads that were alive: what they drew cannot be told
        from what the cell drew.
    verdict : str
        ``"unseeded"``, ``"seeded"``, or ``"no draws"``.
    line, text : int or None, str or None
        The first line that the verdict is about, and what stands there.
    duration : float
        Seconds.
    replays : int or None
        The number of the cell whose start it began from, under ``%seedreplay`` and ``--from``.
    held : tuple of str
        Where the generators are that it moved, as ``kf.random_state``; known in the mode
        ``strict`` alone.
    """

    number: int | None
    cell_id: str | None
    code: str
    seed: int | None
    draws: tuple[Draw, ...]
    between: tuple[str, ...]
    threads: tuple[str, ...]
    verdict: str
    line: int | None
    text: str | None
    duration: float
    replays: int | None = None
    held: tuple[str, ...] = ()

    @property
    def cell(self) -> str:
        """What tells it from other cells."""
        return self.cell_id or self.code

    def to_dict(self) -> dict[str, Any]:
        """Give the same as plain values, ready for JSON."""
        draws = [asdict(draw) for draw in self.draws]
        for draw in draws:
            del draw["was_seeded"], draw["can_pin"]  # remedies need them, nobody else
        return {**self._asdict(), "draws": tuple(draws)}


class Ledger:
    """The records of this session's cells, oldest first, and the states they started from."""

    def __init__(self) -> None:
        self.records: deque[CellRecord] = deque(maxlen=RECORDS)
        self._starts: OrderedDict[int, RngState] = OrderedDict()
        self._faulty: dict[str, CellRecord] = {}

    def add(self, record: CellRecord, start: RngState | None) -> None:
        """Keep a record, and what its cell started from."""
        if len(self.records) == RECORDS:
            oldest = self.records[0]
            if self._faulty.get(oldest.cell) is oldest:
                del self._faulty[oldest.cell]
        self.records.append(record)
        self._faulty.pop(record.cell, None)
        if record.verdict == "unseeded" and record.number is not None:
            self._faulty[record.cell] = record
        if record.number is not None and start is not None:
            self._starts[record.number] = start
            while len(self._starts) > STATES:
                self._starts.popitem(last=False)

    def last(self, count: int | None = None) -> list[CellRecord]:
        """Give the last `count` records, or all, oldest first."""
        kept = [*self.records]
        return kept if count is None else kept[max(0, len(kept) - count) :]

    def faulty(self) -> list[CellRecord]:
        """Give the cells, oldest run first, whose last run drew or made what no seed controls."""
        return list(self._faulty.values())

    def find(self, number: int) -> tuple[CellRecord, RngState]:
        """Give the record of ``In[number]``, and the state that it started from.

        Raises
        ------
        LookupError
            The cell has not run while the extension was loaded, or its state was dropped; the
            message says which.
        """
        found = [record for record in self.records if record.number == number]
        if not found:
            numbers = [record.number for record in self.records if record.number is not None]
            known = f"In[{numbers[0]}] to In[{numbers[-1]}] are" if numbers else "no cell is"
            raise LookupError(f"In[{number}] is not in the ledger: {known}.")
        if number not in self._starts:
            raise LookupError(
                f"the state that In[{number}] started from is not kept any more: "
                f"those of the last {STATES} cells are."
            )
        return found[-1], self._starts[number]
