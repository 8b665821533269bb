"""Read the line of a magic: what it asks for, or one error that says what is accepted."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from keyword import iskeyword
from reprlib import repr as short_repr
from typing import Any, NoReturn

from IPython.core.error import UsageError
from IPython.utils.text import DollarFormatter

from seedmagic.errors import SeedError
from seedmagic.seeds import ACCEPTED, check_seed, describe

SEED_FORMS = f"{ACCEPTED} (42, 0x2A, 1_000, $name, {{expression}} or the name of a variable)"
SEED_OPTIONS = (
    "--only",
    "--skip",
    "--deterministic",
    "--keep-cudnn",
    "--per-cell",
    "--pin-entropy",
)
RUNS_OPTIONS = ("--runs", "--seeds", "--track", "--on", "--tensorboard", "--out")
SEEDED_OPTIONS = (
    "--keep",
    "--deterministic",
    "--keep-cudnn",
    "--from",
    "--rewind",
    "--verify",
    *RUNS_OPTIONS,
)
LOG_OPTIONS = ("-n", "--json")


class _Parser(argparse.ArgumentParser):
    """Raises a usage error where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}. {self.epilog} Nothing was changed.")


@lru_cache  # made on first use: argparse takes some milliseconds
def _parser(magic: str, options: tuple[str, ...], accepted: str) -> _Parser:
    parser = _Parser(prog=magic, add_help=False, allow_abbrev=False)
    parser.epilog = f"Accepted: {accepted}; options {', '.join(options)}."
    parser.add_argument("seed", nargs="?")
    for option in options:
        if option in ("--only", "--skip", "--from", "--rewind", *RUNS_OPTIONS):
            parser.add_argument(option)
        elif option == "--deterministic":
            parser.add_argument(option, choices=("error", "warn"))
        else:
            parser.add_argument(option, action="store_true")
    return parser


@lru_cache
def _log_parser() -> _Parser:
    parser = _Parser(prog="%seedlog", add_help=False, allow_abbrev=False)
    parser.epilog = "Accepted: -n N, the last N cells; --json FILE, where to write them."
    parser.add_argument("-n")
    parser.add_argument("--json")
    return parser


@dataclass(frozen=True)
class RunsAsked:
    """What a line asks of many runs."""

    count: str | None
    seeds: str | None
    track: tuple[str, ...] = ()
    on: str | None = None
    tensorboard: str | None = None
    out: str = "_runs"


@dataclass(frozen=True)
class LineOptions:
    """What a line asks for; `line` is its text."""

    seed: str | None
    modes: dict[str, Any]
    line: str
    keep: bool = False
    start: int | None = None  # --from
    rewind: tuple[str, ...] = ()
    verify: bool = False
    runs: RunsAsked | None = None


@dataclass(frozen=True)
class LogAsked:
    """What the line of `%seedlog` asks for."""

    count: int | None
    file: str | None


def parse_seed_line(line: str, namespace: Mapping[str, Any]) -> LineOptions:
    """Read the line of ``%seed``, with ``$name`` and ``{expression}`` put in."""
    accepted = f"{SEED_FORMS}; new; off; or nothing, to show the state"
    parser, line = _parser("%seed", SEED_OPTIONS, accepted), expand(line, namespace)
    return _asked(parser, _words(parser, line), line)


def parse_seeded_words(words: list[str] | ValueError, line: str) -> LineOptions:
    """Read the header of ``%%seeded``, whose `line` was split, or could not be."""
    accepted = f"{SEED_FORMS}; or nothing, for the seed in force"
    parser = _parser("%%seeded", SEEDED_OPTIONS, accepted)
    if isinstance(words, ValueError):
        parser.error(f"{words} in {line!r}")
    return _asked(parser, words, line)


def split_line(line: str) -> list[str]:
    """Split a line into its words, without a comment; a quote that does not end: ValueError."""
    return shlex.split(line, comments=True)


def parse_log_line(line: str) -> LogAsked:
    """Read the line of ``%seedlog``."""
    parser = _log_parser()
    given = vars(parser.parse_args(_words(parser, line)))
    count = None if given["n"] is None else parse_number(given["n"])
    return LogAsked(count, given["json"])


def parse_number(text: str) -> int:
    """Read the number of a cell, or how many."""
    number = _to_int(text.partition("#")[0].strip())
    if not isinstance(number, int) or number < 1:
        raise UsageError(f"{short_repr(text)} is not a number of a cell: 1, 2, 3, … are accepted.")
    return number


