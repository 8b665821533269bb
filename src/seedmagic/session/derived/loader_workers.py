"""Seed the worker processes of a torch `DataLoader`, and the generators their dataset holds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import Any, cast

from seedmagic.code.class_slots import class_slots
from seedmagic.seeds import MAX_SEED, derive_seed
from seedmagic.session import in_force, late_sources
from seedmagic.session.session_terms import Seeding
from seedmagic.session.source_registration import register_source
from seedmagic.sources.known.registry import awaited_modules, present_sources, registered_sources
from seedmagic.sources.protocol import Source

# A dataset's data is no place to look for generators, and may be large.
_LONGEST = 1000

Seeder = Callable[[int], object]


def loader_options(worker_init_fn: Callable[[int], object] | None = None) -> dict[str, Any]:
    """Give the options that make the workers of a `torch.utils.data.DataLoader` reproducible.

    In each worker every source is seeded from the seed that torch gives the worker, as torch's
    notes on reproducibility do for Python and NumPy [1]_. Each generator that the dataset holds
    (`numpy.random.Generator`, `numpy.random.RandomState`, `torch.Generator`, `random.Random`; in
    its attributes, and in lists, tuples, dicts and objects there) gets numbers of its own in each
    worker and each epoch, where torch would hand all workers the same copy. The workers' seeds
    come from torch's global generator when the loader is iterated, so `%seed` decides them.

    Parameters
    ----------
    worker_init_fn : callable, optional
        Called in each worker afterwards, with the worker's number. Must pickle.

    Returns
    -------
    dict
        ``{"worker_init_fn": ...}``, to be passed on with ``**``.

    Notes
    -----
    Generators in sets, and in lists, tuples and dicts of more than 1,000 items, are not found.
    Without workers (``num_workers=0``) nothing is called, and a generator that the dataset holds
    goes on from where it stands. With ``persistent_workers=True`` workers are seeded once.

    References
    ----------
    .. [1] https://docs.pytorch.org/docs/stable/notes/randomness.html#dataloader

    Examples
    --------
    >>> import torch
    >>> import seedmagic as sm
    >>> data = torch.utils.data.TensorDataset(torch.arange(8))
    >>> loader = torch.utils.data.DataLoader(data, num_workers=2, **sm.loader_options())
    >>> len(loader)
    8
    """
    if worker_init_fn is not None and not callable(worker_init_fn):
        raise TypeError(f"worker_init_fn must be callable, not {worker_init_fn!r}")
    return {"worker_init_fn": WorkerSeeding(worker_init_fn)}


class WorkerSeeding:
    """A ``worker_init_fn``; a class at module level, so that it pickles."""

    def __init__(self, then: Callable[[int], object] | None = None) -> None:
        self._then = then
        # A worker that is not forked knows only built-in sources and installed plug-ins.
        self._sources: list[Source] = registered_sources()
        self._seeding: Seeding | None = None

    def __getstate__(self) -> dict[str, Any]:
        # Taken when the worker is started: where it is not forked, generator() needs it there.
        return {**self.__dict__, "_seeding": in_force.current.seeding}

    def __call__(self, worker: int) -> None:
        """Seed worker number `worker`, from inside it."""
        import torch.utils.data

        info = torch.utils.data.get_worker_info()
        if info is None:
            raise RuntimeError("seedmagic.loader_options() is for the workers of a DataLoader")
        for source in self._sources:
            register_source(source)
        if in_force.current.seeding is None:
            in_force.replace(seeding=self._seeding)
        seed_new = partial(_seed_new_sources, info.seed & MAX_SEED, set())
        seed_new()
        # The seed in force would give each worker the same numbers from what it imports later.
        late_sources.also(awaited_modules(), seed_new)
        for place, seed_it in enumerate(_generators(info.dataset)):
            seed_it(derive_seed(info.seed & MAX_SEED, "dataset", place))
        if self._then is not None:
            self._then(worker)


def _seed_new_sources(seed: int, done: set[str]) -> None:
    for source in present_sources():
        if source.name not in done:
            source.seed(seed)
            done.add(source.name)


def _generators(root: object) -> Iterator[Seeder]:
    """Find the generators that `root` holds, and give for each how to seed it."""
    seen: set[int] = set()
    pending = [root]
    while pending:
        item = pending.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        seed_it = _how_to_seed(item)
        if seed_it is not None:
            yield seed_it
        else:
            pending.extend(reversed(_parts(item)))


def _how_to_seed(item: Any) -> Seeder | None:
    torch: Any = sys.modules["torch"]
    random: Any = sys.modules.get("random")
    numpy: Any = sys.modules.get("numpy.random")
    if isinstance(item, torch.Generator):
        return cast(Seeder, item.manual_seed)
    if random and isinstance(item, random.Random) and not isinstance(item, random.SystemRandom):
        return cast(Seeder, item.seed)
    if numpy and isinstance(item, numpy.RandomState):
        return lambda seed: _restart_legacy(item, seed)
    if numpy and isinstance(item, numpy.Generator):
        return lambda seed: _restart(item.bit_generator, seed)
    return None


def _restart(bit_generator: Any, seed: int) -> None:
    bit_generator.state = type(bit_generator)(seed).state


def _restart_legacy(state: Any, seed: int) -> None:
    # A RandomState keeps half a pair of Gaussians outside its bit generator, the same in each copy.
    start = sys.modules["numpy.random"].RandomState(type(state._bit_generator)(seed))
    state.set_state(start.get_state(legacy=False))


def _parts(item: Any) -> list[Any]:
    if isinstance(item, dict):
        return list(item.values()) if len(item) <= _LONGEST else []
    if isinstance(item, (list, tuple)):
        return list(item) if len(item) <= _LONGEST else []
    # A module leads to its global generators, which are seeded as sources.
    if isinstance(item, (type, ModuleType)) or callable(getattr(item, "__array__", None)):
        return []
    kept = [getattr(item, slot.__name__, None) for _, slot in class_slots(type(item))]
    return [*getattr(item, "__dict__", {}).values(), *kept]
