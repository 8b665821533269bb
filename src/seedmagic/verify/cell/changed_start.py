"""What a run changed of that which a re-run of the same code starts from."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from seedmagic.objects.compare.value_comparison import differences
from seedmagic.objects.fingerprints.fingerprint import ORDER, fingerprints
from seedmagic.objects.folding import copy_of, is_folded
from seedmagic.objects.held.held_generators import anchors_of_sources
from seedmagic.objects.held.holder_classes import GENERATOR, parts_of
from seedmagic.objects.kinds.random_generators import anchor_of
from seedmagic.objects.object_walk import Node
from seedmagic.verify.cell.run_end import Observed, facts_of_large

if TYPE_CHECKING:
    from seedmagic.verify.cell.run_start import Start

_SHOWN, _MOST = 3, 20


@dataclass(frozen=True)
class Changed:
    """A name whose object a run changed, or that it bound anew after it had read it.

    Attributes
    ----------
    name : str
        The user's name, or the way to it: ``model``, ``settings.rate``.
    places : tuple of str
        Where it is another now, as ``fake.generator.random``; the name alone if it was bound anew.
    can_rewind : bool
        Whether ``--rewind`` of the name puts it back.
    made : str
        Which cell made it without a seed, as ``In[2]``; empty if none is known to.
    """

    name: str
    places: tuple[str, ...]
    can_rewind: bool
    made: str = ""

    def __str__(self) -> str:
        more = len(self.places) - _SHOWN
        told = ", ".join([*self.places[:_SHOWN], *([f"{more} more"] if more > 0 else [])])
        made = f", made without a seed in {self.made}" if self.made else ""
        return f"{told}{made}" if len(self.places) == 1 else f"{self.name} ({told}){made}"


def find_changed(start: Start, first: Observed, made: Callable[[str], str]) -> tuple[Changed, ...]:
    """Compare what a run left with what it started from.

    Parameters
    ----------
    start : Start
        Put back.
    first : Observed
        The end of the run.
    made : callable
        Which cell made what a name holds without a seed, or an empty string.
    """
    told: dict[str, str] = {}

    of_scopes: set[str] = set()  # generators that every scope seeds
    anchors = cache(anchors_of_sources)  # for most cells, nobody asks

    pieces: dict[str, Node] = {}  # of which copies were kept, as one

    def see(place: str, node: Node) -> None:
        if place in first.small and is_folded(node.kind):
            pieces[place] = node
        if node.place.edge_kind == "=":
            told[place] = node.place.told
        if parts_of(type(node.value)) is GENERATOR and id(anchor_of(node.value)) in anchors():
            of_scopes.add(place)

    unmoved = start.unmoved()

    def known(place: str, node: Node) -> str | None:
        """Give what the run left in a large tensor, where that is what was there before."""
        is_same = id(node.value) in unmoved and place in first.facts
        same = is_same and first.facts[place] == facts_of_large(node.value)
        return first.prints.pieces.get(place) if same else None

    before = fingerprints(start.values(first.bound), see, folded=True, known=known)
    found: dict[str, list[str]] = {}
    for place in before.differing(first.prints):
        name = start.name_of(place)
        # What is bound anew without a look at what was there starts nothing.
        is_kept = name not in first.bound or "." in (name or "") or name in start.reads
        if name is not None and is_kept and place not in of_scopes:
            place = place.removesuffix(ORDER)
            inside = _inside(pieces[place], first.small[place]) if place in pieces else []
            led = start.rewound_as(name)
            found.setdefault(led, []).extend(inside or [told.get(place, place)])
    new = first.bound - start.names
    for name in sorted(first.deleted | ((new | first.shown.renewed) & start.reads)):
        found.setdefault(name, [name])
    return tuple(
        Changed(name, _outermost(places), start.can_rewind(name), made(name))
        for name, places in found.items()
        if name not in start.rewound
    )


def _inside(node: Node, end: Any) -> list[str]:
    """Name the places in what came as one at which the end is another."""
    begun, _ = copy_of(node.value, node.kind, sys.maxsize)
    name = str(node.place)
    return [each.path for each in differences(begun, end, name) if each.is_compared]


def of_settings(names: Iterable[str]) -> tuple[Changed, ...]:
    """Give the settings of the process that a run changed."""
    return tuple(Changed(name, (name,), can_rewind=False) for name in names)


def tell(changes: Sequence[Changed], rewound: Sequence[str]) -> list[str]:
    """Say in lines what was changed, and what makes each run start alike.

    `rewound` names what starts each re-run alike already.
    """
    more = len(changes) - _MOST
    told = [*map(str, changes[:_MOST]), *([f"… and {more} more names"] if more > 0 else [])]
    names = [*rewound, *(each.name for each in changes if each.can_rewind)]
    others = [each.name for each in changes if not each.can_rewind]
    if len(names) > len(rewound):
        told.append(f"So that each run starts alike: --rewind {','.join(names)}")
    if others:
        told.append(f"No --rewind puts back {', '.join(others)}: make or set it in the cell.")
    return told


def _outermost(places: Iterable[str]) -> tuple[str, ...]:
    """Leave out what lies in one that is named already, and each that comes again."""
    kept: dict[str, None] = {}
    for place in places:
        ways = (place[:at] for at, letter in enumerate(place) if letter in ".[")
        if not any(way in kept for way in ways):
            kept[place] = None
    return tuple(kept)
