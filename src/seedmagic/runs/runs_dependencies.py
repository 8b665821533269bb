"""What `pip install "seedmagic[runs]"` brings, and an error that says so where it is missing."""

from __future__ import annotations

from importlib.util import find_spec

ALWAYS = ("scipy", "matplotlib", "tqdm")
ON_ENGINES = ("cloudpickle", "threadpoolctl")


def require(purpose: str, *modules: str) -> None:
    """Refuse `purpose` unless each of `modules` can be imported; none is imported here.

    Raises
    ------
    ImportError
        Some are not installed; the message has the command that installs them.
    """
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise ImportError(
            f"{purpose} needs {' and '.join(missing)}, which this environment lacks: "
            'pip install "seedmagic[runs]"'
        )
