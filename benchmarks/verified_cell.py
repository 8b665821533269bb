"""What `%%seeded --verify` costs beside two runs, a copy and two fingerprints of what it reaches.

    python benchmarks/verified_cell.py [--json FILE]

A cell that changes one weight of a model of 1 GB. The floor is what cannot be spared: taking the
copies, putting them back, and two fingerprints; all are taken in turns in one process.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import seedmagic as sm
from seedmagic.objects.fingerprint import fingerprints

TURNS = 5
MODEL = (
    "import torch\nmodel = torch.nn.Sequential(*[torch.nn.Linear(2304, 2304) for _ in range(48)])"
)
BODY = "with torch.no_grad():\n    model[0].weight[0, 0] = torch.rand(()).item()"


def seconds(act: Callable[[], object]) -> float:
    """Take how long something takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def main() -> None:
    """Measure, and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_cell(f"%load_ext seedmagic\n{MODEL}")
    model = shell.user_ns["model"]

    def floor() -> None:
        start = sm.rewind({"model": model})
        fingerprints({"model": model})
        start.rewind()
        fingerprints({"model": model})

    taken: dict[str, list[float]] = {"floor": [], "two runs": [], "verified": []}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        for _ in range(TURNS):
            taken["floor"].append(seconds(floor))
            plain = [seconds(lambda: shell.run_cell(f"%%seeded 42\n{BODY}")) for _ in range(2)]
            taken["two runs"].append(sum(plain))
            verified = f"%%seeded 42 --verify\n{BODY}"
            taken["verified"].append(seconds(lambda: shell.run_cell(verified)))  # noqa: B023
    assert said.getvalue().count("Reproducible:") == TURNS, said.getvalue()
    figures = {name: statistics.median(times) for name, times in taken.items()}
    ratio = figures["verified"] / (figures["floor"] + figures["two runs"])
    print(f"verified x {ratio:.3f} of two runs, a copy and two fingerprints")
    print(", ".join(f"{name} {value * 1e3:.1f} ms" for name, value in figures.items()))
    if asked.json:
        asked.json.write_text(json.dumps({**figures, "ratio": ratio}, indent=1))


if __name__ == "__main__":
    main()
