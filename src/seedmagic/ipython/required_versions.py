"""Refuse to load where a library is too old to work with, before anything of it is needed."""

from __future__ import annotations

from IPython.core.error import UsageError

from seedmagic.requirements import told, too_old


def require_versions(shell: object) -> None:
    """Raise a usage error, which IPython shows as one line, where a version cannot work.

    Nothing is installed into `shell` by then, and IPython does not count us as loaded: after an
    upgrade, ``%load_ext seedmagic`` works.

    Raises
    ------
    UsageError
        IPython, ipykernel where `shell` is its shell, NumPy, torch or xxhash is too old.
    """
    asked = ["IPython", "numpy", "torch", "xxhash"]
    # Installed beside a terminal's IPython, or imitated by another kernel, it is not used.
    if any(kind.__module__.startswith("ipykernel.") for kind in type(shell).__mro__):
        asked.append("ipykernel")
    found = too_old(asked)
    if found:
        raise UsageError(f"seedmagic was not loaded: it needs {told(found)}")
