"""Read the line of a magic: what it asks for, or one error that says what is accepted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from keyword import iskeyword
from reprlib import repr as short_repr
from typing import Any

from IPython.core.error import UsageError

from seedmagic.errors import SeedError
from seedmagic.ipython.line_words import (
    LineParser,
    expand,
    parse_number,
    to_int,
    words_of,
)
from seedmagic.seeds import ACCEPTED, check_seed, describe
from seedmagic.words import did_you_mean

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
SEED_WORDS = ("new", "off")  # in place of a seed


@lru_cache  # made on first use: argparse takes some milliseconds
def _parser(magic: str, options: tuple[str, ...], accepted: str) -> LineParser:
    parser = LineParser(prog=magic, add_help=False, allow_abbrev=False)
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
def _log_parser() -> LineParser:
    parser = LineParser(prog="%seedlog", add_help=False, allow_abbrev=False)
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
    return _asked(parser, words_of(parser, line), line)


def parse_seeded_words(words: list[str] | ValueError, line: str) -> LineOptions:
    """Read the header of ``%%seeded``, whose `line` was split, or could not be."""
    accepted = f"{SEED_FORMS}; or nothing, for the seed in force"
    parser = _parser("%%seeded", SEEDED_OPTIONS, accepted)
    if isinstance(words, ValueError):
        parser.error(f"{words} in {line!r}")
    return _asked(parser, words, line)


def parse_log_line(line: str) -> LogAsked:
    """Read the line of ``%seedlog``."""
    parser = _log_parser()
    given = vars(parser.parse_args(words_of(parser, line)))
    count = None if given["n"] is None else parse_number(given["n"])
    return LogAsked(count, given["json"])


def to_seed(text: str, namespace: Mapping[str, Any]) -> int:
    """Read a seed: a literal, or the name of a variable."""
    unknown = re.search(r"\$\w+|\{.*\}", text)
    if unknown:
        raise UsageError(
            f"{unknown.group()!r} cannot be put in: a name in it is unknown, or it raised an "
            f"error. Accepted: {SEED_FORMS}. Nothing was changed."
        )
    is_name = text.isidentifier() and text in namespace
    value = namespace[text] if is_name else to_int(text)
    try:
        return check_seed(value)
    except SeedError as error:
        what = f"{text} is {describe(value)}, which" if is_name else short_repr(text)
        meant = "" if is_name else did_you_mean(text, SEED_WORDS)
        raise UsageError(
            f"{what} is not a seed{meant}. Accepted: {SEED_FORMS}. Nothing was changed."
        ) from error


def _asked(parser: LineParser, words: list[str], line: str) -> LineOptions:
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


def _runs(parser: LineParser, given: Mapping[str, Any]) -> RunsAsked | None:
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


def _names(parser: LineParser, text: str) -> tuple[str, ...]:
    """Read the names of variables, separated by commas."""
    names = [name.strip() for name in text.split(",")]
    return tuple(dict.fromkeys(_name(parser, name) for name in names))


def _name(parser: LineParser, text: str) -> str:
    if not text.isidentifier() or iskeyword(text):
        parser.error(f"{text!r} is not the name of a variable")
    return text
