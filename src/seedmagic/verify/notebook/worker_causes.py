"""Say what worker processes, threads and programs have to do with a cell that differs."""

from __future__ import annotations

from collections.abc import Iterator

from seedmagic.verify.notebook.explanation import Explanation
from seedmagic.verify.notebook.runs_compared import Runs
from seedmagic.verify.witness.worker_evidence import compare_workers


def by_workers(runs: Runs, cell: int, began_alike: bool = True) -> Iterator[Explanation]:
    """Give what a cell got back from workers, and another run of it did not.

    Where it did not begin alike in all runs, the workers may have got other work.
    """
    # Threads that draw nothing have no generator to share.
    told = [
        [one for one in evidence.workers if one.kind != "threads" or evidence.draws]
        for evidence in runs.evidence(cell)
    ]
    for found in compare_workers(told):
        yield Explanation(
            "workers",
            cell,
            found.told,
            found.line,
            remedy=found.remedy,
            is_shown=found.is_shown and began_alike,
        )
