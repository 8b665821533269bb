"""What `import seedmagic` and `%load_ext seedmagic` take: time, memory and modules.

python benchmarks/starting.py [--json FILE]

Each is measured in fresh processes, in turns, with the bytecode that pip leaves beside what it
installs. Floors: a standard module that brings about as much, and an extension that comes with
IPython.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from turns import Comparison, report

TURNS = 15
TAKEN = """
import json, sys, time
{before}
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096
memory, modules, began = resident(), len(sys.modules), time.perf_counter()
{act}
seconds = time.perf_counter() - began
print(json.dumps([seconds, resident() - memory, len(sys.modules) - modules]))
assert not {{"numpy", "torch", "ipywidgets"}} & (sys.modules.keys() - {allowed}), "too much"
"""
SHELL = """
import ipykernel.ipkernel  # a notebook's kernel has it, and what it brings
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
"""
IMPORTS = {
    "import dataclasses, logging, pathlib": ("", "import dataclasses, logging, pathlib"),
    "import seedmagic": ("", "import seedmagic"),
    "Lightning's, torch imported before": (
        "import torch, numpy",
        "from lightning.fabric.utilities.seed import seed_everything",
    ),
    "Transformers', torch imported before": (
        "import torch, numpy",
        "from transformers import set_seed",
    ),
}
LOADS = {
    "%load_ext autoreload": (SHELL, "shell.run_line_magic('load_ext', 'autoreload')"),
    "%load_ext seedmagic": (SHELL, "shell.run_line_magic('load_ext', 'seedmagic')"),
    "%load_ext seedmagic, torch imported before": (
        SHELL + "import numpy.random, torch", "shell.run_line_magic('load_ext', 'seedmagic')"
    ),
}  # fmt: skip
UNITS = (("second", ""), ("byte", ": memory"), ("integer", ": modules"))


def take(before: str, act: str, bytecode: str) -> list[float] | None:
    """Do `act` in a fresh Python with a folder for `bytecode`; None where a library is missing."""
    allowed = {"numpy", "torch", "ipywidgets"} if "torch" in before else set()
    code = TAKEN.format(before=before, act=act, allowed=allowed)
    # Whatever the user's shell says of bytecode, which a checkout has none of.
    variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": bytecode}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    if "ModuleNotFoundError" in done.stderr:
        return None
    assert done.returncode == 0, done.stderr
    return [float(value) for value in json.loads(done.stdout.splitlines()[-1])]


def in_processes(what: str, ours: str, limit: float, acts: dict[str, tuple[str, str]]) -> (
    Iterator[Comparison]
):  # fmt: skip
    """Take each of `acts` in turns, and give time, memory and modules."""
    taken: dict[str, list[list[float]]] = {}
    with tempfile.TemporaryDirectory() as bytecode:
        for turn in range(TURNS + 1):
            for name, (before, act) in acts.items():
                values = take(before, act, bytecode)
                if values is not None and turn:  # the first turn compiles
                    taken.setdefault(name, []).append(values)
    for index, (unit, kind) in enumerate(UNITS):
        values = {name: [one[index] for one in every] for name, every in taken.items()}
        limits = {ours: limit} if unit == "second" else {}
        yield Comparison(what + kind, values, limits=limits, unit=unit)


def comparisons() -> Iterator[Comparison]:
    """Measure an import, then loading the extension."""
    yield from in_processes("import", "import seedmagic", 0.015, IMPORTS)
    yield from in_processes("load the extension", "%load_ext seedmagic", 0.030, LOADS)


if __name__ == "__main__":
    report(__doc__, comparisons())
