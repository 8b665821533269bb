"""Say what worker processes, threads and programs have to do with a cell that differs."""

from __future__ import annotations

from collections.abc import Iterator

from seedmagic.verify.notebook.explanation import Explanation
from seedmagic.verify.notebook.runs_compared import Runs
from seedmagic.verify.witness.outside_calls import remedies, strongest
from seedmagic.verify.witness.workers.worker_evidence import compare_workers
from seedmagic.words import enumerate_names


def by_workers(runs: Runs, cell: int, began_alike: bool = True) -> Iterator[Explanation]:
    """Give what a cell got back from workers, and another run of it did not.

    Where it did not begin alike in all runs, the workers may have got other work.
    """
    told = runs.evidence(cell)
    whats = strongest(asked.what for evidence in told for asked in evidence.asked)
    beside = f" It also asked for {enumerate_names(whats[:4])}. {remedies(whats)}" if whats else ""
    for found in compare_workers([evidence.workers for evidence in told]):
        yield Explanation(
            "outside" if found.is_time else "workers",
            cell,
            found.told,
            found.line,
            remedy=f"{found.remedy}{beside}",
            is_shown=found.is_shown and began_alike,
        )
