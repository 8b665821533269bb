"""`%%seeded --runs` in a terminal: text in place of what folds, and a bar on stderr."""

from __future__ import annotations

import subprocess
import sys

CELL = """%%seeded 0 --runs 3 --track x
import random
print("said by", get_ipython().user_ns.get("x"))
x = random.random()
"""


def test_a_terminal_shows_headings_and_a_table() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--quick", "--colors=NoColor", "--ext=seedmagic",
         "--TerminalInteractiveShell.term_title=False", "-c", CELL],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "runs:" in done.stderr
    assert "run/s" in done.stderr
    lines = done.stdout.splitlines()
    assert lines[:6] == [
        "--- seed 0 ---", "said by None", "--- seed 1 ---", "said by None", "said by None",
        "3 runs under seeds 0 to 2.",
    ]  # fmt: skip
    assert lines[7].startswith("x  3  ")
    assert "<" not in done.stdout
