"""What is said about a cell: the warning's text."""

from __future__ import annotations

from collections.abc import Sequence

from seedmagic.code.source_lines import show_line
from seedmagic.watch.cell_ledger import CellRecord, Draw
from seedmagic.watch.generator_names import GENERATORS, anew_remedy, name_all
from seedmagic.words import enumerate_names


def tell_unseeded(number: int | None, code: str, faults: Sequence[Draw]) -> str:
    """Say what a cell drew, made or had seeded that no seed controls, where, and what to do."""
    sources, anew, made = _parted(faults)
    name = _name(number)
    told = []
    if sources:
        told.append(
            f"{name} drew from {_named(sources)}, which no seed controls{_where(code, sources)}."
        )
        told += _tell_follows(sources)
        if not all(draw.follows for draw in sources):
            told.append("Run %seed 42 first, or start the cell with %%seeded 42.")
    if anew:
        told.append(f"{name} {_tell_anew(code, anew)}")
    if made:
        told.append(f"{name} made {_named(made)} without a seed{_where(code, made)}. {_give(made)}")
    return "\n".join(told)


def tell_causes(code: str, faults: Sequence[Draw]) -> tuple[str, ...]:
    """Say the same as causes of a difference, the line only where it is one of the body's."""
    sources, anew, made = _parted(faults)
    told = []
    if sources:
        drawn = f"it drew from {_named(sources)}, which no seed controls."
        told.append(" ".join([drawn, *_tell_follows(sources)]))
    if anew:
        told.append(f"it {_tell_anew(code, anew)}")
    if made:
        was = "were" if len(made) > 1 else "was"
        told.append(f"{_named(made)} {was} made without a seed{_where(code, made)}. {_give(made)}")
    return tuple(told)


def _give(made: Sequence[Draw]) -> str:
    can_pin = all(draw.can_pin for draw in made)
    return f"Give it one{', or run %seed 42 --pin-entropy' if can_pin else ''}."


def _tell_follows(sources: Sequence[Draw]) -> list[str]:
    """Say which earlier cells had sources seeded by the operating system."""
    told = []
    for origin in dict.fromkeys(draw.follows for draw in sources if draw.follows):
        those = [draw for draw in sources if draw.follows == origin]
        was = "was" if len(those) == 1 else "were"
        remedy = anew_remedy(all(draw.was_seeded for draw in those), is_here=False)
        told.append(f"{_named(those)} {was} seeded by the operating system in {origin}. {remedy}")
    return told


def _tell_anew(code: str, anew: Sequence[Draw]) -> str:
    where = _where(code, anew)
    remedy = anew_remedy(all(draw.was_seeded for draw in anew))
    return f"seeded {_named(anew)} from the operating system{where}. {remedy}"


def _named(draws: Sequence[Draw]) -> str:
    return name_all([draw.source for draw in draws])


def _parted(faults: Sequence[Draw]) -> tuple[list[Draw], list[Draw], list[Draw]]:
    """Part them into draws, sources that were seeded anew, and generators that were made."""
    anew = [draw for draw in faults if draw.anew]
    made = [draw for draw in faults if draw.source in GENERATORS and not draw.anew]
    return [draw for draw in faults if draw not in anew and draw not in made], anew, made


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
