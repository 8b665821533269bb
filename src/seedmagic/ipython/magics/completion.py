"""Tab completion of the magics' options, words and source names."""

from __future__ import annotations

import re
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher
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

    @context_matcher()
    def match(self, context: CompletionContext) -> Any:
        """Complete what stands on the line of one of our magics."""
        line = context.line_with_cursor[: context.cursor_position]
        found = _LINE.match(line)
        if not found:
            return {"completions": []}
        word = found["word"]
        before = line[: len(line) - len(word)].split()
        if _follows(("--tensorboard", "--json"), word, before):
            return {"completions": []}  # a file's name, which IPython completes
        hidden = self._shell.user_ns_hidden
        users_names = [name for name in self._shell.user_ns if name not in hidden]
        return {
            "completions": [
                SimpleCompletion(text=text, type="magic")
                for text in _candidates(word, before, users_names)
            ],
            "matched_fragment": re.split("[=,]", word)[-1],
            "suppress": True,
        }


def _candidates(word: str, before: list[str], users_names: list[str]) -> list[str]:
    sources_wanted = _follows(("--only", "--skip"), word, before)
    fragment = re.split("[=,]", word)[-1]
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
