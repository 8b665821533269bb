"""Say a status or a report in words, for people who read text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from seedmagic.session import algorithm_flags

if TYPE_CHECKING:
    from seedmagic.session.seeding import SeedReport
    from seedmagic.status.picture import Status


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


def describe_report(report: SeedReport) -> str:
    """Write in one line what a seeding did."""
    parts = [
        f"seeded {enumerate_names(report.seeded)}" if report.seeded else "no source is loaded yet"
    ]
    is_frozen = any("is frozen" in caveat for caveat in report.caveats)
    if "torch" in report.seeded and report.modes.cudnn and not is_frozen:
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


def describe_device(facts: dict[str, Any]) -> str:
    """Say of a kind of device how many there are, and whether they are awake."""
    if not facts["available"]:
        return "not in this torch"
    count = "not known how many" if facts["count"] is None else f"{facts['count']}"
    return f"{count}, {'initialised' if facts['initialized'] else 'asleep'}"


def enumerate_names(names: Sequence[str]) -> str:
    """Write names as people do: a, b and c."""
    *first, last = names or [""]
    return f"{', '.join(first)} and {last}" if first else last


def on_or_off(value: object) -> str:
    """Write a flag's value."""
    return ("off", "on")[value] if isinstance(value, bool) else str(value)
