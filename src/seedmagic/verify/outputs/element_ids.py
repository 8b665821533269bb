"""Mask the ids that libraries give to the elements of HTML and SVG: random ones, and counts.

Only ids that the text itself gives to an element are masked, and only in its markup, styles and
scripts: what stands between two tags is shown, and a UUID there is a result like any other.
"""

from __future__ import annotations

import re

# Also within JSON and within the attribute of a frame, where quotes are escaped.
_QUOTE = r"""(?:\\?["']|&quot;|&\#3[49];)"""
_DECLARED = re.compile(rf"""\bid\s*=\s*{_QUOTE}([^"'\\&<>\s]+){_QUOTE}""")
_RANDOM = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    # pandas' tables, by default with five digits, at most with 32.
    r"|(?<![0-9a-zA-Z])T_[0-9a-f]{5,32}(?![0-9a-f])"
    # 8 to 40 hexadecimal digits with one of them a digit, below what matplotlib writes before them.
    r"|(?<![0-9a-zA-Z])(?:image|[a-z])?(?=[a-f]*\d)[0-9a-f]{8,40}(?![0-9a-zA-Z])"
    # scikit-learn counts what it has shown in this process.
    r"|(?<![\w-])sk-(?:container|estimator)-id-\d+"
)
# Whatever is not shown. A tag ends before the next one begins, so that this takes linear time.
_MARKUP = re.compile(r"<(script|style)\b[^<>]*>(?:(?!<\1\b).)*?</\1\s*>|<[^<>]*>", re.S | re.I)
_NUMBERED = re.compile(r"id…\d+")


def mask_in_markup(text: str) -> str:
    """Replace random ids by numbers, in the order in which elements are given them."""
    names = _names(text)
    return _MARKUP.sub(lambda part: _replaced(part[0], names), text) if names else text


def mask_everywhere(text: str) -> str:
    """Do the same in a script or a widget's state, of which nothing is shown as it stands."""
    names = _names(text)
    return _replaced(text, names) if names else text


def without_numbers(masked: str) -> str:
    """Leave out which id is which: one element more moves the numbers of all that follow."""
    return _NUMBERED.sub("id…", masked)


def _names(text: str) -> dict[str, str]:
    found = dict.fromkeys(
        random
        for declared in _DECLARED.findall(text)
        for random in _RANDOM.findall(declared)
        if not declared.isdecimal()  # a number of its own, such as a date
    )
    return {random: f"id…{number}" for number, random in enumerate(found, 1)}


def _replaced(text: str, names: dict[str, str]) -> str:
    return _RANDOM.sub(lambda found: names.get(found[0], found[0]), text)
