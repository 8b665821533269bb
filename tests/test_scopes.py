"""A scope's end puts everything back, whatever happened inside."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pytest
import torch

import seedmagic as sm
from sample_sources import Coin, Dice, StuckDice, assert_unchanged, everything_now


def draws() -> list[float]:
    return [random.random(), random.gauss(0, 1), np.random.randn(), torch.randn(3).sum().item()]


def all_streams() -> list[float]:
    return [*draws(), *draws()]


@pytest.mark.parametrize("outer", [None, 7], ids=["without a seed outside", "with a seed outside"])
@pytest.mark.parametrize("scope", [lambda: sm.seeded(1024), sm.preserve, lambda: sm.seeded(None)])
def test_after_a_scope_everything_is_as_before(scope: Any, outer: int | None) -> None:
    if outer is not None:
        sm.seed_everything(outer)
    draws()  # leaves halves of Gaussian pairs behind
    before = everything_now()
    with scope():
        draws()
        np.random.set_state(np.random.RandomState(3).get_state())
    assert_unchanged(before)


def test_a_function_of_random_that_somebody_replaced_is_in_no_scopes_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = random.getstate()
    with sm.preserve():
        monkeypatch.setattr(random, "random", lambda: 0.5)
        random.gauss(0, 1)
        with sm.seeded(3):
            assert random.gauss(0, 1) == random.Random(3).gauss(0, 1)
    assert random.getstate() == before


def test_inside_everything_is_as_after_a_seeding() -> None:
    sm.seed_everything(1024)
    expected = all_streams()
    sm.seed_everything(3)
    with sm.seeded(1024) as report:
        assert report.seed == 1024
        assert sm.status().seed == 1024
        assert all_streams() == expected
    assert sm.status().seed == 3


def test_preserve_seeds_nothing() -> None:
    sm.seed_everything(5)
    outside = everything_now()
    with sm.preserve():
        assert_unchanged(outside)
        inside = all_streams()
    assert all_streams() == inside


def test_scopes_nest_last_in_first_out() -> None:
    with sm.seeded(1):
        first, rest = draws(), all_streams()
    with sm.seeded(1):
        assert draws() == first
        with sm.seeded(2), sm.preserve(), sm.seeded(1):
            assert draws() == first
        assert sm.status().seed == 1
        assert all_streams() == rest


class Unusual(BaseException):
    pass


@pytest.mark.parametrize(
    "kind", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit, Unusual, StopIteration]
)
def test_a_scope_left_by_an_exception_restores_and_lets_it_pass(kind: type[BaseException]) -> None:
    def body() -> None:
        with sm.seeded(1):
            draws()
            with sm.preserve(), sm.seeded(2):
                draws()
                raise raised

    before, raised = everything_now(), kind("gone")
    with pytest.raises(kind) as caught:
        body()
    assert caught.value is raised
    assert_unchanged(before)


def test_what_the_body_sets_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    before = everything_now()
    with sm.seeded(1):
        sm.seed_everything(9, deterministic=True, skip="numpy")
        os.environ["PYTHONHASHSEED"] = "33"
        del os.environ["CUBLAS_WORKSPACE_CONFIG"]
        torch.backends.cudnn.enabled = False
        torch.backends.cudnn.benchmark = True
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        random.seed(0)
        torch.manual_seed(0)
        np.random.seed(0)
    assert_unchanged(before)


def test_a_changed_bit_generator_is_put_back() -> None:
    before = sm.snapshot()
    with sm.seeded(1):
        np.random.set_bit_generator(np.random.Philox(3))
        draws()
    assert before.diff(sm.snapshot()) == []
    assert type(np.random.get_bit_generator()) is np.random.MT19937


def test_a_scope_keeps_the_modes_of_the_seed_in_force_unless_told_otherwise() -> None:
    sm.seed_everything(1, skip="numpy", cudnn=False, deterministic="warn")
    with sm.seeded(2) as report:
        assert report.modes.skip == ("numpy",)
        assert report.modes.deterministic == "warn"
        assert not torch.backends.cudnn.deterministic
    with sm.seeded(2, skip=(), cudnn=True, deterministic=False) as report:
        assert "numpy" in report.seeded
        assert torch.backends.cudnn.deterministic
        assert not torch.are_deterministic_algorithms_enabled()
    assert torch.is_deterministic_algorithms_warn_only_enabled()


def test_a_decorated_function_starts_each_call_from_the_seed() -> None:
    @sm.seeded(1024)
    def nested(depth: int) -> list[float]:
        """Draw."""
        return draws() + (nested(depth - 1) if depth else [])

    before = everything_now()
    once = nested(0)
    assert nested(2) == once * 3
    assert nested.__name__ == "nested"
    assert nested.__doc__ == "Draw."
    assert_unchanged(before)


def test_a_decorated_coroutine_function_restores_after_its_awaits() -> None:
    @sm.seeded(1024)
    async def work() -> list[float]:
        first = draws()
        await asyncio.sleep(0)
        return first + draws()

    @sm.preserve()
    async def failing() -> None:
        draws()
        await asyncio.sleep(0)
        raise ValueError("gone")

    async def main() -> None:
        before = everything_now()
        assert await work() == await work()
        with pytest.raises(ValueError, match="gone"):
            await failing()
        assert_unchanged(before)

    assert asyncio.iscoroutinefunction(work)
    asyncio.run(main())


def generator_function() -> Iterator[int]:
    yield 1


async def async_generator_function() -> AsyncIterator[int]:
    yield 1


@pytest.mark.parametrize("what", [generator_function, async_generator_function, Dice, 42])
def test_what_cannot_be_decorated_is_refused(what: Any) -> None:
    with pytest.raises(TypeError, match="decorate"):
        sm.seeded(1)(what)


def test_a_seed_only_source_is_seeded_anew_at_the_end_and_that_is_said_once() -> None:
    coin = Coin("said-once")
    sm.register_source(coin)
    told = r"said-once can only be seeded, so seeded\(\) could not put it back"
    with pytest.warns(sm.SeedmagicWarning, match=told), sm.seeded(42):
        pass
    with sm.seeded(42):
        pass
    assert coin.seeds[::2] == [42, 42]
    assert coin.seeds[1] != coin.seeds[3]
    assert sm.status().sources["said-once"].by is None  # nobody chose that seed
    with sm.preserve():  # nobody seeded it
        pass
    assert len(coin.seeds) == 4


@pytest.mark.filterwarnings("ignore:outside can only be seeded")
def test_with_a_seed_outside_it_goes_on_from_that_the_same_each_time() -> None:
    coin = Coin("outside")
    sm.register_source(coin)
    for _ in range(2):
        sm.seed_everything(7)
        for _ in range(2):
            with sm.seeded(42):
                pass
    assert coin.seeds[:5] == coin.seeds[5:]
    assert coin.seeds[2] != coin.seeds[4]


def test_a_source_registered_inside_is_left_as_it_would_be_outside() -> None:
    sm.seed_everything(7)
    dice = Dice()
    with sm.seeded(1):
        sm.register_source(dice)
        sm.seed_everything(2)
    assert dice.draw() == random.Random(7).random()


def test_a_source_unregistered_inside_is_put_back_all_the_same() -> None:
    dice = Dice()
    sm.register_source(dice)
    expected = Dice().draw()
    with sm.seeded(1):
        sm.unregister_source("dice")
    assert dice.draw() == expected
    assert "dice" not in sm.sources()


def test_a_source_replaced_inside_is_put_back_and_so_is_the_one_in_its_place() -> None:
    first, second, inner = Dice(), Dice(), Dice()
    sm.register_source(first)
    sm.seed_everything(7)
    expected = random.Random(7).random()
    with sm.seeded(1):
        with sm.seeded(2):
            sm.register_source(inner)
        sm.register_source(second)
        sm.seed_everything(3)
    assert [dice.draw() for dice in (first, second)] == [expected, expected]
    assert sm.status().sources["dice"].seed == 7


def test_a_source_of_another_class_in_the_place_of_one_is_left_as_it_would_be_outside() -> None:
    class Loaded(Dice):
        def get_state(self) -> Any:
            return [super().get_state()]

        def set_state(self, state: Any) -> None:
            super().set_state(state[0])

    first, second = Dice(), Loaded()
    sm.register_source(first)
    sm.seed_everything(7)
    first.draw()
    expected = [random.Random(7) for _ in range(2)]
    expected[0].random()
    with sm.seeded(1):
        sm.unregister_source("dice")
        sm.register_source(second)
        sm.seed_everything(2)
    assert [dice.draw() for dice in (first, second)] == [each.random() for each in expected]


def test_a_cell_that_registers_a_librarys_generator_again_leaves_the_outer_stream_alone() -> None:
    generator = random.Random()

    def made() -> Any:
        class Global(Dice):
            def __init__(self) -> None:
                self.generator = generator

        return Global()

    sm.register_source(made())
    sm.seed_everything(7)
    generator.random()
    expected = random.Random(7)
    expected.random()
    with sm.seeded(1):
        sm.register_source(made())
        generator.random()
    assert generator.random() == expected.random()


def test_sources_that_cannot_be_put_back_are_all_named_and_the_rest_is_put_back() -> None:
    sm.register_source(StuckDice("one"))
    sm.register_source(StuckDice("two"))
    before = sm.snapshot()
    settings = sm.status().flags
    with pytest.raises(sm.RestoreError) as raised, sm.seeded(1, deterministic=True):
        draws()
    assert raised.value.failures.keys() == {"one", "two"}
    assert all(name in str(raised.value) for name in ("one is stuck", "two is stuck"))
    assert set(before.diff(sm.snapshot())) == {"one", "two"}
    assert sm.status().flags == settings
    assert sm.status().seed is None


def test_an_exception_of_the_body_stays_visible_beside_a_failed_restore() -> None:
    sm.register_source(StuckDice("one"))
    with pytest.raises(sm.RestoreError) as raised, sm.seeded(1):
        raise ValueError("mine")
    assert isinstance(raised.value.__context__, ValueError)


def test_closing_an_outer_scope_first_closes_the_inner_ones() -> None:
    before = everything_now()
    outer, inner = sm.seeded(1), sm.seeded(2)
    outer.__enter__()
    inner.__enter__()
    outer.__exit__(None, None, None)
    assert_unchanged(before)
    draws()
    now = everything_now()
    inner.__exit__(None, None, None)  # closed already: nothing may change
    assert_unchanged(now)


def test_a_seeding_that_fails_on_entering_leaves_no_scope() -> None:
    class Failing(Dice):
        def seed(self, seed: int) -> None:
            raise OSError("lost")

    sm.register_source(Failing())
    before = everything_now()
    with pytest.raises(sm.SeedingError, match="dice failed"), sm.seeded(1):
        pytest.fail("the body ran")
    assert_unchanged(before)


def test_a_function_that_returns_a_coroutine_draws_in_the_scope() -> None:
    class Drawing:
        async def __call__(self) -> float:
            return random.random()

    drawing = Drawing()
    expected = random.Random(7).random()
    assert asyncio.run(sm.seeded(7)(drawing)()) == expected
    assert asyncio.run(sm.seeded(7)(lambda: drawing())()) == expected


@pytest.mark.filterwarnings("ignore:interrupted can only be seeded")
def test_an_interrupt_at_the_end_leaves_no_source_at_the_scopes_seed() -> None:
    class Late(Coin):
        def seed(self, seed: int) -> None:
            super().seed(seed)
            if len(self.seeds) == 1:
                raise KeyboardInterrupt

    coin, late = Coin("interrupted"), Late("late")
    sm.register_source(coin)
    with pytest.raises(KeyboardInterrupt), sm.seeded(42):
        sm.register_source(late)  # so it is seeded at the end, after much was put back
    assert len(late.seeds) == 2
    assert coin.seeds[0] == 42
    assert coin.seeds[1:]
    assert coin.seeds[-1] != 42
    assert sm.status().sources["interrupted"].by is None
