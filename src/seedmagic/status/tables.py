"""A table as text and as HTML, and the one way in which text is escaped for HTML."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from html import escape

Row = tuple[str, ...]
# What no one can see, or what turns the order of letters about; tabs and lines' ends stay.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_GAP = 2  # blanks between columns of text
_SIDES = {"<": "left", ">": "right"}


class Markup(str):
    """HTML that is written already, with what stands in it escaped."""


@dataclass(frozen=True)
class Table:
    """Rows of text under a title.

    Attributes
    ----------
    title : str
        What they are about.
    header : tuple of str
        A name for each column; empty where a row is a name and a value. Where the first column has
        none, it names the rows.
    rows : tuple of tuple of str
        The rows, of equal lengths.
    align : str
        To which side each column is aligned, ``<`` or ``>``; empty: all to the left.
    """

    title: str
    header: Row
    rows: tuple[Row, ...]
    align: str = ""

    def lines(self, width: int | None = None) -> list[str]:
        """Write it in columns; the last is wrapped where a line would be longer than `width`."""
        rows = [self.header, *self.rows] if self.header else list(self.rows)
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        left = sum(widths[:-1]) + _GAP * len(widths[:-1])
        lines = []
        for *cells, last in rows:
            lasts = [last] if width is None else _wrapped(last, width - left)
            start = [self._placed(cell, at, widths) for at, cell in enumerate(cells)]
            end = lasts[0] if width else self._placed(last, len(cells), widths)
            lines.append((" " * _GAP).join([*start, end]).rstrip())
            lines += [" " * left + line for line in lasts[1:]]
        return lines

    def _placed(self, cell: str, column: int, widths: list[int]) -> str:
        return f"{cell:{self.align[column : column + 1]}{widths[column]}}"


def table_html(table: Table, kind: str = "", cell_style: str = "") -> str:
    """Write a table as HTML; every cell but `Markup` is escaped.

    Parameters
    ----------
    table : Table
        Its title is what a screen reader says of it.
    kind : str
        The class that a style sheet knows it by.
    cell_style : str
        CSS for each cell, for where no style sheet of ours is on the page.
    """
    names = (_cell(table, at, name, "col", cell_style) for at, name in enumerate(table.header))
    head = "".join(names)
    head = f"<thead><tr>{head}</tr></thead>" if head else ""
    rows = "".join(_row(table, row, cell_style) for row in table.rows)
    known = (("class", kind), ("aria-label", table.title))
    told = "".join(f' {name}="{escaped(value)}"' for name, value in known if value)
    # A wide table scrolls in a box of its own, and does not widen the page.
    return f'<div style="overflow-x:auto"><table{told}>{head}<tbody>{rows}</tbody></table></div>'


def escaped(text: str) -> str:
    """Write text so that HTML shows it as it is: marks of HTML, and control characters by name."""
    if isinstance(text, Markup):
        return text
    return escape(_CONTROL.sub(lambda found: repr(found[0])[1:-1], text))


def _row(table: Table, row: Row, style: str) -> str:
    has_names = not (table.header and table.header[0])
    scopes = ("row" if has_names and not at else "" for at in range(len(row)))
    cells = (
        _cell(table, at, cell, scope, style)
        for at, (cell, scope) in enumerate(zip(row, scopes, strict=True))
    )
    return f"<tr>{''.join(cells)}</tr>"


def _cell(table: Table, column: int, text: str, scope: str, style: str) -> str:
    tag, told = ("th", f' scope="{scope}"') if scope else ("td", "")
    side = table.align[column : column + 1] or "<"
    # JupyterLab and nbconvert align all cells to the right, VS Code all headings to the left and
    # with !important; and such pages have no style sheet of ours.
    styles = [f"text-align:{_SIDES[side]} !important", *([style] if style else [])]
    told += f' style="{";".join(styles)}"'
    return f"<{tag}{told}>{escaped(text)}</{tag}>"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]
