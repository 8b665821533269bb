"""The lines of a cell, as Python counts them and as people are shown them."""

from __future__ import annotations

import re

# `str.splitlines` parts at form feeds and at U+2028 too, which stand inside of a line.
_END = re.compile(r"\r\n|\r|\n")
_LONGEST = 200


def lines_of(code: str) -> list[str]:
    """Part code into its lines, without their ends."""
    return _END.split(code)


def text_of_line(code: str, line: int | None) -> str | None:
    """Give what stands at `line`, counted from 1, without its indentation; None: nothing does."""
    lines = lines_of(code) if line else []
    return lines[line - 1].strip() if line and line <= len(lines) else None


def show_line(code: str, line: int | None) -> str:
    """Write a line as what stands behind a sentence, or nothing where it is not known."""
    text = text_of_line(code, line)
    return "" if text is None else f" (line {line}: {cut(text)})"


def blank_start(code: str) -> int:
    """Count the blank lines that a cell begins with: IPython drops them."""
    return len(_END.findall(code[: len(code) - len(code.lstrip())]))


def time_body_start(code: str) -> int | None:
    """Count the lines above the body that stands below ``%%time``; None: there is no such body.

    `%%time` runs the body as code of its own, less the blank lines that it begins with.
    """
    lines = lines_of(code)
    for at, line in enumerate(lines, 1):
        if line.split()[:1] == ["%%time"]:
            return at + blank_start("\n".join(lines[at:]))
        if line.strip() and not line.startswith("%%seeded"):
            return None
    return None


def shifts_of(code: str, file: str) -> dict[str, int]:
    """Give the names that the cell `code` is compiled under, `file` and what ``%%time`` takes.

    Each with how many lines of the cell come before its first.
    """
    below = time_body_start(code)
    body = {} if below is None else {"<timed exec>": below, "<timed eval>": below}
    return {file: blank_start(code), **body}


def cut(text: str, longest: int = _LONGEST) -> str:
    """Keep what can be read in a row: a line of code may hold a megabyte."""
    return text if len(text) <= longest else f"{text[:longest]}…"
