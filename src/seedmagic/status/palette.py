"""The colours of what we show as HTML, by their meaning; plots have inks of their own.

Wherever one says something, a word beside it says the same.
"""

from __future__ import annotations

from collections.abc import Mapping

# On a front end's own background: JupyterLab's variables follow its light and dark themes, and the
# values after them are for other front ends.
ANYWHERE = {
    "wrong": "var(--jp-error-color1, #d32f2f)",
    "right": "var(--jp-success-color1, #388e3c)",
    "quiet": "var(--jp-ui-font-color2, #757575)",
    "rule": "var(--jp-border-color2, #80808040)",
    "shade": "var(--jp-layout-color2, #80808020)",
}
# On a page of our own, which is white.
ON_WHITE = {
    "ink": "#1d1d1f",
    "paper": "#fff",
    "wrong": "#b3261e",
    "right": "#146c2e",
    "quiet": "#555",
    "rule": "#ddd",
    "shade": "#f5f5f7",
    "changed": "#ffd9d6",
}


def properties(colours: Mapping[str, str]) -> str:
    """Write colours as properties of CSS, which a style sheet asks for as ``var(--sm-wrong)``."""
    return " ".join(f"--sm-{name}: {value};" for name, value in colours.items())
