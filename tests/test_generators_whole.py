"""Seeding and restoring leave what the library's own functions leave, whoever draws meanwhile."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import seedmagic as sm
from scripts import answer

SEEDS = (0, 42, 2**32 - 1)


def gaussians() -> list[float]:
    """Draw from each library the half of a pair that it may have kept, and one more pair."""
    drawn = [[random.gauss(0, 1), np.random.randn(), torch.randn(()).item()] for _ in range(3)]
    return [number for numbers in drawn for number in numbers]


def told() -> list[Any]:
    """Ask each library for its state."""
    numpy: Any = np.random.get_state(legacy=False)
    numpy["state"] = {part: str(value) for part, value in numpy["state"].items()}
    return [random.getstate(), str(numpy), torch.get_rng_state().tolist()]


def by_hand(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


@pytest.fixture(params=["none", "half a pair"])
def kept(request: pytest.FixtureRequest) -> None:
    """Leave in each library half of a pair of Gaussians, or none."""
    by_hand(5)
    if request.param != "none":
        random.gauss(0, 1), np.random.randn(), torch.randn(())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.usefixtures("kept")
def test_a_seeding_leaves_the_states_that_the_bare_calls_leave(seed: int) -> None:
    by_hand(seed)
    expected = told(), gaussians()
    random.gauss(0, 1), np.random.randn(), torch.randn(())
    sm.seed_everything(seed)
    assert (told(), gaussians()) == expected
    with sm.seeded(seed):
        assert (told(), gaussians()) == expected


def restored(change: Callable[[], object], path: Path) -> None:
    state = sm.snapshot()
    change()
    state.restore()


def loaded(change: Callable[[], object], path: Path) -> None:
    sm.snapshot().save(path)
    change()
    sm.RngState.load(path).restore()


def preserved(change: Callable[[], object], path: Path) -> None:
    with sm.preserve():
        change()


def scoped(change: Callable[[], object], path: Path) -> None:
    with sm.seeded(7):
        change()


def decorated(change: Callable[[], object], path: Path) -> None:
    sm.seeded(7)(lambda: change())()


def seeded_anew() -> None:
    sm.seed_everything(9)
    gaussians()


def other_bit_generator() -> None:
    np.random.set_bit_generator(np.random.PCG64(3))
    np.random.randn()


@pytest.mark.parametrize("change", [gaussians, seeded_anew, other_bit_generator])
@pytest.mark.parametrize("way", [restored, loaded, preserved, scoped, decorated])
@pytest.mark.usefixtures("kept")
def test_a_restore_leaves_the_states_that_were_there(
    way: Callable[[Callable[[], object], Path], None],
    change: Callable[[], object],
    tmp_path: Path,
) -> None:
    former = np.random.get_bit_generator()
    before = told()
    try:
        way(change, tmp_path / "state")
        assert told() == before
        python, numpy, cpu = random.Random(), np.random.RandomState(), torch.Generator()
        python.setstate(random.getstate())
        numpy.set_state(np.random.get_state())
        cpu.set_state(torch.get_rng_state())
        expected = [
            [python.gauss(0, 1), numpy.randn(), torch.randn((), generator=cpu).item()]
            for _ in range(3)
        ]
        assert gaussians() == [number for numbers in expected for number in numbers]
    finally:
        np.random.set_bit_generator(former)


@pytest.mark.parametrize("kind", ["PCG64", "Philox", "SFC64"])
def test_a_seeding_after_set_bit_generator_gives_the_stream_of_the_seed(kind: str) -> None:
    former = np.random.get_bit_generator()
    np.random.set_bit_generator(getattr(np.random, kind)(3))
    try:
        np.random.randn()
        np.random.seed(42)
        np.random.randn(), np.random.randn()  # NumPy itself keeps the half of before
        sm.seed_everything(42)
        first = np.random.randn(3).tolist()
        np.random.randn()
        sm.seed_everything(42)
        assert np.random.randn(3).tolist() == first
        if type(np.random.get_bit_generator()).__name__ == "MT19937":
            assert first == np.random.RandomState(42).randn(3).tolist()
    finally:
        np.random.set_bit_generator(former)


class Numbers(random.Random):
    """A generator of the user's own, whose states are not those of `random.Random`."""

    def __init__(self) -> None:
        self.at = 0

    def random(self) -> float:
        self.at += 1
        return self.at / 2**20

    def seed(self, a: Any = None, version: int = 2) -> None:
        self.at = 0 if a is None else int(a)

    def getstate(self) -> Any:
        return (3, (self.at,), None)

    def setstate(self, state: Any) -> None:
        self.at = state[1][0]


