"""The findings as one HTML page, which loads nothing and in which all notebook text is escaped."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from seedmagic.code.source_lines import cut, lines_of
from seedmagic.status.html_palette import ON_WHITE
from seedmagic.status.tables import Markup, Row, Table, escaped, table_html
from seedmagic.verify.notebook.findings import CellResult, NotebookResult
from seedmagic.verify.notebook.report_text import sides, verdict
from seedmagic.verify.outputs import image_pixels
from seedmagic.verify.outputs.output_pieces import PieceDifference

_LINES = 400
_LENGTH = 2000
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_HEAD = ("cell", "same", "cause", "line", "what is known", "drift", "masked")
_COLOURS = f"body {{{ON_WHITE}}}"
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem;
  color: var(--sm-ink); background: var(--sm-paper) }
h2 { margin: 2.5rem 0 .3rem; font-size: 1.25rem } h3 { margin: 1.5rem 0 .3rem; font-size: 1.05rem }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top;
  padding: .25rem .6rem; border-bottom: 1px solid var(--sm-rule) }
pre, .sides td { font: 13px/1.45 ui-monospace, monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; margin: 0 }
pre { background: var(--sm-shade); padding: .6rem; border-radius: .3rem }
.good { color: var(--sm-right) } .bad { color: var(--sm-wrong) }
.noted { color: var(--sm-quiet) }
mark { background: var(--sm-changed); color: inherit }
.sides { table-layout: fixed } .sides td { width: 50% }
.images { display: flex; flex-wrap: wrap; gap: 1rem } .images figure { margin: 0; flex: 1 1 18rem }
.images img { max-width: 100%; border: 1px solid var(--sm-rule) }
"""


def page(results: Sequence[NotebookResult]) -> str:
    """Write the whole page."""
    body = "".join(part for result in results for part in _notebook(result))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width">'
        f"<title>seedmagic verify</title><style>{_COLOURS}{_STYLE}</style></head><body>"
        f"<h1>seedmagic verify</h1>{body}</body></html>\n"
    )


def _notebook(result: NotebookResult) -> Iterator[str]:
    kind = "good" if result.reproducible else "bad"
    yield f"<h2>{escaped(result.path)}</h2>"
    yield f'<p class="{kind}">{escaped(verdict(result))}</p>'
    if result.cells:
        yield table_html(Table("Cells", _HEAD, tuple(map(_row, result.cells))))
    if result.files:
        yield f'<p class="noted">The runs wrote: {escaped(", ".join(result.files))}</p>'
    yield from (f'<p class="noted">{escaped(note)}</p>' for note in result.notes)
    for cell in result.cells:
        if not cell.same:
            yield from _cell(cell)


def _row(cell: CellResult) -> Row:
    return (
        str(cell.index),
        "yes" if cell.same else "no",
        cell.cause or "",
        str(cell.line or ""),
        cell.detail or "",
        ", ".join(cell.drift),
        ", ".join(cell.masked),
    )


def _cell(cell: CellResult) -> Iterator[str]:
    yield f"<h3>Cell {cell.index}</h3>{_code(cell)}"
    for difference in cell.differences:
        yield f'<p class="noted">{escaped(difference.where)}</p>'
        if difference.kind == "image":
            yield from _images(difference, *cell.sides)
        else:
            yield from _sides(difference, *cell.sides)


def _code(cell: CellResult) -> str:
    lines = [
        f"<mark>{escaped(line)}</mark>" if number == cell.line else escaped(line)
        for number, line in enumerate(lines_of(cell.code), 1)
    ]
    return f"<pre>{chr(10).join(lines)}</pre>"


def _sides(difference: PieceDifference, one: str, other: str) -> Iterator[str]:
    """Write the lines beside each other, the changed words marked; of equal ones, those nearby."""
    first, second = sides(difference)
    rows = tuple(_rows(first[:_LINES], second[:_LINES]))
    yield table_html(Table(difference.where, (one, other), rows), "sides")
    more = max(len(first), len(second)) - _LINES
    if more > 0:
        yield f'<p class="noted">… and {more} more lines</p>'


def _rows(first: list[str], second: list[str]) -> Iterator[Row]:
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    for group in matcher.get_grouped_opcodes(2):
        for kind, a, b, c, d in group:
            for at in range(max(b - a, d - c)):
                left = first[a + at] if a + at < b else None
                right = second[c + at] if c + at < d else None
                alike = kind == "equal"
                yield (cut(left or "", _LENGTH),) * 2 if alike else _marked(left, right)
        yield "", ""


def _marked(left: str | None, right: str | None) -> Row:
    """Mark what of two lines differs."""
    if left is None or right is None or max(len(left), len(right)) > _LENGTH:
        return _mark(left), _mark(right)
    ones, others = [], []
    for kind, a, b, c, d in difflib.SequenceMatcher(
        None, left, right, autojunk=False
    ).get_opcodes():
        equal = kind == "equal"
        ones.append(escaped(left[a:b]) if equal else _mark(left[a:b]))
        others.append(escaped(right[c:d]) if equal else _mark(right[c:d]))
    return Markup("".join(ones)), Markup("".join(others))


def _mark(text: str | None) -> Markup:
    if not text:
        return Markup()
    return Markup(f"<mark>{escaped(cut(text, _LENGTH))}</mark>")


def _images(difference: PieceDifference, one: str, other: str) -> Iterator[str]:
    """Show both images, and a third with the pixels marked that differ."""
    yield '<div class="images">'
    yield _figure(difference.one, one)
    yield _figure(difference.other, other)
    if difference.one is not None and difference.other is not None:
        changes = image_pixels.compare(difference.one, difference.other)
        if changes is None:
            yield "<p>They have different sizes, or are no images that can be read.</p>"
        else:
            told = f"{changes.changed} of {changes.pixels} pixels differ"
            yield _figure(changes.marked, told)
    yield "</div>"


def _figure(content: str | None, caption: str) -> str:
    mime = image_pixels.mime_of(content) if content and _BASE64.fullmatch(content) else None
    if content is None or mime is None:
        return f"<figure><figcaption>{escaped(caption)}: no image</figcaption></figure>"
    source = "".join(content.split())
    return (
        f'<figure><img alt="{escaped(caption)}" src="data:{mime};base64,{source}">'
        f"<figcaption>{escaped(caption)}</figcaption></figure>"
    )
