"""Tab completion of the magics' options, words and source names."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from seedmagic.ipython.line_values import seed_names
from seedmagic.ipython.option_names import LOG_OPTIONS, SEED_OPTIONS, SEEDED_OPTIONS
from seedmagic.ipython.watch.cell_watching import MODES
from seedmagic.sources.known.registry import sources

_LINE = re.compile(r"\s*(%%seeded|%seed|%seedlog|%seedwatch|%seedreplay)\s(?:.*\s)?(?P<word>\S*)$")
# In a word, what a name or a number is completed after: --only=a,b $seed {seed In[3
_PARTS = r"[=,${[\s]"
_VARIABLES = ("--rewind", "--track", "--on", "--out")
# How many cells are offered, the latest.
_CELLS = 100


class OptionMatcher:
    """Completes lines in one shell, whose variables it offers.

    Parameters
    ----------
    shell : InteractiveShell
        The shell.
    cells : callable
        Gives the numbers of the cells that ran, the oldest first.
    """

    def __init__(self, shell: InteractiveShell, cells: Callable[[], list[int]]) -> None:
        self._shell = shell
        self._cells = cells
        self._place: list[Callable[..., Any]] = []
        self._asked: Callable[..., Any]

    def install(self) -> None:
        """Let the shell's completer ask."""
        completer = self._shell.Completer
        try:
            from IPython.core.completer import context_matcher
        except ImportError:  # before 8.6, and on Google Colab
            # What one of these offers is offered alone, in its order.
            self._place, self._asked = completer.magic_arg_matchers, self._texts
        else:
            self._place = completer.custom_matchers
            self._asked = context_matcher(identifier="seedmagic")(lambda at: self._completions(at))
        self._place.append(self._asked)

    def uninstall(self) -> None:
        """Let it ask no more."""
        self._place.remove(self._asked)

    def _texts(self, _: str) -> list[str]:
        """Complete the line up to the cursor."""
        return self._offered(self._shell.Completer.text_until_cursor) or []

    def _completions(self, context: Any) -> dict[str, Any]:
        """Complete what stands on the line of one of our magics, and let nobody else do so."""
        from IPython.core.completer import SimpleCompletion

        line = context.line_with_cursor[: context.cursor_position]
        texts = self._offered(line)
        if texts is None:
            return {"completions": []}
        return {
            "completions": [SimpleCompletion(text=text, type="magic") for text in texts],
            "matched_fragment": _fragment(line),
            "suppress": True,
            "ordered": True,
        }

    def _offered(self, line: str) -> list[str] | None:
        """Give what may stand next on `line`; None: it is none of ours, or names a file."""
        line = re.sub(r",\s+", ",", line)  # between names, a blank parts nothing
        found = _LINE.match(line)
        if not found:
            return None
        word = found["word"]
        before = line[: len(line) - len(word)].split()
        if _follows(("--tensorboard", "--json"), word, before):
            return None  # a file's name, which IPython completes
        return self._candidates(word, before)

    def _candidates(self, word: str, before: list[str]) -> list[str]:
        fragment = _fragment(word)
        if _is_full(before):
            return []
        if before[0] == "%seedreplay" or _follows(("--from",), word, before):
            numbers = [str(n) for n in reversed(self._cells()) if str(n).startswith(fragment)]
            return list(dict.fromkeys(numbers))[:_CELLS]
        if _follows(_VARIABLES, word, before):
            words = self._names()
        elif word[:1] in ("$", "{"):
            words = self._seeds()
        else:
            words = _words(word, before)
            if before[0] in ("%seed", "%%seeded") and _lacks_seed(word, before):
                words = [*self._seeds(), *words]
        given = {*before, *re.split("[=,]", word)[:-1]}
        return [text for text in words if text.startswith(fragment) and text not in given]

    def _names(self) -> list[str]:
        hidden = self._shell.user_ns_hidden
        names = [name for name in [*self._shell.user_ns] if isinstance(name, str)]
        return sorted(n for n in names if n not in hidden and not n.startswith("_"))

    def _seeds(self) -> list[str]:
        hidden = self._shell.user_ns_hidden
        return [name for name in seed_names(self._shell.user_ns) if name not in hidden]


def _fragment(line: str) -> str:
    """Give the end of a line, for which completions stand."""
    return re.split(_PARTS, line)[-1]


def _words(word: str, before: list[str]) -> list[str]:
    """Give the words of our own that may stand there."""
    if _follows(("--only", "--skip"), word, before):
        return list(sources())
    if word.startswith("--deterministic="):
        return ["warn"]
    if before[0] == "%seedwatch":
        return list(MODES)
    if before[0] == "%seedlog":
        return list(LOG_OPTIONS)
    if before[0] == "%seed":
        return [*(["new", "off"] if len(before) == 1 else []), *SEED_OPTIONS]
    return list(SEEDED_OPTIONS)


def _is_full(before: list[str]) -> bool:
    """Whether nothing more may stand on the line."""
    magic, *given = before
    if magic in ("%seedreplay", "%seedwatch"):
        return bool(given) and given != ["In"]
    return magic == "%seed" and "off" in given


def _lacks_seed(word: str, before: list[str]) -> bool:
    """Whether a seed may stand there: no option waits for a value, and no seed was given."""
    names = ("--only", "--skip")
    beside_a_seed = {*names, "--deterministic", "--keep-cudnn", "--keep", "--per-cell"}
    beside_a_seed |= {"--pin-entropy", "--verify"}
    given = [other.partition("=")[0] for last, other in pairwise(before) if last not in names]
    return "=" not in word and before[-1] not in names and beside_a_seed.issuperset(given)


def _follows(options: tuple[str, ...], word: str, before: list[str]) -> bool:
    """Whether `word` is the value of one of `options`."""
    return before[-1] in options or word.startswith(tuple(f"{option}=" for option in options))
