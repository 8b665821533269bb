"""The panel in a real JupyterLab, driven in a real Chromium.

Skipped where there is no Chromium; fails instead where SEEDMAGIC_BROWSER=required.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import ipykernel
import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lab import (
    find_chromium,
    open_notebook,
    run_cell,
    running_browser,
    running_lab,
    start_cell,
)

pytestmark = pytest.mark.slow

# Skipped where there is no browser, which a contributor may lack and pip cannot install. CI sets
# the variable, and then a missing browser is a failure.
if find_chromium() is None and os.environ.get("SEEDMAGIC_BROWSER") != "required":
    pytest.skip("no chromium on the path", allow_module_level=True)

LOAD = "%load_ext seedmagic\nimport random, time\nimport numpy as np\nimport torch"
SLOW = (
    "first = random.random()\nopen('started', 'w').close()\n"
    "while not __import__('os').path.exists('pressed'):\n    time.sleep(0.05)\n"
    "time.sleep(1)\nfirst, random.random(), torch.backends.cudnn.benchmark"
)
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
# What JupyterLab itself complains of in Debian's Chromium, with or without us. `Queue` was MathJax
# 2's: ipywidgets 7 calls it for each description.
NOISE = re.compile(r"favicon|ResizeObserver|WebGL|ERR_CONNECTION|/lsp/|'Queue'", re.IGNORECASE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lab") / "work"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def lab(work: Path) -> Iterator[str]:
    with running_lab(work.parent) as url:
        yield url


@pytest.fixture
def notebook(
    browser: Browser, lab: str, work: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Open a notebook of these cells, run the first ones, and watch the browser's console."""
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1000, "height": 2200})

    def opened(*cells: str, run: int, lab: str = lab, work: Path = work) -> Page:
        made = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": KERNEL},
        )
        name = re.sub(r"\W+", "_", request.node.name) + ".ipynb"
        nbformat.write(made, work / name)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        open_notebook(page, lab, name)
        for index in range(run):
            run_cell(page, index)
        return page

    yield opened
    context.close()
    for name in ("started", "pressed"):
        (work / name).unlink(missing_ok=True)
    assert [text for text in complaints if not NOISE.search(text)] == []


def panel_of(page: Page, index: int) -> Locator:
    """Find the live panel below a cell."""
    return page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".seedmagic-live")


def press(panel: Locator, name: str) -> None:
    panel.get_by_role("button", name=name, exact=True).first.click()


def result_of(page: Page, index: int) -> Locator:
    return page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".jp-OutputArea")


def test_it_renders_and_follows_draws_and_seeds(notebook: Callable[..., Page]) -> None:
    page = notebook(
        LOAD, "%seedpanel", "x = np.random.rand()", "%seed 7", "x = torch.rand(1)", run=2
    )
    panel = panel_of(page, 1)
    expect(panel).to_contain_text("No seed is in force.")
    expect(panel).to_contain_text("Nothing that was watched is wrong.")
    run_cell(page, 2)
    expect(panel).to_contain_text("numpy is unseeded and In[3] drew from it")
    run_cell(page, 3)
    expect(panel).to_contain_text("Seed 7 is in force.")
    expect(panel).to_contain_text("In[3] drew from numpy while unseeded")
    run_cell(page, 4)
    row = panel.locator("tr", has_text=re.compile(r"^torchseeded%seed 7[0-9a-f]{8}moved$"))
    expect(row).to_be_visible()
    # The same facts stand in the static form, which the live one hides.
    expect(result_of(page, 1).locator(".seedmagic-static")).to_be_hidden()


def test_every_control_acts_and_shows_its_line(notebook: Callable[..., Page]) -> None:
    page = notebook(LOAD, "x = np.random.rand()", "%seedpanel", run=3)
    panel = panel_of(page, 2)
    for name, line, seen in (
        ("%seed 42", "%seed 42", "Seed 42 is in force."),
        ("New seed", "%seed new", "is in force."),
        ("Seed off", "%seed off", "No seed is in force."),
        ("Snapshot", "import seedmagic as sm; snapshot_1 = sm.snapshot()", "snapshot_1"),
        ("Restore", "snapshot_1.restore()", "The RNG states of snapshot_1 are back."),
        ("Replay", "%seedreplay 2", "done: %seedreplay 2"),
    ):
        press(panel, name)
        expect(panel.locator(".right, .wrong").filter(has_text=f"done: {line}")).to_be_visible()
        expect(panel).to_contain_text(seen)
    panel.get_by_label("Seed", exact=True).fill("1024")
    press(panel, "Seed")
    expect(panel).to_contain_text("Seed 1024 is in force.")
    panel.get_by_label("Seed", exact=True).fill("-1")
    press(panel, "Seed")
    expect(panel).to_contain_text("failed: %seed -1")
    expect(panel).to_contain_text("Seed 1024 is in force.")
    for label, word, line in (
        ("Watching", "strict", "%seedwatch strict"),
        ("cudnn.benchmark", "on", "torch.backends.cudnn.benchmark = True"),
        ("cudnn.deterministic", "off", "torch.backends.cudnn.deterministic = False"),
        ("cudnn.enabled", "off", "torch.backends.cudnn.enabled = False"),
        ("deterministic algorithms", "warn", "torch.set_deterministic_debug_mode('warn')"),
        ("float32 products", "high", "torch.set_float32_matmul_precision('high')"),
    ):
        panel.get_by_label(label, exact=True).select_option(word)
        expect(panel).to_contain_text(f"done: {line}")
        expect(panel.get_by_label(label, exact=True)).to_have_value(word)


