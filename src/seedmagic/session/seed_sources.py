"""Seed several sources: all of them, or none."""

from __future__ import annotations

from seedmagic.errors import SeedingError, StateError
from seedmagic.session import in_force
from seedmagic.session.rng_state import take
from seedmagic.sources.protocol import Source, are_infallible, is_stateful


def seed_sources(chosen: list[Source], seed: int) -> None:
    """Seed all of `chosen`, or put all back that can be."""
    ordered, backup = chosen, None
    if not are_infallible(chosen):
        # Those that nothing can put back go last: what fails before them can still be undone.
        ordered = sorted(chosen, key=lambda source: not is_stateful(source))
        try:
            backup = take(ordered)
        except StateError as error:
            raise SeedingError(
                f"{error} To seed the rest, leave it out with skip or --skip."
            ) from error
    done: list[str] = []
    with in_force.changing:
        for source in ordered:
            try:
                source.seed(seed)
            except BaseException as error:
                failures = backup.put_back() if backup else {}
                if not isinstance(error, Exception):
                    raise
                raise SeedingError(_tell_failure(source, error, done, ordered, failures)) from error
            done.append(source.name)


def _tell_failure(
    failed: Source,
    error: Exception,
    done: list[str],
    ordered: list[Source],
    failures: dict[str, Exception],
) -> str:
    lasting = [s.name for s in ordered if s.name in done and not is_stateful(s)]
    lasting += list(failures)
    if lasting:
        stay = ", ".join(lasting)
        outcome = f"{stay} cannot be put back and stay seeded; the others were put back"
    else:
        outcome = "Nothing was changed: every source was put back"
    return (
        f"{failed.name} failed while it was seeded: {type(error).__name__}: {error}. {outcome}. "
        f"To seed the rest, leave it out: skip={failed.name!r}, or --skip {failed.name}."
    )
