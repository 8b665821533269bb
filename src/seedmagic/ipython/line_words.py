"""What may stand on the line of any magic: words, ``$name``, the number of a cell, help."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Mapping
from reprlib import repr as short_repr
from typing import Any, NoReturn

from IPython.core.error import UsageError
from IPython.utils.text import DollarFormatter

from seedmagic.words import did_you_mean

_IN = re.compile(r"(?i:in)?\s*\[\s*(\d+)\s*\]$")


class LineParser(argparse.ArgumentParser):
    """Raises a usage error where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        """Raise it, with the option that may be meant."""
        known = [option for action in self._actions for option in action.option_strings]
        unknown = message.partition("unrecognized arguments: ")[2].split()
        meant = did_you_mean(unknown[0].partition("=")[0], known) if unknown else ""
        raise UsageError(f"{self.prog}: {message}{meant}. {self.epilog} Nothing was changed.")


def split_line(line: str) -> list[str]:
    """Split a line into its words, without a comment; a quote that does not end: ValueError."""
    return shlex.split(line, comments=True)


def parse_number(text: str) -> int:
    """Read the number of a cell, or how many."""
    number = cell_number(text.partition("#")[0])
    if number is None:
        raise UsageError(
            f"{short_repr(text)} is not a number of a cell: 1, 2, 3, …, or In[1] are accepted."
        )
    return number


def cell_number(text: str) -> int | None:
    """Read ``7``, or as it stands beside a cell, ``In[7]``; None: it is no number of a cell."""
    digits = _IN.sub(r"\1", text.strip())
    number = to_int(digits)
    return number if isinstance(number, int) and number >= 1 else None


def asks_for_help(line: str) -> bool:
    """Whether a line asks what is accepted, as it would of a command in a terminal."""
    return line.partition("#")[0].strip() in {"-h", "--help", "help"}


def expand(line: str, namespace: Mapping[str, Any]) -> str:
    """Put in ``$name`` and ``{expression}``, as IPython does unless a magic forbids it."""
    if not set(line) & set("${}"):
        return line  # without the copy of every name
    try:
        return str(DollarFormatter().vformat(line, (), dict(namespace)))
    except Exception:
        # As IPython does: one unknown name leaves the whole line, which is then refused by name.
        return line


def to_int(text: str) -> int | str:
    """Read a literal; what is none stays as it is."""
    for base in (0, 10):  # int("007", 0) is refused, int("007", 10) is not
        try:
            return int(text, base)
        except ValueError:
            continue
    return text


def words_of(parser: LineParser, line: str) -> list[str]:
    """Split a line for `parser`, which refuses what cannot be split."""
    try:
        return split_line(line)
    except ValueError as error:
        parser.error(f"{error} in {line!r}")
