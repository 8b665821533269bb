"""Run a cell whose sources are all unseeded, and see what the watcher says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kernels import Kernel, Shown, running_kernel

PRELUDE = (
    "import asyncio, contextlib, copy, json, pickle, random, tempfile, uuid\n"
    "import numpy as np, torch, seedmagic as sm"
)
# Nobody's seed is in force any more, and no half of a Gaussian pair is cached.
FRESH = "%seed off\nrandom.seed(); np.random.seed(); torch.seed()"
MODULES = {
    "own_draws": "import random\nx = random.random()",
    "own_makes": "import numpy as np\nrng = np.random.default_rng()",
    "own_helpers": (
        "import random, torch, numpy as np\n"
        "def fix(seed):\n    random.seed(seed); np.random.seed(seed); torch.manual_seed(seed)\n"
        "def draw():\n    return random.random()\n"
        "def make():\n    return np.random.default_rng()\n"
    ),
    "site-packages/drawing_package": (
        "import random, numpy as np\nx = random.random()\nrng = np.random.default_rng()"
    ),
}
for _source in ("drawing_source", "other_source"):
    MODULES[f"site-packages/{_source}"] = "import random\nx = random.random()"


@dataclass(frozen=True)
class Row:
    """A cell, what runs before it, and the line that each source must be blamed on."""

    name: str
    cell: str
    blamed: dict[str, int] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    fails: bool | None = False  # None: IPython 8 shows the error, and says that all went well


@contextmanager
def watched_kernel(folder: Path) -> Iterator[Kernel]:
    """Start a kernel in a folder that holds the user's own modules."""
    write_modules(folder)
    with running_kernel("%load_ext seedmagic", PRELUDE, cwd=str(folder)) as kernel:
        yield kernel


def write_modules(folder: Path) -> None:
    """Write the user's own modules, and packages as an installer leaves them, into a folder."""
    for name, text in MODULES.items():
        file = folder / f"{name}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)


def blame(kernel: Kernel) -> dict[str, int]:
    """Read in the ledger what the last cell drew or made unseeded, and on which line."""
    file = Path(kernel.value("__import__('os').getcwd()").strip("'")) / "ledger.json"
    kernel.ok(f"%seedlog -n 1 --json {file.name}")
    (record,) = json.loads(file.read_text())
    return {draw["source"]: draw["line"] for draw in record["draws"] if not draw["seeded"]}


def check(kernel: Kernel, row: Row) -> Shown:
    """Run the row's cell from unseeded sources; the warning and the ledger must both be right."""
    for cell in (FRESH, *row.before):
        kernel.ok(cell)
    shown = kernel.run(row.cell)
    if row.fails is not None:
        assert shown.status == ("error" if row.fails else "ok"), shown.text
    assert "seedmagic" not in shown.traceback, shown.traceback
    assert "watcher failed" not in shown.stderr
    if not row.blamed:
        assert "UnseededWarning" not in shown.stderr, shown.stderr
    drawn = {name: line for name, line in row.blamed.items() if name != "generator"}
    if drawn:
        line = min(drawn.values())
        said, _, rest = shown.stderr.partition(", which no seed controls ")
        assert rest.startswith(f"(line {line}: {text_of(row.cell, line)})"), shown.stderr
        named = said.rpartition("drew from ")[2].replace(" and ", ", ")
        assert set(named.split(", ")) == drawn.keys()
    if "generator" in row.blamed:
        line = row.blamed["generator"]
        told = f"made a NumPy generator without a seed (line {line}: {text_of(row.cell, line)})"
        assert told in shown.stderr, shown.stderr
    assert blame(kernel) == row.blamed
    return shown


def text_of(cell: str, line: int) -> str:
    """Give what stands on a line of a cell."""
    return cell.splitlines()[line - 1].strip()
