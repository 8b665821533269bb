"""What a result depends on beside the seed, taken over from the caller and put back after."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from seedmagic.code import running_cells
from seedmagic.imports import is_loaded, loaded
from seedmagic.session import algorithm_flags, in_force
from seedmagic.session.session_terms import Change, Value
from seedmagic.session.source_registration import register_source, unregister_source
from seedmagic.sources.known.registry import registered_sources, sources
from seedmagic.sources.protocol import Source

# Whose threads split sums: where the caller has them, they are there before the threads are set.
_CARRIERS = ("numpy", "scipy.linalg", "sklearn", "torch")


@dataclass(frozen=True)
class Surroundings:
    """The caller's, at the moment of the call.

    Attributes
    ----------
    carriers : tuple of str
        The libraries with threads of their own that the caller has imported.
    pools : mapping of str to int
        For each library of linear algebra or OpenMP, its number of threads: the last digits of a
        product of matrices depend on it.
    torch : mapping of str to object
        torch's number of threads, default dtype and default device.
    settings, changes : mapping
        Flags and variables, and which of them seedmagic set.
    sources : tuple of Source
        Those that the caller registered.
    place : tuple of str and int
        The caller's cell, and the line there: by these, pinned generators get their entropy.
    """

    carriers: tuple[str, ...]
    pools: Mapping[str, int]
    torch: Mapping[str, Any]
    settings: Mapping[str, Value]
    changes: Mapping[str, Change]
    sources: tuple[Source, ...]
    place: tuple[str, int]


def take_surroundings() -> Surroundings:
    """Look at those of this process; change and import nothing of the user's."""
    from threadpoolctl import threadpool_info

    return Surroundings(
        tuple(name for name in _CARRIERS if is_loaded(name)),
        {pool["prefix"]: pool["num_threads"] for pool in threadpool_info()},
        {name: read() for name, (read, _) in _torch().items()} if is_loaded("torch") else {},
        algorithm_flags.read(),
        dict(in_force.current.changes),
        tuple(registered_sources()),
        running_cells.place(),
    )


def import_carriers(surroundings: Surroundings) -> None:
    """Import what the caller has of libraries with threads; a worker may lack what no run uses."""
    for name in surroundings.carriers:
        with suppress(ImportError):
            import_module(name)


@contextmanager
def surrounded(surroundings: Surroundings) -> Iterator[None]:
    """Be as the caller was; afterwards as before. Flags and variables are the scope's around it."""
    from threadpoolctl import threadpool_limits

    with ExitStack() as undo:
        for source in surroundings.sources:
            undo.callback(_register(source))
        undo.enter_context(threadpool_limits(dict(surroundings.pools)))
        known = _torch() if surroundings.torch and is_loaded("torch") else {}
        for name, (read, write) in known.items():
            former = read()
            if former != surroundings.torch[name]:
                undo.callback(write, former)
                write(surroundings.torch[name])
        algorithm_flags.put_back(surroundings.settings)
        in_force.replace(changes=dict(surroundings.changes))
        code, line = surroundings.place
        undo.enter_context(running_cells.in_cell(code, {}, line))
        yield


def _register(source: Source) -> Callable[[], None]:
    former = sources().get(source.name)
    register_source(source)

    def undo() -> None:
        unregister_source(source.name)
        if former is not None:
            register_source(former)

    return undo


def _torch() -> dict[str, tuple[Callable[[], Any], Callable[[Any], None]]]:
    torch = loaded("torch")
    return {
        "threads": (torch.get_num_threads, torch.set_num_threads),
        "dtype": (torch.get_default_dtype, torch.set_default_dtype),
        # torch.get_default_device() would make a tensor, and wake the device.
        "device": (
            lambda: getattr(sys.modules.get("torch.utils._device"), "CURRENT_DEVICE", None),
            torch.set_default_device,
        ),
    }
