"""Tab completion of the magics' options, words and source names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from seedmagic.ipython.options import (
    LOG_OPTIONS,
    SEED_OPTIONS,
    SEED_WORDS,
    SEEDED_OPTIONS,
)
from seedmagic.ipython.watch.cell_watching import MODES
from seedmagic.seeds import MAX_SEED
from seedmagic.sources.registry import sources
from seedmagic.watch.cell_ledger import CellRecord

_LINE = re.compile(r"\s*(%%seeded|%seed|%seedlog|%seedwatch|%seedreplay)\s(?:.*\s)?(?P<word>\S*)$")
_VARIABLES = ("--rewind", "--track", "--on", "--out")


class OptionMatcher:
    """Completes lines in one shell, whose variables it offers.

    Parameters
    ----------
    shell : InteractiveShell
        The shell.
    records : callable
        Gives what is known of its cells.
    """

    def __init__(
        self, shell: InteractiveShell, records: Callable[[], Sequence[CellRecord]]
    ) -> None:
        self._shell = shell
        self._records = records

    def matcher(self) -> Callable[..., Any]:
        """Give what this IPython's completer calls."""
        try:
            from IPython.core.completer import context_matcher
        except ImportError:  # before 8.6, and on Google Colab
            return self._texts

        @context_matcher()
        def match(context: Any) -> dict[str, Any]:
            return self._completions(context)

        return match  # type: ignore[no-any-return]

    def _texts(self, fragment: str) -> list[str]:
        """Complete `fragment`, which is what IPython 7 takes for the last word."""
        return self._candidates(self._shell.Completer.text_until_cursor) or []

    def _completions(self, context: Any) -> dict[str, Any]:
        """Complete what stands on the line of one of our magics, and let nobody else do so."""
        from IPython.core.completer import SimpleCompletion

        line = context.line_with_cursor[: context.cursor_position]
        texts = self._candidates(line)
        if texts is None:
            return {"completions": []}
        return {
            "completions": [SimpleCompletion(text=text, type="magic") for text in texts],
            "matched_fragment": _fragment(line),
            "suppress": True,
        }

    def _candidates(self, line: str) -> list[str] | None:
        """Give what may stand next on `line`; None: it is none of ours, or names a file."""
        found = _LINE.match(line)
        if not found:
            return None
        word = found["word"]
        before = line[: len(line) - len(word)].split()
        if _follows(("--tensorboard", "--json"), word, before):
            return None  # a file's name, which IPython completes
        if before[0] == "%seedreplay" or _follows(("--from",), word, before):
            return self._cells(_fragment(word))
        hidden = self._shell.user_ns_hidden
        names = {
            name: value
            for name, value in self._shell.user_ns.items()
            if name not in hidden and not name.startswith("_")
        }
        return _candidates(word, before, names)

    def _cells(self, fragment: str) -> list[str]:
        """Give the numbers of the cells that can be run again, the last one first."""
        numbers = (record.number for record in reversed(self._records()))
        known = dict.fromkeys(str(number) for number in numbers if number)
        return [number for number in known if number.startswith(fragment)]


def _fragment(line: str) -> str:
    return re.split(r"[=,\s]", line)[-1]


def _candidates(word: str, before: list[str], names: Mapping[str, object]) -> list[str]:
    sources_wanted = _follows(("--only", "--skip"), word, before)
    fragment = _fragment(word)
    if sources_wanted:
        words = list(sources())
    elif _follows(_VARIABLES, word, before):
        words = list(names)
    elif word.startswith("--deterministic="):
        words = ["warn"]
    elif before[0] == "%seedwatch":
        words = list(MODES)
    elif before[0] == "%seedlog":
        words = list(LOG_OPTIONS)
    elif before[0] == "%seed":
        words = [*SEED_OPTIONS, *([*SEED_WORDS, *_seeds(names)] if len(before) == 1 else [])]
    else:
        words = [*SEEDED_OPTIONS, *(_seeds(names) if len(before) == 1 else [])]
    return [text for text in words if text.startswith(fragment) and text not in before]


def _seeds(names: Mapping[str, object]) -> list[str]:
    """Name what can be a seed; nothing is asked of a value that may have to wait for a device."""
    return [
        name
        for name, value in names.items()
        if isinstance(value, Integral)
        and not isinstance(value, bool)
        and int(value) in range(MAX_SEED + 1)
    ]


def _follows(options: tuple[str, ...], word: str, before: list[str]) -> bool:
    """Whether `word` is the value of one of `options`."""
    return before[-1] in options or word.startswith(tuple(f"{option}=" for option in options))
