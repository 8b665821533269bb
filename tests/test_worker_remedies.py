"""The remedy for numbers from worker processes: a seed for each task, in every kind of pool."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Kernel, running_kernel

TASKS = 5
PRELUDE = f"""
import multiprocessing, random, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
import numpy as np
from joblib import Parallel, delayed
import seedmagic as sm
import worker_tasks
from worker_tasks import draw
def own(x):
    return [random.random(), float(np.random.rand()), x]
def task(f, i):
    return sm.seeded(sm.derive_seed(42, "boot", i))(f)
def context(name):
    return multiprocessing.get_context(name)
"""
JOBLIB = "Parallel(n_jobs={n}, backend={name!r})(delayed(task(f, i))(i) for i in range(5))"
POOL = (
    "with context({name!r}).Pool({n}) as pool:\n"
    "    r = [one.get() for one in [pool.apply_async(task(f, i), (i,)) for i in range(5)]]"
)
EXECUTOR = (
    "with ProcessPoolExecutor({n}, mp_context=context({name!r})) as pool:\n"
    "    r = [one.result() for one in [pool.submit(task(f, i), i) for i in range(5)]]"
)
# What each starts, with the functions that it can take: those of a notebook cannot be imported.
POOLS = {
    "joblib's own": (f"r = {JOBLIB}", "loky", ("own", "draw")),
    "joblib with multiprocessing": (f"r = {JOBLIB}", "multiprocessing", ("own", "draw")),
    "a pool, forked": (POOL, "fork", ("own", "draw")),
    "a pool, spawned": (POOL, "spawn", ("draw",)),
    "a pool of the fork server": (POOL, "forkserver", ("draw",)),
    "an executor, forked": (EXECUTOR, "fork", ("own", "draw")),
    "an executor, spawned": (EXECUTOR, "spawn", ("draw",)),
    "an executor of the fork server": (EXECUTOR, "forkserver", ("draw",)),
}


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", PRELUDE) as kernel:
        yield kernel


@pytest.mark.parametrize(("cell", "name", "functions"), POOLS.values(), ids=POOLS)
def test_a_seed_for_each_task_gives_the_same_for_any_number_of_workers(
    kernel: Kernel, cell: str, name: str, functions: tuple[str, ...]
) -> None:
    for function in functions:
        kernel.ok(f"f = {function}; serial = [task(f, i)(i) for i in range({TASKS})]")
        assert kernel.value(f"len({{r[0] for r in serial}}) == {TASKS}") == "True"
        for workers in (1, 2, 3):
            shown = kernel.ok(cell.format(n=workers, name=name))
            assert kernel.value("r == serial") == "True", (function, workers)
            assert "Warning" not in shown.stderr, shown.stderr


@pytest.mark.parametrize("name", ["fork", "spawn", "forkserver"])
def test_the_workers_generators_are_left_as_they_were(kernel: Kernel, name: str) -> None:
    kernel.ok(
        f"with context({name!r}).Pool(1) as pool:\n"
        "    before = pool.apply(worker_tasks.states)\n"
        "    pool.apply(task(draw, 1))\n"
        "    after = pool.apply(worker_tasks.states)\n"
        "    pool.apply(draw)\n"
        "    moved = pool.apply(worker_tasks.states)"
    )
    assert kernel.value("before == after") == "True"
    assert kernel.value("after != moved") == "True"


def test_threads_take_a_generator_for_each_task(kernel: Kernel) -> None:
    kernel.ok("%seed 42")
    kernel.ok("from worker_tasks import slow_draw")
    made = 'np.random.default_rng(sm.derive_seed(42, "task", i))'
    kernel.ok(f"serial = [slow_draw(i, {made}) for i in range(9)]")
    for workers in (1, 2, 3):
        threads = f"Parallel(n_jobs={workers}, backend='threading')"
        kernel.ok(f"r = {threads}(delayed(slow_draw)(i, {made}) for i in range(9))")
        assert kernel.value("r == serial") == "True"
        kernel.ok(
            f"with ThreadPoolExecutor({workers}) as pool:\n"
            f"    r = list(pool.map(slow_draw, range(9), [{made} for i in range(9)]))"
        )
        assert kernel.value("r == serial") == "True"
    keyed = f"{threads}(delayed(slow_draw)(i, sm.generator('task', i)) for i in range(9))"
    kernel.ok(f"one = {keyed}\nother = {keyed}")
    assert kernel.value("one == other") == "True"


def test_scopes_of_two_threads_at_once_are_refused_with_what_works(kernel: Kernel) -> None:
    shown = kernel.run(
        "from worker_tasks import slow_draw\n"
        "Parallel(n_jobs=3, backend='threading')(delayed(task(slow_draw, i))(i) for i in range(9))"
    )
    assert "ScopeError" in shown.error
    assert "seedmagic.generator(...)" in shown.error


def test_a_function_of_the_notebook_is_not_found_where_workers_are_not_forked(
    kernel: Kernel,
) -> None:
    """As without us: the remedy is a module (Python 3.11)."""
    shown = kernel.run(
        "with ProcessPoolExecutor(1, mp_context=context('spawn')) as pool:\n"
        "    print(pool.submit(task(own, 1), 1).result())"
    )
    assert "BrokenProcessPool" in shown.error


def test_what_is_not_given_is_as_in_the_seed_in_force_in_the_worker_too(kernel: Kernel) -> None:
    kernel.ok("%seed 42 --skip numpy")
    kernel.ok(
        "with context('spawn').Pool(1) as pool:\n"
        "    pool.apply(np.random.seed, (5,))\n"
        "    r = pool.apply(task(draw, 1))\n"
        "np.random.seed(5)"
    )
    assert kernel.value("r == task(draw, 1)()") == "True"
    assert kernel.value("r[1] == np.random.RandomState(5).rand()") == "True"
    kernel.ok("%seed 42")
