"""What installers say that they put into a folder: `pip install --target`, a wheel on the path."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

# By a folder of `sys.path`: when it changed last, and the modules that installers put there.
_known: dict[str, tuple[int, frozenset[str]]] = {}


def is_recorded(file: str) -> bool:
    """Whether an installer put the module of `file` into a folder, or a zip, of `sys.path`.

    It may have been taken out of `sys.path` since, as a script does that adds it for an import.
    A folder may hold the user's own modules too: those that no installer names stay the user's.
    An editable install is recorded elsewhere than where its code lies, and stays so as well.
    """
    file = str(Path(file))
    for place in (*_places(), _above_package(file)):
        if file.startswith(place):
            name = file[len(place) :].partition(os.sep)[0].partition(".")[0]
            if name in _modules(place):
                return True
    return False


def _places() -> Iterator[str]:
    """Give the folders and zips of `sys.path`, which may hold anything."""
    for entry in [*sys.path]:
        if issubclass(type(entry), str):
            try:
                yield _whole(entry, "" if entry.startswith(os.sep) else str(Path.cwd()))
            except OSError:  # the folder it works in is deleted
                continue


def _above_package(file: str) -> str:
    """Give the folder that the outermost package of a file lies in."""
    folder = Path(file).parent
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    return str(folder).rstrip(os.sep) + os.sep


@lru_cache(maxsize=256)
def _whole(entry: str, folder: str) -> str:
    return str(Path(folder, entry)).rstrip(os.sep) + os.sep


def _modules(place: str) -> frozenset[str]:
    root: Any = Path(place)
    try:
        changed = root.stat().st_mtime_ns
        if place not in _known or _known[place][0] != changed:
            root = root if root.is_dir() else _zip(root)
            found = frozenset(name for record in _records(root) for name in _names(record))
            _known[place] = changed, found
    except Exception:  # gone, not ours to read, no zip, or a damaged one
        return frozenset()
    return _known[place][1]


def _zip(file: Path) -> Any:
    import zipfile

    return zipfile.Path(file)


def _records(root: Any) -> Iterator[Any]:
    for each in root.iterdir():
        name, _, kind = each.name.rpartition(".")
        # What setuptools leaves beside sources is named without a version: `mine.egg-info`.
        if kind == "dist-info" or (kind == "egg-info" and "-" in name) or each.name == "EGG-INFO":
            yield each


def _names(record: Any) -> Iterator[str]:
    top_level, files = record / "top_level.txt", record / "RECORD"
    if top_level.is_file():  # setuptools writes it, and it is far shorter
        for line in _read(top_level):
            yield line.strip().partition("/")[0]
    elif files.is_file():
        for line in _read(files):
            first, _, rest = line.split(",")[0].strip('"').partition("/")
            stem, _, suffix = first.partition(".")
            if rest or suffix.endswith(("py", "pyc", "so", "pyd")):
                yield first if rest else stem
    else:  # a distribution of Linux keeps what it installed elsewhere
        yield record.name.partition("-")[0]


def _read(file: Any) -> list[str]:
    with file.open("rb") as opened:
        return str(opened.read(), "utf-8").splitlines()
