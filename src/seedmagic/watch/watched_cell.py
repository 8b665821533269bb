"""A cell that runs and is watched: what it has drawn by now."""

from __future__ import annotations

import time

from seedmagic.session.rng_state import RngState
from seedmagic.watch.cell_ledger import GENERATOR, Draw


class WatchedCell:
    """What is known of a cell while it runs.

    Parameters
    ----------
    number, cell_id, code
        As in its record.
    start : RngState
        What it started from.
    between : tuple of str
        The unseeded sources that moved while no cell ran, before it.
    stops : bool
        Whether it is to stop at the statement that draws what no seed controls.
    """

    imports: frozenset[int] = frozenset()
    blank: int | None = 0
    spent = 0.0
    rests = False  # until the outermost loop ends: there is no time to look
    replays: int | None = None
    origins: dict[str, str] | None = None  # where sources stood when it first drew from them

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

    def faults(self) -> list[Draw]:
        """Give what it drew or made that no seed controls."""
        return [draw for draw in self.draws.values() if not draw.seeded]

    def take_draw(self, name: str, seeded: bool, line: int | None) -> None:
        """Take that it drew from a source."""
        former = self.draws.get(name)
        # A seeded draw does not hide an unseeded one of the same cell.
        if former is None or (former.seeded and not seeded):
            self.draws[name] = Draw(name, seeded, line)
        elif former.line is None and line is not None:
            self.draws[name] = Draw(name, former.seeded, line)

    def take_line(self, line: int) -> None:
        """Take the line of what was drawn before anybody knew on which."""
        for draw in [draw for draw in self.draws.values() if draw.line is None]:
            self.draws[draw.source] = Draw(draw.source, draw.seeded, line)

    def take_made(self, made_on: int, line: int | None) -> None:
        """Take that it made a generator without a seed on a line, as its frames count."""
        where = made_on + self.blank if made_on and self.blank is not None else line
        self.draws.setdefault(GENERATOR, Draw(GENERATOR, False, where))
