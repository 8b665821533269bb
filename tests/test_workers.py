"""The workers of a DataLoader: the same at every re-run, and numbers of its own for each."""

from __future__ import annotations

import random
import sys
from collections import namedtuple
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, get_worker_info

import seedmagic as sm
from sample_sources import Dice


class Draws(Dataset[Any]):
    """Each item: the worker, and numbers from every global generator."""

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> list[float]:
        info = get_worker_info()
        worker = info.id if info else -1
        return [worker, index, random.random(), np.random.rand(), torch.rand(()).item()]


class Transform:
    __slots__ = ("rng",)

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng


Pair = namedtuple("Pair", "one other")


class Holding(Draws):
    """Holds generators of every kind, in every kind of place; each item draws from all."""

    def __init__(self) -> None:
        self.legacy = np.random.RandomState(1)
        self.legacy.randn()  # leaves half a pair of Gaussians, the same in every copy
        self.python = random.Random(2)
        self.python.gauss(0, 1)
        self.here = np.random.default_rng(3)
        self.transforms = [Transform(np.random.Generator(np.random.Philox(4)))]
        self.named = {"rng": np.random.default_rng(5)}
        self.pair = Pair(np.random.default_rng(6), (np.random.default_rng(7),))
        self.itself = self  # a circle ends no search
        self.data = np.zeros(5000)

    def __getitem__(self, index: int) -> list[float]:
        return [
            *super().__getitem__(index),
            self.legacy.randn(),
            self.python.gauss(0, 1),
            self.here.random(),
            self.transforms[0].rng.random(),
            self.named["rng"].random(),
            self.pair.one.random(),
            self.pair.other[0].random(),
        ]


class HoldingMore(Holding):
    """Holds what torch cannot send to a process that is not forked (torch 2.13)."""

    def __init__(self) -> None:
        super().__init__()
        self.torch = torch.Generator().manual_seed(5)
        torch.randn((), generator=self.torch)  # a cached Gaussian here too
        # These lead to the global generators, which are not the dataset's own.
        self.modules = [random, np, torch]
        self.draw = random.random

    def __getitem__(self, index: int) -> list[float]:
        return [*super().__getitem__(index), torch.randn((), generator=self.torch).item()]


def rows(data: Draws, workers: int, context: Any = None, **options: Any) -> list[list[float]]:
    loader = DataLoader(
        data,
        batch_size=2,
        num_workers=workers,
        shuffle=True,
        collate_fn=list,
        multiprocessing_context=context if workers else None,
        **{**sm.loader_options(), **options},
    )
    return [item for batch in loader for item in batch]


@pytest.mark.parametrize(
    ("workers", "context"),
    [(0, None), (1, "fork"), (2, "fork"), (2, "spawn"), (2, "forkserver")],
)
def test_a_re_run_gives_the_same_batches(workers: int, context: str | None) -> None:
    runs = []
    for seed in (42, 42, 43) if context in (None, "fork") else (42, 42):
        sm.seed_everything(seed)
        data = HoldingMore() if context in (None, "fork") else Holding()
        runs.append(rows(data, workers, context))
    assert runs[0] == runs[1]
    if len(runs) > 2:
        assert runs[0] != runs[2]
    assert len({row[0] for row in runs[0]}) == max(workers, 1)


def test_every_start_method_gives_the_same_batches() -> None:
    found = []
    for context in ("fork", "spawn"):
        sm.seed_everything(7)
        found.append(rows(Holding(), 2, context))
    assert found[0] == found[1]


def test_each_worker_and_each_epoch_has_numbers_of_its_own() -> None:
    sm.seed_everything(42)
    data = HoldingMore()
    epochs = rows(data, 2, "fork") + rows(data, 2, "fork")
    assert {row[0] for row in epochs} == {0, 1}
    for column in range(2, len(epochs[0])):
        numbers = [row[column] for row in epochs]
        assert len(set(numbers)) == len(numbers), f"column {column} repeats: {numbers}"


