"""Answer what people type before they have read the docs: understand it, or say what to type."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterable, Mapping

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from seedmagic.sources.registry import known_sources
from seedmagic.words import closest, did_you_mean

_LINE_MAGICS = ("seed", "seedpanel", "seedwatch", "seedlog", "seedreplay")
_CELL_MAGIC = "seeded"
_HELP = {"-h", "--help"}
# Patterns are compiled on first use: loading the extension takes time.
# The three ways to give a value that are Python's, or of other magics: =42, (42), --seed 42.
_GIVEN = r"""(?x)
    ^\s*(?:(?:seed|random_state)\s*)?=\s*(?P<equal>[^\s,()]+)(?=\s|$)
    |^\s*\(\s*(?:(?:seed|random_state)\s*=\s*)?(?P<call>[^\s,()]+)\s*\)(?=\s|$)
    |(?<!\S)--seed(?:\s*=\s*|\s+)(?P<option>[^\s,]+)(?=\s|$)"""
_LITERAL = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
# What IPython makes of a line `%name rest`, alone or assigned, and of a cell `%%name rest`.
_CALL = (
    rf"^(?P<before>\s*(?:[^'\"#()]+=\s*)?)get_ipython\(\)\.run_(?P<kind>line|cell)_magic"
    rf"\((?P<name>{_LITERAL}), (?P<rest>{_LITERAL})"
)
_ASK = "__import__('seedmagic.ipython.first_guesses', fromlist=['x']).shell_that_knows"
_FRESH = "%seed new draws a fresh seed and prints it"
_OFF = "%seed off puts back what %seed set, and %seed 42 starts seed 42 anew"
_SHOW = "%seed alone shows the state"
_MEANT = {
    **dict.fromkeys(
        ("none", "null", "new", "random", "rand", "fresh", "auto", "any", "time"), _FRESH
    ),
    **dict.fromkeys(("off", "reset", "clear", "unset", "remove", "delete", "stop", "false"), _OFF),
    **dict.fromkeys(("show", "status", "state", "info", "get", "list", "print"), _SHOW),
    **dict.fromkeys(("on", "true", "()", "="), f"%seed 42 seeds, and {_FRESH}"),
}


def see(magic: str) -> str:
    """Say where the help of a magic stands."""
    return f"For its options and examples, see {magic}?"


def asks_for_help(line: str) -> bool:
    """Whether a line asks what its magic does, as a command's line would."""
    words = line.partition("#")[0].split()
    return words == ["help"] or not _HELP.isdisjoint(words)


def show_help(magic: str, line: str) -> bool:
    """Say where the help of a magic stands, if its line asks for it; tell whether it does."""
    asked = asks_for_help(line)
    if asked:
        print(see(magic))
    return asked


def plain(line: str) -> str:
    """Give a line in which ``=42``, ``seed=42``, ``(42)``, ``--seed 42`` and ``42;`` are ``42``."""
    if not set(line) & set("=(-;"):
        return line
    line = line.rstrip().removesuffix(";")
    return re.sub(
        _GIVEN, lambda found: found["equal"] or found["call"] or found["option"], line, count=1
    )


def hint_for_seed(text: str, options: Iterable[str], names: Iterable[str]) -> str:
    """Say what to type in place of a word that is no seed; nothing where it is not known."""
    if re.fullmatch(r"\d+(,\d+)+,?", text):
        return _several(text.strip(","))
    if _meant(text):
        return _meant(text)
    if text in known_sources():
        return f"; %seed 42 --only {text} seeds {text} alone"
    # A word of two letters resembles every short name.
    if not re.fullmatch(r"-{0,2}[A-Za-z_]\w+-?[\w-]*", text):
        return ""
    # The name of any seed resembles --seeds.
    found = closest(text, [*names, "new", "off"]) or closest(text, options, 0.75)
    return f"; did you mean {found}?" if found else ""


def hint_for_words(
    words: list[str], seed: str | None, magic: str, options: Mapping[str, Iterable[str]]
) -> str:
    """Say what to type in place of words that a line does not take.

    Parameters
    ----------
    words : list of str
        Those words.
    seed : str or None
        The seed that stands beside them.
    magic : str
        The magic of the line.
    options : mapping of str to iterable of str
        The options of this magic and of others, by their names.
    """
    word = words[0].partition("=")[0]
    for other in options:
        if word in options[other]:
            return f"; {word} is an option of {other}"
    if not seed and magic == "%seed" and _meant(word):
        return _meant(word)
    if word in known_sources():
        return f"; --only {word} seeds {word} alone"
    numbers = [part for part in (seed or "", *words) if re.fullmatch(r"\d[\w]*,?", part)]
    if seed and len(numbers) == len(words) + 1:
        return _several(",".join(number.strip(",") for number in numbers))
    return did_you_mean(word.strip("(),"), options[magic])


