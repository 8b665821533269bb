"""Check what is asked of a seeding beside its seed: sources, flags, extras."""

from __future__ import annotations

from collections.abc import Iterable

from seedmagic.errors import SeedError, SourceError
from seedmagic.seeds import describe
from seedmagic.session.in_force import Deterministic, Modes
from seedmagic.sources.registry import check_names, sources


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
    if is_narrowed and not any(map(modes.covers, modes.only or sources())):
        raise SourceError("only and skip together leave no source to seed. Nothing was changed.")
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
