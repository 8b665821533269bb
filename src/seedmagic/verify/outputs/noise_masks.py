"""Noise: what differs between any two runs and means nothing. A named rule for each kind.

A rule matches the whole form that its noise has, never any number or hexadecimal word: a UUID that
a cell prints, a time that it prints itself, or a hash, is a result like any other.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from seedmagic.verify.outputs import element_ids, keras_names

# What is read as it stands, what is drawn, and what runs or is a widget's state.
TEXT, HTML, SVG, SCRIPT = "text", "html", "svg", "script"


@dataclass(frozen=True)
class Rule:
    """One kind of noise: its name, what it is, in what it is masked, and how."""

    name: str
    meaning: str
    kinds: frozenset[str]
    mask: Callable[[str], str]


def _replacing(pattern: str, by: str, flags: int = 0) -> Callable[[str], str]:
    compiled = re.compile(pattern, flags)
    return lambda text: compiled.sub(by, text)


# An amount of time as IPython writes it: 1.5 s, 12.3 µs, 1min 3s, 2d 1h 4min 3s. It begins where
# its digits do, so that a million of them take a million steps.
_AMOUNT = r"(?<![\d.,])[\d.,]+(?:e[+-]?\d+)?\s?(?:d|h|min|s|ms|µs|us|μs|ns)"
_AMOUNTS = rf"{_AMOUNT}(?:\s{_AMOUNT}){{0,3}}"
_CPU = rf"CPU times: (?:(?:user|sys|total):? {_AMOUNTS},? ?)+"
_TIMEIT = (
    rf"{_AMOUNTS} ± {_AMOUNTS} per loop \(mean ± std\. dev\. of \d+ runs?, [\d,]+ loops? each\)"
    rf"|(?:(?<![\d,])[\d,]+ loops?, )?best of \d+: {_AMOUNTS} per loop"
)
_SLOWEST = (
    r"The slowest run took [\d.]+ times longer than the fastest\. "
    r"This could mean that an intermediate result is being cached\.?\s*"
)
_TIMING = [
    (re.compile(_SLOWEST), ""),
    (re.compile(rf"{_CPU}\n?"), "CPU times: …\n"),
    (re.compile(rf"^Wall time: {_AMOUNTS}", re.M), "Wall time: …"),
    (re.compile(rf"(?:^|\n)(?:Compiler|Parser) *: {_AMOUNTS}"), ""),
    (re.compile(_TIMEIT), "… per loop"),
]

# Without any of these there is nothing to look for, number by number.
_TIMED = ("slowest run took", "CPU times: ", "Wall time: ", "Compiler", "Parser", " per loop")


def _mask_timing(text: str) -> str:
    if not any(words in text for words in _TIMED):
        return text
    for pattern, by in _TIMING:
        text = pattern.sub(by, text)
    return text


_CLOCK = r"(?:\d+:)?\d\d:\d\d"
_RATE = r"(?:\?|[\d.]+(?![\d.])(?:e[+-]?\d+(?!\d))?)[kKMGT]?(?:\s?[^\s\],]+/s|s/[^\s\],]+)"
_BAR = re.compile(rf"\[{_CLOCK}(?:(?:<|&lt;)(?:{_CLOCK}|\?))?,\s*{_RATE}")
_PART = re.compile(r"(?<!\d)(\d+)%\|[^|\n]*\|")
# As wide as its rate leaves room for.
_FILLING = re.compile(r"(?<=\d%\|)[^|\n]*(?=\|)")
_CURSOR = re.compile(r"\x1b\[A")


# Keras' bar, the time left or taken, and that of a step; with verbose=2 no bar.
_STYLED = r"(?:\x1b\[\d+m){0,2}"
_STEPS = re.compile(
    rf"((?:━|\x1b\[\d+m){{1,60}} |\d/\d+ - ){_STYLED}(?:\d+:)*\d+s?{_STYLED}( -)? "
    r"\d+(?:\.\d+)?(?:ms|us|s)(/(?:step|epoch))([^\r\n]*)"
)


def _mask_progress(text: str) -> str:
    """Take the times and rates out of tqdm's bars and Keras'; of nested bars, keep the last state.

    What a bar wrote over with blanks is as long as chance made it.
    """
    masked = _STEPS.sub(lambda found: f"{found[1]}…{found[3]}{found[4].rstrip()}", text)
    masked = _BAR.sub("[…", masked)
    if masked == text:
        return text
    masked = _FILLING.sub("…", masked)
    if _CURSOR.search(masked):
        lines = dict.fromkeys(_CURSOR.sub("", masked).replace("\r", "\n").split("\n"))
        parts = {line: _PART.search(line) for line in lines}
        masked = "\n".join(
            line for line, part in parts.items() if line.strip() and (not part or part[1] == "100")
        )
    return masked


def part_bars(text: str) -> tuple[str, dict[str, set[str]]]:
    """Part text, with all that was written over, into its bars and the rest.

    Of a bar, which states are drawn is chance. What one tells is not: its states, without times
    and rates, stand under the count that they show.
    """
    rest: list[str] = []
    states: dict[str, set[str]] = {}
    for piece in re.split(r"[\r\n]+", _CURSOR.sub("", text)):
        masked = _mask_progress(piece)
        if masked == piece:
            rest.append(piece)
        else:
            count = masked.partition("[…")[0].split()[-1:]
            states.setdefault("".join(count), set()).add(masked.strip())
    return "\n".join(filter(None, rest)), states


_TEMPORARY = "|".join(
    re.escape(folder)
    for folder in sorted(
        {"/tmp", "/var/tmp", tempfile.gettempdir(), str(Path(tempfile.gettempdir()).resolve())}
    )
)
_ADDRESSES = re.compile(r"<|>|&lt;|&gt;|\n|\bat 0x[0-9a-fA-F]{4,16}\b")


def _mask_addresses(text: str) -> str:
    """Mask what stands within the brackets of a repr."""
    if "at 0x" not in text:
        return text
    depth = 0

    def masked(found: re.Match[str]) -> str:
        nonlocal depth
        token = found[0]
        if token.startswith("at"):
            return "at 0x…" if depth else token
        depth = 0 if token == "\n" else max(0, depth + (1 if token in ("<", "&lt;") else -1))
        return token

    return _ADDRESSES.sub(masked, text)


_EVERYWHERE = frozenset({TEXT, HTML, SVG, SCRIPT})
RULES: tuple[Rule, ...] = (
    Rule(
        "address",
        "memory addresses in default reprs, as in <A object at 0x7f…>",
        _EVERYWHERE,
        _mask_addresses,
    ),
    Rule("timing", "what %%time and %timeit measured", _EVERYWHERE, _mask_timing),
    Rule("progress", "times and rates in tqdm's and Keras' bars", _EVERYWHERE, _mask_progress),
    Rule(
        "tmp-path",
        "random names of temporary files, and ipykernel's names of cells",
        _EVERYWHERE,
        _replacing(
            rf"((?:{_TEMPORARY})/)(?:(tmp)[a-z0-9_]{{8}}(?![a-z0-9_])|(ipykernel_)\d+/\d+)",
            r"\1\2\3…",
        ),
    ),
    Rule(
        "html-id",
        "random and counted ids of elements in HTML: scikit-learn's, pandas', plotly's",
        frozenset({HTML}),
        element_ids.mask_in_markup,
    ),
    Rule("svg-id", "random ids of elements in SVG", frozenset({SVG}), element_ids.mask_in_markup),
    Rule(
        "script-id",
        "random ids of elements in JavaScript and in the states of widgets",
        frozenset({SCRIPT}),
        element_ids.mask_everywhere,
    ),
    Rule(
        "keras-name",
        "the counts in names that Keras gives to layers and models, as in dense_5 (Dense)",
        frozenset({TEXT, HTML}),
        keras_names.mask_names,
    ),
    Rule(
        "svg-date",
        "the date in an SVG's metadata",
        frozenset({SVG}),
        _replacing(r"<dc:date>[^<]*</dc:date>", "<dc:date>…</dc:date>"),
    ),
    Rule(
        "hash-seed",
        "the hash seed that %seed and %seedpanel show, which verify itself changes",
        frozenset({TEXT, HTML, SCRIPT}),
        _replacing(
            # In a line of %seed, and in a table: of text, or of HTML with any style.
            r"(Hash seed: (?=\w+ in this process)"
            r"|hash seed of this process(?:  +|</th><td[^>]*>))\w+",
            r"\1…",
        ),
    ),
)
NAMES = tuple(rule.name for rule in RULES)


def mask(text: str, kind: str, without: Iterable[str] = ()) -> str:
    """Apply every rule for this kind but those named in `without`."""
    left_out = set(without)
    for rule in RULES:
        if kind in rule.kinds and rule.name not in left_out:
            text = rule.mask(text)
    return text


def mask_both(one: str, other: str, kind: str, without: frozenset[str]) -> set[str] | None:
    """Say which rules are needed to make two texts equal; None where they differ all the same."""
    if one == other:
        return set()
    if mask(one, kind, without) != mask(other, kind, without):
        return None
    used = [
        rule.name
        for rule in RULES
        if kind in rule.kinds
        and rule.name not in without
        and (rule.mask(one), rule.mask(other)) != (one, other)
    ]
    needed = {
        name
        for name in used
        if mask(one, kind, {*without, name}) != mask(other, kind, {*without, name})
    }
    return needed or set(used)


def mask_to_show(one: str, other: str, kind: str, without: Iterable[str] = ()) -> tuple[str, str]:
    """Mask two texts that differ all the same, so that no noise stands beside what moved."""
    masked = mask(one, kind, without), mask(other, kind, without)
    blurred = tuple(element_ids.without_numbers(each) for each in masked)
    return masked if blurred[0] == blurred[1] else (blurred[0], blurred[1])
