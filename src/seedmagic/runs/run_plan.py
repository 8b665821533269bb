"""What is asked of many runs: their seeds, what is tracked, where to write; checked before any."""

from __future__ import annotations

import errno
import operator
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import SupportsIndex

from seedmagic.errors import SeedError
from seedmagic.seeds import MAX_SEED, check_seed, describe

SEEDS_FORMS = "seeds such as 0,1,2 or 0:10 or 0:10:2"
_MOST = 1_000_000  # more is a slip of the hand, and its table would not fit into memory


@dataclass(frozen=True)
class Plan:
    """What is asked for.

    Attributes
    ----------
    seeds : tuple of int
        One a run, in this order, none twice.
    track : tuple of str or None
        The names to keep; None: all that a run gives.
    tensorboard : Path or None
        The directory for event files.
    """

    seeds: tuple[int, ...]
    track: tuple[str, ...] | None = None
    tensorboard: Path | None = None


def make_plan(
    seeds: Iterable[SupportsIndex],
    *,
    track: str | Iterable[str] | None = None,
    tensorboard: str | os.PathLike[str] | None = None,
) -> Plan:
    """Check what is asked for.

    Raises
    ------
    SeedError
        There is no seed, one is none, or one comes twice.
    ValueError, TypeError
        `track` holds no name, or something that is none.
    OSError
        `tensorboard` is no directory that can be written.
    """
    checked, names = check_seeds(seeds), check_track(track)
    return Plan(checked, names, None if tensorboard is None else check_directory(tensorboard))


def seeds_from(seed: SupportsIndex, count: SupportsIndex) -> tuple[int, ...]:
    """Give the seeds of ``--runs count`` from `seed`: seed, seed + 1, …, seed + count − 1."""
    first = check_seed(seed)
    try:
        number = None if isinstance(count, bool) else operator.index(count)
    except TypeError:
        number = None
    if number is None or not 1 <= number <= _MOST:
        raise SeedError(
            f"{describe(count)} is not a number of runs: an integer from 1 to {_MOST} is "
            "accepted. Nothing was run."
        )
    last = first + number - 1
    if last > MAX_SEED:
        raise SeedError(
            f"{number} runs from seed {first} would need seed {last}, and the largest is "
            f"{MAX_SEED}. Start from {MAX_SEED - number + 1} or less. Nothing was run."
        )
    return tuple(range(first, last + 1))


def parse_seeds(text: str) -> tuple[int, ...]:
    """Read the text of ``--seeds``: numbers and slices, separated by commas.

    Examples
    --------
    >>> from seedmagic.runs.run_plan import parse_seeds
    >>> parse_seeds("0,1,2"), parse_seeds("0:10:4"), parse_seeds("7,0:2")
    ((0, 1, 2), (0, 4, 8), (7, 0, 1))
    """
    found: list[int] = []
    for part in text.split(","):
        try:
            numbers = [int(number.strip(), 0) for number in part.split(":")]
            several = range(*numbers) if len(numbers) > 1 else numbers
        except (ValueError, TypeError):  # TypeError: more than three numbers
            raise SeedError(
                f"{part.strip()!r} in {text!r} is no seed: {SEEDS_FORMS} are accepted. "
                "Nothing was run."
            ) from None
        if len(numbers) > 1 and not several:
            raise SeedError(f"{part.strip()!r} in {text!r} holds no seed. Nothing was run.")
        if len(found) + len(several) > _MOST:
            raise SeedError(f"{text!r} holds more than {_MOST} seeds. Nothing was run.")
        found.extend(several)
    return check_seeds(found)


def check_seeds(seeds: Iterable[SupportsIndex]) -> tuple[int, ...]:
    """Give the seeds as plain ints, or say what is wrong with them."""
    if isinstance(seeds, (str, bytes)) or not isinstance(seeds, Iterable):
        raise SeedError(
            f"{describe(seeds)} is not several seeds: range(20) or a list of integers from 0 to "
            f"{MAX_SEED} is accepted. Nothing was run."
        )
    checked: dict[int, None] = {}
    for seed in seeds:
        number = check_seed(seed)
        if number in checked:
            raise SeedError(
                f"seed {number} comes twice; its second run would repeat the first and count "
                "double. Nothing was run."
            )
        checked[number] = None
        if len(checked) > _MOST:
            raise SeedError(f"more than {_MOST} seeds were given. Nothing was run.")
    if not checked:
        raise SeedError("no seed is given, so there is nothing to run; range(20) gives twenty.")
    return tuple(checked)


def check_track(track: str | Iterable[str] | None) -> tuple[str, ...] | None:
    """Give the names to track, of a str with commas between or of several."""
    if track is None:
        return None
    if not isinstance(track, (str, Iterable)):
        raise TypeError(
            f"{describe(track)} does not name what to track: 'acc,loss' or a list of names is "
            "accepted. Nothing was run."
        )
    listed = track.split(",") if isinstance(track, str) else list(track)
    for name in listed:
        if not isinstance(name, str):
            raise TypeError(f"{describe(name)} is no name to track: a str is. Nothing was run.")
    names = tuple(dict.fromkeys(name.strip() for name in listed))
    if not names or "" in names:
        raise ValueError(
            f"{track!r} does not name what to track: 'acc,loss' or a list of names is accepted. "
            "Nothing was run."
        )
    return names


def check_directory(path: str | os.PathLike[str]) -> Path:
    """Make the directory if need be, and try to write in it.

    Raises
    ------
    OSError
        It cannot be made or written.
    """
    from tempfile import TemporaryFile

    directory = Path(path)
    try:
        directory = directory.expanduser()
        directory.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=directory):
            pass
    except RuntimeError as error:
        raise OSError(errno.ENOENT, f"{error} Nothing was run", os.fspath(path)) from error
    except OSError as error:
        raise type(error)(
            error.errno,
            f"event files cannot be written: {error.strerror}. Nothing was run",
            os.fspath(path),
        ) from error
    return directory
