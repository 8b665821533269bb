"""A cell that runs and is watched: what it has drawn by now."""

from __future__ import annotations

import re
import time
import weakref
from collections.abc import Iterable
from dataclasses import replace

from seedmagic.code.source_lines import show_line
from seedmagic.session import in_force
from seedmagic.session.rng_state import RngState
from seedmagic.watch.cell_ledger import Draw
from seedmagic.watch.seeded_anew import SeededAnew

_SEED_ANEW = re.compile(r"\bseed\(\s*\)")
_IMPORT = re.compile(r"\s*(?:import|from)\b")


def asks_for_seed(code: str) -> bool:
    """Whether a cell calls a ``seed()`` without a number."""
    return "seed(" in code and bool(_SEED_ANEW.search(code))


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
        self._anew: dict[str, Draw] = {}
        self._in_force: dict[str, tuple[bool, weakref.ref[in_force.OpenScope] | None]] = {}
        self._drawn_after: set[str] = set()
        # A generator's own method, as of torch.default_generator, passes by `seeding_calls`.
        self.seeds_anew = asks_for_seed(code)
        self.began = time.perf_counter()

    def told(self) -> tuple[Draw, ...]:
        """Give all that is known of it, for its record."""
        return (*self.draws.values(), *self._anew.values())

    def faults(self) -> list[Draw]:
        """Give what it drew, made or had seeded that no seed controls."""
        return [draw for draw in self.told() if not draw.seeded]

    def take_draw(
        self, name: str, seeded: bool, line: int | None, follows: SeededAnew | None = None
    ) -> None:
        """Take that it drew from a source; `follows` tells who had that seeded anew before."""
        if not seeded and name in self._anew:
            self._drawn_after.add(name)  # no fault of its own
            return
        former = self.draws.get(name)
        # A seeded draw does not hide an unseeded one of the same cell.
        if former is None or (former.seeded and not seeded):
            draw = Draw(name, seeded, line)
            if follows is not None and not seeded:
                draw = replace(draw, follows=follows.where, was_seeded=follows.was_seeded)
            self.draws[name] = draw
        elif former.line is None and line is not None:
            self.draws[name] = replace(former, line=line)

    def take_line(self, line: int) -> None:
        """Take the line of what was drawn before anybody knew on which."""
        for known in (self.draws, self._anew):
            for name, draw in known.items():
                if draw.line is None:
                    known[name] = replace(draw, line=line)

    def take_made(self, kind: str, line: int | None) -> None:
        """Take that it made a generator without a seed."""
        seeding = in_force.current.seeding
        # What an import makes is not pinned; nor was this one, where a pin is in force.
        is_pinned = seeding is not None and seeding.modes.pin_entropy
        text = self.code.splitlines()[line - 1 : line] if line else []
        can_pin = not is_pinned and not any(map(_IMPORT.match, text))
        self.draws.setdefault(kind, Draw(kind, False, line, can_pin=can_pin))

    def take_anew(self, name: str, seeded_on: int, was_seeded: bool = True) -> None:
        """Take that the operating system seeded a source on a line, as its frames count.

        `was_seeded` is whether a seed controlled it until then.
        """
        line = self.line_of(seeded_on)
        self._anew.setdefault(name, Draw(name, False, line, anew=True, was_seeded=was_seeded))
        scopes = in_force.scopes
        self._in_force[name] = (
            in_force.current.seeding is not None,
            weakref.ref(scopes[-1]) if scopes else None,
        )

    def seeded_anew(self) -> dict[str, SeededAnew]:
        """Give each source that the operating system seeded in it, and where that was asked."""
        name = "This cell" if self.number is None else f"In[{self.number}]"
        return {
            source: SeededAnew(
                f"{name}{show_line(self.code, draw.line)}", draw.was_seeded, *self._in_force[source]
            )
            for source, draw in self._anew.items()
        }

    def take_seeded(self, names: Iterable[str]) -> None:
        """Forget what was seeded anew and never drawn from: these have a seed now."""
        for name in self._anew.keys() & set(names):
            if name not in self._drawn_after:
                del self._anew[name]

    def line_of(self, line: int, otherwise: int | None = None) -> int | None:
        """Give the line of the cell that its frames count so; `otherwise` where they do not."""
        return line + self.blank if line and self.blank is not None else otherwise
