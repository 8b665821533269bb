"""What `seedmagic verify` takes beside one plain `jupyter execute` of the same notebook.

    python benchmarks/verifying.py [--json FILE] [--turns 3]

Both are taken in turns, each in a process of its own, from its start to its end; the figure is the
ratio of the medians. The goal is at most 1.3 where two cores are free: look at the load first.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

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


def seconds(command: list[str]) -> float:
    """Run a command that must not fail."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    execute = shutil.which("jupyter-execute", path=str(Path(sys.executable).parent))
    assert execute is not None, "jupyter-execute stands beside this Python, with nbclient"
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    figures = {}
    for name, cells in NOTEBOOKS.items():
        with tempfile.TemporaryDirectory() as place:
            path = str(Path(place, "notebook.ipynb"))
            nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), path)
            taken: dict[str, list[float]] = {"execute": [], "verify": []}
            for _ in range(asked.turns):
                taken["execute"].append(seconds([execute, path]))
                taken["verify"].append(seconds([sys.executable, "-m", "seedmagic", "verify", path]))
        plain, ours = (statistics.median(times) for times in taken.values())
        figures[name] = {"execute": plain, "verify": ours, "ratio": ours / plain}
        print(f"{name:40} execute {plain:6.2f} s, verify {ours:6.2f} s, x {ours / plain:.2f}")
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
