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
# Ends the arguments of a header without a body: none of a line's own can hold it.
_EMPTY = "\n"
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
    """

    text: str
    has_body: bool = True

    @property
    def arguments(self) -> str:
        """Write it as one string, from which `parse_header` gives it again."""
        return self.text if self.has_body else self.text + _EMPTY

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
        return self._asked if text == self.text else replace(Header(text)._asked, line=self.text)

    @cached_property
    def _words(self) -> list[str] | ValueError:
        try:
            return split_line(plain(self.text))
        except ValueError as error:  # a quote that does not end, which is refused when it is read
            return error

    @cached_property
    def _asked(self) -> LineOptions:
        return parse_seeded_words(self._words, self.text)


# IPython looks at a cell several times, and in between there is its text alone.
@lru_cache(maxsize=50)
def parse_header(arguments: str) -> Header:
    """Give the header of these arguments; the same one for the same text."""
    return Header(arguments.removesuffix(_EMPTY), not arguments.endswith(_EMPTY))


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
