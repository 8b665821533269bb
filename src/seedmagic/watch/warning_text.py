"""What is said about a cell: the warning's text."""

from __future__ import annotations

from collections.abc import Sequence

from seedmagic.code.source_lines import show_line
from seedmagic.watch.cell_ledger import GENERATOR, CellRecord, Draw
from seedmagic.words import enumerate_names


def tell_unseeded(number: int | None, code: str, faults: Sequence[Draw]) -> str:
    """Say what a cell drew or made that no seed controls, where, and what to do."""
    sources = [draw for draw in faults if draw.source != GENERATOR]
    made = [draw for draw in faults if draw.source == GENERATOR]
    name = _name(number)
    told = []
    if sources:
        names = enumerate_names([draw.source for draw in sources])
        told.append(
            f"{name} drew from {names}, which no seed controls{_where(code, sources)}.\n"
            "Run %seed 42 first, or start the cell with %%seeded 42."
        )
    if made:
        told.append(
            f"{name} made a NumPy generator without a seed{_where(code, made)}. "
            "Give it one, or run %seed 42 --pin-entropy."
        )
    return "\n".join(told)


def tell_causes(code: str, faults: Sequence[Draw]) -> tuple[str, ...]:
    """Say the same as causes of a difference, the line only where it is one of the body's."""
    drawn = [draw.source for draw in faults if draw.source != GENERATOR]
    told = [f"it drew from {enumerate_names(drawn)}, which no seed controls."] if drawn else []
    made = [draw for draw in faults if draw.source == GENERATOR]
    if made:
        told.append(
            f"a NumPy generator was made without a seed{_where(code, made)}. "
            "Give it one, or run %seed 42 --pin-entropy."
        )
    return tuple(told)


def tell_record(record: CellRecord, is_first: bool) -> str | None:
    """Say what is wrong with a cell, the first one or a later one, or nothing."""
    told = []
    faults = [draw for draw in record.draws if not draw.seeded]
    if faults:
        told.append(tell_unseeded(record.number, record.code, faults))
    if record.between:
        names = enumerate_names(record.between)
        where = "since seedmagic was loaded" if is_first else "between cells"
        rest = "the rest of the cell that loaded it, " if is_first else ""
        told.append(
            f"Before {_name(record.number)}, {where}, numbers were drawn from {names}, which no "
            f"seed controls: by {rest}a widget's callback, a thread or a silent request."
        )
    if told and record.threads:
        told.append(
            f"Other threads were alive ({', '.join(record.threads)}): what they drew cannot be "
            "told from what the cell drew."
        )
    return "\n".join(told) or None


def _name(number: int | None) -> str:
    return "This cell" if number is None else f"In[{number}]"


def _where(code: str, draws: Sequence[Draw]) -> str:
    return show_line(code, min((draw.line for draw in draws if draw.line), default=None))
