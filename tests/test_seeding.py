"""What a seeding takes, chooses and refuses; a refused or failed one has changed nothing."""

from __future__ import annotations

import os
import random
from typing import Any

import numpy as np
import pytest
import torch

import seedmagic as sm
from sample_sources import (
    BrokenCoin,
    Coin,
    Dice,
    assert_unchanged,
    device_sources,
    everything_now,
)


class Index:
    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


class FailingIndex:
    def __index__(self) -> int:
        raise OSError("no number today")


NO_SEEDS: dict[str, Any] = {
    "a word": "abc",
    "a number as text": "42",
    "negative": -1,
    "too large": 2**32,
    "far too large": 10**5000,
    "a float": 1.5,
    "a whole float": 42.0,
    "True": True,
    "False": False,
    "NumPy's True": np.True_,
    "torch's True": torch.tensor(True),
    "NumPy's float": np.float64(3),
    "negative in NumPy": np.int64(-1),
    "an array": np.arange(2),
    "an object": object(),
    "bytes": b"42",
    "a list": [42],
    "a failing index": FailingIndex(),
}


@pytest.mark.parametrize("wrong", NO_SEEDS.values(), ids=NO_SEEDS.keys())
@pytest.mark.parametrize("call", [sm.seed_everything, sm.seeded], ids=["seed_everything", "seeded"])
def test_what_is_no_seed_is_refused_and_changes_nothing(call: Any, wrong: Any) -> None:
    before = everything_now()
    with pytest.raises(sm.SeedError, match=r"from 0 to 4294967295.*Nothing was changed") as raised:
        call(wrong)
    assert type(wrong).__name__ in str(raised.value)
    assert isinstance(raised.value, ValueError)
    assert len(str(raised.value)) < 300
    assert_unchanged(before)


def test_the_seed_must_be_given() -> None:
    with pytest.raises(TypeError):
        sm.seed_everything()  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "number", [np.int64(7), np.uint8(7), np.array(7), torch.tensor(7), Index(7)], ids=type
)
def test_anything_with_an_index_is_a_seed(number: Any) -> None:
    report = sm.seed_everything(number)
    assert type(report.seed) is int
    assert random.random() == random.Random(7).random()


def test_none_draws_a_fresh_seed_and_reports_it() -> None:
    reports = [sm.seed_everything(None) for _ in range(4)]
    drawn = random.random()
    assert len({report.seed for report in reports}) > 1
    assert sm.status().seed == reports[-1].seed
    assert str(reports[-1].seed) in str(reports[-1])
    sm.seed_everything(reports[-1].seed)
    assert random.random() == drawn


def test_only_and_skip_choose_sources_and_leave_the_others_alone() -> None:
    before = sm.snapshot()
    assert sm.seed_everything(1, only="numpy").seeded == ("numpy",)
    assert before.diff(sm.snapshot()) == ["numpy"]
    assert sm.status().sources["python"].status == "unseeded"
    assert "PYTHONHASHSEED" not in os.environ
    assert not torch.backends.cudnn.deterministic

    before = sm.snapshot()
    report = sm.seed_everything(2, skip=["numpy", "python"])
    assert not {"numpy", "python"} & set(report.seeded)
    assert "torch" in before.diff(sm.snapshot())
    assert not {"numpy", "python"} & set(before.diff(sm.snapshot()))
    assert torch.backends.cudnn.deterministic
    assert sm.status().sources["numpy"].seed == 1


def test_torch_stands_for_all_its_devices() -> None:
    class Device(Coin):
        pass

    device, other = Device("torch.sample"), Device("torchlike")
    real = device_sources()
    sm.register_source(device)
    sm.register_source(other)
    assert sm.seed_everything(1, only="torch").seeded == ("torch", *real, "torch.sample")
    sm.seed_everything(2, skip="torch")
    sm.seed_everything(3, only="torch.sample")
    assert (device.seeds, other.seeds) == ([1, 3], [2])


@pytest.mark.parametrize(
    "modes",
    [
        {"only": "nunpy"},
        {"skip": "python, nunpy"},
        {"only": ["numpy", 3]},
        {"only": "numpy", "skip": "numpy"},
        {"only": []},
        {"skip": list(sm.sources())},
    ],
    ids=str,
)
def test_unknown_names_and_nothing_left_are_refused(modes: Any) -> None:
    before = everything_now()
    with pytest.raises(sm.SourceError, match="Nothing was changed"):
        sm.seed_everything(1, **modes)
    assert_unchanged(before)


