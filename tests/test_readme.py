"""The README's examples run as printed, and show what is printed below them."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from kernels import running_kernel

README = Path(__file__).parent.parent / "README.md"


class Block(NamedTuple):
    language: str
    text: str
    line: int


def blocks() -> list[Block]:
    text = README.read_text(encoding="utf-8")
    return [
        Block(found[1], found[2], text.count("\n", 0, found.start()) + 1)
        for found in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    ]


def comparable(shown: str) -> str:
    """Take out what depends on the machine: its devices, its system, a seed that was drawn."""
    shown = re.sub(r"(, torch(?:\.\w+)?)*( and torch)\.\w+", r"\2", shown)
    shown = re.sub(r"^(  torch\.\w+ |Devices: ).*\n?", "", shown, flags=re.MULTILINE)
    shown = shown.replace("not known in this process", "random in this process")
    return re.sub(r"Seed \d{5,}", "Seed NEW", shown).strip()


SCRIPTS = [block for block in blocks() if block.language == "python"]


@pytest.mark.parametrize("script", SCRIPTS, ids=[f"line {block.line}" for block in SCRIPTS])
def test_a_script_prints_what_its_comments_say(script: Block, tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(script.text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, path], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    promised = re.findall(r"^ *print\(.*\)  # (.*)$", script.text, re.MULTILINE)
    assert promised
    assert done.stdout.splitlines() == promised


def sessions() -> list[list[Block]]:
    """Split the blocks where the extension is loaded: a new kernel begins there."""
    found: list[list[Block]] = []
    for block in blocks():
        if block.language == "ipython" and block.text.startswith("%load_ext seedmagic"):
            found.append([])
        if block.language in ("ipython", "text"):
            found[-1].append(block)
    return found


SESSIONS = sessions()


@pytest.mark.parametrize("session", SESSIONS, ids=[f"line {s[0].line}" for s in SESSIONS])
def test_the_session_shows_what_stands_below_each_cell(session: list[Block]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    environment.pop("CUBLAS_WORKSPACE_CONFIG", None)
    with running_kernel(env=environment) as kernel:
        for cell, below in zip(session, [*session[1:], None], strict=True):
            if cell.language == "text":
                continue
            shown = kernel.run(cell.text)
            if shown.status == "aborted":  # ipykernel 6 aborts what comes within 0.1 s of an error
                shown = kernel.run(cell.text)
            # A bar is gone at the end.
            bars = [data for data in shown.displays if "run/s]" in data.get("text/plain", "")]
            results = [data.get("text/plain", "") for data in shown.displays if data not in bars]
            failures = [f"{error['ename']}: {error['evalue']}" for error in shown.errors]
            printed = [shown.stdout, *results, shown.stderr, *failures]
            promised = below.text if below and below.language == "text" else ""
            text = "\n".join(part.rstrip("\n") for part in printed if part)
            assert comparable(text) == comparable(promised), (
                f"the cell at line {cell.line} of the README"
            )


def test_a_gpu_is_no_reason_to_differ() -> None:
    with_gpu = "Seed 42: seeded python, numpy, torch and torch.cuda; cuDNN deterministic on."
    without = "Seed 42: seeded python, numpy and torch; cuDNN deterministic on."
    assert comparable(with_gpu) == comparable(without)
    with_gpu = "Seed 42: seeded numpy, torch, torch.cuda and torch.xpu; cuDNN deterministic on."
    without = "Seed 42: seeded numpy and torch; cuDNN deterministic on."
    assert comparable(with_gpu) == comparable(without)
