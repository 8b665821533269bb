"""What a cell is known by: its id where one is sent, else its body."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from textwrap import dedent
from typing import NamedTuple

from IPython.core.interactiveshell import InteractiveShell

from seedmagic.code.names_in_code import surely_bound
from seedmagic.ipython.header_line import part_cell


class CellKey(NamedTuple):
    """What one cell, or one body that a cell runs, is known by.

    Attributes
    ----------
    cell_id : str
        The notebook's id of the cell; empty where none is sent.
    body : str
        The digest of the body; empty where the id says all.
    """

    cell_id: str
    body: str


# IPython looks at a cell several times.
@lru_cache(maxsize=50)
def digest_of_body(body: str) -> str:
    """Digest a body, so that blanks and comments make no difference."""
    try:
        told = ast.dump(ast.parse(dedent(body)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # it has magics, say
        lines = (line.rstrip() for line in dedent(body).splitlines())
        told = "\n".join(filter(None, lines))
    return hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=8).hexdigest()


@dataclass(frozen=True)
class RunningCell:
    """The outermost cell that runs; without anything known of one that runs silently.

    Attributes
    ----------
    code : str
        As it was written.
    cell_id : str
        The notebook's id of it; empty where none is sent.
    number : int or None
        That of its prompt.
    """

    code: str = ""
    cell_id: str = ""
    number: int | None = None

    @property
    def key(self) -> CellKey | None:
        """Give what it is known by; None: by nothing, which needs an id or a header."""
        if self.cell_id:
            return CellKey(self.cell_id, "")
        header, body = part_cell(self.code)
        return None if header is None else CellKey("", digest_of_body(body))

    def key_of(self, body: str, *, is_nested: bool) -> CellKey:
        """Give what a body is known by that it runs: its own, or that of a cell in it."""
        return CellKey(self.cell_id, body if is_nested or not self.cell_id else "")

    def bound(self, shell: InteractiveShell) -> set[str]:
        """Name what it surely bound, now that it has ended."""
        result = shell.last_execution_result
        if not self.code or result is None or not result.success:
            return set()
        return surely_bound(shell.transform_cell(part_cell(self.code)[1]))
