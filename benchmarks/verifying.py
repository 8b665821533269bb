"""What `seedmagic verify` takes beside one plain `jupyter execute` of the same notebook, and nbval.

python benchmarks/verifying.py [--json FILE]

Each is a process of its own, from its start to its end. The goal holds where two cores are free:
look at the load first.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from turns import Comparison, report, seconds

TURNS = 3

WAIT = "import time\nend = time.perf_counter() + {}\nwhile time.perf_counter() < end: pass"
NOTEBOOKS = {
    "three cells that do nothing": ("1", "x = 2", "x"),
    "ten cells that compute for 1 s": ("%load_ext seedmagic\n%seed 1",) + (WAIT.format(1),) * 10,
    "a training with torch": (
        "import torch\ntorch.manual_seed(0)\ntorch.set_num_threads(1)\n"
        "model = torch.nn.Sequential(torch.nn.Linear(256, 512), torch.nn.Linear(512, 1))\n"
        "optimiser = torch.optim.Adam(model.parameters())",
        *(
            "for _ in range(200):\n    optimiser.zero_grad()\n"
            "    loss = model(torch.randn(256, 256)).pow(2).mean()\n"
            "    loss.backward(); optimiser.step()\nprint(loss.item())",
        )
        * 5,
    ),
    "large arrays in the hands of every cell": (
        "import numpy as np\nrng = np.random.default_rng(0)\ndata = rng.random(4_000_000)",
        *("data = np.sort(data)[::-1].copy(); float(data.sum())",) * 10,
    ),
}


def comparisons() -> Iterator[Comparison]:
    """Measure each notebook."""
    execute = shutil.which("jupyter-execute", path=str(Path(sys.executable).parent))
    assert execute is not None, "jupyter-execute stands beside this Python, with nbclient"
    for name, cells in NOTEBOOKS.items():
        with tempfile.TemporaryDirectory() as place:
            path = str(Path(place, "notebook.ipynb"))
            nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), path)
            commands = {
                "jupyter execute": [execute, path],
                "seedmagic verify": [sys.executable, "-m", "seedmagic", "verify", path],
            }
            if importlib.util.find_spec("nbval"):
                # Runs it once, and compares with the outputs in the file; here there are none.
                nbval = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval-lax", path]
                commands["nbval"] = [sys.executable, *nbval]
            taken: dict[str, list[float]] = {command: [] for command in commands}
            for _ in range(TURNS):
                for command, line in commands.items():
                    run = partial(subprocess.run, line, check=True, capture_output=True, cwd=place)
                    taken[command].append(seconds(run))
        yield Comparison(f"notebook: {name}", taken, goals={"seedmagic verify": 1.3})


if __name__ == "__main__":
    report(__doc__, comparisons())
