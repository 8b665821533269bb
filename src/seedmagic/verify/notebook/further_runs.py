"""What only further runs show of a cell: in what they agree, and which operation differs."""

from __future__ import annotations

from collections.abc import Iterator

from seedmagic.verify.notebook.explanation import Explanation
from seedmagic.verify.notebook.kernel_run import Run
from seedmagic.verify.notebook.runs_compared import Item, Runs
from seedmagic.verify.operations.first_difference import OperationDifference
from seedmagic.verify.operations.remedies import RANDOM

_OTHER_VALUES = "gave other values from the same random numbers"
_DID_IT = {"operation", "unfilled"}


def compared(runs: Runs, item: Item, cell: int) -> Iterator[Explanation]:
    """Give what the agreement of runs shows, of a cell that began alike in all of them."""
    if runs.agree_by(item, _hash_seed):
        text = "depends on the order of a set, or on hash(): runs with the same PYTHONHASHSEED "
        yield Explanation("hash-order", cell, f"{text}agree, others differ")
    elif computes(runs, cell) and runs.agree_by(item, _threads):
        text = "gave other values with another number of threads, from the same random numbers"
        yield _computation(f"{text}: ", cell, operation(runs, cell))
    elif computes(runs, cell) and runs.agree_alone(item):
        text = f"{_OTHER_VALUES}; with one thread, two runs agreed; "
        yield _computation(text, cell, operation(runs, cell))


def recorded(runs: Runs, cell: int) -> Iterator[Explanation]:
    """Give what the recorded operations of a cell show."""
    found = operation(runs, cell)
    if found is not None:
        yield _computation(f"{_OTHER_VALUES}: ", cell, found)


def operation(runs: Runs, cell: int) -> OperationDifference | None:
    """Name the operation of a cell that gave other values from the same random numbers."""
    found = runs.operation(cell)
    if found is None or found.cause not in _DID_IT:
        return None
    # An operation that draws gets its numbers beside its inputs.
    draws = found.remedy == RANDOM or runs.drift(cell, runs.recorded)
    return None if draws else found


def computes(runs: Runs, cell: int) -> bool:
    """Whether a numerical library was there, and the sources went the same way in all runs."""
    told = runs.evidence(cell)
    return all(evidence.libraries for evidence in told) and not runs.drift(cell)


def _computation(text: str, cell: int, found: OperationDifference | None) -> Explanation:
    if found is None:
        return Explanation("computation", cell, text.rstrip(":; "))
    which = f", the backward of line {found.forward_line}," if found.forward_line else ""
    did = found.detail or " got equal inputs and gave other outputs"
    # What is said of a cell's header is said of the notebook's seed here.
    remedy = found.remedy.replace("--deterministic", "%seed 42 --deterministic", 1)
    remedy = f"{remedy[0].upper()}{remedy[1:]}." if remedy else ""
    told = f"{text}{found.name}{which}{did}"
    return Explanation("computation", cell, told, found.line or None, remedy=remedy)


def _hash_seed(run: Run) -> object:
    # As the kernel has it: its specification may set PYTHONHASHSEED, and that wins.
    return run.arrival.hashed if run.arrival else None


def _threads(run: Run) -> object:
    return run.setting.threads
