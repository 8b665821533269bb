"""Which versions of other libraries are too old to work with, without importing any."""

from __future__ import annotations

import re
import sys

from IPython.core.error import UsageError

# By the module's name. What pyproject.toml asks for, which pip may have been told to overlook.
_OLDEST = {
    "IPython": (7, 34),
    "ipykernel": (6, 17),
    "numpy": (1, 26),
    "torch": (2, 6),
    "xxhash": (3, 4),
}
WIDGETS = {"ipywidgets": (7, 7)}


def refuse_too_old() -> None:
    """Refuse to be loaded beside a library that is too old.

    Raises
    ------
    UsageError
        It names what is there, what is needed, and how to get it.
    """
    told = tell_too_old(_OLDEST)
    if told:
        raise UsageError(f"seedmagic {told} Nothing was loaded.")


def tell_too_old(oldest: dict[str, tuple[int, int]]) -> str | None:
    """Say which library is older than it may be; None where all that are here are new enough."""
    for module, needed in oldest.items():
        found = _version(module)
        # Of a version that cannot be read nothing is known: it is let pass.
        numbers = re.match(r"(\d+)\.(\d+)", found or "")
        if numbers and (int(numbers[1]), int(numbers[2])) < needed:
            least = ".".join(map(str, needed))
            return (
                f"needs {module} {least} or newer, and {found} is here: "
                f'pip install "{module.lower()}>={least}", then restart the kernel.'
            )
    return None


def _version(module: str) -> str | None:
    found = getattr(sys.modules.get(module), "__version__", None)
    if isinstance(found, str):
        return found
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(module)
    except PackageNotFoundError:
        return None