@pytest.mark.parametrize("modes", [{"cudnn": 1}, {"cudnn": None}, {"deterministic": "yes"}])
def test_modes_that_are_none_are_refused(modes: Any) -> None:
    before = everything_now()
    with pytest.raises(sm.SeedError, match="Nothing was changed"):
        sm.seed_everything(1, **modes)
    assert_unchanged(before)


def test_a_source_that_fails_rolls_all_others_back() -> None:
    dice = Dice()
    sm.register_source(BrokenCoin("broken"))
    sm.register_source(dice)
    sm.seed_everything(5, skip="broken")
    random.random(), np.random.randn(), torch.randn(3), dice.draw()
    before = everything_now()
    # Another test may have loaded a library that can only be seeded.
    told = r"^broken failed.*lost.*(Nothing|the others were put back)"
    with pytest.raises(sm.SeedingError, match=told) as raised:
        sm.seed_everything(42, deterministic=True)
    assert "skip='broken'" in str(raised.value)
    assert "--skip broken" in str(raised.value)
    assert isinstance(raised.value.__cause__, OSError)
    assert_unchanged(before)
    assert "dice" in sm.seed_everything(42, skip="broken").seeded


@pytest.mark.parametrize("owner", [random, np.random])
def test_a_seed_function_of_the_users_own_that_fails_leaves_the_others_as_they_were(
    owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(seed: int) -> None:
        owner.random()
        raise OSError("not today")

    before = everything_now()
    with monkeypatch.context() as patched:
        patched.setattr(owner, "seed", fail)
        with pytest.raises(sm.SeedingError, match=r"not today.*every source was put back"):
            sm.seed_everything(1)
    assert_unchanged(before)


def test_flags_that_a_failing_source_has_set_are_put_back_too() -> None:
    class Setting(Coin):
        def seed(self, seed: int) -> None:
            torch.backends.cudnn.deterministic = False
            torch.backends.cudnn.benchmark = True
            os.environ["PYTHONHASHSEED"] = "7"
            raise RuntimeError("no coin")

    def settings() -> list[object]:
        cudnn = torch.backends.cudnn
        return [cudnn.deterministic, cudnn.benchmark, os.environ.get("PYTHONHASHSEED")]

    sm.seed_everything(42)
    before = settings()
    sm.register_source(Setting())
    with pytest.raises(sm.SeedingError, match="no coin"):
        sm.seed_everything(42)
    assert settings() == before


def test_seed_only_sources_go_last_and_the_error_says_which_stay_seeded() -> None:
    first, dice = Coin("first"), Dice()
    for source in (first, BrokenCoin("broken"), Coin("never"), dice):
        sm.register_source(source)
    before = sm.snapshot()
    with pytest.raises(sm.SeedingError, match="first cannot be put back and stay") as raised:
        sm.seed_everything(42)
    assert "never" not in str(raised.value)
    assert first.seeds == [42]
    assert before.diff(sm.snapshot()) == []
    assert sm.status().seed is None


def test_another_bit_generator_is_seeded_and_forgets_its_cached_gaussian() -> None:
    former = np.random.get_bit_generator()
    np.random.set_bit_generator(np.random.PCG64(3))
    try:
        np.random.seed(42)
        expected = np.random.randn(3).tolist()  # an odd number leaves half a pair behind
        sm.seed_everything(42)
        assert np.random.randn(3).tolist() == expected
        with sm.seeded(1):
            np.random.seed(7)
        assert type(np.random.get_bit_generator()) is np.random.PCG64
    finally:
        np.random.set_bit_generator(former)


def test_each_seeding_replaces_the_seed_and_modes_of_the_one_before() -> None:
    sm.seed_everything(1, deterministic=True)
    assert torch.are_deterministic_algorithms_enabled()
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    sm.seed_everything(2, cudnn=False, skip="python")
    assert not torch.are_deterministic_algorithms_enabled()
    assert not torch.backends.cudnn.deterministic
    assert not {"CUBLAS_WORKSPACE_CONFIG", "PYTHONHASHSEED"} & os.environ.keys()


def test_variables_that_the_user_has_set_stay_and_the_report_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    report = sm.seed_everything(42, deterministic="warn")
    assert torch.is_deterministic_algorithms_warn_only_enabled()
    assert (os.environ["PYTHONHASHSEED"], os.environ["CUBLAS_WORKSPACE_CONFIG"]) == ("7", ":16:8")
    assert any("PYTHONHASHSEED keeps your value 7" in caveat for caveat in report.caveats)
