"""What outputs look like on the pages of front ends that cannot be run here, in a real Chromium.

Skipped where there is no Chromium; fails instead where SEEDMAGIC_BROWSER=required.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import Browser, Page

from front_pages import BOX, LAB, LABVARIABLES, VSCODE, vscode_cell
from lab import find_chromium, running_browser

# Skipped without a browser, for what is looked at is a page; CI requires one.
if find_chromium() is None and os.environ.get("SEEDMAGIC_BROWSER") != "required":
    pytest.skip("no chromium on the path", allow_module_level=True)

CELLS = (
    "%load_ext seedmagic\nimport random",
    "x = random.random()",
    "%%seeded 0 --runs 3 --track accuracy\naccuracy = random.random()\nprint(accuracy)",
    "%seedpanel",
)
RUNS, PANEL = 2, 3
# Where a live panel stands: what the panel's own element and a button of it are to a style sheet.
LIVE = (
    '<div class="output_container"><div class="output"><div class="jupyter-widgets seedmagic-live">'
    '<div class="jupyter-widgets jupyter-widget-inline-hbox"><label class="widget-label">Seed'
    '</label></div><button class="jupyter-widgets jupyter-button">New</button>'
    '<div class="jupyter-widgets"><select><option>on</select></div></div></div></div>'
)
CONTROLS = """<style>
.jupyter-button { color: var(--jp-ui-font-color1); background: var(--jp-layout-color2) }
.jupyter-widget-inline-hbox .widget-label { color: var(--jp-content-font-color1) }
</style>"""
CONTRAST = """elements => {
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(x => x / 255)
    .map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)
    .reduce((sum, x, at) => sum + x * [0.2126, 0.7152, 0.0722][at], 0);
  const over = (top, below) => top.slice(0, 3).map(
    (x, at) => x * (top[3] ?? 1) + below[at] * (1 - (top[3] ?? 1)));
  const ground = node => node ? over(parts(getComputedStyle(node).backgroundColor),
    ground(node.parentElement)) : [255, 255, 255];
  return elements.filter(e => e.offsetParent && [...e.childNodes].some(
    n => n.nodeType === 3 && n.data.trim())).map(e => {
    const back = ground(e), text = over(parts(getComputedStyle(e).color), back);
    const [a, b] = [light(back), light(text)].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), e.textContent];
  });
}"""


@pytest.fixture(scope="module")
def cells() -> list[nbformat.NotebookNode]:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    return list(NotebookClient(made, kernel_name="python3", timeout=120).execute().cells)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 600, "height": 1200})
    yield page
    page.close()


def show(page: Page, css: str, *parts: str) -> None:
    page.set_content(f"<!doctype html><style>{css}</style>{''.join(parts)}")


def static(cells: list[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    """Give the panel's cell without its live output."""
    kept = nbformat.from_dict(cells[PANEL])
    view = "application/vnd.jupyter.widget-view+json"
    kept.outputs = [out for out in kept.outputs if view not in out.get("data", {})]
    return kept


@pytest.mark.parametrize("css", [LABVARIABLES + LAB, LABVARIABLES + VSCODE], ids=["lab", "vscode"])
def test_words_stand_to_the_left_and_numbers_under_their_headings(
    page: Page, cells: list[nbformat.NotebookNode], css: str
) -> None:
    show(page, css, vscode_cell(cells[RUNS]), vscode_cell(static(cells)))
    sides = "cells => [...new Set(cells.map(cell => getComputedStyle(cell).textAlign))]"
    assert page.locator(".seedmagic-static :is(th, td)").evaluate_all(sides) == ["left"]
    runs = page.locator("[aria-label='Statistics of the runs']")
    assert runs.locator("tr > :first-child").evaluate_all(sides) == ["left"]
    assert runs.locator("tr > :not(:first-child)").evaluate_all(sides) == ["right"]


@pytest.mark.parametrize("css", [LABVARIABLES + LAB, LABVARIABLES + VSCODE], ids=["lab", "vscode"])
def test_a_wide_table_scrolls_by_itself_on_a_narrow_page(
    page: Page, cells: list[nbformat.NotebookNode], css: str
) -> None:
    show(page, css, vscode_cell(cells[RUNS]))
    table = page.locator("[aria-label='Statistics of the runs']")
    inner, outer = table.evaluate(
        "table => [table.parentElement.scrollWidth, table.parentElement.clientWidth]"
    )
    assert outer < 600 < inner
    assert page.evaluate("document.documentElement.scrollWidth") <= 600


