"""One contract over every source: built-in ones, those of users, those that can only be seeded."""

from __future__ import annotations

import importlib
import random
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dask.array.random as dask_random
import faker
import numpy as np
import pytest
import sympy.core.random
import torch

import seedmagic as sm
from sample_sources import Coin, Dice, assert_unchanged, device_sources, everything_now

dice, coin = Dice(), Coin()


def draw_numba() -> Any:
    numba = importlib.import_module("numba")

    @numba.njit
    def draw() -> tuple[float, float, float]:
        return random.random(), np.random.random(), np.random.standard_normal()

    return draw


DRAW: dict[str, Callable[[], object]] = {
    "python": lambda: (random.random(), random.gauss(0, 1)),
    "numpy": np.random.randn,
    "torch": lambda: torch.randn(()).item(),
    "numba": lambda: None,  # compiled when needed
    "faker": lambda: (faker.Faker().name(), faker.Faker().uuid4()),
    "sympy": lambda: sympy.core.random.rng.random(),
    "dask": lambda: dask_random.random(3).compute().tolist(),
    "dice": dice.draw,
}


@pytest.fixture(scope="module")
def compiled() -> Any:
    pytest.importorskip("numba", reason="the lowest versions are tried without numba")
    return draw_numba()


@pytest.fixture(params=DRAW)
def stateful(request: pytest.FixtureRequest) -> tuple[Any, Callable[[], object]]:
    name = request.param
    if name == "numba":
        return sm.sources()[name], request.getfixturevalue("compiled")
    if name == "dice":
        sm.register_source(dice)
    return sm.sources()[name], DRAW[name]


@pytest.fixture(params=[*DRAW, "coin"])
def source(request: pytest.FixtureRequest) -> Any:
    name = request.param
    if name == "numba":
        pytest.importorskip("numba", reason="the lowest versions are tried without numba")
    for own in (dice, coin):
        sm.register_source(own)
    return sm.sources()[name]


def test_a_source_has_the_members_of_the_protocol(source: Any) -> None:
    assert isinstance(source, sm.Source)
    assert sm.sources()[source.name] is source
    assert hasattr(source, "get_state") == hasattr(source, "set_state")
    assert importlib.import_module(source.module)


def test_registering_again_draws_seeds_and_changes_nothing(source: Any) -> None:
    before, seeds = everything_now(), [*coin.seeds]
    sm.register_source(source)
    assert_unchanged(before)
    assert coin.seeds == seeds
    assert sm.status().sources[source.name].status in ("unseeded", "seed only")


def test_seeding_covers_it_alone_where_it_is_chosen(source: Any) -> None:
    others = sm.snapshot()
    names = [source.name, *(device_sources() if source.name == "torch" else ())]
    assert list(sm.seed_everything(6, only=source.name).seeded) == names
    stateful = source.name != "coin"
    assert others.diff(sm.snapshot()) == names * stateful
    assert sm.status().sources[source.name].seed == 6


def test_the_same_seed_gives_the_same_numbers_and_another_gives_others(stateful: Any) -> None:
    source, draw = stateful
    streams = []
    for seed in (3, 3, 4, 2**32 - 1, 0):
        source.seed(seed)
        start = source.get_state()
        streams.append([draw() for _ in range(5)])
        source.seed(seed)
        assert sm.RngState({"x": start}).diff(sm.RngState({"x": source.get_state()})) == []
    assert streams[0] == streams[1]
    assert len({str(stream) for stream in streams}) == 4


@pytest.mark.parametrize("drawn", [0, 1, 2, 700])
def test_a_state_is_a_copy_and_puts_back_what_it_was(stateful: Any, drawn: int) -> None:
    source, draw = stateful
    source.seed(3)
    for _ in range(drawn):
        draw()
    state = source.get_state()
    expected = [draw() for _ in range(5)]
    source.seed(9)
    source.set_state(state)
    assert sm.RngState({"x": state}).diff(sm.RngState({"x": source.get_state()})) == []
    assert [draw() for _ in range(5)] == expected


@pytest.mark.parametrize("drawn", [0, 1, 2, 700])
@pytest.mark.parametrize("name", ["python", "numpy", "torch"])
def test_of_what_a_look_gave_its_state_can_be_made_later(name: str, drawn: int) -> None:
    source: Any = sm.sources()[name]
    source.seed(3)
    for _ in range(drawn):
        DRAW[name]()
    seen, state = source.look(None), source.get_state()
    expected = [DRAW[name]() for _ in range(5)]
    assert source.state_of(seen) == state
    source.set_state(source.state_of(seen))
    assert [DRAW[name]() for _ in range(5)] == expected


def types_of(state: Any) -> Iterator[type]:
    yield type(state)
    if type(state) in (list, tuple, dict):
        for item in state.values() if type(state) is dict else state:
            yield from types_of(item)


