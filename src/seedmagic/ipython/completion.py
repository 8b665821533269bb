"""Tab completion of the magics' options, words and source names."""

from __future__ import annotations

import re
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher

from seedmagic.core.sources.registry import sources
from seedmagic.ipython.options import LOG_OPTIONS, SEED_OPTIONS, SEEDED_OPTIONS
from seedmagic.ipython.watching import MODES

_LINE = re.compile(r"\s*(%%seeded|%seed|%seedlog|%seedwatch)\s(?:.*\s)?(?P<word>\S*)$")


@context_matcher()
def match_options(context: CompletionContext) -> Any:
    """Complete what stands on the line of one of our magics."""
    line = context.line_with_cursor[: context.cursor_position]
    found = _LINE.match(line)
    if not found:
        return {"completions": []}
    word = found["word"]
    before = line[: len(line) - len(word)].split()
    return {
        "completions": [
            SimpleCompletion(text=text, type="magic") for text in _candidates(word, before)
        ],
        "matched_fragment": re.split("[=,]", word)[-1],
        "suppress": True,
    }


def _candidates(word: str, before: list[str]) -> list[str]:
    names_wanted = before[-1] in ("--only", "--skip") or word.startswith(("--only=", "--skip="))
    fragment = re.split("[=,]", word)[-1]
    if names_wanted:
        words = list(sources())
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