@pytest.mark.parametrize("css", [LABVARIABLES + LAB, LABVARIABLES + VSCODE], ids=["lab", "vscode"])
def test_a_folded_run_has_its_triangle(
    page: Page, cells: list[nbformat.NotebookNode], css: str
) -> None:
    show(page, css, vscode_cell(cells[RUNS]))
    marks = page.locator("summary").evaluate_all(
        "all => all.map(each => [getComputedStyle(each).display, "
        "getComputedStyle(each).listStyleType])"
    )
    assert marks
    assert all(mark == ["list-item", "disclosure-closed"] for mark in marks)


def test_every_word_can_be_read_on_the_dark_page_of_vs_code(
    page: Page, cells: list[nbformat.NotebookNode]
) -> None:
    css = LABVARIABLES + VSCODE
    show(page, css, vscode_cell(cells[RUNS]), vscode_cell(static(cells)))
    shown = page.locator("body *:not(style, script)").evaluate_all(CONTRAST)
    assert len(shown) > 30
    assert [told for told in shown if told[0] < 4.5] == []
    style = next(out.data["text/html"] for out in static(cells).outputs if "data" in out)
    show(page, css, style, LIVE, CONTROLS)
    shown = page.locator(".seedmagic-live *:not(option)").evaluate_all(CONTRAST)
    assert [text for _, text in shown] == ["Seed", "New"]
    assert [told for told in shown if told[0] < 4.5] == []


@pytest.mark.parametrize(
    "holder",
    [
        '<div class="jp-OutputArea">{}</div>',
        '<div id="output-area">{}</div>',
        '<div class="output_wrapper"><div class="output">{}</div></div>',
        '<div class="cell_container">{}</div>',
    ],
    ids=["lab", "colab", "nbclassic", "vscode"],
)
def test_the_static_panel_shows_until_the_live_one_stands_below_it(
    page: Page, cells: list[nbformat.NotebookNode], holder: str
) -> None:
    html = next(out.data["text/html"] for out in static(cells).outputs if "data" in out)
    alone, both = holder.format(html), holder.format(f"<div>{html}</div><div>{LIVE}</div>")
    show(page, LAB, alone, both)
    copies = page.locator(".seedmagic-static")
    assert [copy.is_visible() for copy in copies.all()] == [True, False]


def test_the_picture_of_the_runs_reads_on_white_and_on_dark_pages(
    page: Page, cells: list[nbformat.NotebookNode]
) -> None:
    """Its paper is the page's, and its inks differ from white as from JupyterLab's dark pages."""
    show(page, "", vscode_cell(cells[RUNS]))
    seen = page.locator("img").last.evaluate(
        """async image => {
          await image.decode();
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
          const pen = canvas.getContext("2d");
          pen.drawImage(image, 0, 0);
          const {data} = pen.getImageData(0, 0, canvas.width, canvas.height);
          const full = new Map();
          for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) {
            const ink = `rgb(${data[at]}, ${data[at + 1]}, ${data[at + 2]})`;
            full.set(ink, (full.get(ink) || 0) + 1);
          }
          const most = [...full].sort((a, b) => b[1] - a[1]).slice(0, 2).map(each => each[0]);
          return [data[3], ...most];
        }"""
    )
    assert seen[0] == 0, "the paper is not transparent"
    for paper in ("#ffffff", "#111111", "#1f1f1f"):
        inks = "".join(f'<p style="color:{ink}">ink</p>' for ink in seen[1:])
        page.set_content(f'<body style="background:{paper}">{inks}')
        for contrast, _ in page.locator("p").evaluate_all(CONTRAST):
            assert contrast >= 3, (paper, seen)


def test_the_white_box_of_vs_code_is_dark_around_our_panel_alone(
    page: Page, cells: list[nbformat.NotebookNode]
) -> None:
    style = next(out.data["text/html"] for out in static(cells).outputs if "data" in out)
    boxes = (f'<div class="{BOX}">{inside}</div>' for inside in (LIVE, "another widget"))
    show(page, VSCODE, style, *boxes)
    colours = page.locator(f".{BOX}").evaluate_all(
        "boxes => boxes.map(box => getComputedStyle(box).backgroundColor)"
    )
    assert colours == ["rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"]
