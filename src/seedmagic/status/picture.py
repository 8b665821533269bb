"""One picture of all that is known: what `%seed`, the panel and the command line show."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from seedmagic.session import algorithm_flags, in_force
from seedmagic.session.rng_state_file import fingerprint
from seedmagic.sources.protocol import Source, is_present, is_stateful
from seedmagic.sources.registry import sources
from seedmagic.status import facts, watched
from seedmagic.status.problems import Problem, find_problems
from seedmagic.status.watched import Watched
from seedmagic.words import describe_status

MIME = "application/vnd.seedmagic+json"


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
        For each kind of accelerator: whether torch was built with it, whether it is initialised,
        and how many there are (None: not known without waking it).
    versions, hardware : dict
        What else numbers depend on. No host, user or path.
    watch : str or None
        What the watcher does, as in `%seedwatch`; None without the extension.
    cells : tuple of dict
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
    cells: tuple[dict[str, Any], ...] = ()
    rewind_bytes: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Give the same as plain dicts, lists, str, int, bool and None, ready for JSON."""
        return asdict(self)

    def to_record(self) -> dict[str, Any]:
        """Give what a notebook is to remember: all but what was said of its cells."""
        sources = {name: replace(source, moved=None) for name, source in self.sources.items()}
        return replace(self, problems=(), cells=(), sources=sources).to_dict()

    def __str__(self) -> str:
        return describe_status(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": str(self), MIME: self.to_record()}


def look() -> Status:
    """Look at everything, as `seedmagic.status` does."""
    seeding = in_force.current.seeding
    flags = algorithm_flags.read()
    children = flags.pop(algorithm_flags.HASH_SEED)
    seen = watched.ask() if watched.ask else None
    picture = Status(
        seed=seeding.seed if seeding else None,
        modes=seeding.modes._asdict() if seeding else {},
        problems=(),
        sources={name: _source_status(source, seen) for name, source in sources().items()},
        flags=flags,
        precision=facts.precision(),
        hash_seed={"kernel": facts.hash_seed_of_process(), "children": str(children or "random")},
        devices=facts.devices(),
        versions=facts.versions(),
        hardware=facts.hardware(),
        watch=seen.mode if seen else None,
        cells=seen.cells if seen else (),
        rewind_bytes=seen.rewind_bytes if seen else 0,
    )
    faulty = seen.faulty if seen else ()
    return replace(picture, problems=tuple(find_problems(picture, faulty)))


def _source_status(source: Source, seen: Watched | None) -> SourceStatus:
    if not is_present(source):
        return SourceStatus("not loaded")
    seeded = in_force.current.seeded.get(source.name)
    word = "seed only" if not is_stateful(source) else "seeded" if seeded else "unseeded"
    found = SourceStatus(word)
    if seeded:
        found = replace(found, seed=seeded.seed, by=seeded.by)
    if not is_stateful(source):
        return found
    try:
        state = source.get_state()
    except Exception:  # a plug-in's; what cannot be read is not watched either
        return found
    if seen and seen.mode != "off" and seen.cells:
        moved = any(draw["source"] == source.name for draw in seen.cells[-1]["draws"])
        found = replace(found, moved=moved)
    devices = state.get("devices", ()) if isinstance(state, dict) else ()
    devices = devices if isinstance(devices, (list, tuple)) else ()
    try:
        each = tuple(fingerprint(source.name, part) for part in devices)
        return replace(found, fingerprint=fingerprint(source.name, state), devices=each)
    except Exception:  # it holds what cannot be written down
        return found
