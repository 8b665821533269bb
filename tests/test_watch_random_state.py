"""A `RandomState` that is made without a seed matters where it is used, or kept as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Kernel
from watched import blame, watched_kernel

OWN = """
import numpy as np
class Pipeline:
    def __init__(self, seed=None):
        self.rng = np.random.RandomState()
        if seed is not None:
            self.rng = np.random.RandomState(seed)
class Later:
    def __init__(self):
        self.rng = np.random.RandomState()
    def anew(self):
        self.rng.seed()
def reseed(r):
    r.seed()
"""
SILENT = {
    "a seed in the next statement": "r = np.random.RandomState()\nr.seed(5)\nx = r.rand()",
    "a seed on the same line": "r = np.random.RandomState(); r.seed(5); x = r.rand()",
    "thrown away": "np.random.RandomState();",
    "replaced": "r = np.random.RandomState()\nr = np.random.RandomState(5)\nx = r.rand()",
    "replaced in a class of the user's": "p = own.Pipeline(3)\nx = p.rng.rand()",
    "a thousand that have a seed": "a = [np.random.RandomState(i) for i in range(1500)]",
}
MADE = {
    "kept": "r = np.random.RandomState()",
    "kept with None": "r = np.random.RandomState(None)",
    "used and thrown away": "x = np.random.RandomState().rand()",
    "used, and then given a seed": "r = np.random.RandomState()\nx = r.rand()\nr.seed(5)",
    "kept in a class of the user's": "p = own.Pipeline()",
    "after many that have a seed": (
        "a = [np.random.RandomState(i) for i in range(1500)], np.random.RandomState()"
    ),
}
ANEW = {
    "one that had a seed": ("r = np.random.RandomState(0)", "r.seed()"),
    "with None": ("r = np.random.RandomState(0)", "r.seed(None)"),
    "of the cell before": ("y = 1", "mine.seed()"),
    "by a function": ("y = 1", "own.reseed(mine)"),
    "in an object": ("p = own.Pipeline(3)", "p.rng.seed()"),
    "by its own method": ("p = own.Pipeline(3); p.anew = own.Later.anew", "p.anew(p)"),
}


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("random_state")
    with watched_kernel(folder) as kernel:
        Path(folder, "own.py").write_text(OWN)
        kernel.ok("import own\nmine = np.random.RandomState(3)")
        yield kernel


@pytest.mark.parametrize("name", SILENT)
def test_nothing_is_said_of(kernel: Kernel, name: str) -> None:
    kernel.ok("%seed off")
    assert kernel.ok(SILENT[name]).stderr == ""
    assert blame(kernel) == {}


@pytest.mark.parametrize("name", MADE)
def test_its_line_is_named(kernel: Kernel, name: str) -> None:
    kernel.ok("%seed off")
    shown = " ".join(kernel.ok(f"y = 1\n{MADE[name]}").stderr.split())
    assert "made a NumPy generator without a seed (line 2: " in shown
    assert blame(kernel) == {"generator": 2}


@pytest.mark.parametrize("name", ANEW)
def test_one_that_is_seeded_anew_is_told_by_that_call(kernel: Kernel, name: str) -> None:
    former, call = ANEW[name]
    shown = " ".join(kernel.ok(f"%%seeded 42\n{former}\n{call}\nx = 1").stderr.split())
    assert f"seeded a NumPy generator from the operating system (line 3: {call})." in shown
    assert blame(kernel) == {"generator": 3}


def test_numpys_own_is_told_as_numpy(kernel: Kernel) -> None:
    kernel.ok("%seed off")
    shown = kernel.ok("np.random.mtrand._rand.seed()\nx = np.random.rand()")
    assert "NumPy generator" not in shown.stderr
    assert blame(kernel).keys() == {"numpy"}


def test_a_class_of_the_users_that_replaces_it_is_not_stopped(kernel: Kernel) -> None:
    kernel.ok("%seed off\n%seedwatch error")
    try:
        assert kernel.run("p = own.Pipeline(3)\nwent_on = True").status == "ok"
    finally:
        kernel.ok("%seedwatch warn")
