"""Python's own generator is seeded as `random.seed` does, whoever draws from it or replaces it."""

from __future__ import annotations

import random
import sys
import threading
from typing import Any

import pytest

import seedmagic as sm


class CountingRandom(random.Random):
    """Notes what it is seeded with."""

    def seed(self, a: Any = None, version: int = 2) -> None:
        self.seedings = [*getattr(self, "seedings", []), a]
        super().seed(a, version)


def test_a_seed_that_is_given_again_gives_pythons_own_stream_again() -> None:
    for seed in (42, 42, 7, 42, 42):
        random.gauss(0, 1)  # leaves half a pair behind
        sm.seed_everything(seed)
        own = random.Random(seed)
        assert random.getstate() == own.getstate()
        assert [random.gauss(0, 1), random.random()] == [own.gauss(0, 1), own.random()]


def test_a_seed_function_of_the_users_own_is_called_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sm.seed_everything(42)
    given: list[int] = []
    with monkeypatch.context() as patched:
        patched.setattr(random, "seed", given.append)
        for _ in range(2):
            sm.seed_everything(42)
    assert given == [42, 42]


def test_a_getstate_of_another_generator_does_not_mislead_a_seeding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sm.seed_everything(42)
    first = random.random()
    with monkeypatch.context() as patched:
        patched.setattr(random, "getstate", random.Random().getstate)
        for _ in range(2):
            sm.seed_everything(42)
            assert random.random() == first


def test_a_seed_that_was_given_while_a_thread_drew_gives_its_own_stream_the_next_time() -> None:
    is_over = threading.Event()
    interval = sys.getswitchinterval()
    wrong = []

    def draw() -> None:
        while not is_over.is_set():
            random.random()

    sys.setswitchinterval(1e-6)
    try:
        for seed in range(400):
            is_over.clear()
            drawing = threading.Thread(target=draw)
            drawing.start()
            for turn in range(3):
                sm.seed_everything(3 * seed + turn)
            is_over.set()
            drawing.join()
            sm.seed_everything(3 * seed + turn)
            if random.getstate() != random.Random(3 * seed + turn).getstate():
                wrong.append(seed)
    finally:
        is_over.set()
        sys.setswitchinterval(interval)
    assert wrong == []


@pytest.mark.parametrize("name", ["getstate", "Random"])
def test_a_seeding_works_where_another_function_of_random_is_replaced(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = getattr(random, name)
    expected = random.Random(42).random()
    with monkeypatch.context() as patched:
        patched.setattr(random, name, lambda *args: former(*args))
        for _ in range(2):
            sm.seed_everything(42)
            assert random.random() == expected


@pytest.mark.parametrize("kind", [random.Random, CountingRandom])
def test_another_generator_behind_random_is_seeded_each_time(
    kind: type[random.Random], monkeypatch: pytest.MonkeyPatch
) -> None:
    sm.seed_everything(42)
    former, other = random.getstate(), kind()
    with monkeypatch.context() as patched:
        for name in ("seed", "random", "getstate", "setstate"):
            patched.setattr(random, name, getattr(other, name))
        for _ in range(2):
            sm.seed_everything(42)
            assert random.random() == random.Random(42).random()
        assert getattr(other, "seedings", [None, 42, 42]) == [None, 42, 42]
    assert random.getstate() == former
