"""The generators that code can reach by name: where each is, and what else is known of it."""

from __future__ import annotations

import re
import sys
import types
import weakref
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from seedmagic.objects.held.bounded_look import BoundedLook
from seedmagic.objects.held.holder_classes import GENERATOR, parts_of
from seedmagic.objects.held.holder_places import HolderPlaces
from seedmagic.objects.held.holder_remedies import made, offered
from seedmagic.objects.kinds.random_generators import anchor_of, bare_state
from seedmagic.objects.rewind.namespace import is_users
from seedmagic.sources.known.registry import present_of_known
from seedmagic.words import printable

_WORD = re.compile(r"[^\W\d]\w*")
# Code that calls one of these may name anything.
_BY_TEXT = frozenset(("eval", "exec", "globals", "vars"))
Reference = Callable[[], Any]


class HeldPlace(NamedTuple):
    """Where a generator is, and what helps there.

    Attributes
    ----------
    place : str
        Where it is, as ``kf.random_state``.
    root : str
        The variable that leads there.
    made : str
        The order to make it anew in the cell.
    offered : str or None
        The order to do what its holder, or it itself, offers instead.
    """

    place: str
    root: str
    made: str
    offered: str | None


class HeldGenerator(NamedTuple):
    """A generator as it was at one moment; both references give None once it is gone.

    Attributes
    ----------
    told : HeldPlace
        Where it was.
    generator, anchor : callable
        Give it, and what stands for it as `anchor_of` says.
    state : bytes
        What it held.
    """

    told: HeldPlace
    generator: Reference
    anchor: Reference
    state: bytes


def look_into(code: str, namespace: Mapping[str, Any]) -> BoundedLook:
    """Look into all that the words of a cell name, those in its magics and texts too.

    A word too many does no harm: what a cell does not use it does not move.
    """
    words = dict.fromkeys(_WORD.findall(code))
    if not _BY_TEXT.isdisjoint(words):
        words |= dict.fromkeys(name for name in namespace if type(name) is str)
    named = {word: namespace[word] for word in words if word in namespace and is_users(word)}
    return BoundedLook(named)


def held_generators(look: BoundedLook, namespace: Mapping[str, Any]) -> list[HeldGenerator]:
    """Give the generators that a look has found, as they are now."""
    places = HolderPlaces(look, namespace)
    held = []
    for generator, anchor, holder in look.found:
        state = state_of(generator)
        if state is not None:
            place = places.of(generator, holder)
            root = place
            while root.parent is not None:
                root = root.parent
            value = namespace.get(root.label)
            offer = offered(generator, place, look.owner_of(holder), value)
            told = HeldPlace(printable(place.told), str(root), made(place, value), offer)
            held.append(HeldGenerator(told, referring(generator), referring(anchor), state))
    return held


def state_of(generator: Any) -> bytes | None:
    """Give what a generator holds; None where it cannot be read just now, as in a CUDA graph."""
    try:
        return bare_state(generator)
    except Exception:
        return None


def referring(value: Any) -> Reference:
    """Refer to `value` weakly where that can be, so that it lives no longer than without us.

    NumPy's own generators allow it not; nobody but the collector notices that one is held a little.
    """
    try:
        return weakref.ref(value)
    except TypeError:
        return lambda: value


def anchors_of_sources() -> set[int]:
    """Give the addresses of what stands for the generators of sources: these draw by functions.

    They are variables of the source's module, or what functions there are the methods of.
    """
    found: set[int] = set()
    for source in present_of_known():
        module = sys.modules.get(source.module)
        for value in [] if module is None else [*vars(module).values()]:
            held = value if type(value) is tuple else (value,)
            if type(value) in (types.BuiltinMethodType, types.MethodType):
                held = (value.__self__,)
            found |= {id(anchor_of(part)) for part in held if parts_of(type(part)) is GENERATOR}
    return found
