"""Find in a status what is wrong, say it in words, and say what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from seedmagic.code.source_lines import show_line
from seedmagic.status.status_data import Problem, Status
from seedmagic.watch.cell_ledger import CellRecord
from seedmagic.watch.generator_names import GENERATORS, anew_remedy, name_all
from seedmagic.words import enumerate_names

# How many cells are named in a sentence.
_NAMED = 8


def find_problems(status: Status, faulty: Sequence[CellRecord]) -> Iterator[Problem]:
    """Give what is wrong, the worst first; `faulty` cells drew or made what no seed controls."""
    seed = 42 if status.seed is None else status.seed
    options = _options(status.modes)
    drawn = {name for cell in faulty for name in _unseeded(cell)}
    now = {name for name in drawn & status.sources.keys() if _is_unseeded(status, name)}
    if now:
        cells = [cell for cell in faulty if now & set(_unseeded(cell))]
        yield Problem(
            f"{enumerate_names(sorted(now))} {'are' if len(now) > 1 else 'is'} unseeded and "
            f"{_names(cells)} drew from {_them(now)}{_where(cells, now)}.",
            f"Seed {_them(now)}, then run {_names(cells)} again.",
            f"%seed {seed}{options}",
        )
    past = drawn & status.sources.keys() - now
    if past:
        cells = [cell for cell in faulty if past & set(_unseeded(cell))]
        yield Problem(
            f"{_names(cells)} drew from {enumerate_names(sorted(past))} while unseeded"
            f"{_where(cells, past)}.",
            f"Run {_names(cells)} again.",
        )
    between = {name for cell in status.cells for name in cell.between}
    between = {name for name in between & status.sources.keys() if _is_unseeded(status, name)}
    if between:
        cells = [cell for cell in status.cells if between & set(cell.between)]
        yield Problem(
            f"Before {_names(cells)}, between cells, numbers were drawn from "
            f"{enumerate_names(sorted(between))}, which no seed controls.",
            f"Seed {_them(between)}, then do again what drew: a widget's callback, a thread or a "
            "silent request.",
            f"%seed {seed}{options}",
        )
    anew = {draw.source for cell in faulty for draw in cell.draws if draw.anew}
    if anew:
        cells = [cell for cell in faulty if any(draw.anew for draw in cell.draws)]
        was_seeded = all(draw.was_seeded for cell in cells for draw in cell.draws if draw.anew)
        yield Problem(
            f"{_names(cells)} seeded {name_all(sorted(anew))} from the operating system"
            f"{_where(cells, anew, anew=True)}.",
            f"{anew_remedy(was_seeded)[:-1]}, and run {_names(cells)} again.",
        )
    made = drawn & GENERATORS.keys()
    if made:
        cells = [cell for cell in faulty if made & set(_unseeded(cell))]
        can_pin = not status.modes.get("pin_entropy") and all(
            draw.can_pin for cell in cells for draw in cell.draws if draw.source in made
        )
        yield Problem(
            f"{_names(cells)} made {name_all(sorted(made))} without a seed{_where(cells, made)}.",
            f"Give it one,{' or pin such generators,' if can_pin else ''} and run "
            f"{_names(cells)} again.",
            f"%seed {seed}{options} --pin-entropy" if can_pin else None,
        )
    has_gpu = any(kind["available"] and kind["count"] for kind in status.devices.values())
    if has_gpu and status.seed is not None and status.flags.get("cudnn.benchmark"):
        yield Problem(
            "cuDNN's benchmark is on: it may choose another algorithm at each start.",
            "Switch it off: torch.backends.cudnn.benchmark = False.",
        )
    if status.watch == "off":
        yield Problem(
            "Cells are not watched: what they draw is not known.", "Watch them.", "%seedwatch warn"
        )


def _options(modes: dict[str, Any]) -> str:
    """Write the modes that a further `%seed` is to keep, as its line has them."""
    written = {
        " --deterministic": modes.get("deterministic") is True,
        " --deterministic=warn": modes.get("deterministic") == "warn",
        " --per-cell": modes.get("per_cell"),
        " --pin-entropy": modes.get("pin_entropy"),
    }
    return "".join(option for option, is_on in written.items() if is_on)


def _unseeded(cell: CellRecord) -> list[str]:
    return [draw.source for draw in cell.draws if not (draw.seeded or draw.anew or draw.follows)]


def _names(cells: Sequence[CellRecord]) -> str:
    names = [f"In[{cell.number}]" for cell in cells]
    if len(names) > _NAMED:
        names[_NAMED:] = ["others"]
    return enumerate_names(names)


def _is_unseeded(status: Status, name: str) -> bool:
    return status.sources[name].status == "unseeded"


def _them(names: set[str]) -> str:
    return "them" if len(names) > 1 else "it"


def _where(cells: Sequence[CellRecord], names: set[str], anew: bool = False) -> str:
    """Show the first such line of a single cell."""
    if len(cells) > 1:
        return ""
    (cell,) = cells
    draws = [draw for draw in cell.draws if draw.source in names and draw.anew is anew]
    return show_line(cell.code, min((draw.line for draw in draws if draw.line), default=None))
