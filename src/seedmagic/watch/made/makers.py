"""Which cell made what a name holds, where it holds a generator without a seed."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from seedmagic.code.source_lines import text_of_line
from seedmagic.watch.cell_ledger import CellRecord
from seedmagic.watch.generator_names import GENERATORS


def maker_of(name: str, records: Iterable[CellRecord]) -> str:
    """Give the last cell that bound a name in a statement that made such a generator.

    Empty where there is none, or the name was bound anew since.

    Parameters
    ----------
    name : str
        A variable.
    records : iterable of CellRecord
        The latest first.
    """
    for record in records:
        lines = [*_lines_that_bind(name, record.code)] if name in record.code else []
        made = {draw.line for draw in record.draws if draw.source in GENERATORS and not draw.anew}
        if any(made.intersection(each) for each in lines):
            return f"In[{record.number}]" if record.number else ""
        if lines:
            return ""
    return ""


def _lines_that_bind(name: str, code: str) -> Iterable[range]:
    """Give the lines of each statement that binds a name; in a cell with magics, line by line."""
    whole = _parsed(code)
    if whole is not None:
        yield from _of_statements(name, whole)
        return
    for number in range(1, code.count("\n") + 2):
        line = _parsed(text_of_line(code, number) or "")
        if line is not None and any(True for _ in _of_statements(name, line)):
            yield range(number, number + 1)


def _of_statements(name: str, tree: ast.Module) -> Iterable[range]:
    for statement in tree.body:
        parts = [part for part in ast.walk(statement) if isinstance(part, ast.Name)]
        if any(part.id == name and isinstance(part.ctx, ast.Store) for part in parts):
            yield range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)


def _parsed(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError):
        return None
