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


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Ask whether a known word was meant, as the end of a sentence; nothing where none is near."""
    from difflib import get_close_matches  # where something is wrong already

    near = get_close_matches(word.lower(), [*known], n=1)
    return f" (did you mean {near[0]}?)" if near else ""


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
