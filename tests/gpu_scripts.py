"""Run scripts in processes where CUDA sleeps yet; torch, pytest, NumPy and IPython are enough."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import torch

import seedmagic as sm
from scripts import answer

MARKS = [
    pytest.mark.gpu,
    # Skipped without a device, for what these tests try is CUDA itself, and nothing can stand in
    # for it; a machine with a device runs all of them. torch.cuda.is_available() would wake the
    # driver, whose sleep is one of the things tried; the number of devices is read without it.
    pytest.mark.skipif(
        not torch.backends.cuda.is_built() or torch.cuda.device_count() == 0,
        reason="no CUDA device",
    ),
]

PRELUDE = """\
import contextlib, io, json, os, random, sys, traceback
import numpy as np, torch
import seedmagic as sm

def draws():
    count = torch.cuda.device_count()
    return [torch.rand(2, device=f"cuda:{index}").tolist() for index in range(count)]

def say(what):
    print(json.dumps(what))
"""

# A shell, and what its cells write; each must go well.
SHELL = """\
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
shell.user_ns.update(torch=torch, np=np, random=random)

def run(*cells):
    written = io.StringIO()
    with contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
        done = [shell.run_cell(cell).success for cell in cells]
    assert all(done), written.getvalue()
    return written.getvalue()

def drawn():
    return [[draw["source"], draw["line"]] for draw in sm.status().to_dict()["cells"][-1]["draws"]]

run("%load_ext seedmagic")
"""

# What a graph needs that is captured and replayed; to try the kernel first loads it.
GRAPH = """\
graph, numbers = torch.cuda.CUDAGraph(), torch.empty(8, device="cuda")
with sm.preserve():
    numbers.uniform_()
    torch.cuda.synchronize()

def replayed():
    graph.replay()
    return numbers.tolist()

def eager(seed):
    torch.manual_seed(seed)
    return torch.rand(8, device="cuda").tolist()
"""


def told(code: str, *, before: str = "", **variables: str) -> Any:
    """Run `before` and `code`, and give what the script says in its last line.

    It finds the seedmagic that is tested, and what stands in for xxhash where that is missing.
    """
    paths = [Path(sm.__file__).parents[1]]
    if find_spec("xxhash") is None:
        paths.append(Path(__file__).with_name("stand_ins"))
    # IPython may stand in a folder that only PYTHONPATH names.
    given = filter(None, [os.environ.get("PYTHONPATH")])
    variables["PYTHONPATH"] = os.pathsep.join([*map(str, paths), *given])
    return answer(PRELUDE + before + dedent(code), **variables)
