"""The same values on every engine, bit for bit, and workers that are afterwards as they were."""

from __future__ import annotations

import random
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import seedmagic as sm
from engines import dask_client, ipyparallel_client, loky_workers
from runs import (
    SEEDS,
    drawing,
    looking,
    own_threads,
    same,
)
from seedmagic.runs.engines.worker_pickles import CellCode, pack


@contextmanager
def threads() -> Iterator[Any]:
    with ThreadPoolExecutor(3) as executor:
        yield executor


ENGINES: dict[str, Any] = {
    "loky": loky_workers,
    "dask": lambda: dask_client(workers=2, threads=1),
    "dask-threads": lambda: dask_client(workers=1, threads=2),
    "ipyparallel": ipyparallel_client,
    "threads": threads,
}


@pytest.fixture(scope="module", params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[Any]:
    with ENGINES[request.param]() as made:
        yield made


def quiet(*args: Any, **options: Any) -> sm.RunsResult:
    return sm.repeat(*args, progress=False, **options)


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2])
def test_every_engine_gives_what_in_line_gives(engine: Any, count: int) -> None:
    function = drawing()
    sm.seed_everything(3, skip="numba")
    with own_threads(count):
        here = quiet(function, SEEDS)
        there = quiet(function, SEEDS, engine=engine)
        assert torch.get_num_threads() == count
    assert there.errors == {}
    assert same(here, there)
    assert there.outputs == dict.fromkeys(SEEDS, "trained\n")


def test_a_worker_is_afterwards_as_it_was(engine: Any) -> None:
    executor = engine if hasattr(engine, "submit") else engine.executor()

    def states() -> set[str]:
        # Slow enough for each worker to be asked; `eval` is known to all of them.
        code = "__import__('time').sleep(0.1) or __import__('pickle').loads(look)()"
        asked = [executor.submit(eval, code, {"look": look, "n": n}) for n in range(8)]
        return {future.result() for future in asked}

    look = pack(looking())
    quiet(drawing(), range(4), engine=engine)  # libraries are there from now on
    sm.seed_everything(1, deterministic=True)
    before = states()
    with own_threads(3):
        quiet(drawing(), range(4), engine=engine)
    assert states() <= before


def test_equal_calls_are_made_again(engine: Any) -> None:
    def entropy() -> float:
        return int.from_bytes(__import__("os").urandom(6), "big")

    values = [v for _ in range(2) for v in quiet(entropy, range(3), engine=engine).values("value")]
    assert len(set(values)) == 6


def test_a_large_body_travels(engine: Any) -> None:
    data = np.random.default_rng(0).random(2_000_000)
    assert (quiet(lambda: data[-1], range(2), engine=engine).values("value") == data[-1]).all()


def test_an_error_comes_back_with_its_traceback(engine: Any) -> None:
    class OwnError(Exception):
        def __init__(self, one: int, two: int) -> None:  # which no pickle can make again
            super().__init__(f"{one} and {two}")

    def fail(seed: int) -> float:
        print("before")
        if seed == 1:
            raise OwnError(1, 2)
        if seed == 2:
            raise ZeroDivisionError("so")
        return seed

    result = quiet(fail, range(3), engine=engine)
    assert result.values("value")[0] == 0
    assert result.errors[1].endswith("OwnError: 1 and 2")
    assert result.errors[2] == "ZeroDivisionError: so"
    assert result.outputs[1] == "before\n"
    with pytest.raises(sm.RunsError) as caught:
        quiet(fail, [2], engine=engine)
    told = "".join(traceback.format_exception(caught.value))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert (
        ", in fail\n" in told
    )  # cloudpickle 3.1.3 leaves the file's name out, and so the line's text


def test_a_mistake_in_what_is_tracked_stops_the_call(engine: Any) -> None:
    with pytest.raises(ValueError, match="'ac' cannot be tracked: the run gave acc"):
        quiet(lambda: {"acc": 1.0, "other": object()}, range(3), track="ac", engine=engine)
    with pytest.raises(TypeError, match="'other' is of type object"):
        quiet(lambda: {"acc": 1.0, "other": object()}, range(3), engine=engine)
    assert quiet(lambda: 1.0, range(3), engine=engine).errors == {}  # what ran on is waited for


