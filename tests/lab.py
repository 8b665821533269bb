"""A real JupyterLab in a real Chromium, for tests and for the README's pictures."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


def find_chromium() -> str | None:
    """Give the path of a Chromium, if there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def launch(playwright: Playwright) -> Browser:
    """Start the browser."""
    return playwright.chromium.launch(executable_path=find_chromium(), args=_FLAGS)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run Chromium."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@contextmanager
def running_lab(
    folder: Path, theme: str = "JupyterLab Light", module: str = "jupyterlab"
) -> Iterator[str]:
    """Run a JupyterLab whose files lie in ``folder/work``, and give its address.

    `module` may be ``notebook`` or ``nbclassic``: JupyterLab is there too, and has the settings.
    """
    overrides = folder / "settings" / "overrides.json"
    overrides.parent.mkdir(exist_ok=True)
    themes = {"@jupyterlab/apputils-extension:themes": {"theme": theme}}
    overrides.write_text(json.dumps({**_SETTINGS, **themes}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
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
    server = subprocess.Popen(
        [sys.executable, "-m", module, "--no-browser"]
        + [f"--{name}={value}" for name, value in options.items()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/api")
        yield url
    finally:
        server.terminate()
        server.wait()


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


def open_notebook(page: Page, url: str, name: str) -> None:
    """Open a notebook, and wait until its kernel is ready."""
    # A path of its own for each page: two pages in one workspace would share their layout.
    page.goto(f"{url}/lab/workspaces/{Path(name).stem}/tree/{name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    wait_until_idle(page)
    if page.is_visible("#jp-left-stack"):
        page.keyboard.press("Control+b")


def wait_until_idle(page: Page) -> None:
    """Wait until the status bar says that the kernel rests."""
    page.get_by_text("| Idle").wait_for(timeout=60_000)


def run_cell(page: Page, index: int) -> None:
    """Run a cell, and wait for its end: the prompt then bears a number."""
    start_cell(page, index)
    prompt = page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".jp-InputPrompt")
    prompt.filter(has_text=re.compile(r"\[\d+\]")).wait_for(timeout=60_000)
    wait_until_idle(page)


def start_cell(page: Page, index: int) -> None:
    """Run a cell, and do not wait."""
    page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".jp-InputPrompt").first.click()
    page.keyboard.press("Shift+Enter")