def test_a_click_during_a_cell_waits_and_leaves_its_numbers_alone(
    notebook: Callable[..., Page], work: Path
) -> None:
    page = notebook(LOAD, "%seedpanel", "%seed 3", SLOW, "random.random()", run=3)
    panel = panel_of(page, 1)
    # The first click makes the next come over a subshell, in the middle of a cell.
    press(panel, "Snapshot")
    expect(panel).to_contain_text("done: import seedmagic")
    start_cell(page, 3)
    page.wait_for_function("() => true")
    while not (work / "started").exists():
        page.wait_for_timeout(50)
    panel.get_by_label("Seed", exact=True).fill("99")
    press(panel, "Seed")
    panel.get_by_label("cudnn.benchmark", exact=True).select_option("on")
    expect(panel.get_by_role("button", name="Seed (waiting)")).to_be_visible()
    if ipykernel.version_info >= (7,):  # which hears of it in a subshell, while the cell runs
        expect(panel).to_contain_text("waiting: ")
    (work / "pressed").touch()
    alone = random.Random(3)
    expected = f"({alone.random()!r}, {alone.random()!r}, False)"
    expect(result_of(page, 3)).to_contain_text(expected)
    expect(panel).to_contain_text("Seed 99 is in force.")
    expect(panel.get_by_label("cudnn.benchmark", exact=True)).to_have_value("on")
    run_cell(page, 4)
    expect(result_of(page, 4)).to_contain_text(repr(random.Random(99).random()))


def test_two_panels_follow_and_a_closed_one_is_gone(notebook: Callable[..., Page]) -> None:
    page = notebook(LOAD, "%seedpanel", "%seedpanel", "%seed 5", "%seed 6", run=3)
    first, second = panel_of(page, 1), panel_of(page, 2)
    run_cell(page, 3)
    for panel in (first, second):
        expect(panel).to_contain_text("Seed 5 is in force.")
    press(first, "Close")
    expect(first).to_have_count(0)
    run_cell(page, 4)
    expect(second).to_contain_text("Seed 6 is in force.")


def test_it_fits_a_narrow_page_and_can_be_reached_by_the_keyboard(
    notebook: Callable[..., Page],
) -> None:
    page = notebook(LOAD, "x = np.random.rand()", "%seedpanel", run=3)
    page.set_viewport_size({"width": 600, "height": 2200})
    panel = panel_of(page, 2)
    box, inner = panel.bounding_box(), panel.evaluate("panel => panel.scrollWidth")
    assert box
    assert inner <= box["width"] + 1
    controls = panel.locator("button, input, select")
    assert controls.count() > 10
    for control in controls.all():
        assert control.evaluate("control => control.tabIndex") >= 0
        named = control.evaluate(
            "c => (c.innerText || '') + [...(c.labels || [])].map(l => l.innerText).join('')"
        )
        assert named.strip()


def test_colours_follow_the_dark_theme(notebook: Callable[..., Page], tmp_path: Path) -> None:
    cells = LOAD, "x = np.random.rand()", "%seedpanel"
    light = notebook(*cells, run=3)
    (tmp_path / "work").mkdir()
    with running_lab(tmp_path, "JupyterLab Dark") as url:
        dark = notebook(*cells, run=3, lab=url, work=tmp_path / "work")
        told = [
            panel_of(page, 2).locator(".seed").evaluate("node => getComputedStyle(node).color")
            for page in (light, dark)
        ]
        dark.close()
    brightness = [sum(map(float, re.findall(r"[\d.]+", colour)[:3])) for colour in told]
    assert brightness[0] < 200 < 500 < brightness[1], told


def test_of_the_line_of_a_long_verification_a_notebook_keeps_its_answer_alone(
    notebook: Callable[..., Page], work: Path
) -> None:
    code = "%%seeded 1 --verify\nx = 1\nprint('said')\ntime.sleep(2)"
    page = notebook(LOAD, code, run=1)
    start_cell(page, 1)
    shown = result_of(page, 1)
    expect(shown).to_contain_text("--verify: run 2 of 2; then 1 value and 1 output are compared.")
    expect(shown).to_contain_text("Reproducible: 1 value and 1 output identical, bit for bit.")
    expect(shown).not_to_contain_text("run 2 of 2")
    page.keyboard.press("Control+s")
    (saved,) = work.glob("test_of_the_line_*.ipynb")
    while "Reproducible" not in saved.read_text():
        page.wait_for_timeout(100)
    outputs = nbformat.read(saved, as_version=4).cells[1].outputs
    assert [output.output_type for output in outputs] == ["stream", "display_data"]
    assert outputs[0].text == "said\n"
    assert list(outputs[1].data) == ["text/plain"]
    assert outputs[1].data["text/plain"].startswith("Reproducible: ")
    assert outputs[1].metadata == {"seedmagic_stream": "stdout"}


def test_a_saved_notebook_opened_again_shows_the_static_form(
    notebook: Callable[..., Page], browser: Browser, lab: str, work: Path
) -> None:
    page = notebook(LOAD, "x = np.random.rand()  # <b>&", "%seedpanel", run=3)
    expect(panel_of(page, 2)).to_be_visible()
    page.keyboard.press("Control+s")
    (saved,) = work.glob("test_a_saved_*.ipynb")
    while "seedmagic-static" not in saved.read_text():
        page.wait_for_timeout(100)
    page.close()
    copy = work / "copy.ipynb"
    copy.write_text(saved.read_text())
    again = browser.new_page(viewport={"width": 1000, "height": 2200})
    open_notebook(again, lab, copy.name)
    static = again.locator(".seedmagic-static")
    expect(static).to_be_visible()
    expect(static).to_contain_text("numpy is unseeded and In[2] drew from it")
    expect(static).to_contain_text("x = np.random.rand()  # <b>&")
    expect(again.locator(".seedmagic-live")).to_have_count(0)
    again.close()
