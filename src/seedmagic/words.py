"""Write names, counts and flags as people do, and text as it can be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# What a terminal takes for a colour or for where to write next, as ANSI and ECMA-48 have it.
_TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def enumerate_names(names: Sequence[str]) -> str:
    """Write names as people do: a, b and c."""
    *first, last = names or [""]
    return f"{', '.join(first)} and {last}" if first else last


def closest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Give the one of `known` that a mistyped `word` was probably meant to be.

    Dashes, underscores and capitals are not looked at; the beginning of one name alone is enough,
    else a likeness of `cutoff`, from 0 to 1, as `difflib.SequenceMatcher.ratio` measures it.
    """
    from difflib import get_close_matches  # seldom needed, and 3 ms

    by_key = {_key(name): name for name in known}
    key = _key(word)
    begun = [name for found, name in by_key.items() if found.startswith(key) and len(key) > 2]
    if len(begun) == 1:
        return begun[0]
    matches = get_close_matches(key, by_key, 1, cutoff)
    return by_key[matches[0]] if matches else None


def _key(name: str) -> str:
    return name.strip("-").replace("_", "-").lower()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Write the end of a sentence about a mistyped `word`: nothing where nothing resembles it."""
    found = closest(word, known)
    return f"; did you mean {found}?" if found else ""


def ended(sentence: str) -> str:
    """End a sentence that may be a question by now."""
    return sentence if sentence.endswith("?") else f"{sentence}."


def many(count: int, what: str) -> str:
    """Write how many there are of something: 1 run, 2 runs."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def without_colours(text: str) -> str:
    """Take out what tells a terminal its colours, and where to write."""
    return _TERMINAL.sub("", text)


def printable(text: str) -> str:
    """Write what a terminal would take for a command as its escape."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def on_or_off(value: object) -> str:
    """Write a flag's value."""
    return ("off", "on")[value] if isinstance(value, bool) else str(value)
