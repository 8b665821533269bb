"""What type checkers must understand of the public names; checked by mypy, never run."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import seedmagic as sm

if TYPE_CHECKING:
    from typing_extensions import assert_type


def seeds() -> None:
    report = sm.seed_everything(42)
    assert_type(report, sm.SeedReport)
    assert_type(report.seed, int)
    assert_type(report.seeded, tuple[str, ...])
    assert_type(sm.seed(42, only="numpy"), sm.SeedReport)
    sm.set_seed(42)  # type: ignore[attr-defined]
    sm.seed_everything(None)
    sm.seed_everything(np.int64(3), cudnn=False, deterministic="warn", only="torch", skip=["numpy"])
    sm.seed_everything("42")  # type: ignore[arg-type]
    sm.seed_everything(1.5)  # type: ignore[arg-type]
    sm.seed_everything(1, deterministic="yes")  # type: ignore[arg-type]
    sm.seed_everything()  # type: ignore[call-arg]
    sm.seed_everthing(42)  # type: ignore[attr-defined]
    with sm.seeded(3) as inside:
        assert_type(inside, sm.SeedReport)


def scopes() -> None:
    with sm.seeded(1024) as report:
        print(report.seed)
    with sm.preserve(), sm.seeded(None, only=("numpy",)):
        pass
    with sm.deterministic(warn_only=True):
        pass
    context: AbstractContextManager[None] = sm.deterministic()
    with context:
        pass
    sm.seeded("1024")  # type: ignore[arg-type]


@sm.seeded(1024)
def train(epochs: int, *, rate: float = 0.1) -> list[float]:
    return [rate] * epochs


@sm.preserve()
async def fetch(name: str) -> bytes:
    return name.encode()


async def decorated_functions_keep_their_types() -> None:
    assert_type(train(3, rate=0.2), list[float])
    assert_type(await fetch("a"), bytes)
    train("3")  # type: ignore[arg-type]


def states(path: Path) -> None:
    state = sm.snapshot()
    assert_type(state, sm.RngState)
    state.restore()
    assert_type(state.diff(sm.snapshot()), list[str])
    state.save(path)
    state.save(str(path))
    assert_type(sm.RngState.load(path), sm.RngState)


def generators() -> None:
    assert_type(sm.derive_seed(42, "fold", 3, b"x", 0.5), int)
    assert_type(sm.generator("augment"), np.random.Generator)
    sm.torch_generator("init", device="cpu")
    sm.derive_seed(42, None)  # type: ignore[arg-type]


class SeedOnly:
    name = "sample"
    module = "sample"

    def seed(self, seed: int) -> None:
        pass


class NoSource:
    name = "sample"


def sources() -> None:
    source: sm.Source = SeedOnly()
    sm.register_source(source)
    sm.register_source(NoSource())  # type: ignore[arg-type]
    sm.unregister_source("sample")
    assert_type(sm.sources(), Mapping[str, sm.Source])


def rewinds() -> None:
    handle = sm.rewind({"losses": [0.5]})
    assert_type(handle, sm.rewind)
    assert_type(handle.rewind(), None)
    assert_type(handle.nbytes, int)
    assert_type(handle.names, tuple[str, ...])
    with handle as same, sm.rewind([1, 2]):
        assert_type(same, sm.rewind)
    handle.release()
    refused = sm.RewindError("no", {"trainer.batches": "is a generator"})
    assert_type(refused.failures, dict[str, str])
    sm.rewind()  # type: ignore[call-arg]


def runs(path: Path) -> None:
    result = sm.repeat(lambda: 1.0, range(3))
    sm.repeat(lambda seed: {"acc": seed}, seeds=[1, np.int64(2)], track=["acc"], tensorboard=path)
    assert_type(result, sm.RunsResult)
    assert_type(result.seeds, tuple[int, ...])
    assert_type(result.errors, dict[int, str])
    assert_type(result.summary()["acc"].mean, float)
    assert_type(result.compare(result)["acc"].values, tuple[float, ...])
    assert_type(result.picture(), bytes)
    sm.repeat(lambda: 1.0, before_each=sm.rewind([1.0]).rewind, progress=False)
    assert_type(result.cancelled, tuple[int, ...])
    assert_type(sm.RunsError({0: "no"}).errors, dict[int, str])
    sm.repeat(1.0)  # type: ignore[arg-type]
    sm.repeat(lambda: 1.0, 20)  # type: ignore[arg-type]
    result.compare([1.0])  # type: ignore[arg-type]


def the_rest() -> None:
    assert_type(sm.status().seed, int | None)
    assert_type(sm.status().to_dict(), dict[str, Any])
    assert_type(sm.loader_options(), dict[str, Any])
    error: ValueError = sm.SeedError("no seed")
    failed = sm.RestoreError({"numpy": error})
    assert_type(failed.failures, dict[str, Exception])
    warning: UserWarning = sm.SeedmagicWarning("careful")
    print(warning)
