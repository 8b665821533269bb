"""A worker that dies costs its run a second try, then its place in the list, and never all."""

from __future__ import annotations

import os
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import loky
import pytest

import seedmagic as sm
from engines import dask_client

pytestmark = pytest.mark.slow

SEEDS = range(8)


def dies(seed: int) -> float:
    """Die under two of the seeds."""
    if seed in (2, 5):
        os._exit(1)
    return random.random()


def alone(seed: int) -> float:
    return random.Random(seed).random()


@pytest.fixture(autouse=True)
def _light_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each new worker import no large library, though other tests brought some here."""
    for name in ("torch", "scipy.linalg", "sklearn"):
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.fixture(params=["loky", "reusable loky", "processes"])
def pool(request: pytest.FixtureRequest) -> Any:
    if request.param == "reusable loky":
        made: Any = loky.get_reusable_executor(max_workers=2)
    elif request.param == "loky":
        made = loky.ProcessPoolExecutor(max_workers=2)
    else:
        made = ProcessPoolExecutor(2, mp_context=get_context("spawn"))
    yield made
    made.shutdown(wait=True)


def test_a_pool_that_breaks_loses_no_other_run(pool: Any) -> None:
    with pytest.warns(sm.SeedmagicWarning, match="make a new one for later calls"):
        result = sm.repeat(lambda seed: dies(seed), SEEDS, engine=pool, progress=False)
    assert set(result.errors) == {2, 5}
    assert "worker failed twice" in result.errors[2]
    for seed, value in zip(result.seeds, result.values("value"), strict=True):
        assert seed in (2, 5) or value == alone(seed)


def test_a_run_whose_worker_dies_once_is_done_at_the_second_try(pool: Any, tmp_path: Path) -> None:
    def dies_once(seed: int) -> float:
        if seed == 1 and not (tmp_path / "died").exists():
            (tmp_path / "died").touch()
            os._exit(1)
        return random.random()

    with pytest.warns(sm.SeedmagicWarning, match="A worker died"):
        result = sm.repeat(dies_once, SEEDS, engine=pool, progress=False)
    assert result.errors == {}
    assert result.values("value").tolist() == [alone(seed) for seed in SEEDS]


def test_where_every_worker_dies_the_call_ends(pool: Any) -> None:
    with pytest.warns(sm.SeedmagicWarning), pytest.raises(sm.RunsError, match="failed twice"):
        sm.repeat(lambda: os._exit(1), range(3), engine=pool, progress=False)


def test_dask_restarts_its_workers_and_no_other_run_is_lost() -> None:
    import dask
    import distributed  # noqa: F401 - its settings must be there before some are changed

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        dask_client(workers=2, threads=1) as client,
    ):
        result = sm.repeat(lambda seed: dies(seed), SEEDS, engine=client, progress=False)
    assert set(result.errors) == {2, 5}
    assert "KilledWorker" in result.errors[5]
    for seed, value in zip(result.seeds, result.values("value"), strict=True):
        assert seed in (2, 5) or value == alone(seed)


def test_an_engine_of_unknown_kind_that_breaks_is_told() -> None:
    from concurrent.futures import BrokenExecutor, Executor

    class Fragile(Executor):
        def submit(self, function: Any, /, *args: Any, **options: Any) -> Any:
            raise BrokenExecutor("it is broken")

    with pytest.raises(sm.RunsError, match="none like it can be made"):
        sm.repeat(alone, range(3), engine=Fragile(), progress=False)
