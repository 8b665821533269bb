"""Verify our own notebooks: each must have the verdict that is meant.

    python .ci/notebooks.py

Those that are there to show what moves without a seed cannot be reproducible; what must move first
in them, and why, stands here.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
# The first cell that differs, counted from 0, and its cause.
MEANT = {
    "watching.ipynb": None,  # draws without a seed, and shows none of the numbers
    "many_seeds.ipynb": None,
    "libraries.ipynb": None,
    "rewind_and_verify.ipynb": (24, "entropy"),  # shows a cell that is found not to be reproducible
    "quickstart.ipynb": (4, "unseeded"),  # trains without a seed, to show that it moves
    "panel.ipynb": (6, "unseeded"),  # shows the states of sources that nobody has seeded yet
    "not_reproducible.ipynb": (7, "unseeded"),  # fails on purpose
}


def verify(names: list[str]) -> tuple[int, dict[str, tuple[int, str] | str | None]]:
    """Give the command's exit code, and of each notebook what moved first, or what failed."""
    with tempfile.TemporaryDirectory() as place:
        findings = Path(place, "findings.json")
        command = [sys.executable, "-m", "seedmagic", "verify", "--json", str(findings), *names]
        code = subprocess.run(command, cwd=NOTEBOOKS).returncode
        notebooks = json.loads(findings.read_text("utf-8"))["notebooks"]
    found: dict[str, tuple[int, str] | str | None] = {}
    for notebook in notebooks:
        moved = [(cell["index"], cell["cause"]) for cell in notebook["cells"] if not cell["same"]]
        found[notebook["path"]] = notebook["error"] or next(iter(moved), None)
    return code, found


def main() -> int:
    """Compare; 0 if all is as meant."""
    there = {path.name for path in NOTEBOOKS.glob("*.ipynb")}
    if there != MEANT.keys():
        print(f"Not both in notebooks/ and in MEANT: {sorted(there ^ MEANT.keys())}")
        return 1
    reproducible = [name for name, moved in MEANT.items() if moved is None]
    others = [name for name, moved in MEANT.items() if moved is not None]
    wrong = 0
    for names, expected in ((reproducible, 0), (others, 1)):
        code, found = verify(names)
        meant = {name: MEANT[name] for name in names}
        if (code, found) != (expected, meant):
            print(f"Meant were exit code {expected} and {meant}, found {code} and {found}.")
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
