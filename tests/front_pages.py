"""Pages with outputs laid out and coloured as front ends do that cannot be run here."""

from __future__ import annotations

import json
from html import escape

import nbformat

# In what VS Code puts a widget: its colour is white in all themes.
BOX = "cell-output-ipywidget-background"


def vscode_cell(cell: nbformat.NotebookNode) -> str:
    """Write a cell's outputs inside the elements that VS Code's notebook page has."""
    outputs = "".join(
        f'<div class="output_container"><div class="output">{_output(output)}</div></div>'
        for output in cell.outputs
    )
    return f'<pre>{escape(cell.source)}</pre><div class="cell_container">{outputs}</div>'


def _output(output: nbformat.NotebookNode) -> str:
    data = output.get("data", {})
    view = data.get("application/vnd.jupyter.widget-view+json")
    if view:
        kind = "application/vnd.jupyter.widget-view+json"
        return f'<div class="{BOX}"><script type="{kind}">{script(view)}</script></div>'
    if "text/html" in data:
        return str(data["text/html"])
    if "image/png" in data:
        return f'<img src="data:image/png;base64,{data["image/png"]}">'
    return f"<pre>{escape(output.get('text', data.get('text/plain', '')))}</pre>"


def script(data: object) -> str:
    """Write data for an element of HTML that holds JSON."""
    return json.dumps(data).replace("</", "<\\/")


# Of ipywidgets' labvariables.css what outputs ask for: a light page's colours, in any theme.
LABVARIABLES = """
:root { --jp-ui-font-color1: rgba(0, 0, 0, 0.87); --jp-ui-font-color2: rgba(0, 0, 0, 0.54);
  --jp-content-font-color1: rgba(0, 0, 0, 0.87); --jp-error-color1: #d32f2f;
  --jp-success-color1: #388e3c; --jp-border-color1: #bdbdbd; --jp-border-color2: #e0e0e0;
  --jp-layout-color1: white; --jp-layout-color2: #eeeeee; --jp-layout-color3: #bdbdbd; }
"""
# As JupyterLab and nbconvert lay out tables, and Bootstrap, which nbclassic has, what folds.
LAB = """
table { border-collapse: collapse; table-layout: fixed; }
td, th, tr { text-align: right; vertical-align: middle; padding: 0.5em; line-height: normal;
  white-space: normal; max-width: none; border: none; }
details, summary { display: block; }
"""
# Like the notebook page of VS Code in its theme "Dark Modern": the colours, tables and boxes that
# outputs meet there, written by hand. It has more.
VSCODE = """
body { --vscode-foreground: #cccccc; --vscode-descriptionForeground: #9d9d9d;
  --vscode-errorForeground: #f85149; --vscode-testing-iconPassed: #73c991;
  --vscode-dropdown-background: #313131; --vscode-dropdown-foreground: #cccccc;
  --vscode-dropdown-border: #3c3c3c; --vscode-widget-border: #313131;
  --vscode-textCodeBlock-background: #2b2b2b;
  background: #1f1f1f; color: #cccccc; font: 13px system-ui; margin: 8px 20px; }
table, thead, tr, th, td, tbody { border: none !important; border-spacing: 0;
  border-collapse: collapse; }
table { width: 100%; }
table, th, tr { text-align: left !important; }
thead { font-weight: bold; background-color: rgba(130, 130, 130, 0.16); }
th, td { padding: 4px 8px; }
tr:nth-child(even) { background-color: rgba(130, 130, 130, 0.08); }
.output { overflow-x: auto; }
img { max-width: 100%; }
.cell-output-ipywidget-background { background: white !important; }
"""
