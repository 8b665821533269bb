"""Make notebooks reproducible: `%load_ext seedmagic`, `%seed 42`, `%%seeded 1024`."""

import typing

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
from seedmagic.seeds import derive_seed
from seedmagic.session.context_managers import deterministic, preserve, seeded
from seedmagic.session.rng_state import RngState, snapshot
from seedmagic.session.seed_report import SeedReport
from seedmagic.session.seeding import seed_everything
from seedmagic.session.source_registration import register_source, unregister_source
from seedmagic.sources.known.registry import sources
from seedmagic.sources.protocol import Source
from seedmagic.status import status
from seedmagic.verify import verify
from seedmagic.version import __version__ as __version__

# What people type first; in code that others read, the long name says more.
seed = seed_everything

if typing.TYPE_CHECKING:
    from seedmagic.objects.rewind.rewind import rewind
    from seedmagic.runs.repeat import repeat
    from seedmagic.runs.runs_result import RunsResult
    from seedmagic.session.derived.derived_generators import generator, torch_generator
    from seedmagic.session.derived.loader_workers import loader_options
    from seedmagic.status.status_data import Status
    from seedmagic.verify.cell.verdict import Verification

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
    "seed",
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

# What seeding does not need is imported on first use: a notebook's first cell stays light.
_ON_FIRST_USE = {
    "RunsResult": "seedmagic.runs.runs_result",
    "Status": "seedmagic.status.status_data",
    "Verification": "seedmagic.verify.cell.verdict",
    "generator": "seedmagic.session.derived.derived_generators",
    "loader_options": "seedmagic.session.derived.loader_workers",
    "repeat": "seedmagic.runs.repeat",
    "rewind": "seedmagic.objects.rewind.rewind",
    "torch_generator": "seedmagic.session.derived.derived_generators",
}


if not typing.TYPE_CHECKING:  # a checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        """Import what is asked for, where it is one of the names above."""
        if name not in _ON_FIRST_USE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}{_hint(name)}")
        from importlib import import_module

        value = getattr(import_module(_ON_FIRST_USE[name]), name)
        globals()[name] = value
        return value


def _hint(name: str) -> str:
    """Say which name is meant by one that is not there: `set_seed`, `seed_evrything`."""
    if name.startswith("_"):  # what tools look for
        return ""
    from seedmagic.words import closest

    meant = closest(name, __all__) or ("seed_everything" if "seed" in name.lower() else None)
    return f"; did you mean {meant}?" if meant else ""


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def load_ipython_extension(shell: object) -> None:
    """Do what ``%load_ext seedmagic`` asks for."""
    from seedmagic.ipython.required_versions import require_versions

    require_versions(shell)  # before the import of what an older IPython lacks
    from seedmagic.ipython.extension import load

    load(shell)


def unload_ipython_extension(shell: object) -> None:
    """Do what ``%unload_ext seedmagic`` asks for."""
    from seedmagic.ipython.extension import unload

    unload(shell)
