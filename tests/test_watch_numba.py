"""numba's generators are each thread's own: what they show is told of the main thread alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernels import Kernel, running_kernel
from watched import blame

pytest.importorskip("numba", reason="the lowest versions are tried without numba")

COMPILED = """
@numba.njit
def draw(): return np.random.rand()
draw()
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
fork = multiprocessing.get_context("fork")
def compiled_draw(i): return draw()
def put(queue): queue.put(1)
def reseed(i): np.random.seed(i)
"""
SILENT = {
    "forked workers, whose generators start anew": (
        "with fork.Pool(2) as workers: r = workers.map(compiled_draw, range(4), 1)"
    ),
    "forked workers that draw nothing": (
        "q = fork.Queue()\nps = [fork.Process(target=put, args=(q,)) for _ in range(2)]\n"
        "for p in ps: p.start()\nr = [q.get() for _ in ps]\nfor p in ps: p.join()"
    ),
    "threads that seed NumPy": (
        "with ThreadPoolExecutor(2) as pool: r = list(pool.map(reseed, range(9)))"
    ),
    "threads that import": (
        "with ThreadPoolExecutor(2) as pool:\n"
        "    r = [*pool.map(__import__, ['colorsys', 'quopri'])]"
    ),
}


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel("import numpy as np", "%load_ext seedmagic") as kernel:
        shown = kernel.ok("import numba")
        assert shown.stderr == ""
        kernel.ok(COMPILED)
        yield kernel


def test_its_import_into_a_session_that_has_numpy_keeps_the_watch(kernel: Kernel) -> None:
    kernel.ok("%seed off")
    shown = kernel.ok("y = 1\nx = draw()")
    assert "drew from numba, which no seed controls (line 2: x = draw())" in shown.stderr
    assert blame(kernel) == {"numba": 2}


@pytest.mark.parametrize("name", SILENT)
def test_nothing_is_said_of(kernel: Kernel, name: str) -> None:
    kernel.ok("%seed off\nnp.random.seed(1)")
    assert kernel.ok(SILENT[name]).stderr == ""
    assert "numba" not in blame(kernel)


def test_the_main_threads_draws_are_told_while_other_threads_look(kernel: Kernel) -> None:
    kernel.ok("%seed off\nnp.random.seed(1)")
    cell = "with ThreadPoolExecutor(2) as pool: list(pool.map(reseed, range(9)))\nx = draw()"
    assert "drew from numba" in kernel.ok(cell).stderr
    assert blame(kernel) == {"numba": 2}
