"""The panel's facts as HTML: what its widgets show, and what a saved notebook keeps."""

from __future__ import annotations

from html import escape

from seedmagic.ipython.panel.actions import Done
from seedmagic.status.picture import Problem, Status
from seedmagic.status.tables import FINE, Table, tables, tell_seed

# A word stands beside each colour. JupyterLab's own variables follow its light and dark themes;
# the values after them are for other front ends, whose own text colour and background we keep.
STYLE = """
<style>
.seedmagic { font-family: var(--jp-ui-font-family, system-ui, sans-serif); font-size: 13px;
  line-height: 1.45; color: var(--jp-ui-font-color1, inherit); }
.seedmagic h4 { margin: 10px 0 2px; font-size: 13px; font-weight: 600; color: inherit; }
.seedmagic p { margin: 2px 0; }
.seedmagic .scroll { overflow-x: auto; }
.seedmagic table { border-collapse: collapse; margin: 0; font-size: 12px; border: none;
  color: inherit; }
.seedmagic th, .seedmagic td { text-align: left; vertical-align: top; padding: 2px 14px 2px 0;
  background: none; border: none; max-width: 480px; overflow-wrap: break-word; }
.seedmagic th { font-weight: 400; color: var(--jp-ui-font-color2, #757575); }
.seedmagic tbody tr, .seedmagic tbody tr:nth-child(even), .seedmagic tbody tr:hover {
  background: none; border-top: 1px solid var(--jp-border-color2, #80808040); }
.seedmagic td:first-child { white-space: nowrap; }
.seedmagic code { font-family: var(--jp-code-font-family, monospace); font-size: 12px;
  background: var(--jp-layout-color2, #80808020); color: inherit; padding: 1px 4px;
  border-radius: 3px; }
.seedmagic pre { font-family: var(--jp-code-font-family, monospace); font-size: 12px; margin: 2px 0;
  padding-left: 11px; max-height: 240px; overflow: auto; color: inherit; background: none;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.seedmagic .seed { font-size: 15px; font-weight: 600; }
.seedmagic .wrong { border-left: 3px solid var(--jp-error-color1, #d32f2f); padding-left: 8px; }
.seedmagic .right { border-left: 3px solid var(--jp-success-color1, #388e3c); padding-left: 8px; }
.seedmagic .unseeded { color: var(--jp-error-color1, #d32f2f); font-weight: 600; }
.seedmagic .seeded { color: var(--jp-success-color1, #388e3c); }
.seedmagic .quiet { color: var(--jp-ui-font-color2, #757575); }
.seedmagic-live .widget-toggle-button.mod-active::after { content: " (waiting)"; }
</style>
"""
# Where the live panel stands below it, the static form would say the same twice; where the live
# one cannot be had any more, JupyterLab's notice of that says nothing to anyone.
HIDING = """
<style>
.jp-OutputArea:has(.seedmagic-live) .seedmagic-static,
#output-area:has(.seedmagic-live) .seedmagic-static { display: none; }
.jp-OutputArea:has(.seedmagic-static) .jp-OutputArea-output.jupyter-widgets:not(:has(*)) {
  display: none; }
</style>
"""
_WORDS = {"seeded": "seeded", "unseeded": "unseeded", "not loaded": "quiet", "no draws": "quiet"}


def table_html(table: Table) -> str:
    """Write a table; everything in it is escaped."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.header)
    head = f"<thead><tr>{head}</tr></thead>" if head else ""
    rows = "".join(_row(table, row) for row in table.rows)
    return f"<table>{head}<tbody>{rows}</tbody></table>"


def _row(table: Table, row: tuple[str, ...]) -> str:
    cells = []
    for index, cell in enumerate(row):
        name = table.header[index] if table.header else ""
        text = escape(cell)
        if name in ("status", "verdict") and cell in _WORDS:
            text = f'<span class="{_WORDS[cell]}">{text}</span>'
        elif name in ("RNG state", "line") and cell:
            text = f"<code>{text}</code>"
        is_name = index == 0 and not table.header
        cells.append(f'<th scope="row">{text}</th>' if is_name else f"<td>{text}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def section_html(table: Table, empty: str = "") -> str:
    """Write a table under its title; `empty` stands for a table without rows."""
    body = table_html(table) if table.rows else f'<p class="quiet">{escape(empty)}</p>'
    return f'<h4>{escape(table.title)}</h4><div class="scroll">{body}</div>'


def problem_html(problem: Problem) -> str:
    """Write what is wrong, and what to do."""
    line = f" <code>{escape(problem.line)}</code>" if problem.line else ""
    return f'<p class="wrong">{escape(problem.text)} {escape(problem.remedy)}{line}</p>'


def seed_html(status: Status) -> str:
    """Write the seed in force, and whether what was watched is in order."""
    fine = "" if status.problems or not status.watch else f'<p class="right">{FINE}</p>'
    return f'<p class="seed">{escape(tell_seed(status))}</p>{fine}'


def waiting_html(what: str) -> str:
    """Write that an action waits."""
    return (
        f'<p class="quiet">waiting: <code>{escape(what)}</code> will be done when the running '
        "cell has ended.</p>"
    )


def done_html(done: Done) -> str:
    """Write what an action did, and the line that does the same in a cell."""
    kind, word = ("wrong", "failed") if done.failed else ("right", "done")
    told = f"<pre>{escape(done.text)}</pre>" if done.text else ""
    return f'<p class="{kind}">{word}: <code>{escape(done.line)}</code></p>{told}'


def static_html(status: Status) -> str:
    """Write everything, for where nothing can be pressed."""
    problems = "".join(map(problem_html, status.problems))
    sections = "".join(section_html(table) for table in tables(status) if table.rows)
    return (
        f'{STYLE}{HIDING}<div class="seedmagic seedmagic-static">'
        f"{seed_html(status)}{problems}{sections}"
        '<p class="quiet">As it was when this cell ran.</p></div>'
    )
