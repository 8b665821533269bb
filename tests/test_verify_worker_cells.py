"""A verified cell tells what workers have to do with a difference, and compares no pool itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import seedmagic as sm
from kernels import Kernel, running_kernel

PRELUDE = f"""
import asyncio, multiprocessing, os, random, subprocess, sys, time, uuid
from multiprocessing.pool import ThreadPool
sys.path.insert(0, {str(Path(__file__).parent)!r})
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
import numpy as np, torch
from joblib import Parallel, delayed
from torch.utils.data import DataLoader, Dataset
import seedmagic as sm
from worker_tasks import draw, slow_draw, square
fork, spawn = map(multiprocessing.get_context, ["fork", "spawn"])
class Noise(Dataset):
    def __len__(self): return 4
    def __getitem__(self, i): return torch.rand(1).item()
def loader(keeps):
    return DataLoader(
        Noise(), num_workers=2, persistent_workers=keeps, multiprocessing_context=fork)
def fail(i):
    raise ValueError(os.urandom(4))
kept = loader(True)
for batch in kept: pass
begun = fork.Pool(2)
def own(i):
    return random.random()
def late(i):
    time.sleep(os.urandom(1)[0] / 2000)
    return i
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.svm import SVC
X, y = load_iris(return_X_y=True)
"""
TASK = 'sm.seeded(sm.derive_seed(42, "task", i))'
CODE = "[sys.executable, '-c', 'import random; print(random.random())']"
PROCESSES = "it handed work to worker processes, and what came back differs"
KEPT = "had workers of a DataLoader at work that an earlier cell had started, and what came back"
THREADS = "it handed work to threads, which share the global generators, and what came back differs"
PROGRAM = "it started another program, and what came back differs"
TOLD = {
    "joblib": ("x = 1\nr = Parallel(n_jobs=2)(delayed(own)(i) for i in range(4))", PROCESSES, 3),
    "a pool": ("with fork.Pool(2) as pool:\n    r = pool.map(own, range(4))", PROCESSES, 2),
    "a task that fails": ("r = begun.apply_async(fail, (1,))\nr.wait()", PROCESSES, 2),
    "tasks of an event loop": (
        "loop = asyncio.get_running_loop()\nwith ProcessPoolExecutor(1, mp_context=fork) as e:\n"
        "    r = await loop.run_in_executor(e, own, 1)\ndel loop", PROCESSES, 4),
    "a pool of an earlier cell": ("r = begun.map(draw, range(4))", PROCESSES, 2),
    "an executor": ("with ProcessPoolExecutor(2, mp_context=spawn) as e:\n"
                    "    r = list(e.map(draw, range(4)))", PROCESSES, 3),
    "an import in the cell": ("from multiprocessing.pool import Pool\n"
                              "r = Pool(1, context=fork).map(own, range(4))", PROCESSES, 3),
    "in a function of the cell": ("def f():\n    return begun.map(draw, range(4))\n\nr = f()",
                                  PROCESSES, 3),
    "a loader that keeps its workers": ("r = [b.item() for b in kept]", KEPT, 2),
    "threads": ("with ThreadPoolExecutor(4) as e: r = list(e.map(slow_draw, range(40)))",
                THREADS, 2),
    "joblib's threads": ("r = Parallel(n_jobs=4, prefer='threads')"
                         "(delayed(slow_draw)(i) for i in range(40))", THREADS, 2),
    "a pool of threads": ("with ThreadPool(4) as p: r = p.map(slow_draw, range(40), 1)",
                          THREADS, 2),
    "below %%time": ("%%time\nx = 1\nwith fork.Pool(2) as p: r = p.map(own, [1, 2])",
                     PROCESSES, 4),
    "a program": (f"r = subprocess.check_output({CODE})", PROGRAM, 2),
    "a shell's command": ("x = 1\nr = !date +%N", PROGRAM, 3),
}  # fmt: skip
# Threads that draw from no global generator, and workers that say how long they took.
OUTSIDE = {
    "threads that ask for a UUID": (
        "with ThreadPoolExecutor(2) as e: r = list(e.map(lambda i: uuid.uuid4().hex, range(3)))",
        "uuid.uuid4() (line 2)"),
    "threads that ask for the time": (
        "x = np.random.rand()\nwith ThreadPoolExecutor(2) as e:\n"
        "    r = list(e.map(lambda i: time.time(), range(3)))", "time.time() (line 4)"),
    "a pool of threads": (
        "with ThreadPool(2) as p: r = p.map(lambda i: uuid.uuid4().hex, range(3))",
        "uuid.uuid4() (line 2)"),
    "joblib's threads": (
        "r = Parallel(n_jobs=2, prefer='threads')\\\n"
        "    (delayed(lambda: uuid.uuid4().hex)() for i in range(3))", "uuid.uuid4() (line 3)"),
    "below %%time": ("%%time\nx = 1\nu = uuid.uuid4()", "uuid.uuid4() (line 4)"),
    "scikit-learn's times": (
        "s = cross_validate(SVC(), X, y, n_jobs=2)", "how long their tasks took"),
    "a search's times": (
        "s = GridSearchCV(SVC(random_state=0), {'C': [1, 2]}, n_jobs=2).fit(X, y)",
        "how long their tasks took"),
    "a pool beside the clock": (
        "with fork.Pool(4) as p: r = p.map(late, range(8), 1)\nt = time.time()",
        "time.time() (line 3)"),
}  # fmt: skip
REPRODUCIBLE = {
    "joblib": f"r = Parallel(n_jobs=2)(delayed({TASK}(own))(i) for i in range(4))",
    "a pool": f"with fork.Pool(2) as p: r = [p.apply({TASK}(own), (i,)) for i in range(4)]",
    "a with in the task": "def task(i):\n    with sm.seeded(sm.derive_seed(42, 'task', i)):\n"
                          "        return own(i)\n"
                          "with fork.Pool(2) as p: r = p.map(task, range(4))",
    "a loader without kept workers": "r = [b.item() for b in loader(False)]",
    "a loader in one cell": "r = [b.item() for b in DataLoader(Noise(), num_workers=2,\n"
                            "    persistent_workers=True, multiprocessing_context=fork)]",
    "threads with generators": 'rngs = [np.random.default_rng(sm.derive_seed(42, "task", i)) '
                               "for i in range(9)]\n"
                               "with ThreadPoolExecutor(4) as e:\n"
                               "    r = list(e.map(slow_draw, rngs, rngs))",
    "workers that compute": "r = Parallel(n_jobs=2)(delayed(square)(i) for i in range(9))",
    # What leads to workers has other numbers in each run, and none of them is a difference.
    "pools that are kept": "a, b = fork.Pool(3), spawn.Pool(1)\nc = ProcessPoolExecutor(2)\n"
                           "d = Parallel(n_jobs=2)\nr = a.map(square, [1, 2])",
    "results that are kept": "a = begun.map_async(square, [1, 2])\n"
                             "b = begun.apply_async(square, (3,))\n"
                             "c = begun.imap(square, [1, 2]);\nr = a.get(), b.get(), list(c)",
    "an executor's results": "e = ProcessPoolExecutor(1, mp_context=fork)\n"
                             "r = [e.submit(square, i) for i in range(3)];\n"
                             "[one.result() for one in r]",
    "processes": "p = fork.Process(target=square, args=(3,)); p.start(); p.join()\n"
                 "q = subprocess.Popen(['true']); code = q.wait()",
    "what is shared": "a, b = fork.Lock(), fork.Event()\n"
                      "v, w = fork.Value('i', 3), fork.Array('d', 2)",
}  # fmt: skip


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", PRELUDE) as kernel:
        yield kernel


@pytest.mark.parametrize(("cell", "told", "line"), TOLD.values(), ids=TOLD)
def test_the_cause_is_told_with_the_line_and_the_remedy(
    kernel: Kernel, cell: str, told: str, line: int
) -> None:
    shown = kernel.ok(f"%%seeded 42 --verify\n{cell}").stdout
    (cause,) = [each for each in shown.splitlines() if told in each]
    assert f" (line {line}). " in cause
    remedy = {KEPT: "persistent_workers", THREADS: "default_rng", PROGRAM: "if it takes one"}
    assert remedy.get(told, "sm.seeded(sm.derive_seed(42") in cause
    assert "not found" not in shown


@pytest.mark.parametrize(("cell", "told"), OUTSIDE.values(), ids=OUTSIDE)
def test_workers_are_no_cause_where_the_time_or_the_system_is(
    kernel: Kernel, cell: str, told: str
) -> None:
    shown = kernel.ok(f"%%seeded 42 --verify\n{cell}").stdout
    causes = [line for line in shown.splitlines() if "Cause: " in line]
    assert causes, shown
    assert all(told in cause for cause in causes), shown


def test_an_order_of_arrival_is_told_where_the_results_are_taken_in_it(kernel: Kernel) -> None:
    ways = (
        "with fork.Pool(4) as p: r = list(p.imap_unordered(late, range(12)))",
        "with ProcessPoolExecutor(4, mp_context=fork) as e:\n"
        "    r = [f.result() for f in as_completed([e.submit(late, i) for i in range(12)])]",
        "r = list(Parallel(4, return_as='generator_unordered')(map(delayed(late), range(12))))",
    )
    for way in ways:
        assert "came in another order" in kernel.ok(f"%%seeded 42 --verify\n{way}").stdout, way


@pytest.mark.parametrize("cell", REPRODUCIBLE.values(), ids=REPRODUCIBLE)
def test_with_the_remedy_or_without_draws_it_is_reproducible(kernel: Kernel, cell: str) -> None:
    shown = kernel.ok(f"%%seeded 42 --verify\n{cell}").stdout
    assert shown.startswith("Reproducible:"), shown


def test_what_is_not_compared_of_workers_is_said(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 42 --verify\nm = fork.Manager(); d = m.dict(); q = fork.Queue()")
    assert shown.stdout.startswith("Not shown:")
    assert "d (is a DictProxy" in shown.stdout
    assert "q (is a Queue" in shown.stdout


def test_a_result_that_is_still_to_come_is_neither_waited_for_nor_compared(
    kernel: Kernel,
) -> None:
    kernel.ok("e = ThreadPoolExecutor(1)")
    shown = kernel.ok("%%seeded 42 --verify\nlate = e.submit(time.sleep, 1)")
    assert shown.stdout.startswith("Not shown:")
    assert "late (is the result of a task that goes on elsewhere)" in shown.stdout


def test_of_workers_that_compute_another_cause_is_told_alone(kernel: Kernel) -> None:
    shown = kernel.ok(
        "%%seeded 42 --verify\nr = Parallel(n_jobs=2)(delayed(square)(i) for i in range(4))\n"
        "t = time.time()"
    ).stdout
    assert "time.time() (line 3)" in shown
    assert "worker" not in shown


def test_nothing_stays_replaced_after_a_verification(kernel: Kernel) -> None:
    shown = kernel.ok(
        "import concurrent.futures.process, concurrent.futures.thread, multiprocessing.pool\n"
        "places = [(os, 'fork'), (os, 'system'), (subprocess.Popen, '__init__'),\n"
        "          (subprocess.Popen, 'communicate'), (multiprocessing.pool.ApplyResult, '_set'),\n"
        "          (multiprocessing.process.BaseProcess, 'start'),\n"
        "          (multiprocessing.queues.Queue, 'get'), (ProcessPoolExecutor, 'submit'),\n"
        "          (ThreadPoolExecutor, 'submit')]\n"
        "codes = [getattr(getattr(*place), '__code__', square.__code__) for place in places]\n"
        "print([code for code in codes if 'seedmagic' in code.co_filename])"
    )
    assert shown.stdout == "[]\n"


def test_a_function_tells_it_too() -> None:
    def program() -> bytes:
        return subprocess.check_output([sys.executable, "-c", "import os; print(os.urandom(8))"])

    found = sm.verify(program)
    assert found.reproducible is False
    (cause,) = found.causes
    line = program.__code__.co_firstlineno + 1
    assert cause.startswith(f"{PROGRAM} (line {line}). ")
