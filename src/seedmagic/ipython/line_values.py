"""Read the values on the line of a magic: seeds, numbers of cells, `$name` and `{expression}`."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from numbers import Integral
from reprlib import repr as short_repr
from typing import Any

from IPython.core.error import UsageError
from IPython.utils.text import DollarFormatter

from seedmagic.errors import SeedError
from seedmagic.ipython.first_guesses import hint_for_seed, plain
from seedmagic.ipython.option_names import SEED_OPTIONS, SEEDED_OPTIONS
from seedmagic.seeds import ACCEPTED, MAX_SEED, check_seed, describe
from seedmagic.words import ended

SEED_FORMS = f"{ACCEPTED} (42, 0x2A, 1_000, $name, {{expression}} or the name of a variable)"
_CELL = r"\s*(?:(?:[Ii]n)?\s*\[\s*(?P<within>\w+)\s*\]\s*:?|(?P<bare>\w+))\s*"


def parse_number(text: str) -> int:
    """Read the number of a cell."""
    number = cell_number(text)
    if number is None:
        raise UsageError(
            f"{short_repr(text)} is not a number of a cell: 1, 2, 3, … are accepted, and In[3]. "
            "%seedlog shows the numbers. Nothing was changed."
        )
    return number


def cell_number(text: str) -> int | None:
    """Give the number of a cell, from 1 on, written ``3``, ``[3]``, ``In[3]`` or ``In [3]:``."""
    found = re.fullmatch(_CELL, plain(text.partition("#")[0]))
    number = _to_int(found["bare"] or found["within"]) if found else None
    return number if isinstance(number, int) and number > 0 else None


def parse_count(text: str) -> int:
    """Read how many cells are asked for."""
    count = _to_int(text)
    if not isinstance(count, int) or count < 1:
        raise UsageError(
            f"{short_repr(text)} is not how many cells to show: 1, 2, 3, … are accepted. "
            "Nothing was changed."
        )
    return count


def seed_names(namespace: Mapping[str, Any]) -> list[str]:
    """Give the names of the variables whose values are seeds."""
    named = [name for name in [*namespace] if isinstance(name, str) and name[:1] != "_"]
    return sorted(name for name in named if _may_be_seed(namespace.get(name)))


def _may_be_seed(value: object) -> bool:
    # By its type: an object may say of itself what it likes. What its type says may be the user's
    # own code too, and fail.
    try:
        is_integer = type(value) is not bool and issubclass(type(value), Integral)
        return is_integer and 0 <= operator.index(value) <= MAX_SEED  # type: ignore[arg-type]
    except Exception:
        return False


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
    if re.match(r"\$[\d{]", text):
        raise UsageError(
            f"{text!r} is not a seed: write $name or {{expression}}. Accepted: {SEED_FORMS}. "
            "Nothing was changed."
        )
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
        names = seed_names(namespace)
        hint = hint_for_seed(text, (*SEED_OPTIONS, *SEEDED_OPTIONS), names)
        raise UsageError(
            f"{ended(f'{what} is not a seed{hint}')} Accepted: {SEED_FORMS}. Nothing was changed."
        ) from error


def _to_int(text: str) -> int | str:
    """Read a literal; what is none stays as it is."""
    for base in (0, 10):  # int("007", 0) is refused, int("007", 10) is not
        try:
            return int(text, base)
        except ValueError:
            continue
    return text