def expand(line: str, namespace: Mapping[str, Any]) -> str:
    """Put in ``$name`` and ``{expression}``, as IPython does unless a magic forbids it."""
    if not set(line) & set("${}"):
        return line  # without the copy of every name
    try:
        return str(DollarFormatter().vformat(line, (), dict(namespace)))
    except Exception:
        # As IPython does: one unknown name leaves the whole line, which is then refused by name.
        return line


def to_seed(text: str, namespace: Mapping[str, Any]) -> int:
    """Read a seed: a literal, or the name of a variable."""
    unknown = re.search(r"\$\w+|\{.*\}", text)
    if unknown:
        raise UsageError(
            f"{unknown.group()!r} cannot be put in: a name in it is unknown, or it raised an "
            f"error. Accepted: {SEED_FORMS}. Nothing was changed."
        )
    is_name = text.isidentifier() and text in namespace
    value = namespace[text] if is_name else _to_int(text)
    try:
        return check_seed(value)
    except SeedError as error:
        what = f"{text} is {describe(value)}, which" if is_name else short_repr(text)
        raise UsageError(
            f"{what} is not a seed. Accepted: {SEED_FORMS}. Nothing was changed."
        ) from error


def _to_int(text: str) -> int | str:
    """Read a literal; what is none stays as it is."""
    for base in (0, 10):  # int("007", 0) is refused, int("007", 10) is not
        try:
            return int(text, base)
        except ValueError:
            continue
    return text


def _words(parser: _Parser, line: str) -> list[str]:
    try:
        return split_line(line)
    except ValueError as error:
        parser.error(f"{error} in {line!r}")


def _asked(parser: _Parser, words: list[str], line: str) -> LineOptions:
    # argparse would take the seed for the option's value: --deterministic 42.
    words = ["--deterministic=error" if word == "--deterministic" else word for word in words]
    given = vars(parser.parse_args(words))
    modes: dict[str, Any] = {}
    for name in ("only", "skip"):
        if given.get(name) is not None:
            modes[name] = given[name]
    for name in ("per_cell", "pin_entropy"):
        if given.get(name):
            modes[name] = True
    if given["keep_cudnn"]:
        modes["cudnn"] = False
    if given["deterministic"]:
        modes["deterministic"] = "warn" if given["deterministic"] == "warn" else True
    start = given.get("from")
    if start is not None:
        if given["seed"] is not None or given["keep"]:
            parser.error("--from N stands in place of a seed and of --keep")
        start = parse_number(start)
    keep, verify = given.get("keep", False), given.get("verify", False)
    if keep and verify:
        parser.error("--verify puts RNG states back, and --keep does not")
    rewind = _names(parser, given["rewind"]) if given.get("rewind") is not None else ()
    runs = _runs(parser, given)
    return LineOptions(given["seed"], modes, line, keep, start, rewind, verify, runs)


def _runs(parser: _Parser, given: Mapping[str, Any]) -> RunsAsked | None:
    """Read what is asked of many runs; refuse what has no meaning beside it."""
    count, seeds = given.get("runs"), given.get("seeds")
    said = [option for option in RUNS_OPTIONS if given.get(option[2:]) is not None]
    if count is None and seeds is None:
        if said:
            parser.error(f"{said[0]} has no meaning without --runs N or --seeds 0:10")
        return None
    if count is not None and seeds is not None:
        parser.error("--runs N and --seeds both say which runs: give one of them")
    if seeds is not None and given["seed"] is not None:
        parser.error("--seeds stands in place of a seed")
    for other in ("from", "keep", "verify"):
        if given[other]:
            parser.error(f"--{other} has no meaning beside {said[0]}")
    track = () if given["track"] is None else _names(parser, given["track"])
    out = "_runs" if given["out"] is None else _name(parser, given["out"])
    if out in track:
        parser.error(f"--out {out} would replace what --track {out} leaves")
    on = None if given["on"] is None else _name(parser, given["on"])
    return RunsAsked(count, seeds, track, on, given["tensorboard"], out)


def _names(parser: _Parser, text: str) -> tuple[str, ...]:
    """Read the names of variables, separated by commas."""
    names = [name.strip() for name in text.split(",")]
    return tuple(dict.fromkeys(_name(parser, name) for name in names))


def _name(parser: _Parser, text: str) -> str:
    if not text.isidentifier() or iskeyword(text):
        parser.error(f"{text!r} is not the name of a variable")
    return text
