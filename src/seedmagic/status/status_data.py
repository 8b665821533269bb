"""One picture of all that is known: what `%seed`, the panel and the command line show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from seedmagic.session import algorithm_flags
from seedmagic.watch.cell_ledger import CellRecord
from seedmagic.words import on_or_off

MIME = "application/vnd.seedmagic+json"
# What a magic tells there of one run, which another run of the same cell need not tell.
NOTE = "note"


def is_note(data: Mapping[str, Any]) -> bool:
    """Whether an output is such a note, and no result of its cell."""
    record = data.get(MIME)
    return isinstance(record, Mapping) and NOTE in record


@dataclass(frozen=True)
class SourceStatus:
    """One source.

    Attributes
    ----------
    status : str
        ``"seeded"``, ``"unseeded"``, ``"not loaded"`` or ``"seed only"``.
    seed, by : int or None, str or None
        With what it was seeded, and by whom, where that is known.
    fingerprint : str or None
        Eight hexadecimal digits that differ where its RNG state does; None where it has none that
        can be read.
    devices : tuple of str
        The same for each device, of a source that has several and is awake.
    moved : bool or None
        Whether the last cell moved it; None where that is not known.
    """

    status: str
    seed: int | None = None
    by: str | None = None
    fingerprint: str | None = None
    devices: tuple[str, ...] = ()
    moved: bool | None = None


@dataclass(frozen=True)
class Status:
    """Everything that decides whether a result can be had again, at one moment.

    Attributes
    ----------
    seed : int or None
        The seed in force.
    modes : dict
        What was asked for beside it.
    problems : tuple of Problem
        What is wrong, the worst first.
    sources : dict of str to SourceStatus
        Every known source.
    flags : dict
        cuDNN's and torch's flags, and ``CUBLAS_WORKSPACE_CONFIG``; flags of libraries that are
        not imported are absent.
    precision : dict
        ``matmul`` and ``cudnn``: the precision of float32 products and convolutions on a GPU.
    hash_seed : dict
        ``kernel``: what this process started with, ``"random"``, or None where that cannot be
        told; ``children``: what child processes will start with.
    devices : dict
        For each kind of accelerator: whether torch was built with it, whether there may be a
        driver (only NVIDIA's is looked for), whether it is initialised, and how many
        there are (None: not known without waking it).
    versions, hardware : dict
        What else numbers depend on. No host, user or path.
    watch : str or None
        What the watcher does, as in `%seedwatch`; None without the extension.
    cells : tuple of CellRecord
        The last 20 cells that were watched, oldest first.
    rewind_bytes : int
        What the copies of objects take that ``%%seeded --rewind`` keeps.
    """

    seed: int | None
    modes: dict[str, Any]
    problems: tuple[Problem, ...]
    sources: dict[str, SourceStatus]
    flags: dict[str, Any]
    precision: dict[str, str]
    hash_seed: dict[str, str | None]
    devices: dict[str, dict[str, Any]]
    versions: dict[str, str]
    hardware: dict[str, Any]
    watch: str | None = None
    cells: tuple[CellRecord, ...] = ()
    rewind_bytes: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Give the same as plain dicts, lists, str, int, bool and None, ready for JSON."""
        plain = asdict(replace(self, cells=()))
        return {**plain, "cells": tuple(record.to_dict() for record in self.cells)}

    def to_record(self) -> dict[str, Any]:
        """Give what a notebook is to remember: all but what was said of its cells."""
        sources = {name: replace(source, moved=None) for name, source in self.sources.items()}
        return replace(self, problems=(), cells=(), sources=sources).to_dict()

    def __str__(self) -> str:
        return describe_status(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": str(self), MIME: self.to_record()}


@dataclass(frozen=True)
class Problem:
    """What is wrong, and what to do.

    Attributes
    ----------
    text : str
        One sentence.
    remedy : str
        One sentence that says what to do.
    line : str or None
        The magic that does it, where one does.
    """

    text: str
    remedy: str
    line: str | None = None


def describe_status(status: Status) -> str:
    """Write a status as a table for people."""
    names = [name for name, mode in status.modes.items() if mode is True and name != "cudnn"]
    modes = f" ({', '.join(names)})" if names else ""
    lines = [f"Seed {status.seed} is in force{modes}."]
    if status.seed is None:
        lines = ["No seed is in force."]
    for name, source in rows_of(status).items():
        seeded = ", seeded" if source.status == "seed only" and source.by else ""
        seed = f" with {source.seed}" if source.seed is not None else ""
        by = f" by {source.by}" if source.by else ""
        lines.append(f"  {name:<12} {source.status}{seeded}{seed}{by}")
    if others := not_loaded(status):
        lines.append(f"  {'not loaded:':<12} {', '.join(others)}")
    flags = {name: value for name, value in status.flags.items() if name != algorithm_flags.CUBLAS}
    told = ", ".join(f"{name} {on_or_off(value)}" for name, value in flags.items())
    lines.append(f"Flags: {told or 'torch is not imported'}.")
    lines.append(f"{algorithm_flags.CUBLAS}: {status.flags[algorithm_flags.CUBLAS] or 'not set'}.")
    lines.append(
        f"Hash seed: {status.hash_seed['kernel'] or 'not known'} in this process, which cannot "
        f"change; {status.hash_seed['children']} in child processes."
    )
    for kind, facts in status.devices.items():
        lines.append(f"Devices: {kind}: {describe_device(facts)}.")
    return "\n".join(lines)


def rows_of(status: Status) -> dict[str, SourceStatus]:
    """Give the sources that get a row each: what is loaded, and what nearly everybody loads."""
    others = not_loaded(status)
    return {name: source for name, source in status.sources.items() if name not in others}


def not_loaded(status: Status) -> list[str]:
    """Name the others, which are told in one row: of most libraries a notebook uses few."""
    return [
        name
        for name, source in status.sources.items()
        if source.status == "not loaded" and name.partition(".")[0] not in _ALWAYS_TOLD
    ]


_ALWAYS_TOLD = {"python", "numpy", "torch"}


def describe_device(facts: dict[str, Any]) -> str:
    """Say of a kind of device how many there are, and whether they are awake."""
    if not facts["available"]:
        return "not in this torch"
    if not facts["driver"]:
        return "no NVIDIA driver"
    if facts["count"] == 0:
        return "no device visible"
    count = "not known how many" if facts["count"] is None else f"{facts['count']}"
    return f"{count}, {'initialised' if facts['initialized'] else 'asleep'}"