def test_without_our_worker_function_held_generators_do_repeat() -> None:
    """What the one above would find: torch's own workers share copies (torch 2.13)."""
    sm.seed_everything(42)
    numbers = [row[7] for row in rows(Holding(), 2, "fork", worker_init_fn=None)]
    assert len(set(numbers)) < len(numbers)


def seed_worker(worker: int) -> None:
    """The recipe of https://docs.pytorch.org/docs/stable/notes/randomness.html#dataloader."""
    worker_seed = torch.initial_seed() % 2**32
    np.random.seed(worker_seed)
    random.seed(worker_seed)


@pytest.mark.parametrize("data", [Draws(), Holding(), HoldingMore()], ids=type)
def test_global_generators_agree_with_the_recipe_of_torch(data: Draws) -> None:
    sm.seed_everything(42)
    ours = [row[:5] for row in rows(data, 2, "fork")]
    sm.seed_everything(42)
    recipe = [row[:5] for row in rows(data, 2, "fork", worker_init_fn=seed_worker)]
    assert ours == recipe
    sm.seed_everything(42)
    both = rows(data, 2, "fork", **sm.loader_options(seed_worker))
    assert [row[:5] for row in both] == recipe


def test_a_loader_draws_from_the_global_generators_what_it_draws_without_us() -> None:
    states = []
    for options in (sm.loader_options(), {"worker_init_fn": None}):
        sm.seed_everything(42)
        rows(Holding(), 2, "fork", **options)
        states.append(sm.snapshot())
    assert states[0].diff(states[1]) == []


class Then:
    """A worker function of the user's, which pickles."""

    def __call__(self, worker: int) -> None:
        random.seed(worker)
        np.random.seed(worker)
        info = get_worker_info()
        assert info is not None
        info.dataset.here = np.random.default_rng(worker)  # type: ignore[attr-defined]


def test_the_users_own_worker_function_runs_afterwards() -> None:
    found = rows(Holding(), 2, "fork", **sm.loader_options(Then()))
    for worker in (0, 1):
        first = next(row for row in found if row[0] == worker)
        assert first[2] == random.Random(worker).random()
        assert first[7] == np.random.default_rng(worker).random()


class Rolling(Draws):
    def __getitem__(self, index: int) -> list[float]:
        dice: Any = sm.sources()["dice"]
        return [*super().__getitem__(index), dice.draw()]


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_registered_sources_are_seeded_in_each_worker(context: str) -> None:
    sm.register_source(Dice())
    sm.seed_everything(3)
    found = rows(Rolling(), 2, context)
    numbers = [row[-1] for row in found]
    assert len(set(numbers)) == len(numbers)
    sm.seed_everything(3)
    if context == "fork":
        assert rows(Rolling(), 2, context) == found


class Importing(Draws):
    """Imports a library with a generator in the worker, and asks for generators by key."""

    def __getitem__(self, index: int) -> list[float]:
        import late_library

        item = sm.generator("item", index)
        return [*super().__getitem__(index), late_library.draw(), item.random()]


class LateSource:
    name = "late"
    module = "late_library"

    def seed(self, seed: int) -> None:
        sys.modules["late_library"].generator.seed(seed)


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_a_library_imported_in_a_worker_has_the_workers_seed(context: str) -> None:
    sm.register_source(LateSource())
    runs = []
    for _ in range(2):
        sm.seed_everything(3)
        runs.append(rows(Importing(), 2, context))
    assert "late_library" not in sys.modules
    assert runs[0] == runs[1]
    numbers = [row[5] for row in runs[0]]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_generators_by_key_are_those_of_the_seed_in_force_in_every_worker(context: str) -> None:
    options = sm.loader_options()  # made before the seed: that of the iteration counts
    sm.seed_everything(3)
    for row in rows(Importing(), 2, context, **options):
        assert row[6] == sm.generator("item", int(row[1])).random()


def test_what_is_no_worker_function_is_refused() -> None:
    with pytest.raises(TypeError, match="callable"):
        sm.loader_options(3)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="workers of a DataLoader"):
        sm.loader_options()["worker_init_fn"](0)
