"""What makes a generator start where it did last time."""

from __future__ import annotations

import _random
import ast
import re
import types
from typing import Any

from seedmagic.code.ownership import is_own
from seedmagic.code.raw_attributes import mro_of, name_of_class
from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.kinds.aspects import Place
from seedmagic.words import printable

# It does not come anew with the variable.
_BY_ITSELF = re.compile("__(globals|class)__")
_GYMNASIUM = {"gymnasium", "gym"}


def made(place: Place, root: Any) -> str:
    """Give the order to make the generator of a place anew; `root` leads there."""
    if place.parent is None:
        return f"make {place} in the cell itself"
    if issubclass(type(root), types.ModuleType) or _BY_ITSELF.search(place.told):
        return f"make a generator for {printable(place.told)} in the cell itself"
    return f"make {_root(place)}, with its generator, in the cell itself"


def offered(generator: Any, place: Place, owner: Any, root: Any) -> str | None:
    """Give the order to do what `owner`, which holds a generator, or the generator offers.

    Parameters
    ----------
    generator : object
        It.
    place : Place
        Where it is.
    owner : object
        What holds it; None for a variable.
    root : object
        The variable that leads there.
    """
    over = place.parent
    if over is None:
        return _seeding(generator, place)
    if place.label == "random_state" and "sklearn" in _packages(owner):
        return f"give {printable(over.told)} an integer as random_state"
    if _is(owner, "Space"):
        return _call(over, "seed(42)")
    if _is(owner, "Env") and _is(root, "Env"):
        return _call(_root(place), "reset(seed=42)")
    return _seeding(generator, place)


def _seeding(generator: Any, place: Place) -> str | None:
    if any(is_own(name_of_class(cls)[0]) for cls in mro_of(type(generator))):
        return None  # it may count for itself, which no seed sets back
    if issubclass(type(generator), _random.Random):
        return _call(place, "seed(42)")
    if is_loaded("torch") and issubclass(type(generator), loaded("torch").Generator):
        return _call(place, "manual_seed(42)")
    return None


def _call(place: Place, call: str) -> str | None:
    """Write a call, if the place can be written in a cell as it stands."""
    over: Place | None = place
    while over is not None:
        if over.edge_kind == "closure" or (over.edge_kind == "." and not over.label.isidentifier()):
            return None
        over = over.parent
    try:
        ast.parse(place.told, mode="eval")
    except (SyntaxError, ValueError):
        return None
    return f"call {place.told}.{call} at its start"


def _root(place: Place) -> Place:
    while place.parent is not None:
        place = place.parent
    return place


def _packages(value: Any) -> set[str]:
    return {name_of_class(cls)[0].partition(".")[0] for cls in mro_of(type(value))}


def _is(value: Any, name: str) -> bool:
    """Whether it is an environment or a space of gymnasium's."""
    names = map(name_of_class, mro_of(type(value)))
    return any(module.partition(".")[0] in _GYMNASIUM and own == name for module, own in names)
