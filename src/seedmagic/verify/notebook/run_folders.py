"""Where a run works: a copy of the notebook's folder, or the folder itself; and what it wrote."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# More than this is not copied: the runs then work in the folder itself, one after another.
LARGEST = 200 * 2**20
# Of a folder that is not copied, at most so many files are looked at for what a run wrote.
MOST_FILES = 20_000

Listing = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Size:
    """Of a folder without its hidden folders: bytes, and whether that is all of it."""

    total: int
    fits: bool


def measure(folder: Path) -> Size:
    """Add up the files of a folder, until it is too large to be copied."""
    total = 0
    for count, entry in enumerate(walk(folder)):
        total += _facts(entry)[0]
        if total > LARGEST or count > MOST_FILES:
            return Size(total, False)
    return Size(total, True)


def copy(folder: Path, to: Path) -> None:
    """Copy a folder without its hidden folders; links keep pointing where they point."""
    _copy(folder, to, folder)


def _copy(folder: Path, to: Path, root: Path) -> None:
    to.mkdir(parents=True)
    with os.scandir(folder) as entries:
        for entry in entries:
            target = to / entry.name
            if entry.is_symlink():
                target.symlink_to(_target_of(Path(entry.path), root))
            elif entry.is_dir():
                if not entry.name.startswith("."):
                    _copy(Path(entry.path), target, root)
            elif entry.is_file():  # no sockets, no pipes
                shutil.copy2(entry.path, target)


def listing(folder: Path) -> Listing:
    """Give the size and the time of change of each file, for `written` to compare."""
    found: Listing = {}
    for entry in walk(folder):
        if len(found) >= MOST_FILES:
            break
        found[Path(entry.path).relative_to(folder).as_posix()] = _facts(entry)
    return found


def written(folder: Path, before: Listing, after: Listing) -> dict[str, str | None]:
    """Give the files that are new or changed, each with a digest; Python's own caches aside."""
    return {
        name: _digest(folder / name)
        for name, facts in after.items()
        if before.get(name) != facts and "__pycache__" not in name.split("/")
    }


def _facts(entry: os.DirEntry[str]) -> tuple[int, int]:
    try:
        facts = entry.stat(follow_symlinks=False)
    except OSError:  # gone since
        return 0, 0
    return facts.st_size, facts.st_mtime_ns


def _digest(file: Path) -> str | None:
    found = hashlib.blake2b(digest_size=16)
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(2**20):
                found.update(chunk)
    except OSError:
        return None
    return found.hexdigest()


def walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Give every file below a folder, but not those of hidden folders, nor what links lead to."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_symlink() or entry.is_file():
                yield entry
            elif entry.is_dir() and not entry.name.startswith("."):
                with suppress(OSError):  # not ours to read, or gone
                    yield from walk(Path(entry.path))


def _target_of(link: Path, root: Path) -> Path:
    """Give what a link's copy must point to: the same place, unless that is copied too."""
    target = link.readlink()
    pointed = (link.parent / target).resolve()
    return target if pointed.is_relative_to(root.resolve()) else pointed