def test_a_state_is_made_of_permitted_types_and_survives_a_file(
    stateful: Any, tmp_path: Path
) -> None:
    source, draw = stateful
    draw()
    state = source.get_state()
    permitted = {bytes, str, int, float, bool, type(None), np.ndarray, list, tuple, dict}
    assert set(types_of(state)) <= permitted
    sm.snapshot().save(tmp_path / "state")
    expected = draw()
    sm.RngState.load(tmp_path / "state").restore()
    assert draw() == expected


JUNK = [None, 5, "x" * 5056, b"", b"x" * 30, [], {}, (3, (), None), {"bit_generator": []}, object()]


def test_junk_is_refused_and_changes_nothing(stateful: Any) -> None:
    source, _ = stateful
    source.check_state(source.get_state())
    before = everything_now()
    for junk in JUNK:
        with pytest.raises(ValueError, match=r"state|bytes"):
            source.check_state(junk)
        assert_unchanged(before)


def test_numba_gives_the_numbers_of_seeds_set_in_compiled_code(compiled: Any) -> None:
    numba = importlib.import_module("numba")

    @numba.njit
    def seed_inside(seed: int) -> None:
        random.seed(seed)
        np.random.seed(seed)

    for seed in (0, 42, 2**32 - 1):
        seed_inside(seed)
        expected = [compiled() for _ in range(3)]
        sm.seed_everything(seed, only="numba")
        assert [compiled() for _ in range(3)] == expected


def test_a_source_of_the_same_class_replaces_the_former_one() -> None:
    first, second = Coin(), Coin()
    sm.register_source(first)
    sm.register_source(second)
    sm.seed_everything(1)
    assert (first.seeds, second.seeds) == ([], [1])


def test_sources_is_read_only_and_forgets_what_is_unregistered() -> None:
    sm.register_source(Coin())
    with pytest.raises(TypeError):
        sm.sources()["coin"] = Coin()  # type: ignore[index]
    sm.unregister_source("coin")
    assert "coin" not in sm.sources()
    with pytest.raises(sm.SourceError, match=r"'coin'.*python, numpy"):
        sm.unregister_source("coin")


def test_a_built_in_source_that_is_unregistered_stays_away() -> None:
    sm.unregister_source("numpy")
    before = sm.snapshot()
    assert "numpy" not in sm.seed_everything(1).seeded
    assert "numpy" not in before.states


def without(member: str) -> Any:
    members: dict[str, Any] = {"name": "x", "module": "random", "seed": lambda seed: None}
    del members[member]
    return types.SimpleNamespace(**members)


def with_members(**members: Any) -> Any:
    plain: dict[str, Any] = {"name": "x", "module": "random", "seed": lambda seed: None}
    return types.SimpleNamespace(**{**plain, **members})


BAD = {
    "no name": without("name"),
    "no module": without("module"),
    "no seed": without("seed"),
    "a seed that is none": with_members(seed=3),
    "name with a space": with_members(name="my source"),
    "name with a comma": with_members(name="a,b"),
    "empty name": with_members(name=""),
    "a name like an option": with_members(name="--skip"),
    "name a number": with_members(name=3),
    "get_state alone": with_members(get_state=lambda: None),
    "set_state alone": with_members(set_state=lambda state: None),
    "a class": Dice,
    "nothing": None,
    "a taken name": Coin("numpy"),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_what_is_no_source_is_refused(bad: Any) -> None:
    before = everything_now()
    with pytest.raises(sm.SourceError, match="Nothing was changed"):
        sm.register_source(bad)
    assert_unchanged(before)


def test_a_source_whose_state_cannot_be_read_is_named() -> None:
    class Unreadable(Dice):
        def get_state(self) -> Any:
            raise OSError("no light")

    sm.register_source(Unreadable())
    before = sm.status().to_dict()
    reason = "dice: its state cannot be read: no light"
    for call in (sm.snapshot, sm.preserve().__enter__):
        with pytest.raises(sm.StateError, match=reason):
            call()
    with pytest.raises(sm.SeedingError, match=rf"{reason}.*--skip"):
        sm.seed_everything(1)
    assert sm.status().to_dict() == before
    assert "numpy" in sm.seed_everything(1, skip="dice").seeded


def test_a_source_may_have_a_name_like_those_of_torchs_devices() -> None:
    sm.register_source(Coin("torch.coin"))
    assert sm.status().sources["torch.coin"].status == "seed only"
    assert "coin" not in sm.status().devices


def test_a_new_source_under_a_name_is_unseeded_and_is_the_one_that_is_restored() -> None:
    sm.register_source(Dice())
    sm.seed_everything(42)
    state = sm.snapshot()
    fresh = Dice()
    sm.register_source(fresh)
    assert sm.status().sources[fresh.name].status == "unseeded"
    fresh.seed(7)
    before = fresh.get_state()
    state.restore()
    assert fresh.get_state() != before
