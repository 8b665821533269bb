"""A table of statistics, as text and as HTML."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import Any

from seedmagic.runs.numbers import NONE, number
from seedmagic.runs.statistics import HOW, INTERVAL, Statistics

_HEADINGS = ("", "n", "mean", "sd", "median", "iqm", INTERVAL, "min (seed)", "max (seed)")


_NOTES = (HOW, "sd: standard deviation (ddof 1); iqm: interquartile mean")


_LAST = "of a sequence: each run's last value"


@dataclass(frozen=True)
class Summary:
    """The statistics of each tracked name.

    Attributes
    ----------
    rows : tuple of Statistics
        One a name; ``summary["acc"]`` gives that of a name.
    sequences : tuple of str
        The names under which sequences were tracked; their statistics are of the last values.
    """

    rows: tuple[Statistics, ...]
    sequences: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Statistics:
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(name)

    def __str__(self) -> str:
        return "\n".join([*_text_table(self), *_notes(self)])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": _html_table(self)}


def _cells(row: Statistics, is_sequence: bool) -> tuple[str, ...]:
    def told(value: float) -> str:
        return number(value, row)

    has_interval = not math.isnan(row.low)
    return (
        f"{row.name}, last" if is_sequence else row.name,
        str(row.n) if row.n == row.runs else f"{row.n} of {row.runs}",
        told(row.mean),
        told(row.sd),
        told(row.median),
        told(row.iqm),
        f"{told(row.low)} to {told(row.high)}" if has_interval else NONE,
        NONE if row.min_seed is None else f"{told(row.min)} ({row.min_seed})",
        NONE if row.max_seed is None else f"{told(row.max)} ({row.max_seed})",
    )


def _lines(summary: Summary) -> list[tuple[str, ...]]:
    return [_HEADINGS, *(_cells(row, row.name in summary.sequences) for row in summary.rows)]


def _text_table(summary: Summary) -> list[str]:
    lines = _lines(summary)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            [
                line[0].ljust(widths[0]),
                *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True)),
            ]
        ).rstrip()
        for line in lines
    ]


def _html_table(summary: Summary) -> str:
    head, *rows = _lines(summary)
    right = ' style="text-align:right;padding:2px 8px"'
    left = ' style="text-align:left;padding:2px 8px"'
    top = "".join(f"<th{right}>{escape(cell)}</th>" for cell in head)
    body = "".join(
        f"<tr><th{left}>{escape(row[0])}</th>"
        + "".join(f"<td{right}>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    notes = "<br>".join(map(escape, _notes(summary)))
    return (
        f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
        f'<div style="font-size:smaller;opacity:.7">{notes}</div>'
    )


def _notes(summary: Summary) -> list[str]:
    return [f"{note}." for note in (*_NOTES, *([_LAST] if summary.sequences else []))]
