"""The findings of two runs from the same start: data first, then words."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from seedmagic.objects.compare.difference import Difference
from seedmagic.verify.cell.changed_start import Changed, tell
from seedmagic.verify.operations.first_operation import OperationDifference
from seedmagic.words import enumerate_names, many

_SHOWN, _FEW = 20, 5

Verdict = Literal["reproducible", "from-this-start", "not-reproducible", "not-shown"]


@dataclass(frozen=True)
class Verification:
    """What two runs of the same code from the same start left and showed.

    Attributes
    ----------
    differences : tuple of Difference
        Where they differ: a value with its place and size, a text's line, an output, the error.
    unknown : tuple of str
        What could not be put back or compared, and why. It never counts as a pass.
    values, outputs : int
        How many names, and how many texts and outputs, were compared.
    sources : tuple of str
        The sources that the two runs left in different RNG states.
    operation : OperationDifference or None
        The first torch operation that got equal inputs and gave other outputs, in two further runs.
    recorded : int
        How many torch operations one of these runs had.
    is_same_start : bool
        Whether everything could be put back before the second run.
    causes : tuple of str
        What else was seen that explains a difference.
    possible : tuple of str
        What explains one if nothing else does: what a library asked for, the time of a file, the
        order of a set of objects.
    error : BaseException or None
        How the first run failed.
    masked : tuple of str
        The rules that had to mask noise in what was shown: the timing of ``%time``, addresses.
    notes : tuple of str
        What two equal runs leave open: they asked for the time, and fell into the same second.
    changes : tuple of Changed
        What a re-run of the code would start from otherwise than this one did, name by name.
    rewound : tuple of str
        The names that start each re-run as they started this one.
    """

    differences: tuple[Difference, ...]
    unknown: tuple[str, ...]
    values: int
    outputs: int
    sources: tuple[str, ...] = ()
    operation: OperationDifference | None = None
    recorded: int = 0
    is_same_start: bool = True
    causes: tuple[str, ...] = ()
    error: BaseException | None = None
    masked: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    changes: tuple[Changed, ...] = ()
    rewound: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """What follows from all this, in one word."""
        if not self.is_same_start:
            return "not-shown"
        if self.differences or self.sources:
            return "not-reproducible"
        if self.unknown:
            return "not-shown"
        return "from-this-start" if self.changes else "reproducible"

    @property
    def reproducible(self) -> bool | None:
        """Whether both runs agree bit for bit; None where that could not be found out.

        They began from the same start. `verdict` says whether a re-run does so too.
        """
        known = {"not-reproducible": False, "not-shown": None}
        return known.get(self.verdict, True)

    @property
    def changed(self) -> tuple[str, ...]:
        """Where a re-run starts from something else, as ``fake.generator.random``."""
        return tuple(place for each in self.changes for place in each.places)

    def to_dict(self) -> dict[str, Any]:
        """Give the same as plain values, ready for JSON."""
        told = asdict(replace(self, error=None))
        error = self.error and f"{type(self.error).__name__}: {self.error}"
        of_all = {name: getattr(self, name) for name in ("verdict", "reproducible", "changed")}
        return {**told, "error": error, **of_all}

    def __str__(self) -> str:
        compared = f"{many(self.values, 'value')} and {many(self.outputs, 'output')}"
        if self.masked:
            compared += f" (masked: {', '.join(self.masked)})"
        notes = [f"  Note: {note}" for note in self.notes]
        if self.error is not None and self.reproducible:
            notes.insert(0, f"  Both runs stopped with the same {type(self.error).__name__}.")
        if self.verdict == "reproducible":
            return "\n".join([f"Reproducible: {compared} identical, bit for bit.", *notes])
        if self.verdict == "from-this-start":
            head = (
                f"Reproducible from this start: {compared} identical, bit for bit. A re-run starts "
                "elsewhere, for the cell changed"
            )
            return "\n".join(["\n  ".join([head, *tell(self.changes, self.rewound)]), *notes])
        lines = [self._verdict(compared)]
        lines += [f"  {difference}" for difference in self.differences[:_SHOWN]]
        if len(self.differences) > _SHOWN:
            lines.append(f"  … and {len(self.differences) - _SHOWN} more differences")
        if self.sources:
            lines.append(f"  The runs left {enumerate_names(self.sources)} in other RNG states.")
        lines += [f"  Cause: {cause}" for cause in self._causes()]
        if self.unknown:
            more = len(self.unknown) - _FEW
            told = [*self.unknown[:_FEW], *([f"and {more} more"] if more > 0 else [])]
            lines.append(f"  Not put back or not compared: {'; '.join(told)}")
        return "\n".join([*lines, *notes])

    def _verdict(self, compared: str) -> str:
        if not self.is_same_start:
            differ = " differ" if self.differences or self.sources else " are identical"
            return (
                f"Not shown: {compared}{differ}, but not everything could be put back for the "
                "second run."
            )
        if self.differences or self.sources:
            return f"Not reproducible: of {compared}, these differ between two runs:"
        return f"Not shown: {compared} are identical, but not everything could be compared."

    def _causes(self) -> list[str]:
        """Tell each cause once: what torch did with what came from elsewhere stands below that."""
        causes, operation = [*(self.causes or self.possible)], self.operation
        if operation is not None:
            if operation.did_it and not self.causes:
                causes = []
            if not causes or (operation.did_it and not _names_line(causes, operation.line)):
                return [str(operation), *causes]
            return [*causes[:-1], f"{causes[-1]}\n    {operation}"]
        if causes or not self.differences or not self.is_same_start:
            return causes  # it starts elsewhere: that may be all
        torch = ", and torch gave the same for the same tensors" * bool(self.recorded)
        return [
            f"not found: it asked the system for nothing that explains it{torch}. Files, other "
            "programs and threads are under no seed."
        ]


def _names_line(causes: list[str], line: int) -> bool:
    return bool(line) and any(f"(line {line}{end}" in cause for cause in causes for end in ":)")
