"""What a kernel tells of one cell's run: written there by the witness, read here as data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from seedmagic.verify.witness.workers import worker_evidence
from seedmagic.verify.witness.workers.worker_evidence import WorkersEvidence

# Carries the path of the file that the witness writes.
VARIABLE = "SEEDMAGIC_WITNESS"
# How many of torch's operations it records in each cell.
OPERATIONS = "SEEDMAGIC_OPERATIONS"
# Whether it notes what libraries ask for and which sets are gone through: that slows a cell.
CLOSELY = "SEEDMAGIC_CLOSELY"


@dataclass(frozen=True)
class DrawEvidence:
    """A source that the cell drew from or had seeded anew, or a generator made without a seed."""

    source: str
    seeded: bool
    line: int | None = None
    anew: bool = False
    follows: str | None = None
    was_seeded: bool = True
    can_pin: bool = True


@dataclass(frozen=True)
class SeedingEvidence:
    """A source or generator that the cell seeded: with which number, or what it held after."""

    source: str
    number: str | None
    line: int | None = None


@dataclass(frozen=True)
class SystemCall:
    """A call for what no seed controls: the time, a process id, OS randomness."""

    what: str
    line: int | None = None


@dataclass(frozen=True)
class Evidence:
    """All that is known of one run of one cell.

    Attributes
    ----------
    draws, between : tuple
        What the watcher noted: draws of the cell, and unseeded ones before it, between cells.
    seedings : tuple of SeedingEvidence
        Every source and generator that the cell seeded.
    asked : tuple of SystemCall
        What it asked the system for.
    possible : tuple of SystemCall
        What libraries asked for on its behalf, and times of files, where it was looked at closely.
    sets : tuple of int
        The lines that went through a set in its order, likewise.
    workers : tuple of WorkersEvidence
        What it handed to workers and got back.
    alike : str
        What is said of forked workers that drew the same numbers.
    start, end : mapping of str to str
        The digest of each source's state.
    inputs : mapping of str to (str, bool)
        Of each variable that the cell names, the fingerprint before it ran, and whether that
        covers all of the value.
    names, stores : frozenset of str
        The variables that it names, and those that it binds.
    states : bool
        Whether it asks for the RNG states themselves.
    libraries : frozenset of str
        Which of NumPy, torch, SciPy, numba and scikit-learn were loaded when it ended.
    watched : bool
        Whether the watcher was on; the notebook itself may have switched it off.
    text : str
        The cell, for its lines.
    number : int
        Which cell of the run it was, from 0.
    operations : mapping or None
        What torch did in it, as `operation_record` writes it, where that was asked for.
    """

    draws: tuple[DrawEvidence, ...] = ()
    between: tuple[str, ...] = ()
    seedings: tuple[SeedingEvidence, ...] = ()
    asked: tuple[SystemCall, ...] = ()
    possible: tuple[SystemCall, ...] = ()
    sets: tuple[int, ...] = ()
    workers: tuple[WorkersEvidence, ...] = ()
    alike: str = ""
    start: Mapping[str, str] = field(default_factory=dict)
    end: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    stores: frozenset[str] = frozenset()
    states: bool = False
    libraries: frozenset[str] = frozenset()
    watched: bool = False
    text: str = ""
    number: int = 0
    operations: Mapping[str, Any] | None = None

    def to_json(self) -> str:
        """Give it as one line."""
        plain = asdict(self)
        for name in ("names", "stores", "libraries"):
            plain[name] = sorted(plain[name])
        return json.dumps(plain)


@dataclass(frozen=True)
class Arrival:
    """What the witness tells when it is loaded: the kernel's own hash of a word, and versions."""

    hashed: int
    versions: Mapping[str, str]


def read(path: Path) -> tuple[Arrival | None, dict[int, Evidence]]:
    """Read what a witness wrote, by the cell's number; None where none was ever loaded.

    A last line that is cut, by a kernel that died, is left out.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        return None, {}
    found: list[dict[str, Any]] = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:
            break
    if not found:
        return None, {}
    return Arrival(**found[0]), {plain["number"]: _from_plain(plain) for plain in found[1:]}


def _from_plain(plain: dict[str, Any]) -> Evidence:
    return Evidence(
        draws=tuple(DrawEvidence(**draw) for draw in plain["draws"]),
        between=tuple(plain["between"]),
        seedings=tuple(SeedingEvidence(**seeding) for seeding in plain["seedings"]),
        asked=tuple(SystemCall(**asked) for asked in plain["asked"]),
        possible=tuple(SystemCall(**asked) for asked in plain["possible"]),
        sets=tuple(plain["sets"]),
        workers=worker_evidence.from_plain(plain["workers"]),
        alike=plain["alike"],
        start=plain["start"],
        end=plain["end"],
        inputs={name: (digest, whole) for name, (digest, whole) in plain["inputs"].items()},
        names=frozenset(plain["names"]),
        stores=frozenset(plain["stores"]),
        states=plain["states"],
        libraries=frozenset(plain["libraries"]),
        watched=plain["watched"],
        text=plain["text"],
        number=plain["number"],
        operations=plain["operations"],
    )
