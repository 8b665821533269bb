"""What libraries ask the system for: what reaches the user's values, and what is their own affair.

Faker asks for the time to draw a date, gzip to write it into its bytes; tqdm to draw its bar.
"""

from __future__ import annotations

from types import FrameType
from typing import NamedTuple

from seedmagic.code.cell_frames import is_installed_import, is_users, module_of, outward
from seedmagic.verify.witness.outside_calls import WALL_CLOCKS

# What these ask for goes into their bars, logs, locks, caches and names of files.
_QUIET = frozenset((
    "IPython", "PIL", "_pytest", "alive_progress", "asyncio", "bdb", "cProfile", "comm",
    "concurrent", "contextlib", "dask", "debugpy", "distributed", "fastprogress", "filelock",
    "fsspec", "http", "hypothesis", "importlib", "importlib_metadata", "inspect", "ipykernel",
    "ipywidgets", "joblib", "jupyter_client", "linecache", "logging", "loguru", "loky",
    "matplotlib", "matplotlib_inline", "mlflow", "multiprocessing", "numba", "pluggy",
    "pprint", "profile", "progressbar", "psutil", "pytest", "queue", "ray", "requests", "rich",
    "sched", "seedmagic", "selectors", "shutil", "signal", "site", "socket", "ssl",
    "subprocess", "tempfile", "tensorboard", "threading", "tokenize", "torch", "tornado",
    "tqdm", "traitlets", "urllib3", "wandb", "warnings", "zmq",
))  # fmt: skip
# The time of day that these ask for reaches what they give back.
_HANDS_ON_TIME = frozenset((
    "arrow", "babel", "calendar", "dateutil", "email", "faker", "gzip", "mimesis", "pandas",
    "pendulum", "tarfile", "zipfile",
))  # fmt: skip
# They run what they are given, in threads where no frame of the user's leads to it.
_POOLS = frozenset(("concurrent", "multiprocessing"))
_OURS = "seedmagic.verify.witness."


class LibraryCall(NamedTuple):
    """A call that a library makes, on behalf of the code in the frame `users`; None: its thread."""

    library: str
    users: FrameType | None

    def told(self, what: str) -> str:
        """Name what is asked for: datetime.now() in faker."""
        return f"{what} in {self.library}"

    def hands_on(self, what: str) -> bool:
        """Whether it is the time of day, and a library whose values come from it."""
        return what in WALL_CLOCKS and self.library in _HANDS_ON_TIME


def library_call(frame: FrameType) -> LibraryCall | None:
    """Say for whom a library's frame asks; None where that is the library's own affair."""
    way = (each for each, _ in outward(frame))
    asker = next((each for each in way if not (module_of(each) or "").startswith(_OURS)), None)
    if asker is not None and is_users(asker):
        return None  # it asks itself, which is noted by others
    library = (module_of(asker) or "").partition(".")[0] if asker is not None else ""
    users = next((each for each, _ in outward(asker) if is_users(each)), None)
    if users is None:
        return LibraryCall("", None) if library in _POOLS else None
    if library in _QUIET or is_installed_import(asker):
        return None
    return LibraryCall(library, users)
