"""Read the line of a magic: what it asks for, or one error that says what is accepted."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from keyword import iskeyword
from typing import Any, NoReturn

from IPython.core.error import UsageError

from seedmagic.ipython.first_guesses import argument, hint_for_words, plain
from seedmagic.ipython.line_values import SEED_FORMS, expand, parse_count, parse_number
from seedmagic.ipython.option_names import LOG_OPTIONS, RUNS_OPTIONS, SEED_OPTIONS, SEEDED_OPTIONS
from seedmagic.words import ended


class _Parser(argparse.ArgumentParser):
    """Raises a usage error where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {ended(message)} {self.epilog} Nothing was changed.")


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
    """What a line asks for; `body` tells the body below from others, where `--rewind` asks."""

    seed: str | None
    modes: dict[str, Any]
    keep: bool = False
    start: int | None = None  # --from
    rewind: tuple[str, ...] = ()
    verify: bool = False
    runs: RunsAsked | None = None
    body: str = ""


@dataclass(frozen=True)
class LogAsked:
    """What the line of `%seedlog` asks for."""

    count: int | None
    file: str | None


def parse_seed_line(line: str, namespace: Mapping[str, Any]) -> LineOptions:
    """Read the line of ``%seed``, with ``$name`` and ``{expression}`` put in."""
    accepted = f"{SEED_FORMS}; new; off; or nothing, to show the state"
    parser, line = _parser("%seed", SEED_OPTIONS, accepted), plain(expand(line, namespace))
    return _asked(parser, _words(parser, line))


def parse_seeded_words(words: list[str] | ValueError, line: str) -> LineOptions:
    """Read the header of ``%%seeded``, whose `line` was split, or could not be."""
    accepted = f"{SEED_FORMS}; or nothing, for the seed in force"
    parser = _parser("%%seeded", SEEDED_OPTIONS, accepted)
    if isinstance(words, ValueError):
        parser.error(f"{words} in {line!r}")
    return _asked(parser, words)


def split_line(line: str) -> list[str]:
    """Split a line into its words, without a comment; a quote that does not end: ValueError."""
    # Of a prompt, `In [3]` is one word.
    return shlex.split(re.sub(r"\b([Ii]n)\s+(?=\[)", r"\1", line), comments=True)


def parse_log_line(line: str) -> LogAsked:
    """Read the line of ``%seedlog``."""
    parser = _log_parser()
    words = _words(parser, argument(line))
    # `%seedlog 5` can mean nothing else.
    given = _read(parser, ["-n", *words] if len(words) == 1 and words[0].isdecimal() else words)
    count = None if given["n"] is None else parse_count(given["n"])
    return LogAsked(count, given["json"])


def _words(parser: _Parser, line: str) -> list[str]:
    try:
        return split_line(line)
    except ValueError as error:
        parser.error(f"{error} in {line!r}")


def _read(parser: _Parser, words: list[str]) -> dict[str, Any]:
    """Read words; of those that are not taken, say what was probably meant."""
    known, unknown = parser.parse_known_args(words)
    given = vars(known)
    if unknown:
        magics = {"%seed": SEED_OPTIONS, "%%seeded": SEEDED_OPTIONS, "%seedlog": LOG_OPTIONS}
        lists = [given[name] for name in given if name != "seed"]
        open_lists = [value for value in lists if str(value).endswith(",")]
        if open_lists:
            rest = ",".join(word.strip(",") for word in unknown)
            hint = f"; write {open_lists[0]}{rest}, without spaces"
        else:
            seeds = [word for word in (given.get("seeds"), given.get("seed")) if word]
            hint = hint_for_words(unknown, seeds, parser.prog, magics)
        parser.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
    return given


def _asked(parser: _Parser, words: list[str]) -> LineOptions:
    # argparse would take the seed for the option's value: --deterministic 42.
    words = ["--deterministic=error" if word == "--deterministic" else word for word in words]
    given = _read(parser, words)
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
    return LineOptions(given["seed"], modes, keep, start, rewind, verify, runs)


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
