"""Take pictures of one notebook in each front end, to be looked at: see ``screenshot.py``."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, Page

from front_pages import VSCODE, script, vscode_cell
from lab import running_lab

CELLS = (
    "%load_ext seedmagic\nimport numpy as np, torch",
    "x = np.random.rand()",
    "%%seeded 0 --runs 5 --track accuracy,losses\n"
    "losses = [float(torch.rand(())) / step for step in range(1, 9)]\n"
    "accuracy = float(np.random.rand())\nprint('accuracy', accuracy)",
    "%seedlog",
    "%seed",
    "%seedpanel",
)
WIDTHS = {"wide": 1000, "600": 600}
SERVERS = {"notebook": "/notebooks/{}", "nbclassic": "/nbclassic/notebooks/{}"}


def make_notebook(path: Path) -> None:
    """Write the notebook that every front end shows."""
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def run_all(page: Page, cell: str) -> None:
    """Run each cell by the keyboard, and wait for the live panel of the last."""
    page.wait_for_selector(cell)
    page.wait_for_timeout(3000)
    page.locator(cell).first.click()
    for _ in CELLS:
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(400)
    page.wait_for_selector(".seedmagic-live .seed", timeout=90_000)
    page.wait_for_timeout(1500)


def take_all(page: Page, folder: Path, name: str) -> None:
    """Take a picture of the page at each width, tall enough for all of the notebook."""
    for told, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 4200})
        page.wait_for_timeout(1200)
        path = folder / f"{name}-{told}.png"
        page.screenshot(path=path)
        print(f"{path}: {path.stat().st_size // 1000} kB")


def take_lab(browser: Browser, work: Path, folder: Path) -> None:
    for theme in ("Light", "Dark"):
        with running_lab(work, f"JupyterLab {theme}") as url:
            page = browser.new_page(viewport={"width": 1000, "height": 4200})
            page.goto(f"{url}/lab/workspaces/{theme}/tree/fronts.ipynb?reset")
            page.wait_for_selector(".jp-Notebook .jp-Cell")
            page.keyboard.press("Control+b")
            run_all(page, ".jp-Notebook .jp-Cell")
            take_all(page, folder, f"lab-{theme.lower()}")
            page.close()


def take_servers(browser: Browser, work: Path, folder: Path) -> None:
    for module, address in SERVERS.items():
        for theme in ("Light", "Dark") if module == "notebook" else ("Light",):
            with running_lab(work, f"JupyterLab {theme}", module) as url:
                page = browser.new_page(viewport={"width": 1000, "height": 4200})
                page.goto(url + address.format("fronts.ipynb"))
                run_all(page, ".jp-Notebook .jp-Cell" if module == "notebook" else ".code_cell")
                take_all(page, folder, f"{module}-{theme.lower()}")
                page.close()


def executed(work: Path) -> nbformat.NotebookNode:
    """Run the notebook without a browser, and give it with the state of its widgets."""
    from nbclient import NotebookClient

    made = nbformat.read(work / "work" / "fronts.ipynb", as_version=4)
    return NotebookClient(made, timeout=300, store_widget_state=True).execute()


def take_vscode(browser: Browser, work: Path, folder: Path) -> None:
    """Take pictures of a page that is laid out and coloured as VS Code lays out outputs.

    It needs ``npm install --prefix FOLDER @jupyter-widgets/html-manager @jupyter-widgets/controls``
    and is left out without.
    """
    widgets = folder / "node_modules" / "@jupyter-widgets"
    if not widgets.exists():
        print(f"no pictures of VS Code: {take_vscode.__doc__}")
        return
    made = executed(work)
    state = made.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]
    page_file = folder / "vscode.html"
    page_file.write_text(
        f"<!doctype html><style>{(widgets / 'controls/css/labvariables.css').read_text()}"
        f"{VSCODE}</style><div id=container>{''.join(map(vscode_cell, made.cells))}</div>"
        f'<script type="application/vnd.jupyter.widget-state+json">{script(state)}</script>'
        f"<script src={os.path.relpath(widgets, folder)}/html-manager/dist/embed.js></script>"
    )
    page = browser.new_page(viewport={"width": 1000, "height": 4200})
    page.goto(page_file.as_uri())
    page.wait_for_selector(".seedmagic-live .seed")
    take_all(page, folder, "vscode")
    page.close()


def take_saved(browser: Browser, work: Path, folder: Path) -> None:
    """Take pictures of what nbconvert makes of the notebook, light and dark."""
    from nbconvert import HTMLExporter

    made = executed(work)
    del made.metadata["widgets"]
    for theme in ("light", "dark"):
        file = folder / f"nbconvert-{theme}.html"
        file.write_text(HTMLExporter(theme=theme).from_notebook_node(made)[0])
        page = browser.new_page(viewport={"width": 1000, "height": 4200})
        page.goto(file.as_uri())
        take_all(page, folder, f"nbconvert-{theme}")
        page.close()


def take_fronts(browser: Browser, work: Path, folder: Path) -> None:
    """Take every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    make_notebook(work / "work" / "fronts.ipynb")
    for take in (take_lab, take_servers, take_vscode, take_saved):
        take(browser, work, folder)
