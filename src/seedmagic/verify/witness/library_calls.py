"""What libraries ask the system for: what reaches the user's values, and what is their own affair.

Faker asks for the time to draw a date, gzip to write it into its bytes; tqdm to draw its bar.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from types import FrameType
from typing import NamedTuple

from seedmagic.code.cell_frames import is_top, is_users, module_of, outward
from seedmagic.verify.witness.outside_calls import WALL_CLOCKS, in_words

# What these ask for goes into their bars, logs, locks, caches and names of files.
_QUIET = frozenset((
    "IPython", "PIL", "_pytest", "alive_progress", "asyncio", "bdb", "cProfile", "comm",
    "concurrent", "contextlib", "dask", "debugpy", "distributed", "fastprogress", "filelock",
    "fsspec", "http", "hypothesis", "importlib", "importlib_metadata", "inspect", "ipykernel",
    "ipywidgets", "joblib", "jupyter_client", "linecache", "logging", "loguru", "loky",
    "matplotlib", "matplotlib_inline", "mlflow", "multiprocessing", "numba", "pluggy",
    "pprint", "profile", "progressbar", "pytest", "queue", "ray", "requests", "rich",
    "sched", "seedmagic", "selectors", "shutil", "signal", "site", "socket", "ssl",
    "subprocess", "tempfile", "tensorboard", "threading", "tokenize", "torch", "tornado",
    "tqdm", "traitlets", "urllib3", "wandb", "warnings", "zmq",
))  # fmt: skip
# The time of day that these ask for reaches what they give back. Not so for dateutil, which takes
# it for what a text leaves out, nor for zipfile, which writes it into a file.
_HANDS_ON_TIME = frozenset(("arrow", "email", "faker", "mimesis", "pendulum"))
# They run the tasks that they are given, in threads where no frame of the user's leads to them.
_POOLS = {
    "concurrent.futures.thread": {"run"},
    "multiprocessing.pool": {"worker", "mapstar", "starmapstar"},
}
_DISPLAYS = "IPython"


_TOKENS = re.compile(r"b?['\"][^'\"]*['\"]|[\w.:+-]+")
# What a time, and what a UUID or other random bytes, look like where they are shown.
_LOOKS = {
    "the time": re.compile(r"\d\.\d|\d{9}|\d:\d\d|\d-\d\d|\de[+-]?\d|^b['\"]|nan"),
    "a UUID": re.compile(r"[0-9a-f]{5}|^b['\"]"),
    "random bytes": re.compile(r"[0-9a-f]{5}|^b['\"]"),
}
_DATE = re.compile(r"\b(?:date|datetime|Timestamp|struct_time)\(")


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
    way = [each for each, _ in outward(frame)]
    at = next((place for place, each in enumerate(way) if is_users(each)), None)
    libraries = [(module_of(each) or "").partition(".")[0] for each in way[:at]]
    if at is None:
        tasks = _POOLS.get(module_of(way[0]) or "", ()) if way else ()
        return LibraryCall("", None) if way and way[0].f_code.co_name in tasks else None
    # What is asked by the user's own frame is noted by others; what is asked for while something is
    # displayed goes into ids, which are masked.
    if not libraries or libraries[0] in _QUIET or _DISPLAYS in libraries:
        return None
    is_import = any(map(is_top, way[:at]))
    return None if is_import else LibraryCall(libraries[0], way[at])


def may_show(what: str, pairs: Collection[tuple[str, str]]) -> bool:
    """Whether what a library asked for may be what differs in these pairs of texts.

    A count that moves is no time, nor a UUID.
    """
    words = in_words(what) if " in " in what else ""  # the user's own question shows somewhere
    looks = _LOOKS.get(words)
    if words == "the time" and any(_DATE.search(one) for one, _ in pairs):
        return True
    return looks is None or any(
        looks.search(token)
        for one, other in pairs
        for token in {*_TOKENS.findall(one)} ^ {*_TOKENS.findall(other)}
    )
