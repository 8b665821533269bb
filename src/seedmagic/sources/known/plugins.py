"""Sources that other packages bring, through the entry-point group `seedmagic.sources`.

An entry's name is the module to wait for: the plug-in is loaded once that module is imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedmagic.imports import is_loaded
from seedmagic.sources.protocol import Source
from seedmagic.warn import warn

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "seedmagic.sources"

_waiting: dict[str, list[EntryPoint]] | None = None
_loaded: list[tuple[Source, str]] = []


def waiting() -> set[str]:
    """Name the modules whose plug-ins are not loaded yet."""
    return set(_entries())


def waiting_so_far() -> set[str]:
    """Give the same as far as it is known, for the import of any module, which must stay fast."""
    return set(_waiting or ())


def loaded() -> list[Source]:
    """Give the sources of the plug-ins that are loaded."""
    return [source for source, _ in _loaded]


def package_of(source: Source) -> str | None:
    """Name the package whose plug-in a source is; None: it is no plug-in's."""
    return next((package for plugin, package in _loaded if plugin is source), None)


def load_arrived() -> list[Source]:
    """Load the plug-ins whose modules are imported by now, and give their sources."""
    if not _entries():
        return []
    arrived = []
    for module in [name for name in _entries() if is_loaded(name)]:
        for entry in _entries().pop(module):
            try:
                plugin = entry.load()
                source = plugin() if isinstance(plugin, type) else plugin
                if not isinstance(source, Source):
                    raise TypeError(f"{source!r} lacks name, module or seed(seed)")
                arrived.append((source, entry.dist.name if entry.dist else entry.module))
            except Exception as error:
                warn(f"The plug-in {entry.value!r} for {module} cannot be used: {error!r}")
    _loaded.extend(arrived)
    return [source for source, _ in arrived]


def _entries() -> dict[str, list[EntryPoint]]:
    global _waiting
    if _waiting is None:
        # Looks into every installed distribution: tens of milliseconds, so once, and not on import.
        _waiting = {}  # first: where imports are watched, the next line comes back here
        from importlib.metadata import entry_points

        try:
            found = [*entry_points(group=GROUP)]
        except Exception as error:  # Python's, of a package on the path without a name
            warn(f"Plug-ins cannot be looked for: what tells of a package is broken: {error!r}")
            found = []
        for entry in found:
            _waiting.setdefault(entry.name, []).append(entry)
    return _waiting
