"""Take docs/quickstart.png: JupyterLab with the cells of notebooks/quickstart.ipynb that train.

Run it with the Python of an environment made with ``pip install -e ".[dev]"``. It needs Chromium on
the path, works on a copy of the notebook, and shows the outputs that the notebook was saved with.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "notebooks" / "quickstart.ipynb"
PICTURE = ROOT / "docs" / "quickstart.png"
FIRST, LAST = "for _ in range(2):", "results[0] == results[1]"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS = {
    "@jupyterlab/apputils-extension:themes": {"theme": "JupyterLab Light"},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


def start_server(folder: Path, port: int) -> subprocess.Popen[bytes]:
    overrides = folder / "settings" / "overrides.json"
    overrides.parent.mkdir()
    overrides.write_text(json.dumps(SETTINGS))
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.root_dir": folder / "work",
        "ServerApp.allow_root": True,
        "IdentityProvider.token": "",
        "LabApp.app_settings_dir": overrides.parent,
        "LabApp.user_settings_dir": folder / "user",
        "LabApp.workspaces_dir": folder / "workspaces",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser"]
        + [f"--{name}={value}" for name, value in options.items()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(url: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            urlopen(url).close()
            return
        except URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def cell_numbers() -> tuple[int, int]:
    """Say where the first and the last cell of the picture stand in the notebook."""
    sources = ["".join(cell["source"]) for cell in json.loads(NOTEBOOK.read_text())["cells"]]
    first = next(i for i, source in enumerate(sources) if source.startswith(FIRST))
    return first, sources.index(LAST)


def take(page: Page, url: str) -> None:
    page.goto(f"{url}/lab/tree/{NOTEBOOK.name}")
    page.wait_for_selector(".jp-Notebook .jp-OutputArea-output")
    # The kernel's state and its name are part of what a reader knows JupyterLab by.
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    if page.is_visible("#jp-left-stack"):
        page.keyboard.press("Control+b")
    first, last = cell_numbers()
    cells = page.locator(".jp-Notebook .jp-Cell")
    cells.nth(first).evaluate("cell => cell.scrollIntoView({block: 'start'})")
    page.wait_for_timeout(1000)
    bottom = cells.nth(last).bounding_box()
    assert bottom, "the last cell is not on the page"
    height = bottom["y"] + bottom["height"] + 8
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.screenshot(path=PICTURE, clip={"x": 0, "y": 0, "width": width, "height": height})


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("screenshot.py needs Chromium: on Debian, apt-get install chromium")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        (folder / "work").mkdir()
        shutil.copy(NOTEBOOK, folder / "work")
        server = start_server(folder, port)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/api")
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            page = browser.new_page(
                viewport={"width": 900, "height": 1400}, device_scale_factor=2, color_scheme="light"
            )
            take(page, url)
            browser.close()
        finally:
            server.terminate()
            server.wait()
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
