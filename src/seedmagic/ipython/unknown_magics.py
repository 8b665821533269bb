"""Answer calls of magics that are not there, where one of ours is meant: it runs, or is named."""

from __future__ import annotations

import ast
import re
from ast import literal_eval

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from seedmagic.code.names_in_code import shell_calls
from seedmagic.ipython.first_guesses import asks_for_help, meant, plain, see
from seedmagic.words import closest

_LINE_MAGICS = ("seed", "seedpanel", "seedwatch", "seedlog", "seedreplay")
_CELL_MAGIC = "seeded"
# Patterns are compiled on first use: loading the extension takes time.
_LITERAL = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
# What IPython makes of a line `%name rest`, alone or assigned, and of a cell `%%name rest`.
_CALL = (
    rf"^(?P<before>\s*(?:[^'\"#()]+=\s*)?)get_ipython\(\)\.run_(?P<kind>line|cell)_magic"
    rf"\((?P<name>{_LITERAL}), (?P<rest>{_LITERAL})"
)
_IN_BOTH = {"--deterministic", "--keep-cudnn"}
# What can be a seed, as it is written: a number, $name, {expression}, name.
_SEED = r"(?:0[xX][\da-fA-F_]+|\d[\d_]*|\$?[^\W\d]\w*|\{.*\})(?=\s|$)"
_ASK = "__import__('seedmagic.ipython.unknown_magics', fromlist=['x']).shell_that_knows"


def answer_guesses(lines: list[str], shell: InteractiveShell) -> list[str]:
    """Rewrite calls of magics that are not there, where one of ours is meant.

    Parameters
    ----------
    lines : list of str
        A cell as IPython has rewritten it.
    shell : InteractiveShell
        The shell that is asked which magics there are.
    """
    asked = [at for at, line in enumerate(lines) if "_magic(" in line and "seed" in line.lower()]
    calls = _lines_of_calls("".join(lines)) if asked else set()
    for at in calls.intersection(asked):
        answered = _answer(lines[at], shell)
        if answered is not None:
            lines = [*lines[:at], answered, *lines[at + 1 :]]
    return lines


def _lines_of_calls(code: str) -> set[int]:
    """Give the lines, from 0 on, in which a magic is called: not those that a string holds."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):  # which the cell's run tells
        return set()
    return {call.lineno - 1 for call in shell_calls(tree)}


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
    seed = _seed_in(value)
    if name == _CELL_MAGIC:
        if asks_for_help(value):
            return see("%%seeded")
        if not seed and meant(value):
            return f"%%seeded takes a seed{meant(value)}. Nothing was run."
        header = f"%%seeded {value}" if seed or value.startswith("--") else "%%seeded 42"
        if is_cell and (seed or not value):  # not in the first line, where it would be found
            return f"%%seeded stands in the first line of a cell: move {header} there."
        wrong = "%%seeded needs a space and a seed" if is_cell else "%seeded is a cell magic"
        return (
            f"{wrong}: write {header} in the cell's first line, or %seed {seed or 42} to seed all "
            "that follows."
        )
    if name == "seed" and is_cell:
        if asks_for_help(value):
            return f"{see('%seed')} Nothing was run."
        if not seed and meant(value):
            return f"%%seed is not a cell magic{meant(value)}. The rest of the cell was not run."
        header = f"%%seeded {seed or 42}"
        if seed and {word.partition("=")[0] for word in value.split()[1:]} <= _IN_BOTH:
            header = f"%%seeded {value}"
        return (
            f"%%seed is not a cell magic: {header} is meant, in the cell's first "
            f"line, or %seed {seed or 42} to seed all that follows. The rest of the cell was "
            "not run."
        )
    sign = "%%" if is_cell else "%"
    if name in _LINE_MAGICS:
        return f"{sign}{name} is not a cell magic: write {f'%{name} {value}'.rstrip()}."
    if "seed" not in name.lower():
        return None
    return (
        f"there is no magic {sign}{name}; did you mean {_near(name, is_cell)}? Nothing was changed."
    )


def _near(name: str, is_cell: bool) -> str:
    """Give the one of our magics, with its signs, that a name was probably meant to be."""
    if is_cell:
        return f"%%{_CELL_MAGIC}"
    if re.fullmatch(r"(?i)seed_?(off|new)", name):
        return f"%seed {name[-3:].lower()}"
    # %seedd resembles seeded more than seed.
    near = closest(name, _LINE_MAGICS, 0.85) or closest(name, [*_LINE_MAGICS, _CELL_MAGIC], 0.8)
    return f"%%{near}" if near == _CELL_MAGIC else f"%{near or 'seed'}"


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


def _seed_in(value: str) -> str:
    """Give the word that a line begins with, where it can be a seed."""
    found = re.match(_SEED, value)
    return found.group() if found and not meant(found.group()) else ""
