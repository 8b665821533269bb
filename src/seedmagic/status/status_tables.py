"""What a status tells, as tables: for the panel's text, its HTML and its widgets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from seedmagic.code.source_lines import cut
from seedmagic.session import algorithm_flags
from seedmagic.status.status_data import describe_device, not_loaded, rows_of
from seedmagic.status.tables import Row, Table
from seedmagic.watch.cell_ledger import CellRecord, Draw
from seedmagic.watch.generator_names import name_held
from seedmagic.words import on_or_off

if TYPE_CHECKING:
    from seedmagic.status.status_data import SourceStatus, Status

FINE = "Nothing that was watched is wrong."


def tell_seed(status: Status) -> str:
    """Say which seed is in force, and with which modes."""
    if status.seed is None:
        return "No seed is in force."
    modes = [name.replace("_", "-") for name in ("per_cell", "pin_entropy") if status.modes[name]]
    if status.modes["deterministic"]:
        warns = "=warn" if status.modes["deterministic"] == "warn" else ""
        modes.insert(0, f"deterministic{warns}")
    if status.modes["only"]:
        modes.append(f"only {', '.join(status.modes['only'])}")
    if status.modes["skip"]:
        modes.append(f"without {', '.join(status.modes['skip'])}")
    told = f" ({'; '.join(modes)})" if modes else ""
    return f"Seed {status.seed} is in force{told}."


def tables(status: Status) -> list[Table]:
    """Give all facts of a status, but its seed and what is wrong; the latest cell first."""
    return [
        sources_table(status),
        cells_table(reversed(status.cells)),
        flags_table(status),
        process_table(status),
    ]


def sources_table(status: Status) -> Table:
    """Say of each source who seeded it, where it stands, and whether the last cell moved it."""
    rows: list[Row] = []
    for name, source in rows_of(status).items():
        rows.append(_source_row(name, source))
        for index, state in enumerate(source.devices):
            rows.append((f"{name}:{index}", "", "", state, ""))
    header = ("source", "status", "seeded by", "RNG state", "last cell")
    return Table("Sources", header, tuple(rows))


def _source_row(name: str, source: SourceStatus) -> Row:
    by = source.by or ""
    if source.seed is not None and str(source.seed) not in by:
        by = f"{by} {source.seed}".strip()
    moved = "" if source.moved is None else "moved" if source.moved else "not moved"
    return name, source.status, by, source.fingerprint or "", moved


def cells_table(cells: Iterable[CellRecord]) -> Table:
    """Give a row for each cell."""
    header = ("In", "seed", "drew from", "verdict", "line")
    return Table("Cells", header, tuple(map(_cell_row, cells)))


def _cell_row(cell: CellRecord) -> Row:
    drew = ", ".join([*map(_draw_text, cell.draws), *map("{} (held)".format, name_held(cell.held))])
    if cell.between:
        drew += f" (before it, between cells: {', '.join(cell.between)})"
    where = f"{cell.line}: {cut(cell.text or '')}" if cell.line else ""
    number = "" if cell.number is None else str(cell.number)
    again = f" (In[{cell.replays}] again)" if cell.replays is not None else ""
    seed = "" if cell.seed is None else str(cell.seed)
    # Of generators that objects hold it is not known whether they were seeded.
    verdict = "no draws from sources" if cell.held and not cell.draws else cell.verdict
    return f"{number}{again}", seed, drew, verdict, where


def _draw_text(draw: Draw) -> str:
    if draw.anew:
        return f"{draw.source} (seeded by the operating system)"
    return draw.source if draw.seeded else f"{draw.source} (unseeded)"


def flags_table(status: Status) -> Table:
    """Give cuDNN's and torch's flags; where torch is not imported, say so."""
    variable = (algorithm_flags.CUBLAS, str(status.flags[algorithm_flags.CUBLAS] or "not set"))
    flags = {name: value for name, value in status.flags.items() if name != algorithm_flags.CUBLAS}
    if not flags:
        return Table("Flags", (), (("torch", "not imported"), variable))
    rows = [(name.replace("_", " "), on_or_off(value)) for name, value in flags.items()]
    rows.append(("cudnn version", status.versions.get("cudnn", "no cuDNN in this torch")))
    for kind, what in (("matmul", "products"), ("cudnn", "convolutions")):
        told = status.precision[kind].replace("none", "torch's default")
        rows.append((f"float32 {what} on a GPU", told))
    return Table("Flags", (), (*rows, variable))


def process_table(status: Status) -> Table:
    """Give what only a start can change: the hash seed, devices, versions, hardware."""
    rows: list[tuple[str, str]] = [
        ("hash seed of this process", status.hash_seed["kernel"] or "not known"),
        ("hash seed of child processes", str(status.hash_seed["children"])),
    ]
    if others := not_loaded(status):
        rows.insert(0, ("sources not loaded", ", ".join(others)))
    if not status.devices:
        rows.append(("devices", "torch is not imported"))
    names: list[str] = status.hardware.get("cuda", [])
    for kind, known in status.devices.items():
        told = describe_device(known)
        if kind == "cuda" and known["available"] and known["count"] != 0:
            asleep = "names not known yet: to ask would start CUDA"
            told += f"; {', '.join(names) if known['initialized'] else asleep}"
        rows.append((f"{kind} devices", told))
    rows.append(("copies for --rewind", f"{status.rewind_bytes:,} bytes"))
    rows.append(("versions", _enumerate(status.versions)))
    rows.append(("hardware", _enumerate({**status.hardware, "cuda": None})))
    return Table("Process", (), tuple(rows))


def to_text(status: Status) -> str:
    """Write everything as plain text."""
    blocks = [tell_seed(status)]
    if status.problems:
        told = [
            f"  {problem.text} {problem.remedy}{f' → {problem.line}' if problem.line else ''}"
            for problem in status.problems
        ]
        blocks.append("\n".join(["What is wrong", *told]))
    elif status.watch:
        blocks.append(FINE)
    for table in tables(status):
        if table.rows:
            blocks.append("\n".join([table.title, *(f"  {line}" for line in table.lines())]))
    return "\n\n".join(blocks)


def _enumerate(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items() if value is not None)
