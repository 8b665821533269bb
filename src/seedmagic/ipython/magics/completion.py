"""Tab completion of the magics' options, words and source names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from seedmagic.ipython.options import LOG_OPTIONS, SEED_OPTIONS, SEEDED_OPTIONS
from seedmagic.ipython.watch.cell_watching import MODES
from seedmagic.sources.registry import sources

_LINE = re.compile(r"\s*(%%seeded|%seed|%seedlog|%seedwatch)\s(?:.*\s)?(?P<word>\S*)$")
_VARIABLES = ("--rewind", "--track", "--on", "--out")


class OptionMatcher:
    """Completes lines in one shell, whose variables it offers."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        # One object: the shell's list is to be rid of it again.
        self.match: Callable[..., Any] = self._matcher()

    def _matcher(self) -> Callable[..., Any]:
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
        hidden = self._shell.user_ns_hidden
        users_names = [name for name in self._shell.user_ns if name not in hidden]
        return _candidates(word, before, users_names)


def _fragment(line: str) -> str:
    return re.split(r"[=,\s]", line)[-1]


def _candidates(word: str, before: list[str], users_names: list[str]) -> list[str]:
    sources_wanted = _follows(("--only", "--skip"), word, before)
    fragment = _fragment(word)
    if sources_wanted:
        words = list(sources())
    elif _follows(_VARIABLES, word, before):
        words = [name for name in users_names if not name.startswith("_")]
    elif word.startswith("--deterministic="):
        words = ["warn"]
    elif before[0] == "%seedwatch":
        words = list(MODES)
    elif before[0] == "%seedlog":
        words = list(LOG_OPTIONS)
    elif before[0] == "%seed":
        words = [*SEED_OPTIONS, *(["new", "off"] if len(before) == 1 else [])]
    else:
        words = list(SEEDED_OPTIONS)
    return [text for text in words if text.startswith(fragment) and text not in before]


def _follows(options: tuple[str, ...], word: str, before: list[str]) -> bool:
    """Whether `word` is the value of one of `options`."""
    return before[-1] in options or word.startswith(tuple(f"{option}=" for option in options))
