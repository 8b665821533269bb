"""What a session consists of, as data: modes, seeds, who gave them, changed settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from seedmagic.errors import SeedError, SourceError
from seedmagic.seeds import describe
from seedmagic.sources.known.registry import check_names, known_sources, sources

if TYPE_CHECKING:
    from collections import Counter

    from seedmagic.sources.protocol import Source


Value = bool | str | None


class Change(NamedTuple):
    """A setting that we changed: its value before, and ours."""

    before: Value
    ours: Value


Deterministic = bool | Literal["warn"]


class Modes(NamedTuple):
    """What a seeding does beside seeding."""

    cudnn: bool = True
    deterministic: Deterministic = False
    only: tuple[str, ...] | None = None
    skip: tuple[str, ...] = ()
    per_cell: bool = False
    pin_entropy: bool = False

    def covers(self, name: str) -> bool:
        """Whether the source `name` is seeded; ``torch`` stands for all its devices too."""
        if self.only is not None and not _is_within(name, self.only):
            return False
        return not self.skip or not _is_within(name, self.skip)

    def among(self, sources: list[Source]) -> list[Source]:
        """Give those of `sources` that are seeded."""
        if self.only is None and not self.skip:
            return sources
        return [source for source in sources if self.covers(source.name)]


class Seeding(NamedTuple):
    """A seed in force, with its modes."""

    seed: int
    modes: Modes


class Seeded(NamedTuple):
    """Who gave a source its seed, and which one, where that is known."""

    seed: int | None
    by: str
    ours: bool = True  # else by the user's own call


class EntropyPin(Protocol):
    """Gives entropy in the operating system's place."""

    counts: Counter[tuple[str, int]]  # of the calls at each place of the running cell

    def bits(self, count: int) -> int:
        """Give the next `count` bits for the place that runs."""


RESTORED = Seeded(None, "a restored state", ours=False)


def _is_within(name: str, families: tuple[str, ...]) -> bool:
    return any(name == family or name.startswith(f"{family}.") for family in families)


def make_modes(
    *,
    cudnn: bool = True,
    deterministic: Deterministic = False,
    only: str | Iterable[str] | None = None,
    skip: str | Iterable[str] | None = None,
    per_cell: bool = False,
    pin_entropy: bool = False,
) -> Modes:
    """Check what goes beside a seed."""
    # Most seedings ask for nothing, and are asked no further.
    if cudnn is True and deterministic is per_cell is pin_entropy is False and only is skip is None:
        return _USUAL
    for name, value in (("cudnn", cudnn), ("per_cell", per_cell), ("pin_entropy", pin_entropy)):
        if not isinstance(value, bool):
            raise SeedError(f"{name}={value!r}: True or False is accepted. Nothing was changed.")
    if not (isinstance(deterministic, bool) or deterministic == "warn"):
        raise SeedError(
            f"deterministic={deterministic!r}: True, False or 'warn' is accepted. "
            "Nothing was changed."
        )
    modes = Modes(cudnn, deterministic, _names(only), _names(skip) or (), per_cell, pin_entropy)
    is_narrowed = only is not None or skip is not None
    if is_narrowed and not (
        any(map(modes.covers, modes.only or known_sources()))
        or any(map(modes.covers, modes.only or sources()))  # one that has just come
    ):
        raise SourceError("only and skip leave no source to seed. Nothing was changed.")
    return modes


_USUAL = Modes()


def _names(names: str | Iterable[str] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    try:
        listed = names.split(",") if isinstance(names, str) else list(names)
    except TypeError:
        raise SourceError(
            f"{describe(names)} does not name sources: a str or several are accepted. "
            "Nothing was changed."
        ) from None
    return check_names(name.strip() if isinstance(name, str) else name for name in listed)
