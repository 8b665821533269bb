"""A scope belongs to the thread and task that opened it; a late import in it belongs outside."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import seedmagic as sm
from sample_sources import assert_unchanged, everything_now
from scripts import answer


def in_thread(call: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result(timeout=20)


def open_a_scope() -> None:
    with sm.seeded(2):
        pass


STATE = sm.snapshot()


@pytest.mark.parametrize(
    "call",
    [open_a_scope, lambda: sm.preserve().__enter__(), lambda: sm.seed_everything(3), STATE.restore],
    ids=["seeded", "preserve", "seed_everything", "restore"],
)
def test_another_thread_is_refused_at_once_and_changes_nothing(call: Callable[[], Any]) -> None:
    with sm.seeded(1):
        before = everything_now()
        with pytest.raises(sm.ScopeError, match=r"seeded\(\) open.*Nothing was changed"):
            in_thread(call)
        assert_unchanged(before)
        call()  # in the thread that opened the scope: fine
    in_thread(call)  # when no scope is open: fine


@pytest.fixture(autouse=True)
def without_numba() -> None:
    """Leave numba out, which another test may have imported: each thread has a state of its own."""
    sm.unregister_source("numba")


def test_reading_is_allowed_from_every_thread() -> None:
    with sm.seeded(1):
        assert in_thread(sm.snapshot).diff(sm.snapshot()) == []
        assert in_thread(sm.status).seed == 1
        assert in_thread(lambda: sm.generator("a").random()) == sm.generator("a").random()


def test_of_gathered_tasks_only_one_has_the_scope() -> None:
    @sm.seeded(1)
    async def work(wait: asyncio.Event) -> float:
        await wait.wait()
        return random.random()

    async def main() -> list[Any]:
        wait = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, wait.set)
        return await asyncio.gather(work(wait), work(wait), work(wait), return_exceptions=True)

    before = everything_now()
    results = asyncio.run(main())
    assert results[0] == random.Random(1).random()
    assert [type(result) for result in results[1:]] == [sm.ScopeError, sm.ScopeError]
    assert "task" in str(results[1])
    assert_unchanged(before)


def test_a_scope_whose_thread_has_died_is_closed_by_the_next() -> None:
    before = everything_now()
    thread = threading.Thread(target=lambda: sm.seeded(1).__enter__())
    thread.start()
    thread.join()
    assert sm.status().seed == 1
    with pytest.warns(sm.SeedmagicWarning, match=r"seeded\(\) was left open by thread"):
        sm.preserve().__enter__()
    assert sm.status().seed is None
    assert_unchanged(before)


def test_a_scope_whose_task_has_ended_is_closed_by_the_next() -> None:
    async def leave_open() -> None:
        sm.seeded(1).__enter__()

    async def main() -> None:
        await asyncio.create_task(leave_open())
        with pytest.warns(sm.SeedmagicWarning, match="left open by thread .* in task"):
            sm.seed_everything(2)
        assert sm.status().seed == 2

    asyncio.run(main())


def test_a_forked_child_has_no_scopes_of_its_parent() -> None:
    script = """
    import json, os, random, threading
    import seedmagic as sm
    sm.seed_everything(3)
    expected = random.Random(3).random()
    with sm.seeded(1):
        child = os.fork()
        if child == 0:
            # Another thread of the child may open one: nothing of the parent's is open here.
            failures = []
            def work():
                try:
                    with sm.seeded(5):
                        assert random.random() == random.Random(5).random()
                except BaseException as error:
                    failures.append(error)
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
            os._exit(1 if failures else 0)
        _, status = os.waitpid(child, 0)
        assert random.random() == random.Random(1).random()
    print(json.dumps([status, random.random() == expected]))
    """
    assert answer(script) == [0, True]


LATE = """
import json, sys
import seedmagic as sm
if sys.argv[1] != "none":
    sm.seed_everything(int(sys.argv[1]))
with sm.{scope}:
    import random, numpy as np, torch
    inside = [random.random(), np.random.rand(), torch.rand(()).item()]
    {inside}
after = [random.random(), np.random.rand(), torch.rand(()).item()]
sources = sm.status().sources
print(json.dumps({{
    "inside": inside, "after": after, "flags": sm.status().flags,
    "status": [sources[name].status for name in ("python", "numpy", "torch")],
    "seeds": [sources[name].seed for name in ("python", "numpy", "torch")],
}}))
"""
DRAW = """
import json, random, sys
import numpy as np, torch
seed = int(sys.argv[1])
random.seed(seed), np.random.seed(seed), torch.manual_seed(seed)
print(json.dumps([random.random(), np.random.rand(), torch.rand(()).item()]))
"""


@pytest.mark.slow
def test_libraries_imported_inside_have_the_outer_seed_afterwards() -> None:
    found = answer(LATE.format(scope="seeded(1)", inside=""), "7")
    assert found["inside"] == answer(DRAW, "1")
    assert found["after"] == answer(DRAW, "7")
    assert found["status"] == ["seeded"] * 3
    assert found["seeds"] == [7] * 3
    assert found["flags"]["cudnn.deterministic"] is True


def test_libraries_imported_inside_have_entropy_afterwards_where_no_seed_was() -> None:
    code = LATE.format(scope="seeded(1, deterministic=True)", inside="sm.seed_everything(5)")
    runs = [answer(code, "none") for _ in range(2)]
    assert runs[0]["inside"] == runs[1]["inside"]
    for one, other in zip(runs[0]["after"], runs[1]["after"], strict=True):
        assert one != other
    for run in runs:
        assert run["status"] == ["unseeded"] * 3
        flags = run["flags"]
        assert (flags["cudnn.deterministic"], flags["deterministic_algorithms"]) == (False, False)
        assert flags["CUBLAS_WORKSPACE_CONFIG"] is None
