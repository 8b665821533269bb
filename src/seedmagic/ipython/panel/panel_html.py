"""The panel's facts as HTML: what its widgets show, and what a saved notebook keeps."""

from __future__ import annotations

from dataclasses import replace

from seedmagic.ipython.panel.panel_actions import Done
from seedmagic.status.html_palette import ANYWHERE, ON_DARK_COLAB, ON_LIGHT_VSCODE
from seedmagic.status.status_data import Problem, Status
from seedmagic.status.status_tables import FINE, tables, tell_seed
from seedmagic.status.tables import Markup, Table, escaped, table_html

# A front end's own text colour and background are kept.
_RULES = """
<style>
.seedmagic { font-family: var(--jp-ui-font-family, system-ui, sans-serif); font-size: 13px;
  line-height: 1.45; color: var(--sm-text); }
.seedmagic h4 { margin: 10px 0 2px; font-size: 13px; font-weight: 600; color: inherit; }
.seedmagic p { margin: 2px 0; }
.seedmagic .scroll { overflow-x: auto; }
.seedmagic table { border-collapse: collapse; margin: 0; font-size: 12px; border: none;
  color: inherit; width: auto; }
.seedmagic th, .seedmagic td { text-align: left; vertical-align: top; padding: 2px 14px 2px 0;
  background: none; border: none; max-width: 480px; overflow-wrap: break-word; }
.seedmagic th { font-weight: 400; color: var(--sm-quiet); }
.seedmagic tbody tr, .seedmagic tbody tr:nth-child(even), .seedmagic tbody tr:hover {
  background: none; border-top: 1px solid var(--sm-rule); }
.seedmagic td:first-child { white-space: nowrap; }
.seedmagic code { font-family: var(--jp-code-font-family, monospace); font-size: 12px;
  background: var(--sm-shade); color: inherit; padding: 1px 4px;
  border-radius: 3px; }
.seedmagic pre { font-family: var(--jp-code-font-family, monospace); font-size: 12px; margin: 2px 0;
  padding-left: 11px; max-height: 240px; overflow: auto; color: inherit; background: none;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.seedmagic .seed { font-size: 15px; font-weight: 600; }
.seedmagic .wrong { border-left: 3px solid var(--sm-wrong); padding-left: 8px; }
.seedmagic .right { border-left: 3px solid var(--sm-right); padding-left: 8px; }
.seedmagic .unseeded { color: var(--sm-wrong); font-weight: 600; }
.seedmagic .seeded { color: var(--sm-right); }
.seedmagic .quiet { color: var(--sm-quiet); }
.seedmagic-live .jupyter-widgets .widget-label { color: var(--sm-text); }
.seedmagic-live .jupyter-button:not(.mod-active) { color: var(--sm-pressable);
  background-color: var(--sm-button); border: 1px solid var(--sm-edge); }
.seedmagic-live .jupyter-widgets select, .seedmagic-live .jupyter-widgets input[type] {
  color: var(--sm-pressable); background-color: var(--sm-field); border-color: var(--sm-edge); }
/* ipywidgets' arrow is dark in dark themes too: this one has the colour of the text. */
.seedmagic-live .jupyter-widgets select { background-size: 5px 5px;
  background-image: linear-gradient(45deg, transparent 50%, currentColor 50%),
    linear-gradient(-45deg, transparent 50%, currentColor 50%);
  background-position: right 11px center, right 6px center; }
/* VS Code gives all widgets a white background, in dark themes too. */
.cell-output-ipywidget-background:has(.seedmagic-live) { background: transparent !important; }
.seedmagic-live .widget-toggle-button.mod-active::after { content: " (waiting)"; }
</style>
"""
_COLOURS = f"""
<style>
.seedmagic, .seedmagic-live {{{ANYWHERE}}}
[theme=dark] .seedmagic, [theme=dark] .seedmagic-live {{{ON_DARK_COLAB}}}
.vscode-light .seedmagic, .vscode-light .seedmagic-live {{{ON_LIGHT_VSCODE}}}
</style>
"""
STYLE = f"{_COLOURS}{_RULES}"
# Where the live panel stands below it, the static form would say the same twice. What holds a
# cell's outputs has these names: in JupyterLab and Notebook 7, Colab, nbclassic, VS Code. Where the
# live one cannot be had any more, JupyterLab's notice of that says nothing to anyone.
HIDING = """
<style>
.jp-OutputArea:has(.seedmagic-live) .seedmagic-static,
#output-area:has(.seedmagic-live) .seedmagic-static,
.output:has(.seedmagic-live) .seedmagic-static,
.output_container:has(.seedmagic-live) .seedmagic-static,
.cell_container:has(.seedmagic-live) .seedmagic-static { display: none; }
.jp-OutputArea:has(.seedmagic-static) .jp-OutputArea-output.jupyter-widgets:not(:has(*)) {
  display: none; }
</style>
"""
_WORDS = {"seeded": "seeded", "unseeded": "unseeded", "not loaded": "quiet", "no draws": "quiet"}


def facts_html(table: Table) -> str:
    """Write a table of facts: its words in their colours, what is code as code."""
    if not table.header:
        return table_html(table)
    rows = (tuple(map(_marked, table.header, row)) for row in table.rows)
    return table_html(replace(table, rows=tuple(rows)))


def _marked(column: str, cell: str) -> str:
    if column in ("status", "verdict") and cell in _WORDS:
        return Markup(f'<span class="{_WORDS[cell]}">{escaped(cell)}</span>')
    if column in ("RNG state", "line") and cell:
        return Markup(f"<code>{escaped(cell)}</code>")
    return cell


def section_html(table: Table, empty: str = "") -> str:
    """Write a table under its title; `empty` stands for a table without rows."""
    body = facts_html(table) if table.rows else f'<p class="quiet">{escaped(empty)}</p>'
    return f'<h4>{escaped(table.title)}</h4><div class="scroll">{body}</div>'


def problem_html(problem: Problem) -> str:
    """Write what is wrong, and what to do."""
    line = f" <code>{escaped(problem.line)}</code>" if problem.line else ""
    return f'<p class="wrong">{escaped(problem.text)} {escaped(problem.remedy)}{line}</p>'


def seed_html(status: Status) -> str:
    """Write the seed in force, and whether what was watched is in order."""
    fine = "" if status.problems or not status.watch else f'<p class="right">{FINE}</p>'
    return f'<p class="seed">{escaped(tell_seed(status))}</p>{fine}'


def waiting_html(what: str) -> str:
    """Write that an action waits."""
    return (
        f'<p class="quiet">waiting: <code>{escaped(what)}</code> will be done when the running '
        "cell has ended.</p>"
    )


def done_html(done: Done) -> str:
    """Write what an action did, and the line that does the same in a cell."""
    kind, word = ("wrong", "failed") if done.failed else ("right", "done")
    told = f"<pre>{escaped(done.text)}</pre>" if done.text else ""
    return f'<p class="{kind}">{word}: <code>{escaped(done.line)}</code></p>{told}'


def static_html(status: Status) -> str:
    """Write everything, for where nothing can be pressed."""
    problems = "".join(map(problem_html, status.problems))
    sections = "".join(section_html(table) for table in tables(status) if table.rows)
    return (
        f'{STYLE}{HIDING}<div class="seedmagic seedmagic-static">'
        f"{seed_html(status)}{problems}{sections}"
        '<p class="quiet">As it was when this cell ran.</p></div>'
    )
