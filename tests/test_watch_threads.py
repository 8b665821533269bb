"""Threads beside a cell that drew: the user's are named, those of libraries are not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernels import Kernel, running_kernel

TOLD = "Other threads were alive"


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    imports = (
        "import random, threading, time, torch\nfrom concurrent.futures import ThreadPoolExecutor"
    )
    mine = "end = threading.Event()\ndef mine():\n    end.wait()"
    with running_kernel("%load_ext seedmagic", imports, mine) as started:
        yield started


def warned(kernel: Kernel) -> str:
    shown = kernel.ok("random.random();")
    assert "UnseededWarning" in shown.stderr
    return shown.stderr


def test_a_thread_that_runs_the_users_code_is_named_with_each_draw(kernel: Kernel) -> None:
    kernel.ok("threading.Thread(target=mine, name='my-own').start()")
    assert "my-own" in warned(kernel)
    assert "my-own" in warned(kernel)
    kernel.ok("end.set()")


def test_a_pools_worker_is_named_while_it_works_and_once_when_it_rests(kernel: Kernel) -> None:
    kernel.ok("pool = ThreadPoolExecutor(1, 'my-pool'); work = pool.submit(mine)")
    assert "my-pool" in warned(kernel)
    assert "my-pool" in warned(kernel)
    kernel.ok("end.set(); work.result()")
    assert "my-pool" in warned(kernel)
    assert TOLD not in warned(kernel)
    kernel.ok("end.clear(); work = pool.submit(mine)")
    assert "my-pool" in warned(kernel)
    kernel.ok("end.set()")


@pytest.mark.slow
def test_a_bars_monitor_and_a_compilers_pool_are_not_named_for_ever(kernel: Kernel) -> None:
    kernel.ok("from tqdm import tqdm\nbar = tqdm(range(2))")  # its monitor lives as long as it
    shown = kernel.run(
        "@torch.compile\ndef twice(x):\n    return x * 2 + 1\n\ntwice(torch.ones(4));"
    )
    if "CppCompileError" in shown.error:
        pytest.skip("torch cannot compile here: Debian's has no header files")
    assert "TMonitor" in kernel.value("[*map(type, threading.enumerate())]")
    assert "tqdm_monitor" not in warned(kernel)  # a worker that rests is named here, once
    assert TOLD not in warned(kernel)
