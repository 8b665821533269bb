"""What whoever watches cells tells a status; the core itself knows nothing of cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from seedmagic.watch.cell_ledger import CellRecord


@dataclass(frozen=True)
class Watched:
    """What whoever watches cells has seen.

    Attributes
    ----------
    mode : str
        As in `%seedwatch`.
    cells : tuple of CellRecord
        The last cells, oldest first.
    faulty : tuple of CellRecord
        Of all cells, those whose last run drew or made what no seed controls.
    rewind_bytes : int
        What the copies that ``--rewind`` keeps take.
    """

    mode: str
    cells: tuple[CellRecord, ...] = ()
    faulty: tuple[CellRecord, ...] = ()
    rewind_bytes: int = 0


# Set by whoever watches cells.
ask: Callable[[], Watched | None] | None = None
