"""Seed every source at once, or none: `seed_everything`, and what `%seed` needs beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsIndex

from seedmagic.errors import SeedError, SeedingError
from seedmagic.seeds import check_seed, derive_seed, fresh_seed
from seedmagic.session import (
    algorithm_flags,
    in_force,
    late_sources,
    session_terms,
)
from seedmagic.session.entropy import entropy_pin, numpy_entropy, system_entropy
from seedmagic.session.seed_report import SeedReport
from seedmagic.session.seed_sources import seed_sources
from seedmagic.session.session_terms import Deterministic, Modes, Seeded, Seeding, make_modes
from seedmagic.sources.known.registry import load_parts, present_of_known, present_sources


def seed_everything(
    seed: SupportsIndex | None,
    *,
    cudnn: bool = True,
    deterministic: Deterministic = False,
    only: str | Iterable[str] | None = None,
    skip: str | Iterable[str] | None = None,
) -> SeedReport:
    """Seed every loaded source of random numbers, and those that are imported later.

    The streams are those that ``random.seed(seed)``, ``np.random.seed(seed)``,
    ``torch.manual_seed(seed)`` and ``torch.cuda.manual_seed_all(seed)`` give. It is all or
    nothing: every check comes first, and if a source fails, the others are put back.

    Parameters
    ----------
    seed : int or None
        0 ≤ seed ≤ 4294967295. None draws a fresh one from the operating system and reports it.
    cudnn : bool, default True
        Also set cuDNN's ``deterministic`` on and ``benchmark`` off. Costs speed where cuDNN
        would have found a faster algorithm.
    deterministic : bool or "warn", default False
        Also use deterministic algorithms, as `seedmagic.deterministic` does.
    only, skip : str or iterable of str, optional
        Names of sources, as in `sources`; ``"torch"`` stands for all its devices too. Sources
        left out keep their state.

    Returns
    -------
    SeedReport
        What was seeded, and what could not be.

    Raises
    ------
    SeedError
        `seed` is not a seed.
    SourceError
        `only` or `skip` names something that is no source, or leaves none.
    SeedingError
        A source failed; the others were put back.
    ScopeError
        Another thread or asyncio task has a scope open.

    Notes
    -----
    ``PYTHONHASHSEED`` is set for child processes, unless it has a value: in a process that runs
    already it has no effect [1]_.

    References
    ----------
    .. [1] https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED

    Examples
    --------
    >>> import random
    >>> import seedmagic as sm
    >>> report = sm.seed_everything(42)
    >>> report.seed
    42
    >>> random.random() == random.Random(42).random()
    True
    """
    modes = make_modes(cudnn=cudnn, deterministic=deterministic, only=only, skip=skip)
    number = fresh_seed() if seed is None else check_seed(seed)
    return put_in_force(number, modes, "seed_everything")


def put_in_force(seed: int, modes: Modes, by: str) -> SeedReport:
    """Seed what `modes` cover, set the flags, and make this the seed in force."""
    late_sources.start()
    load_parts()  # not under the lock, which an import in another thread may wait for
    with in_force.lock:
        in_force.require_own_scope(by)
        if modes.pin_entropy and not numpy_entropy.can_pin():
            raise SeedError(
                "--pin-entropy cannot work: this NumPy does not ask for entropy where it is "
                "known to. Nothing was changed."
            )
        chosen = modes.among(present_of_known())
        settings = algorithm_flags.wanted(seed, modes)
        former: dict[str, session_terms.Value] = {}
        try:
            changes, caveats = algorithm_flags.apply(settings, in_force.current.changes, former)
            seed_sources(chosen, seed)
        except BaseException:
            algorithm_flags.write(former)
            raise
        names = tuple([source.name for source in chosen])
        seeded = in_force.current.seeded | dict.fromkeys(names, Seeded(seed, by))
        pin = entropy_pin.Pin(seed) if modes.pin_entropy else None
        in_force.reinstate(in_force.Session(Seeding(seed, modes), seeded, changes, pin))
        system_entropy.follow_session()
    return SeedReport(seed, names, tuple(caveats), modes)


def put_out_of_force() -> tuple[Seeding, list[str]] | None:
    """Put back the settings of the seed in force, and give what it seeded fresh entropy.

    Returns
    -------
    tuple of Seeding and list of str, or None
        What was in force, and the sources that have fresh entropy now; None if nothing was.
    """
    with in_force.lock:
        in_force.require_own_scope("%seed off")
        seeding = in_force.current.seeding
        if seeding is None:
            return None
        freed = [
            source
            for source in present_of_known()
            if source.name in in_force.current.seeded and in_force.current.seeded[source.name].ours
        ]
        failed: list[str] = []
        with in_force.changing:
            for source in freed:
                try:
                    source.seed(fresh_seed())
                except Exception as error:
                    failed.append(f"{source.name}: {error}")
        algorithm_flags.apply({}, in_force.current.changes)
        names = [source.name for source in freed]
        kept = {name: by for name, by in in_force.current.seeded.items() if name not in names}
        in_force.replace(seeding=None, seeded=kept, changes={}, pin=None, cell_seed=None)
        system_entropy.follow_session()
    if failed:
        raise SeedingError(f"%seed off could not give fresh entropy to {'; '.join(failed)}.")
    return seeding, names


def begin_cell(code: str) -> None:
    """Begin the cell `code`: under ``--per-cell`` from a seed derived from the one in force and it.

    The counts of the places at which entropy is pinned start anew.
    """
    if in_force.current.pin:
        in_force.current.pin.counts.clear()
    seeding = in_force.current.seeding
    if seeding is None or not seeding.modes.per_cell:
        return
    with in_force.lock:
        in_force.require_own_scope("--per-cell")
        chosen = seeding.modes.among(present_sources())
        seed = derive_seed(seeding.seed, "cell", code.strip())
        seed_sources(chosen, seed)
        seeded = dict.fromkeys((source.name for source in chosen), Seeded(seed, "--per-cell"))
        in_force.replace(seeded={**in_force.current.seeded, **seeded}, cell_seed=seed, renewals=0)


def seed_in_force(purpose: str) -> int:
    """Give the seed in force, or say that `purpose` needs one."""
    seeding = in_force.current.seeding
    if seeding is None:
        raise SeedError(
            f"{purpose} needs a seed in force, and there is none: call "
            "seedmagic.seed_everything(42) or run %seed 42 first."
        )
    return seeding.seed
