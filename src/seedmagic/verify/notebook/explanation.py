"""A cause, as it is told of a cell: what happened, where, and what helps."""

from __future__ import annotations

from dataclasses import dataclass

from seedmagic.code.source_lines import show_line
from seedmagic.verify.notebook.findings import CAUSES

_REMEDIES = {
    "unseeded": "Run %seed 42 before it, or start the cell with %%seeded 42.",
    "hash-order": "Sort what comes out of a set, do not seed with hash(), or use a kernel of "
    "`seedmagic kernel install`.",
    "entropy": "Give it a fixed seed, or run %seed 42 --pin-entropy.",
    "outside": "No seed reaches it: leave it out of what is shown, or give it as a parameter.",
    "computation": "Try %seed 42 --deterministic, or one thread.",
}


@dataclass(frozen=True)
class Explanation:
    """A cause, the cell where it arose, the line there, and how it is known.

    `through` says by which variable, where the link to another cell hangs on it alone; `remedy`
    what helps, where more is known than helps against every such cause. What `is_shown` is not can
    explain a difference, and is told only where nothing else does.
    """

    cause: str
    cell: int
    told: str
    line: int | None = None
    through: str | None = None
    remedy: str = ""
    is_shown: bool = True

    @property
    def rank(self) -> tuple[int, bool, int]:
        """What goes first: the contract's precedence, what is shown, the earliest cell."""
        place = CAUSES.index(self.cause) + (0 if self.is_shown else len(CAUSES))
        return place, self.through is not None, self.cell

    def describe(self, cell: int, code: str) -> str:
        """Write it as the detail of `cell`; `code` is that of the cell where it arose."""
        where = show_line(code, self.line)
        remedy = self.remedy or _REMEDIES.get(self.cause, "")
        if self.cell == cell:
            return f"{self.told}{where}. {remedy}".strip()
        through = f" through {self.through}" if self.through else ""
        return f"follows cell {self.cell}{through}: it {self.told}{where}. {remedy}".strip()
