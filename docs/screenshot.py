"""Take the README's pictures: cells of notebooks in JupyterLab, as a reader sees them.

    python docs/screenshot.py
    python docs/screenshot.py --fronts FOLDER

Run it with the Python of an environment made with ``pip install -e ".[dev]"``. It needs Chromium on
the path and works on copies of the notebooks. ``quickstart.png`` shows the outputs that the
notebook was saved with; for ``panel.png``, whose panel is live, the notebook is run.

With ``--fronts`` it takes pictures of one notebook in every front end instead, to be looked at and
not kept. That takes minutes, and ``pip install notebook nbclassic``.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from front_ends import take_fronts

from lab import find_chromium, launch, open_notebook, running_lab, wait_until_idle

ROOT = Path(__file__).resolve().parents[1]


def cell_number(notebook: Path, beginning: str) -> int:
    """Say where the cell that begins so stands in the notebook."""
    sources = ["".join(cell["source"]) for cell in json.loads(notebook.read_text())["cells"]]
    return next(i for i, source in enumerate(sources) if source.startswith(beginning))


def take(page: Page, path: Path, first: int, last: int) -> None:
    """Take a picture from the page's top down to cell `last`, with cell `first` at the top."""
    cells = page.locator(".jp-Notebook .jp-Cell")
    cells.nth(first).evaluate("cell => cell.scrollIntoView({block: 'start'})")
    page.wait_for_timeout(1000)
    bottom = cells.nth(last).bounding_box()
    assert bottom, "the last cell is not on the page"
    height = bottom["y"] + bottom["height"] + 8
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.screenshot(path=path, clip={"x": 0, "y": 0, "width": width, "height": height})
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")


def take_quickstart(page: Page, notebook: Path) -> None:
    page.wait_for_selector(".jp-Notebook .jp-OutputArea-output")
    first = cell_number(notebook, "for _ in range(2):")
    take(page, ROOT / "docs" / "quickstart.png", first, cell_number(notebook, "results[0] =="))


def take_panel(page: Page, notebook: Path) -> None:
    shown = cell_number(notebook, "%seedpanel")
    page.locator(".jp-Notebook .jp-Cell").nth(0).click()
    for _ in range(shown + 1):
        page.keyboard.press("Shift+Enter")
    page.wait_for_selector(".seedmagic-live .seed", timeout=60_000)
    wait_until_idle(page)
    take(page, ROOT / "docs" / "panel.png", shown - 1, shown)


PICTURES: dict[str, Callable[[Page, Path], None]] = {
    "quickstart.ipynb": take_quickstart,
    "panel.ipynb": take_panel,
}


def main() -> None:
    if len(sys.argv) not in (1, 3) or sys.argv[1:2] not in ([], ["--fronts"]):
        sys.exit(__doc__)
    if find_chromium() is None:
        sys.exit("screenshot.py needs Chromium: on Debian, apt-get install chromium")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        work = Path(name) / "work"
        work.mkdir()
        browser = launch(playwright)
        if sys.argv[1:2] == ["--fronts"]:
            take_fronts(browser, Path(name), Path(sys.argv[2]))
            browser.close()
            return
        with running_lab(Path(name)) as url:
            for notebook, picture in PICTURES.items():
                shutil.copy(ROOT / "notebooks" / notebook, work)
                page = browser.new_page(
                    viewport={"width": 900, "height": 1500},
                    device_scale_factor=2,
                    color_scheme="light",
                )
                open_notebook(page, url, notebook)
                picture(page, work / notebook)
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
