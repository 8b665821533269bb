"""The findings as text, for a terminal; the data are in `findings`."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from seedmagic.code.source_lines import cut
from seedmagic.objects.compare.scalars import first_difference, from_difference
from seedmagic.status.tables import Table
from seedmagic.verify.notebook.findings import CellResult, NotebookResult
from seedmagic.verify.outputs.output_pieces import PieceDifference
from seedmagic.words import many, printable

_WIDTH = 100
_LINES, _BEFORE = 6, 2
_COMPARED = 2000
_HEAD = ("cell", "cause", "line", "what is known")


def tell(results: Sequence[NotebookResult]) -> str:
    """Write every notebook's findings, and a last line that sums them up."""
    told = [tell_notebook(result) for result in results]
    if len(results) > 1:
        good = sum(result.reproducible for result in results)
        failed = sum(result.error is not None for result in results)
        stopped = f"; {failed} could not be run" if failed else ""
        told.append(f"{good} of {len(results)} notebooks are reproducible{stopped}.")
    return printable("\n\n".join(told))


def tell_notebook(result: NotebookResult) -> str:
    """Write one notebook's findings: the verdict, the cells that differ, and the rest."""
    lines = [verdict(result)]
    differing = [cell for cell in result.cells if not cell.same]
    if differing:
        lines += ["", *_table(differing)]
        lines += ["", f"Cell {differing[0].index}, {' and '.join(differing[0].sides)}:"]
        lines += [f"  {line}" for line in _shown(differing[0].differences)]
    lines += _more(result)
    return "\n".join(lines)


def verdict(result: NotebookResult) -> str:
    """Say in one sentence how it went."""
    if result.error is not None:
        return result.error
    count = sum(not cell.same for cell in result.cells)
    of = many(len(result.cells), "code cell")
    if not count:
        return f"{result.path}: reproducible: all runs showed the same in {of}."
    first = next(cell for cell in result.cells if not cell.same)
    return (
        f"{result.path}: NOT reproducible: {count} of {of} differ{'s' if count == 1 else ''}, the "
        f"first is cell {first.index} ({first.cause}). Cells are counted from 0."
    )


def sides(difference: PieceDifference) -> tuple[list[str], list[str]]:
    """Give both texts of a difference as lines, from shortly before the first that differs."""
    one, other = ((text or "").split("\n") for text in (difference.one, difference.other))
    at = first_difference(one, other)
    if at < min(len(one), len(other)):
        one[at], other[at] = from_difference(one[at], other[at], _WIDTH)
    start = max(0, at - _BEFORE)
    return one[start:], other[start:]


def _table(cells: Sequence[CellResult]) -> list[str]:
    rows = ((str(c.index), c.cause or "", str(c.line or ""), c.detail or "") for c in cells)
    return [f"  {line}" for line in Table("Cells", _HEAD, tuple(rows)).lines(_WIDTH - 2)]


def _more(result: NotebookResult) -> list[str]:
    drifting = [cell for cell in result.cells if cell.drift and cell.same]
    masked = [(cell.index, rule) for cell in result.cells for rule in cell.masked]
    lines = [
        f"Cell {cell.index} left {', '.join(cell.drift)} in another state in each run, which a "
        f"later cell may show: {cell.detail or 'why is not known.'}"
        for cell in drifting
    ]
    if masked:
        by_rule: dict[str, list[str]] = {}
        for index, rule in masked:
            by_rule.setdefault(rule, []).append(str(index))
        told = "; ".join(f"{rule} in cell {', '.join(at)}" for rule, at in by_rule.items())
        lines.append(f"Masked as noise: {told}.")
    if result.files:
        lines.append(f"The runs wrote: {', '.join(result.files)}.")
    lines += result.notes
    return ["", *lines] if lines else []


def _shown(differences: Sequence[PieceDifference]) -> list[str]:
    """Write the first lines of the first difference that is text."""
    for difference in differences:
        if difference.kind == "image":
            continue
        one, other = (side[:_COMPARED] for side in sides(difference))
        changed = [
            line
            for line in difflib.unified_diff(one, other, lineterm="", n=0)
            if not line.startswith(("---", "+++", "@@"))
        ]
        short = [cut(line, _WIDTH) for line in changed]
        more = [f"… and {len(short) - _LINES} more lines"] if len(short) > _LINES else []
        return [f"({difference.where})", *short[:_LINES], *more]
    return [f"({differences[0].where}) the pixels differ; --html shows them"] if differences else []
