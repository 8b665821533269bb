"""One picture of all that is known: what `%seed`, the panel and the command line show."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedmagic.core import determinism, session
from seedmagic.core.imports import is_loaded, loaded
from seedmagic.core.sources.protocol import Source, is_present, is_stateful
from seedmagic.core.sources.registry import sources

if TYPE_CHECKING:
    from seedmagic.core.seeding import SeedReport

MIME = "application/vnd.seedmagic+json"
_LIBRARIES = ("IPython", "numpy", "scipy", "sklearn", "pandas", "torch", "numba")


@dataclass(frozen=True)
class SourceStatus:
    """One source: ``seeded``, ``unseeded``, ``not loaded`` or ``seed only``; by whom, with what."""

    status: str
    seed: int | None = None
    by: str | None = None


@dataclass(frozen=True)
class Status:
    """Everything that decides whether a result can be had again, at one moment.

    Attributes
    ----------
    seed : int or None
        The seed in force.
    modes : dict
        What was asked for beside it.
    sources : dict of str to SourceStatus
        Every known source.
    flags : dict
        cuDNN's and torch's flags, and ``CUBLAS_WORKSPACE_CONFIG``; flags of libraries that are
        not imported are absent.
    hash_seed : dict
        ``kernel``: what this process started with, ``"random"``, or None where that cannot be
        told; ``children``: what child processes will start with.
    devices : dict
        For each kind of accelerator: whether torch was built with it, whether it is initialised,
        and how many there are (None: not known without waking it).
    versions, hardware : dict
        What else numbers depend on. No host, user or path.
    """

    seed: int | None
    modes: dict[str, Any]
    sources: dict[str, SourceStatus]
    flags: dict[str, Any]
    hash_seed: dict[str, str | None]
    devices: dict[str, dict[str, Any]]
    versions: dict[str, str]
    hardware: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Give the same as plain dicts, lists, str, int, bool and None, ready for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        return describe_status(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": str(self), MIME: self.to_dict()}


def status() -> Status:
    """Look at everything; draw, change, import and wake nothing.

    Returns
    -------
    Status
        Printable; `Status.to_dict` gives it as JSON.

    Examples
    --------
    >>> import seedmagic as sm
    >>> _ = sm.seed_everything(42)
    >>> sm.status().to_dict()["seed"]
    42
    """
    seeding = session.current.seeding
    flags = determinism.read()
    children = flags.pop(determinism.HASH_SEED)
    return Status(
        seed=seeding.seed if seeding else None,
        modes=asdict(seeding.modes) if seeding else {},
        sources={name: _source_status(source) for name, source in sources().items()},
        flags=flags,
        hash_seed={"kernel": _hash_seed_of_process(), "children": str(children or "random")},
        devices=_devices(),
        versions=_versions(),
        hardware=_hardware(),
    )


def describe_status(status: Status) -> str:
    """Write a status as a table for people."""
    names = [name for name, mode in status.modes.items() if mode is True and name != "cudnn"]
    modes = f" ({', '.join(names)})" if names else ""
    lines = [f"Seed {status.seed} is in force{modes}."]
    if status.seed is None:
        lines = ["No seed is in force."]
    for name, source in status.sources.items():
        seeded = ", seeded" if source.status == "seed only" and source.by else ""
        seed = f" with {source.seed}" if source.seed is not None else ""
        by = f" by {source.by}" if source.by else ""
        lines.append(f"  {name:<12} {source.status}{seeded}{seed}{by}")
    flags = {name: value for name, value in status.flags.items() if name != determinism.CUBLAS}
    told = ", ".join(f"{name} {_word(value)}" for name, value in flags.items())
    lines.append(f"Flags: {told or 'torch is not imported'}.")
    lines.append(f"{determinism.CUBLAS}: {status.flags[determinism.CUBLAS] or 'not set'}.")
    lines.append(
        f"Hash seed: {status.hash_seed['kernel'] or 'not known'} in this process, which cannot "
        f"change; {status.hash_seed['children']} in child processes."
    )
    for kind, facts in status.devices.items():
        lines.append(f"Devices: {kind}: {_describe_device(facts)}.")
    return "\n".join(lines)


def describe_report(report: SeedReport) -> str:
    """Write in one line what a seeding did."""
    parts = [
        f"seeded {enumerate_names(report.seeded)}" if report.seeded else "no source is loaded yet"
    ]
    if "torch" in report.seeded and report.modes.cudnn:
        parts.append("cuDNN deterministic on, benchmark off")
    if report.modes.deterministic:
        warn_only = ", warnings only" if report.modes.deterministic == "warn" else ""
        parts.append(f"deterministic algorithms on{warn_only}")
    if report.modes.per_cell:
        parts.append("every cell starts from a seed of its own")
    if report.modes.pin_entropy:
        parts.append("NumPy generators made without a seed are pinned")
    # What needs no saying: PYTHONHASHSEED is set, and does nothing here. A user must not think so.
    if report.modes.covers("python") and not any("PYTHONHASHSEED" in c for c in report.caveats):
        parts.append("PYTHONHASHSEED set for child processes only")
    return f"Seed {report.seed}: {'; '.join([*parts, *report.caveats])}."


def _source_status(source: Source) -> SourceStatus:
    if not is_present(source):
        return SourceStatus("not loaded")
    seeded = session.current.seeded.get(source.name)
    word = "seed only" if not is_stateful(source) else "seeded" if seeded else "unseeded"
    return SourceStatus(word, seeded.seed, seeded.by) if seeded else SourceStatus(word)


def _hash_seed_of_process() -> str | None:
    if not sys.flags.hash_randomization:
        return "0"
    try:
        # os.environ may have been changed since the start, by us among others.
        started_with = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    prefix = f"{determinism.HASH_SEED}=".encode()
    found = [entry[len(prefix) :].decode() for entry in started_with if entry.startswith(prefix)]
    return found[0] if found and found[0] else "random"


def _devices() -> dict[str, dict[str, Any]]:
    if not is_loaded("torch"):
        return {}
    kinds = [name for name in sources() if name.startswith("torch.")]
    return {name.removeprefix("torch."): _device(sources()[name]) for name in kinds}


def _device(source: Any) -> dict[str, Any]:
    if not is_present(source):
        return {"available": False, "initialized": False, "count": 0}
    return {"available": True, "initialized": source.is_awake(), "count": source.count()}


def _versions() -> dict[str, str]:
    import seedmagic

    versions = {"python": platform.python_version(), "seedmagic": seedmagic.__version__}
    for name in _LIBRARIES:
        version = getattr(sys.modules.get(name), "__version__", None)
        if version is not None:
            versions[name.lower()] = str(version)
    if is_loaded("torch"):
        torch = loaded("torch")
        if torch.version.cuda:
            versions["cuda"] = torch.version.cuda
        if torch.backends.cudnn.is_available():
            versions["cudnn"] = str(torch.backends.cudnn.version())
    return versions


def _hardware() -> dict[str, Any]:
    hardware: dict[str, Any] = {
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu_count": os.cpu_count(),
    }
    if is_loaded("torch"):
        torch = loaded("torch")
        # Which vector instructions torch uses, and on how many threads, decides how sums are split.
        hardware["cpu_capability"] = torch.backends.cpu.get_cpu_capability()
        hardware["torch_threads"] = torch.get_num_threads()
        if torch.cuda.is_initialized():
            hardware["cuda"] = [
                torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())
            ]
    return hardware


def _describe_device(facts: dict[str, Any]) -> str:
    if not facts["available"]:
        return "not in this torch"
    count = "not known how many" if facts["count"] is None else f"{facts['count']}"
    return f"{count}, {'initialised' if facts['initialized'] else 'asleep'}"


def enumerate_names(names: Sequence[str]) -> str:
    """Write names as people do: a, b and c."""
    *first, last = names or [""]
    return f"{', '.join(first)} and {last}" if first else last


def _word(value: object) -> str:
    return ("off", "on")[value] if isinstance(value, bool) else str(value)