def _meant(word: str) -> str:
    meant = _MEANT.get(word.strip("-'\"").lower())
    return f"; {meant}" if meant else ""


def _several(seeds: str) -> str:
    return f"; one seed is taken, and %%seeded --seeds {seeds} runs a cell under several"


def answer_guesses(lines: list[str], shell: InteractiveShell) -> list[str]:
    """Rewrite calls of magics that are not there, where one of ours is meant.

    Parameters
    ----------
    lines : list of str
        A cell as IPython has rewritten it.
    shell : InteractiveShell
        The shell that is asked which magics there are.
    """
    for at, line in enumerate(lines):
        if "_magic(" in line and "seed" in line.lower():
            answered = _answer(line, shell)
            if answered is not None:
                lines = [*lines[:at], answered, *lines[at + 1 :]]
    return lines


def _answer(line: str, shell: InteractiveShell) -> str | None:
    found = re.match(_CALL, line)
    if not found:
        return None
    kind, given = found["kind"], str(literal_eval(found["name"]))
    if is_known(shell, kind, given):
        return None
    # `%seed=42` and `%seed(42)` have no space, so IPython takes all of it for the name.
    name, rest = re.fullmatch(r"(%?\w*)(.*)", given, re.DOTALL).groups()  # type: ignore[union-attr]
    rest = f"{rest} {literal_eval(found['rest'])}".strip()
    end = "\n" if line.endswith("\n") else ""
    if kind == "line" and name in _LINE_MAGICS:
        call = f"get_ipython().run_line_magic({name!r}, {rest!r})"
        return f"{found['before']}{call}{end}"
    text = _refusal(kind, name, rest)
    if text is None:
        return None
    # Asked when the line runs: by then the cell may have defined the magic, or loaded it.
    call = line[found.start("kind") - len(".run_") :]
    return f"{found['before']}{_ASK}(get_ipython(), {kind!r}, {given!r}, {text!r}){call}"


def _refusal(kind: str, name: str, rest: str) -> str | None:
    """Say what is meant by a magic that is not there."""
    is_cell = kind == "cell" or name.startswith("%")
    name, value = name.removeprefix("%"), plain(rest)
    if name == _CELL_MAGIC:
        if asks_for_help(value):
            return see("%%seeded")
        header = f"%%seeded {value}".rstrip()
        if is_cell:  # not in the first line, where it would have been found
            return f"%%seeded stands in the first line of a cell: move {header} there."
        return (
            f"%seeded is a cell magic: write {header} in the cell's first line, or "
            f"%seed {value or 42} to seed all that follows."
        )
    if name == "seed" and is_cell:
        if asks_for_help(value):
            return see("%seed")
        return (
            f"%%seed is not a cell magic: %%seeded {value or 42} is meant, in the cell's first "
            f"line, or %seed {value or 42} to seed all that follows. The rest of the cell was "
            "not run."
        )
    sign = "%%" if is_cell else "%"
    if name in _LINE_MAGICS:
        return f"{sign}{name} is not a cell magic: write {f'%{name} {value}'.rstrip()}."
    if "seed" not in name.lower():
        return None
    if is_cell:
        meant = _CELL_MAGIC
    else:  # %seedd resembles seeded more than seed
        near = closest(name, _LINE_MAGICS, 0.85) or closest(name, [*_LINE_MAGICS, _CELL_MAGIC])
        meant = near or "seed"
    return (
        f"there is no magic {sign}{name}; did you mean {'%' if meant != _CELL_MAGIC else '%%'}"
        f"{meant}? Nothing was changed."
    )


def is_known(shell: InteractiveShell, kind: str, name: str) -> bool:
    """Whether there is a magic of this kind, ``"line"`` or ``"cell"``, and this name."""
    manager = shell.magics_manager
    lazy = getattr(manager, "lazy_magics", {})  # not in IPython 7
    return name in manager.magics[kind] or name in lazy


def shell_that_knows(shell: InteractiveShell, kind: str, name: str, text: str) -> InteractiveShell:
    """Give `shell` if it has the magic by now, for the call that follows, else refuse."""
    if is_known(shell, kind, name):
        return shell
    raise UsageError(text)
