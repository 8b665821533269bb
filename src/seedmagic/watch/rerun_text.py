"""What is said of a cell that ran again from another RNG state than last time."""

from __future__ import annotations

from collections.abc import Sequence

from seedmagic.objects.held.held_generators import HeldPlace
from seedmagic.watch.cell_ledger import CellRecord
from seedmagic.watch.generator_names import NAMED, name_held
from seedmagic.words import enumerate_names


def tell_rerun(
    record: CellRecord, sources: Sequence[str], held: Sequence[HeldPlace], goes_back: bool
) -> str:
    """Say which sources and generators were in another state, and what to do.

    `goes_back` is whether ``--rewind`` puts all of these generators back.
    """
    names = [*sources, *name_held([one.place for one in held])]
    return (
        f"In[{record.number}] ran again, from another state of {enumerate_names(names)} than last "
        f"time, so its numbers are others. {_remedy(record.code, sources, held, goes_back)}"
    )


def _remedy(code: str, sources: Sequence[str], held: Sequence[HeldPlace], goes_back: bool) -> str:
    seeded = "Start it with %%seeded 42"
    if not held:
        return f"{seeded}."
    made = "; ".join([*dict.fromkeys(one.made for one in held)][:NAMED])
    if len(held) == 1 and held[0].offered and not sources:
        made += f", or {held[0].offered}"
    if not goes_back:
        return f"{seeded}, and {made}." if sources else f"{made[:1].upper()}{made[1:]}."
    rewind = f"--rewind {','.join(dict.fromkeys(one.root for one in held))}"
    has_header = code.lstrip().startswith("%%seeded")
    start = f"Add {rewind} to its first line" if has_header else f"{seeded} {rewind}"
    return f"{start}." if sources else f"{start}, or {made}."
