"""Which versions of other libraries are needed, and which of those that are here are too old.

No library is imported for it, and no metadata is read: that takes 15 ms where a look at the names
of the folders takes one.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from typing import NamedTuple

from seedmagic.imports import is_loaded, loaded
from seedmagic.words import enumerate_names

# What cannot work with an older version, as `pyproject.toml` asks for it too.
NEEDED = {
    "IPython": "7.34",
    "ipykernel": "6.17",
    "ipywidgets": "7.7",
    "numpy": "1.26",
    "torch": "2.6",
    "xxhash": "3.4",
}
_WRITTEN = {"numpy": "NumPy"}


class TooOld(NamedTuple):
    """A library whose version is too old.

    Attributes
    ----------
    module : str
        What is imported.
    version : str
        The version that is here.
    is_loaded : bool
        Whether it is imported by now.
    """

    module: str
    version: str
    is_loaded: bool

    @property
    def needed(self) -> str:
        """What is needed, in words."""
        return f"{_name(self.module)} {NEEDED[self.module]} or newer"

    @property
    def here(self) -> str:
        """What is here, in words."""
        return f"{_name(self.module)} {self.version}"


def too_old(modules: Iterable[str]) -> list[TooOld]:
    """Give those of `modules` whose version is too old; one that cannot be read is let pass."""
    modules = list(modules)
    present = {module: is_loaded(module) for module in modules}
    versions = _installed([module for module in modules if not present[module]])
    versions |= {
        module: getattr(loaded(module), "__version__", None)
        for module in modules
        if present[module]
    }
    # As text: torch's version is an object.
    found = [TooOld(m, str(versions[m]), present[m]) for m in modules if versions.get(m)]
    return [old for old in found if _is_less(old.version, NEEDED[old.module])]


def told(found: list[TooOld]) -> str:
    """Write what is needed, what is here, and what to do, for the end of a sentence."""
    wanted = " ".join(f'"{old.module.lower()}>={NEEDED[old.module]}"' for old in found)
    then = "restart the kernel" if any(old.is_loaded for old in found) else "try again"
    return (
        f"{enumerate_names([old.needed for old in found])}, and "
        f"{enumerate_names([old.here for old in found])} {'is' if len(found) == 1 else 'are'} "
        f"here; run pip install -U {wanted} and {then}."
    )


def _name(module: str) -> str:
    return _WRITTEN.get(module, module)


def _is_less(version: str, needed: str) -> bool:
    """Compare two versions as versions; a build on the way to one counts as that one.

    NVIDIA's containers have torch ``2.6.0a0+ecf3bae40a.nv25.1``, which has all that 2.6 has.
    """
    here, wanted = _release(version), _release(needed)
    return bool(here) and here + [0] * (len(wanted) - len(here)) < wanted


def _release(version: str) -> list[int]:
    """Give the numbers that a version begins with; none of a text that is no version."""
    # Not of one with an epoch, 1!2.0, which begins a count of its own.
    found = re.match(r"\s*v?(\d+(?:\.\d+)*)(?![\d!])", version)
    # Builds from a checkout without tags: 0+untagged.1.g12 and 0+unknown are versioneer's, 0.0.0
    # and 0.1.dev1+g12 setuptools-scm's. They tell nothing of what was built.
    if not found or re.match(r"\s*v?0(?:\.0)*(?![\d.])|\s*v?0\.1\.dev", version):
        return []
    return [int(part) for part in found[1].split(".")]


def _installed(modules: list[str]) -> dict[str, str | None]:
    """Read versions off the names of metadata folders, beside the modules that they tell of.

    None: a module is there, and nothing beside it tells its version.
    """
    versions: dict[str, str | None] = {}
    # The empty one is the notebook's own folder, and anything may stand there.
    for folder in (entry for entry in sys.path if issubclass(type(entry), str) and entry):
        wanted = [module for module in modules if module not in versions]
        try:
            entries = set(os.listdir(folder)) if wanted else set()  # noqa: PTH208 - the fastest
        except OSError:
            continue
        present = entries.intersection(wanted)  # metadata may outlive what it tells of
        written: dict[str, list[str]] = {module: [] for module in present}
        for entry in entries if present else ():
            stem, _, kind = entry.rpartition(".")
            if kind in ("dist-info", "egg-info"):
                name, _, version = stem.partition("-")
                written.get(name.lower(), []).append(version)
        for module, found in written.items():
            # Where an upgrade has left the metadata of an older version, the newer one holds.
            versions[module] = max(found, key=_release) if found else None
    return versions
