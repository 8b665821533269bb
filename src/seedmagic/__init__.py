"""Make notebooks reproducible: `%load_ext seedmagic`, `%seed 42`, `%%seeded 1024`."""

from seedmagic.core.contexts import deterministic, preserve, seeded
from seedmagic.core.generators import generator, torch_generator
from seedmagic.core.seeding import SeedReport, seed_everything
from seedmagic.core.seeds import derive_seed
from seedmagic.core.sources.protocol import Source
from seedmagic.core.sources.registry import register_source, sources, unregister_source
from seedmagic.core.state import RngState, snapshot
from seedmagic.core.status import Status, status
from seedmagic.core.workers import loader_options
from seedmagic.errors import (
    RestoreError,
    RewindError,
    RunsError,
    RunsInterrupted,
    ScopeError,
    SeedError,
    SeedingError,
    SeedmagicError,
    SeedmagicWarning,
    SourceError,
    StateError,
    UnseededError,
    UnseededWarning,
)
from seedmagic.objects.rewind import rewind
from seedmagic.runs.repeat import repeat
from seedmagic.runs.result import RunsResult
from seedmagic.verifying.function import verify
from seedmagic.verifying.verification import Verification

__version__ = "0.1.0"

__all__ = [
    "RestoreError",
    "RewindError",
    "RngState",
    "RunsError",
    "RunsInterrupted",
    "RunsResult",
    "ScopeError",
    "SeedError",
    "SeedReport",
    "SeedingError",
    "SeedmagicError",
    "SeedmagicWarning",
    "Source",
    "SourceError",
    "StateError",
    "Status",
    "UnseededError",
    "UnseededWarning",
    "Verification",
    "derive_seed",
    "deterministic",
    "generator",
    "load_ipython_extension",
    "loader_options",
    "preserve",
    "register_source",
    "repeat",
    "rewind",
    "seed_everything",
    "seeded",
    "snapshot",
    "sources",
    "status",
    "torch_generator",
    "unload_ipython_extension",
    "unregister_source",
    "verify",
]


def load_ipython_extension(shell: object) -> None:
    """Do what ``%load_ext seedmagic`` asks for."""
    from seedmagic.ipython.extension import load

    load(shell)


def unload_ipython_extension(shell: object) -> None:
    """Do what ``%unload_ext seedmagic`` asks for."""
    from seedmagic.ipython.extension import unload

    unload(shell)