def test_a_cells_code_runs_in_the_namespace_of_its_functions(engine: Any) -> None:
    namespace: dict[str, Any] = {
        "__name__": "__main__",
        "random": random,
        "unused": threading.Lock(),
    }
    exec("rate = 1\ndef train():\n    return rate * random.random()", namespace)
    code = compile("rate = 10\nacc = train()\nmodel = object()", "<cell>", "exec")
    from seedmagic.runs.engines.engine_runs import on_engine
    from seedmagic.session.session_terms import Modes

    body = CellCode(code, namespace, {"train": namespace["train"]}, ("acc",))
    outcomes = on_engine(engine, SEEDS, body, modes=Modes(), track=("acc",))
    found = {outcome.seed: outcome.values["acc"] for outcome in outcomes}
    assert found == {seed: 10 * random.Random(seed).random() for seed in SEEDS}
    assert namespace["rate"] == 1


def test_an_engine_is_needed_that_submits() -> None:
    class Strange:
        def submit(self, *args: Any) -> int:
            return 3

    with pytest.raises(sm.RunsError, match="3 \\(int\\), which is no future"):
        quiet(lambda: 1.0, range(2), engine=Strange())


STUCK = {
    "lock": threading.Lock(),
    "file": sys.stdout,
    "made": (n for n in range(3)),
}


def test_what_cannot_travel_is_named_before_anything_starts() -> None:
    lock, made, fine = STUCK["lock"], STUCK["made"], [1]

    def inner() -> Any:
        return made

    def outer() -> Any:
        return lock, inner(), fine

    class Never(Executor):
        def submit(self, *args: Any, **options: Any) -> Future[Any]:
            raise AssertionError("nothing may start")

    with pytest.raises(TypeError) as caught:
        quiet(outer, engine=Never())
    assert "lock (lock: " in str(caught.value)
    assert "inner.made (generator: " in str(caught.value)
    assert "fine" not in str(caught.value)


def test_a_scope_that_workers_of_this_process_would_wait_for_is_told() -> None:
    with ThreadPoolExecutor(2) as executor, sm.seeded(1):
        with pytest.raises(sm.RunsError, match="scope is open") as caught:
            quiet(random.random, range(3), engine=executor)
        assert isinstance(caught.value.__cause__, sm.ScopeError)


def test_a_source_registered_here_is_seeded_there_and_forgotten_after(engine: Any) -> None:
    class Dice:
        name = "dice"
        module = "random"

        def __init__(self) -> None:
            self.generator = random.Random(7)

        def seed(self, seed: int) -> None:
            self.generator.seed(seed)

        def get_state(self) -> Any:
            return list(self.generator.getstate()[1])

        def set_state(self, state: Any) -> None:
            self.generator.setstate((3, tuple(state), None))

    def throw() -> float:
        source: Any = sm.sources()["dice"]
        return float(source.generator.random())

    dice = Dice()
    sm.register_source(dice)
    assert same(quiet(throw, SEEDS), quiet(throw, SEEDS, engine=engine))
    assert sm.sources()["dice"] is dice
    sm.unregister_source("dice")
    with pytest.raises(sm.RunsError, match="KeyError: 'dice'"):
        quiet(throw, SEEDS, engine=engine)


def test_an_interrupt_keeps_the_finished_runs_and_cancels_the_rest(tmp_path: Path) -> None:
    main = threading.main_thread().ident
    assert main

    def slow(seed: int) -> int:
        (tmp_path / str(seed)).touch()
        if seed == 3:
            signal.pthread_kill(main, signal.SIGINT)
        time.sleep(0.3)
        return seed

    with ThreadPoolExecutor(1) as executor, pytest.raises(sm.RunsInterrupted) as caught:
        quiet(slow, range(20), engine=executor)
    result = caught.value.result
    assert result.seeds == tuple(range(len(result.seeds)))
    assert len(result.seeds) + len(result.cancelled) == 20
    assert len(list(tmp_path.iterdir())) <= len(result.seeds) + 1
