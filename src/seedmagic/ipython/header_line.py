"""The line `%%seeded ARGS`: found, split and read in this one place, once for each text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from IPython.core.error import UsageError

from seedmagic.ipython.first_guesses import asks_for_help, plain, see
from seedmagic.ipython.line_values import expand
from seedmagic.ipython.options import LineOptions, parse_seeded_words, split_line

MAGIC = "%%seeded"
# Stands between the arguments of a header and what is told of its body: no line can hold it.
_BODY = "\n"
# What ``$name`` and ``{expression}`` begin with.
_VALUES = frozenset("${")
# Options for which the body runs more than once.
_AGAIN = {"--verify", "--runs", "--seeds"}


@dataclass(frozen=True)
class Header:
    """What stands behind ``%%seeded``.

    Attributes
    ----------
    text : str
        As it was written: ``$name`` and ``{expression}`` get their values when the cell runs.
    has_body : bool
        Whether there is a body below.
    body : str
        What tells this body from others; empty where nobody asks.
    """

    text: str
    has_body: bool = True
    body: str = ""

    @property
    def arguments(self) -> str:
        """Write it as one string, from which `parse_header` gives it again."""
        return self.text if self.has_body and not self.body else self.text + _BODY + self.body

    @property
    def may_rewind(self) -> bool:
        """Whether it asks for ``--rewind``, or a variable in it may."""
        return "--rewind" in self.text or not _VALUES.isdisjoint(self.text)

    @cached_property
    def runs_again(self) -> bool:
        """Whether it asks for more than one run of its body."""
        words = self._words
        return not isinstance(words, ValueError) and any(
            word.partition("=")[0] in _AGAIN for word in words
        )

    def read(self, namespace: Mapping[str, Any]) -> LineOptions:
        """Say what it asks for, with ``$name`` and ``{expression}`` put in.

        Raises
        ------
        UsageError
            There is no body, or the line is none that is accepted.
        """
        if asks_for_help(self.text):
            raise UsageError(f"{see(MAGIC)} Nothing was run.")
        if not self.has_body:
            raise UsageError(f"{MAGIC} needs a body: the code to run, below the header.")
        text = expand(self.text, namespace)
        return self._asked if text == self.text else replace(self, text=text)._asked

    @cached_property
    def _words(self) -> list[str] | ValueError:
        try:
            return split_line(plain(self.text))
        except ValueError as error:  # a quote that does not end, which is refused when it is read
            return error

    @cached_property
    def _asked(self) -> LineOptions:
        return replace(parse_seeded_words(self._words, self.text), body=self.body)


# IPython looks at a cell several times, and in between there is its text alone.
@lru_cache(maxsize=50)
def parse_header(arguments: str) -> Header:
    """Give the header of these arguments; the same one for the same text."""
    text, mark, body = arguments.partition(_BODY)
    return Header(text, bool(body) or not mark, body)


def find_header(line: str) -> Header | None:
    """Give the header that a line is; None: it is none."""
    line = line.strip()
    # `%%seeded(42)` and `%%seeded=42` are understood too.
    is_header = line.startswith(MAGIC) and not line[len(MAGIC) :][:1].strip(" \t=(")
    return parse_header(line.removeprefix(MAGIC)) if is_header else None


def part_cell(code: str) -> tuple[Header | None, str]:
    """Part a cell into its header and its body; all of it is body where there is no header."""
    line, _, body = code.lstrip().partition("\n")
    header = find_header(line) if line.startswith(MAGIC) else None
    return (None, code) if header is None else (header, body)
