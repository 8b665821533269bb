"""Results as text and as HTML."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from seedmagic.runs.statistics import HOW, INTERVAL, Statistics

if TYPE_CHECKING:
    from seedmagic.runs.result import RunsResult

NONE = "–"
_HEADINGS = ("", "n", "mean", "sd", "median", "iqm", INTERVAL, "min (seed)", "max (seed)")
_NOTES = (HOW, "sd: standard deviation (ddof 1); iqm: interquartile mean")
_LAST = "of a sequence: each run's last value"
_MOST = 10  # errors that are listed


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


def text(result: RunsResult) -> str:
    """Write a result for a terminal."""
    summary = result.summary()
    table = [*_text_table(summary), *_notes(summary)] if summary.rows else []
    return "\n".join([f"{describe_runs(result)}.", *table, *_errors(result)])


def html(result: RunsResult, png: str) -> str:
    """Write a result for a notebook, with its picture in base64; all of the user's is escaped."""
    summary = result.summary()
    parts = [f"<div>{escape(describe_runs(result))}.</div>"]
    if summary.rows:
        names = escape(", ".join(result.names), quote=True)
        parts += [
            _html_table(summary),
            f'<img src="data:image/png;base64,{png}" alt="Picture of {names}" '
            'style="max-width:100%;width:720px;border-radius:4px">',
        ]
    parts += [f"<div>{escape(line)}</div>" for line in _errors(result)]
    return "".join(parts)


def describe_runs(result: RunsResult) -> str:
    """Say in a line how many runs there are, and under which seeds."""
    count, failed = len(result.seeds), len(result.errors)
    told = f"{count} run{'s' if count != 1 else ''} under {_seeds(result.seeds)}"
    if failed:
        told += f", {failed} failed"
    if result.cancelled:
        told += f"; {len(result.cancelled)} more cancelled by an interrupt"
    return told


def number(value: float, of: Statistics) -> str:
    """Write a number with as many decimals as give the deviation three digits."""
    if math.isnan(value):
        return NONE
    spread = of.sd if math.isfinite(of.sd) else 0.0
    if not spread or not math.isfinite(value):
        return f"{value:.6g}"
    decimals = max(0, 2 - math.floor(math.log10(spread)))
    if decimals <= 8 and abs(value) < 1e9:
        return f"{value:.{decimals}f}"
    digits = decimals + math.floor(math.log10(abs(value) or 1)) + 1
    return f"{value:.{min(max(digits, 3), 15)}g}"


def _seeds(seeds: Sequence[int]) -> str:
    first, last = seeds[0], seeds[-1]
    if len(seeds) == 1:
        return f"seed {first}"
    if list(seeds) == list(range(first, first + len(seeds))):
        return f"seeds {first} to {last}"
    listed = ", ".join(map(str, seeds[:_MOST]))
    return f"seeds {listed}{', …' if len(seeds) > _MOST else ''}"


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


def _errors(result: RunsResult) -> list[str]:
    listed = list(result.errors.items())
    told = [f"Failed: seed {seed}: {error.splitlines()[0]}" for seed, error in listed[:_MOST]]
    more = len(listed) - _MOST
    return [*told, f"… and {more} more; see .errors."] if more > 0 else told
