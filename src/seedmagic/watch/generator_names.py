"""What sources, and generators that stand for one in a draw, are called in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seedmagic.words import enumerate_names, many

GENERATOR, PYTHON_GENERATOR, TORCH_GENERATOR = "generator", "random.Random", "torch.Generator"
# The kinds of generators, each with what it is called.
GENERATORS = {
    GENERATOR: "a NumPy generator",
    PYTHON_GENERATOR: "a random.Random",
    TORCH_GENERATOR: "a torch.Generator",
}

# More than so many generators are counted, not named.
NAMED = 3

# Of a source that the operating system seeds, for no seed before it would help.
ANEW_REMEDY = "Give it a number, or delete the call"


def anew_remedy(is_seeded_without: bool, is_here: bool = True) -> str:
    """Say what helps, in this cell or in an earlier one, and whether no call is enough."""
    remedy = ANEW_REMEDY if is_seeded_without else f"{ANEW_REMEDY} and run %seed 42"
    return f"{remedy if is_here else remedy.replace('number', 'number there')}."


def name_all(sources: Iterable[str]) -> str:
    """Name each of several once, sources by their names."""
    return enumerate_names([GENERATORS.get(name, name) for name in dict.fromkeys(sources)])


def name_held(places: Sequence[str]) -> list[str]:
    """Name where generators are, of many the first."""
    rest = len(places) - NAMED
    named = [*places[:NAMED]]
    return [*named, f"{many(rest, 'more generator')}"] if rest > 0 else named
