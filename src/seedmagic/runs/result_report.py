"""Results as text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from seedmagic.runs.result_summary import summary_html, summary_lines
from seedmagic.runs.tracked_runs import TrackedRuns
from seedmagic.status.tables import escaped
from seedmagic.words import many

_MOST = 10  # errors that are listed


def text(result: TrackedRuns) -> str:
    """Write a result for a terminal."""
    summary = result.summary()
    table = summary_lines(summary) if summary.rows else []
    return "\n".join([f"{describe_runs(result)}.", *table, *_errors(result)])


def html(result: TrackedRuns, png: str) -> str:
    """Write a result for a notebook, with its picture in base64; all of the user's is escaped."""
    summary = result.summary()
    parts = [f"<div>{escaped(describe_runs(result))}.</div>"]
    if summary.rows:
        names = escaped(", ".join(result.names))
        parts += [
            summary_html(summary),
            f'<img src="data:image/png;base64,{png}" alt="Picture of {names}" '
            'style="max-width:100%;width:720px;border-radius:4px">',
        ]
    parts += [f"<div>{escaped(line)}</div>" for line in _errors(result)]
    return "".join(parts)


def describe_runs(result: TrackedRuns) -> str:
    """Say in a line how many runs there are, and under which seeds."""
    count, failed = len(result.seeds), len(result.errors)
    told = f"{many(count, 'run')} under {_seeds(result.seeds)}"
    if failed:
        told += f", {failed} failed"
    if result.cancelled:
        told += f"; {len(result.cancelled)} more cancelled by an interrupt"
    return told


def _seeds(seeds: Sequence[int]) -> str:
    first, last = seeds[0], seeds[-1]
    if len(seeds) == 1:
        return f"seed {first}"
    if list(seeds) == list(range(first, first + len(seeds))):
        return f"seeds {first} to {last}"
    listed = ", ".join(map(str, seeds[:_MOST]))
    return f"seeds {listed}{', …' if len(seeds) > _MOST else ''}"


def _errors(result: TrackedRuns) -> list[str]:
    listed = list(result.errors.items())
    told = [f"Failed: seed {seed}: {error.splitlines()[0]}" for seed, error in listed[:_MOST]]
    more = len(listed) - _MOST
    return [*told, f"… and {more} more; see .errors."] if more > 0 else told
