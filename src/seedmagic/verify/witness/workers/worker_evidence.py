"""What a run handed to workers and got back from them, as data; and what two runs show by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Kind = Literal["processes", "loader", "threads", "program"]

_TASK = 'sm.derive_seed(42, "task", i)'
_REMEDIES: dict[str, str] = {
    "processes": f"Give each task i a seed of its own: sm.seeded({_TASK})(f) in place of f, or the "
    "same as a `with` in f; and a seed to each generator that f makes.",
    "loader": "Seed its workers with DataLoader(…, **sm.loader_options()), and give the generators "
    "that they make a seed.",
    "threads": f"Give each task a generator of its own, np.random.default_rng({_TASK}), and let it "
    "draw from that alone: threads share the global ones.",
    "program": "Give the program a seed, if it takes one: as an argument, or in its own code.",
}
_KEPT = (
    "Leave out persistent_workers=True, or make the loader and iterate it in one cell: then its "
    "workers start from the seed in force."
)
_DID = {
    "processes": "handed work to worker processes",
    "loader": "had the workers of a DataLoader at work",
    "threads": "handed work to threads, which share the global generators",
    "program": "started another program",
}


@dataclass(frozen=True)
class WorkersEvidence:
    """Workers of one kind, in one run of one cell.

    Attributes
    ----------
    kind : str
        "processes" of Python, those of a "loader", "threads" of a pool, or another "program".
    line : int or None
        Where the cell first started them, or handed work to them.
    values : str or None
        The digest of what came back, task by task; None where nothing was seen to come.
    is_whole : bool
        Whether all that came back is in it.
    order : str
        The digest of the order in which it came, where the code took it in that order.
    is_kept : bool
        Whether they were there before the cell.
    has_moved : bool
        Of threads: whether a global generator moved while their tasks ran.
    times : str
        The digest of how long the tasks took, where they say so.
    """

    kind: Kind
    line: int | None
    values: str | None
    is_whole: bool
    order: str
    is_kept: bool = False
    has_moved: bool = False
    times: str = ""


class WorkersFinding(NamedTuple):
    """What workers have to do with a difference: where, what they did, what helps.

    `is_shown` is whether what came back was seen to differ; `is_time`, that no more than how long
    the tasks took does.
    """

    line: int | None
    told: str
    remedy: str
    is_shown: bool
    is_time: bool = False


def from_plain(plain: Sequence[dict[str, Any]]) -> tuple[WorkersEvidence, ...]:
    """Read what was written as plain data."""
    return tuple(WorkersEvidence(**one) for one in plain)


def compare_workers(runs: Sequence[Sequence[WorkersEvidence]]) -> list[WorkersFinding]:
    """Say of each kind of workers what the same code, run several times, got back from them.

    Where all of it is known and equal, nothing is said: such workers merely computed.
    """
    kinds = dict.fromkeys(one.kind for run in runs for one in run)
    found = [_compare(kind, [_of_kind(kind, run) for run in runs]) for kind in kinds]
    return [one for one in found if one is not None]


def _of_kind(kind: Kind, run: Sequence[WorkersEvidence]) -> WorkersEvidence | None:
    return next((one for one in run if one.kind == kind), None)


def _compare(kind: Kind, each: Sequence[WorkersEvidence | None]) -> WorkersFinding | None:
    noted = [one for one in each if one is not None]
    first = noted[0]
    if kind == "threads" and not any(one.has_moved for one in noted):
        return None  # these have no generator to share
    did = _DID[kind]
    if kind == "loader" and first.is_kept:
        did = "had workers of a DataLoader at work that an earlier cell had started"
    remedy = _KEPT if kind == "loader" and first.is_kept else _REMEDIES[kind]
    known = {one.values for one in noted if one.values is not None}
    if len(known) > 1:
        return WorkersFinding(first.line, f"{did}, and what came back differs", remedy, True)
    if not all(one.is_whole for one in noted):
        return WorkersFinding(first.line, f"{did}, whose work no seed here reaches", remedy, False)
    if len({one.order for one in noted}) > 1:
        remedy = "Take it in the order of the tasks, or sort it."
        came = f"{did}, and what came back came in another order"
        return WorkersFinding(first.line, came, remedy, False)
    if len({one.times for one in noted}) > 1:
        took = "got back from workers how long their tasks took (fit_time, score_time)"
        return WorkersFinding(first.line, took, "Leave it out of what is shown.", True, True)
    return None
