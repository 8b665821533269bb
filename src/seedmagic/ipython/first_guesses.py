"""Answer what people type before they have read the docs: understand it, or say what to type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from seedmagic.sources.known.registry import known_sources
from seedmagic.words import closest, did_you_mean

_HELP = {"-h", "--help"}
# Patterns are compiled on first use: loading the extension takes time.
# The three ways to give a value that are Python's, or of other magics: =42, (42), --seed 42.
_GIVEN = r"""(?x)
    ^\s*(?:(?:seed|random_state)\s*)?=\s*(?P<equal>[^\s,()]+)(?=\s|$)
    |^\s*\(\s*(?:(?:seed|random_state)\s*=\s*)?(?P<call>[^\s,()]+)\s*\)(?=\s|$)
    |(?<!\S)--seed(?:\s*=\s*|\s+)(?P<option>[^\s,]+)(?=\s|$)"""
_FRESH = "%seed new draws a fresh seed and prints it"
_OFF = "%seed off puts back what %seed set, and %seed 42 starts seed 42 anew"
_SHOW = "%seed alone shows the state"
_MEANT = {
    **dict.fromkeys(
        ("none", "null", "new", "random", "rand", "fresh", "auto", "any", "time"), _FRESH
    ),
    **dict.fromkeys(("off", "reset", "clear", "unset", "remove", "delete", "stop", "false"), _OFF),
    **dict.fromkeys(("show", "status", "state", "info", "get", "list", "print"), _SHOW),
    **dict.fromkeys(("on", "true", "()", "="), f"%seed 42 seeds, and {_FRESH}"),
}


def see(magic: str) -> str:
    """Say where the help of a magic stands."""
    return f"For its options and examples, see {magic}?"


def asks_for_help(line: str) -> bool:
    """Whether a line asks what its magic does, as a command's line would."""
    words = line.partition("#")[0].split()
    return words == ["help"] or not _HELP.isdisjoint(words)


def show_help(magic: str, line: str) -> bool:
    """Say where the help of a magic stands, if its line asks for it; tell whether it does."""
    asked = asks_for_help(line)
    if asked:
        print(see(magic))
    return asked


def plain(line: str) -> str:
    """Give a line in which ``=42``, ``seed=42``, ``(42)``, ``--seed 42`` and ``42;`` are ``42``."""
    if not set(line) & set("=(-;"):
        return line
    line = line.rstrip().removesuffix(";")
    return re.sub(
        _GIVEN, lambda found: found["equal"] or found["call"] or found["option"], line, count=1
    )


def argument(line: str) -> str:
    """Give what a line says, where ``()`` and ``;`` alone say nothing."""
    said = plain(line).strip()
    return "" if said == "()" else said


def hint_for_seed(text: str, options: Iterable[str], names: Iterable[str]) -> str:
    """Say what to type in place of a word that is no seed; nothing where it is not known."""
    if re.fullmatch(r"\d+(,\d+)+,?", text):
        return _several(text.strip(",").split(","))
    if meant(text):
        return meant(text)
    if text in known_sources():
        return f"; %seed 42 --only {text} seeds {text} alone"
    # A word of two letters resembles every short name.
    if not re.fullmatch(r"-{0,2}[A-Za-z_]\w+-?[\w-]*", text):
        return ""
    # The name of any seed resembles --seeds.
    found = closest(text, [*names, "new", "off"]) or closest(text, options, 0.75)
    return f"; did you mean {found}?" if found else ""


def hint_for_words(
    words: list[str], seeds: list[str], magic: str, options: Mapping[str, Iterable[str]]
) -> str:
    """Say what to type in place of words that a line does not take.

    Parameters
    ----------
    words : list of str
        Those words.
    seeds : list of str
        The seeds that stand beside them.
    magic : str
        The magic of the line.
    options : mapping of str to iterable of str
        The options of this magic and of others, by their names.
    """
    word = words[0].partition("=")[0]
    for other in options:
        if word in options[other]:
            return f"; {word} is an option of {other}"
    if not seeds and magic == "%seed" and meant(word):
        return meant(word)
    if word in known_sources():
        if "--only" in options[magic]:
            return f"; --only {word} seeds {word} alone"
        return f"; %seed {' '.join(seeds) or 42} --only {word} seeds {word} alone"
    numbers = [part.strip(",") for part in (*seeds, *words)]
    if seeds and all(re.fullmatch(r"\d[\d_]*|0x[\da-fA-F]+", number) for number in numbers):
        return _several(numbers)
    return did_you_mean(word.strip("(),"), (*options[magic], "--help"))


def meant(word: str) -> str:
    """Say what a word in a seed's place is meant to ask for; nothing where it is not known."""
    meant = _MEANT.get(word.strip("-'\"").lower())
    return f"; {meant}" if meant else ""


def _several(seeds: list[str]) -> str:
    if all(len(part) == 3 for part in seeds[1:]) and any(part[0] == "0" for part in seeds[1:]):
        return f"; did you mean {''.join(seeds)}?"  # 1,000
    few = all(seed == "0" or (seed[0] != "0" and len(seed) < 10) for seed in seeds)
    if not few or len(set(seeds)) < len(seeds):
        return "; one seed is taken"
    return f"; one seed is taken, and %%seeded --seeds {','.join(seeds)} runs a cell under several"
