"""The findings as one HTML page, which loads nothing and in which all notebook text is escaped."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from html import escape

from seedmagic.code.source_lines import lines_of
from seedmagic.verify.notebook.findings import CellResult, NotebookResult
from seedmagic.verify.notebook.report_text import sides, verdict
from seedmagic.verify.outputs import images
from seedmagic.verify.outputs.output_pieces import PieceDifference

_LINES = 400
_LENGTH = 2000
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem;
  color: #1d1d1f; background: #fff }
h2 { margin: 2.5rem 0 .3rem; font-size: 1.25rem } h3 { margin: 1.5rem 0 .3rem; font-size: 1.05rem }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top;
  padding: .25rem .6rem; border-bottom: 1px solid #ddd }
pre, td.text { font: 13px/1.45 ui-monospace, monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; margin: 0 }
pre { background: #f5f5f7; padding: .6rem; border-radius: .3rem }
.good { color: #146c2e } .bad { color: #b3261e } .noted { color: #555 }
mark { background: #ffd9d6; color: inherit } .sides { table-layout: fixed } .sides td { width: 50% }
.images { display: flex; flex-wrap: wrap; gap: 1rem } .images figure { margin: 0; flex: 1 1 18rem }
.images img { max-width: 100%; border: 1px solid #ddd }
"""


def page(results: Sequence[NotebookResult]) -> str:
    """Write the whole page."""
    body = "".join(part for result in results for part in _notebook(result))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width">'
        f"<title>seedmagic verify</title><style>{_STYLE}</style></head><body>"
        f"<h1>seedmagic verify</h1>{body}</body></html>\n"
    )


def _notebook(result: NotebookResult) -> Iterator[str]:
    kind = "good" if result.reproducible else "bad"
    yield f"<h2>{_text(result.path)}</h2>"
    yield f'<p class="{kind}">{_text(verdict(result))}</p>'
    if result.cells:
        yield "<table><thead><tr><th>cell</th><th>same</th><th>cause</th><th>line</th>"
        yield "<th>what is known</th><th>drift</th><th>masked</th></tr></thead><tbody>"
        yield from (_row(cell) for cell in result.cells)
        yield "</tbody></table>"
    if result.files:
        yield f'<p class="noted">The runs wrote: {_text(", ".join(result.files))}</p>'
    yield from (f'<p class="noted">{_text(note)}</p>' for note in result.notes)
    for cell in result.cells:
        if not cell.same:
            yield from _cell(cell)


def _row(cell: CellResult) -> str:
    fields = (
        str(cell.index),
        "yes" if cell.same else "no",
        cell.cause or "",
        str(cell.line or ""),
        cell.detail or "",
        ", ".join(cell.drift),
        ", ".join(cell.masked),
    )
    return "<tr>" + "".join(f"<td>{_text(field)}</td>" for field in fields) + "</tr>"


def _cell(cell: CellResult) -> Iterator[str]:
    yield f"<h3>Cell {cell.index}</h3>{_code(cell)}"
    for difference in cell.differences:
        yield f'<p class="noted">{_text(difference.where)}</p>'
        if difference.kind == "image":
            yield from _images(difference, *cell.sides)
        else:
            yield from _sides(difference, *cell.sides)


def _code(cell: CellResult) -> str:
    lines = [
        f"<mark>{_text(line)}</mark>" if number == cell.line else _text(line)
        for number, line in enumerate(lines_of(cell.code), 1)
    ]
    return f"<pre>{chr(10).join(lines)}</pre>"


def _sides(difference: PieceDifference, one: str, other: str) -> Iterator[str]:
    """Write the lines beside each other, the changed words marked; of equal ones, those nearby."""
    first, second = sides(difference)
    yield f'<table class="sides"><thead><tr><th>{one}</th><th>{other}</th></tr></thead><tbody>'
    rows = list(_rows(first[:_LINES], second[:_LINES]))
    yield from rows
    yield "</tbody></table>"
    more = max(len(first), len(second)) - _LINES
    if more > 0:
        yield f'<p class="noted">… and {more} more lines</p>'


def _rows(first: list[str], second: list[str]) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    for group in matcher.get_grouped_opcodes(2):
        for kind, a, b, c, d in group:
            for at in range(max(b - a, d - c)):
                left = first[a + at] if a + at < b else None
                right = second[c + at] if c + at < d else None
                marked = (left, right) if kind == "equal" else None
                texts = (_text(left or ""), _text(right or "")) if marked else _marked(left, right)
                yield f'<tr><td class="text">{texts[0]}</td><td class="text">{texts[1]}</td></tr>'
        yield '<tr><td colspan="2"></td></tr>'


def _marked(left: str | None, right: str | None) -> tuple[str, str]:
    """Mark what of two lines differs."""
    if left is None or right is None or max(len(left), len(right)) > _LENGTH:
        return _mark(left), _mark(right)
    ones, others = [], []
    for kind, a, b, c, d in difflib.SequenceMatcher(
        None, left, right, autojunk=False
    ).get_opcodes():
        equal = kind == "equal"
        ones.append(_text(left[a:b]) if equal else _mark(left[a:b]))
        others.append(_text(right[c:d]) if equal else _mark(right[c:d]))
    return "".join(ones), "".join(others)


def _mark(text: str | None) -> str:
    if not text:
        return ""
    return f"<mark>{_text(text if len(text) <= _LENGTH else text[:_LENGTH] + '…')}</mark>"


def _images(difference: PieceDifference, one: str, other: str) -> Iterator[str]:
    """Show both images, and a third with the pixels marked that differ."""
    yield '<div class="images">'
    yield _figure(difference.one, one)
    yield _figure(difference.other, other)
    if difference.one is not None and difference.other is not None:
        changes = images.compare(difference.one, difference.other)
        if changes is None:
            yield "<p>They have different sizes, or are no images that can be read.</p>"
        else:
            told = f"{changes.changed} of {changes.pixels} pixels differ"
            yield _figure(changes.marked, told)
    yield "</div>"


def _figure(content: str | None, caption: str) -> str:
    mime = images.mime_of(content) if content and _BASE64.fullmatch(content) else None
    if content is None or mime is None:
        return f"<figure><figcaption>{_text(caption)}: no image</figcaption></figure>"
    source = "".join(content.split())
    return (
        f'<figure><img alt="{_text(caption)}" src="data:{mime};base64,{source}">'
        f"<figcaption>{_text(caption)}</figcaption></figure>"
    )


def _text(text: str) -> str:
    return escape(text, quote=True)
