"""What `%%seeded --verify` costs beside two runs, a copy and two fingerprints of what it reaches.

python benchmarks/verified_cell.py [--json FILE]

A cell that changes one weight of a model of 1 GB. The floor is what cannot be spared: two runs,
taking the copies, putting them back, and two fingerprints; all taken in turns in one process.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
from turns import Comparison, report, seconds

import seedmagic as sm
from seedmagic.objects.fingerprints.fingerprint import fingerprints

TURNS = 5
MODEL = (
    "import torch\nmodel = torch.nn.Sequential(*[torch.nn.Linear(2304, 2304) for _ in range(48)])"
)
BODY = "with torch.no_grad():\n    model[0].weight[0, 0] = torch.rand(()).item()"


def comparisons() -> Iterator[Comparison]:
    """Measure."""
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_cell(MODEL)
    shell.run_cell("%load_ext seedmagic")
    model = shell.user_ns["model"]

    def floor() -> None:
        start = sm.rewind({"model": model})
        fingerprints({"model": model})
        start.rewind()
        fingerprints({"model": model})
        for _ in range(2):
            shell.run_cell(f"%%seeded 42\n{BODY}")

    def verified() -> None:
        shell.run_cell(f"%%seeded 42 --verify\n{BODY}")

    taken: dict[str, list[float]] = {"two runs, a copy, two fingerprints": [], "--verify": []}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        for _ in range(TURNS):
            for values, act in zip(taken.values(), (floor, verified), strict=True):
                values.append(seconds(act))
    assert said.getvalue().count("Reproducible:") == TURNS, said.getvalue()
    yield Comparison("a cell over a model of 1 GB", taken, goals={"--verify": 1.05})


if __name__ == "__main__":
    report(__doc__, comparisons())