@pytest.mark.parametrize("kind", [random.Random, Numbers])
def test_another_generator_behind_random_is_put_back_by_its_own_functions(
    kind: type[random.Random], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = kind()
    monkeypatch.setattr(random, "_inst", other)
    for name in ("seed", "random", "getstate", "setstate"):
        monkeypatch.setattr(random, name, getattr(other, name))
    with sm.preserve():
        inside = [random.random() for _ in range(3)]
    assert [random.random() for _ in range(3)] == inside
    sm.seed_everything(6)
    own = kind()
    own.seed(6)
    assert random.random() == own.random()


# NumPy's and torch's let other threads run meanwhile.
DRAWING: dict[str, Callable[[], object]] = {
    "python": random.random,
    "numpy": lambda: np.random.random_sample(5_000),
    "torch": lambda: torch.rand(5_000),
}


@contextmanager
def drawing(draw: Callable[[], object]) -> Iterator[list[int]]:
    """Have a thread draw all the time; what is given holds how often it has."""
    is_over, has_begun, count = threading.Event(), threading.Event(), [0]

    def go_on() -> None:
        while not is_over.is_set():
            count[0] += 1
            draw()
            has_begun.set()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread = threading.Thread(target=go_on)
    thread.start()
    has_begun.wait()
    try:
        yield count
    finally:
        is_over.set()
        thread.join()
        sys.setswitchinterval(interval)


def is_further_on(wanted: sm.RngState, start: sm.RngState, name: str, count: list[int]) -> bool:
    """Whether at most so many draws lead from `start` to `wanted`."""
    source: Any = sm.sources()[name]
    source.set_state(start.states[name])
    for _ in range(count[0] + 1):
        if source.get_state() == wanted.states[name]:
            return True
        DRAWING[name]()
    return False


@pytest.mark.parametrize("name", DRAWING)
def test_a_restore_while_a_thread_draws_is_whole(name: str) -> None:
    sm.seed_everything(3)
    start = sm.snapshot()
    for _ in range(10):
        with drawing(DRAWING[name]) as count:
            for _ in range(20):
                start.restore()
        assert is_further_on(sm.snapshot(), start, name, count)


@pytest.mark.parametrize("name", DRAWING)
def test_a_snapshot_while_a_thread_draws_is_whole(name: str) -> None:
    sm.seed_everything(3)
    start = sm.snapshot()
    for _ in range(10):
        start.restore()
        with drawing(DRAWING[name]) as count:
            taken = [sm.snapshot() for _ in range(3)]
        for state in taken:
            assert is_further_on(state, start, name, count)


def test_where_numba_keeps_its_generators_otherwise_it_is_asked_for_them() -> None:
    pytest.importorskip("numba", reason="the lowest versions are tried without numba")
    script = """
    import json, random
    import numpy as np, numba
    from numba.cpython import randomimpl
    import seedmagic as sm

    randomimpl.rnd_state_t = "other than is known"

    @numba.njit
    def draw():
        return random.gauss(0.0, 1.0), np.random.standard_normal(), random.random()

    same = []
    sm.seed_everything(3)
    for drawn in range(3):
        state = sm.snapshot()
        with sm.seeded(7):
            first = draw()
        expected = [draw() for _ in range(3)]
        with sm.seeded(7):
            same.append(draw() == first)
        state.restore()
        same.append([draw() for _ in range(3)] == expected)
        same.append(state.diff(sm.snapshot()) == ["numba"])
        state.restore()
        same.append(state.diff(sm.snapshot()) == [])
        draw()
    print(json.dumps(same))
    """
    assert answer(script) == [True] * 12


def test_sources_that_come_are_looked_for_once_in_a_seeding() -> None:
    script = """
    import json, sys
    import numpy.random, torch
    from IPython.core.interactiveshell import InteractiveShell
    import seedmagic as sm

    looks = []
    ask = torch._C._get_privateuse1_backend_name

    def asked():  # by who looks for the kinds of accelerators that a package may have brought
        looks.append(1)
        return ask()

    torch._C._get_privateuse1_backend_name = asked
    shell = InteractiveShell.instance()
    shell.run_cell("%load_ext seedmagic")
    counts = {}
    for cell in ("%seed 42", "%seed 42 --skip torch", "sm.seed_everything(42, skip='numba');"):
        shell.run_cell("import seedmagic as sm, torch")
        looks.clear()
        assert shell.run_cell(cell).success
        counts[cell] = len(looks)
    print()
    print(json.dumps(list(counts.values())))
    """
    assert answer(script) == [1, 1, 1]
