"""What a seeding did: data, then words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seedmagic.session.session_terms import Modes
from seedmagic.sources.known.registry import known_sources
from seedmagic.words import enumerate_names

# Set by `seedmagic.status`, which knows more than a session: all that a notebook is to remember, by
# its MIME type.
record: Callable[[], dict[str, dict[str, Any]]] | None = None


class SeedReport:
    """What a seeding did.

    Attributes
    ----------
    seed : int
        The seed in force.
    seeded : tuple of str
        The sources that were seeded.
    caveats : tuple of str
        What could not be done, or has no effect.
    modes : Modes
        What was asked for beside the seed.
    """

    # No dataclass, whose module takes as long to import as all of ours; and no tuple, which IPython
    # displays as one whatever else it can tell of itself.
    __slots__ = ("caveats", "modes", "seed", "seeded")

    def __init__(
        self, seed: int, seeded: tuple[str, ...], caveats: tuple[str, ...], modes: Modes
    ) -> None:
        self.seed = seed
        self.seeded = seeded
        self.caveats = caveats
        self.modes = modes

    def _parts(self) -> tuple[int, tuple[str, ...], tuple[str, ...], Modes]:
        return self.seed, self.seeded, self.caveats, self.modes

    def __repr__(self) -> str:
        return "SeedReport(seed={}, seeded={}, caveats={}, modes={})".format(*self._parts())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SeedReport) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def __str__(self) -> str:

        return describe_report(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        told = record() if record else {}
        # The facts are those of now; where another seed is in force by now, they are not ours.
        ours = {mime: facts for mime, facts in told.items() if facts["seed"] == self.seed}
        return {"text/plain": str(self), **ours}


def describe_report(report: SeedReport) -> str:
    """Write in one line what a seeding did."""
    parts = [
        f"seeded {enumerate_names([*map(_with_part, report.seeded)])}"
        if report.seeded
        else "no source is loaded yet"
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
        parts.append("generators made without a seed are pinned")
    # What needs no saying: PYTHONHASHSEED is set, and does nothing here. A user must not think so.
    if report.modes.covers("python") and not any("PYTHONHASHSEED" in c for c in report.caveats):
        parts.append("PYTHONHASHSEED set for child processes only")
    return f"Seed {report.seed}: {'; '.join([*parts, *report.caveats])}."


def _with_part(name: str) -> str:
    """Say what of a source is seeded, where that is not all."""
    part = getattr(known_sources().get(name), "part", None)
    return f"{name} ({part})" if part else name
