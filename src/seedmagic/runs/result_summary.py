"""A table of statistics, as text and as HTML."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from seedmagic.runs.number_format import NONE, number
from seedmagic.runs.run_statistics import HOW, INTERVAL, Statistics
from seedmagic.status.tables import Table, escaped, table_html

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
        return "\n".join(summary_lines(self))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": summary_html(self)}


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


def table_of(summary: Summary) -> Table:
    """Give the statistics as a table."""
    rows = tuple(_cells(row, row.name in summary.sequences) for row in summary.rows)
    return Table("Statistics of the runs", _HEADINGS, rows, "<" + ">" * (len(_HEADINGS) - 1))


def summary_html(summary: Summary) -> str:
    """Write the table with its notes, for any page."""
    notes = "<br>".join(map(escaped, _notes(summary)))
    return (
        f"{table_html(table_of(summary), cell_style='padding:2px 8px;white-space:nowrap')}"
        f'<div style="font-size:smaller;opacity:.7">{notes}</div>'
    )


def summary_lines(summary: Summary) -> list[str]:
    """Write the table with its notes, for a terminal."""
    return [*table_of(summary).lines(), *_notes(summary)]


def _notes(summary: Summary) -> list[str]:
    return [f"{note}." for note in (*_NOTES, *([_LAST] if summary.sequences else []))]
