"""Forked workers that draw from copies of one state get the same numbers: that is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernels import Kernel, running_kernel

PRELUDE = """
import multiprocessing, os, random, time
from concurrent.futures import ProcessPoolExecutor
import numpy as np, torch
from joblib import Parallel, delayed
from numpy.random import seed as by_name
from torch.utils.data import DataLoader, Dataset
import seedmagic as sm
fork = multiprocessing.get_context("fork")
def numpy_draw(i=0):
    time.sleep(0.1)  # so that no worker takes the tasks of all
    return np.random.rand()
def torch_draw(i=0):
    time.sleep(0.1)
    return torch.rand(1).item()
def many(i=0):
    time.sleep(0.1)
    return np.random.rand(5000).sum()
def seeded_draw(i):
    np.random.seed(i)
    return numpy_draw()
def seeded_by_name(i):
    by_name(i)
    return numpy_draw()
def seeded_torch(i):
    torch.manual_seed(i)
    return torch_draw()
def of_its_own(i):
    return np.random.default_rng(i).random(), random.Random(i).random()
def python_draw(i):
    return random.random()
def begin():
    np.random.seed(os.getpid())
def put(queue):
    queue.put(numpy_draw())
def send(pipe):
    pipe.send(numpy_draw())
class Noise(Dataset):
    def __len__(self): return 4
    def __getitem__(self, i): return torch.rand(1).item() + np.random.rand()
def pool(f, n=2, *begin, tasks=4):
    with fork.Pool(n, *begin) as workers:
        return workers.map(f, range(tasks), 1)
"""
SAID = {
    "a pool": ("x = 1\nr = pool(numpy_draw)", "2 forked", "numpy", 2),
    "in a cell with a header": ("%%seeded 7\nr = pool(numpy_draw)", "2 forked", "numpy", 2),
    "below %%time": ("%%time\nx = 1\n\nr = pool(numpy_draw)", "2 forked", "numpy", 4),
    "in a cell with a header and %%time": (
        "%%seeded 7\n%%time\nx = 1\nr = pool(numpy_draw)", "2 forked", "numpy", 4),
    "three of them": ("r = pool(numpy_draw, 3, tasks=3)", "3 forked", "numpy", 1),
    "torch's numbers": ("r = pool(torch_draw)", "2 forked", "torch", 1),
    "more numbers than a state holds": ("r = pool(many)", "2 forked", "numpy", 1),
    "an executor": (
        "x = 1\nwith ProcessPoolExecutor(2, mp_context=fork) as e:\n"
        "    r = list(e.map(torch_draw, [1, 2]))", "2 forked", "torch", 3),
    "joblib": (
        "r = Parallel(n_jobs=2, backend='multiprocessing')(delayed(numpy_draw)(i) for i in [1, 2])",
        "2 forked", "numpy", 1),
    "processes with a queue": (
        "q = fork.Queue()\nps = [fork.Process(target=put, args=(q,)) for _ in range(2)]\n"
        "for p in ps: p.start()\nr = [q.get() for _ in ps]", "2 forked", "numpy", 3),
    "processes with a pipe": (
        "a, b = fork.Pipe()\nps = [fork.Process(target=send, args=(b,)) for _ in range(2)]\n"
        "for p in ps: p.start()\nr = [a.recv() for _ in ps]", "2 forked", "numpy", 3),
    "one pool after the other": ("r = [pool(numpy_draw, 1)[0] for _ in range(2)]",
                                 "2 forked", "numpy", 1),
}  # fmt: skip
SILENT = {
    "nothing is drawn": "r = pool(abs)",
    "generators of their own": "r = pool(of_its_own)",
    "Python's numbers, which a fork seeds anew": "r = pool(python_draw)",
    "a seed for each task": "r = pool(seeded_draw)",
    "a seed by a function that was imported by name": "r = pool(seeded_by_name)",
    "a seed of torch's for each task": "r = pool(seeded_torch)",
    "a seed for each worker": "r = pool(numpy_draw, 2, begin)",
    "a scope for each task":
        "with fork.Pool(2) as p: r = p.starmap(sm.seeded(1)(numpy_draw), [(1,), (2,)], 1)",
    "one worker": "r = pool(numpy_draw, 1)",
    "one worker in two scopes":
        "for _ in range(2):\n    with sm.seeded(3): r = pool(numpy_draw, 1)",
    "one worker after each of two seeds":
        "for _ in range(2):\n    np.random.seed(3)\n    r = pool(numpy_draw, 1)",
    "workers that are not forked":
        "r = Parallel(n_jobs=2)(delayed(numpy_draw)(i) for i in range(4))",
    "the workers of a loader":
        "r = [*DataLoader(Noise(), num_workers=2, multiprocessing_context='fork')]",
    "a verified cell of one worker": "%%seeded 4 --verify\nr = pool(numpy_draw, 1)",
}  # fmt: skip


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", PRELUDE) as kernel:
        yield kernel


@pytest.mark.parametrize(("cell", "count", "source", "line"), SAID.values(), ids=SAID)
def test_workers_that_drew_the_same_numbers_are_named(
    kernel: Kernel, cell: str, count: str, source: str, line: int
) -> None:
    kernel.ok("%seed 42")
    told = kernel.ok(cell).stderr
    assert f"{count} workers each drew from a copy of {source}, and got the same" in told
    assert f"(line {line}: " in told
    assert 'sm.seeded(sm.derive_seed(42, "task", i))(f)' in told
    assert told.count("Warning:") == 1
    assert kernel.ok("r;").stderr == ""


@pytest.mark.parametrize("cell", SILENT.values(), ids=SILENT)
def test_nothing_is_said_where_they_did_not(kernel: Kernel, cell: str) -> None:
    kernel.ok("%seed 42")
    assert "forked" not in kernel.ok(cell).stderr


def test_what_is_said_is_true(kernel: Kernel) -> None:
    kernel.ok("%seed 42")
    kernel.ok("r = pool(numpy_draw, 2, tasks=2)")
    assert kernel.value("len(set(r))") == "1"
    fixed = "sm.seeded(sm.derive_seed(42, 'task', i))(numpy_draw)"
    kernel.ok(f"with fork.Pool(2) as p:\n    r = [p.apply({fixed}) for i in range(2)]")
    assert kernel.value("len(set(r))") == "2"


def test_while_nobody_watches_nothing_is_said(kernel: Kernel) -> None:
    kernel.ok("%seedwatch off")
    try:
        assert "forked" not in kernel.ok("r = pool(numpy_draw)").stderr
    finally:
        kernel.ok("%seedwatch warn")
    assert "forked" not in kernel.ok("r;").stderr
