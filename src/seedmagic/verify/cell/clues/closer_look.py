"""See what explains that two runs of code differ: a third run tells, and with torch a fourth."""

from __future__ import annotations

import linecache
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from seedmagic.code import running_cells
from seedmagic.code.source_lines import cut, text_of_line
from seedmagic.imports import is_loaded
from seedmagic.objects.compare.difference import Difference
from seedmagic.verify.cell.clues.profiled_calls import ProfiledCalls, noting
from seedmagic.verify.cell.clues.worker_runs import WorkerRuns
from seedmagic.verify.cell.run_end import Shown
from seedmagic.verify.cell.run_start import Start
from seedmagic.verify.operations.first_operation import OperationDifference, first_difference
from seedmagic.verify.operations.operation_record import Record
from seedmagic.verify.operations.operation_recorder import record_operations

# Runs the code once, and shows what it shows if the argument says so.
Run = Callable[[bool], Awaitable[Shown]]

_LONGEST = 80


class Clues(NamedTuple):
    """What explains a difference, as `Verification` holds it; and whether files were met."""

    operation: OperationDifference | None = None
    recorded: int = 0
    causes: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    met_files: bool = False

    @property
    def explains(self) -> bool:
        """Whether anything was found."""
        return bool(self.operation or self.causes or self.possible)


async def look_closer(
    run: Run,
    start: Start,
    files: Mapping[str, int],
    workers: WorkerRuns,
    found: Sequence[Difference],
) -> Clues:
    """Run again, twice where torch may have made the difference, to see what explains it.

    Parameters
    ----------
    run, start, files
        As `verify_run` takes them.
    workers : WorkerRuns
        What the runs that differ handed to workers.
    found : sequence of Difference
        What differs.
    """
    start.put_back()
    with noting(files) as asked:
        records = [await _recorded(run, files)]
    asked.take_threads({**start.reached, **start.bound()})
    asked.take_tasks(workers.line_of_threads())
    asked.leave_out_processes()
    if len(records[0]):
        start.put_back()
        records.append(await _recorded(run, files))
    operation = first_difference(*records) if len(records) > 1 else None
    if operation is not None:
        operation = replace(operation, code=_code(files, operation.line))
    causes = asked.causes()
    by_workers = workers.causes(is_explained=bool(causes or operation))
    if not any(each.what == "state" for each in found):  # of that no more is known
        asked.keep_shown([(each.first, each.second) for each in found])
    possible = [*asked.possible_causes(), *_by_sets(asked, files)]
    causes = [*causes, *by_workers]
    return Clues(operation, len(records[0]), tuple(causes), tuple(possible), asked.met_files)


async def _recorded(run: Run, files: Mapping[str, int]) -> Record:
    if not is_loaded("torch"):
        await run(False)
        return Record()
    with record_operations(files) as record:
        await run(False)
    return record


def _by_sets(asked: ProfiledCalls, files: Mapping[str, int]) -> list[str]:
    """Say where the order of a set decides: within a process, that of objects alone changes."""
    lines = sorted(line for line, by_address in asked.sets.items() if by_address)
    if len(lines) != 1:
        return []
    code = _code(files, lines[0])
    where = f" (line {lines[0]}{f': {code}' if code else ''})" if lines[0] else ""
    return [
        f"it goes through a set{where}, whose order follows the addresses of its members. Sort it, "
        "or keep them in a list or a dict."
    ]


def _code(files: Mapping[str, int], line: int) -> str:
    """Give what stands on a line of the code, as it was written; empty: it is not known."""
    if not line:
        return ""
    own, *below_time = files
    text = linecache.getline(own, line).strip()
    if below_time or not text:
        text = text_of_line(running_cells.written_code(), line) or ""
    return cut(text, _LONGEST)
