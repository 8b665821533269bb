"""Look at everything that a status tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from seedmagic.session import algorithm_flags, in_force
from seedmagic.session.rng_state_file import fingerprint
from seedmagic.sources.known.registry import sources
from seedmagic.sources.protocol import Source, is_present, is_stateful
from seedmagic.status import cells_seen, process_facts
from seedmagic.status.cells_seen import Watched
from seedmagic.status.problems import find_problems
from seedmagic.status.status_data import SourceStatus, Status


def look(ask: Callable[[], Watched | None] | None = None) -> Status:
    """Look at everything, as `seedmagic.status` does.

    Parameters
    ----------
    ask : callable, optional
        Tells of the cells that are meant; else those of the shell whose cell runs, or ran last.
    """
    return look_at(sources(), ask)


def look_at(known: Mapping[str, Source], ask: Callable[[], Watched | None] | None = None) -> Status:
    """Look at everything, of the sources at those of `known`."""
    seeding = in_force.current.seeding
    flags = algorithm_flags.read()
    children = flags.pop(algorithm_flags.HASH_SEED)
    ask = ask or cells_seen.ask
    seen = ask() if ask else None
    picture = Status(
        seed=seeding.seed if seeding else None,
        modes=seeding.modes._asdict() if seeding else {},
        problems=(),
        sources={name: _source_status(source, seen) for name, source in known.items()},
        flags=flags,
        precision=process_facts.precision(),
        hash_seed={
            "kernel": process_facts.hash_seed_of_process(),
            "children": str(children or "random"),
        },
        devices=process_facts.devices(known),
        versions=process_facts.versions(),
        hardware=process_facts.hardware(),
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
        moved = any(draw.source == source.name for draw in seen.cells[-1].draws)
        found = replace(found, moved=moved)
    devices = state.get("devices", ()) if isinstance(state, dict) else ()
    devices = devices if isinstance(devices, (list, tuple)) else ()
    try:
        each = tuple(fingerprint(source.name, part) for part in devices)
        return replace(found, fingerprint=fingerprint(source.name, state), devices=each)
    except Exception:  # it holds what cannot be written down
        return found
