"""The same function under many seeds: each run is what the seed alone gives, whatever others do."""

from __future__ import annotations

import gc
import pickle
import random
import subprocess
import sys
import weakref
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import seedmagic as sm
from kernels import running_kernel
from seedmagic.session import algorithm_flags


def draws() -> dict[str, Any]:
    return {
        "python": random.random(),
        "numpy": np.random.rand(3),
        "torch": torch.rand(()),
        "layer": torch.nn.Linear(2, 2).weight.flatten(),
    }


def quiet(*args: Any, **options: Any) -> sm.RunsResult:
    return sm.repeat(*args, progress=False, **options)


def test_a_run_is_what_its_seed_alone_gives() -> None:
    result = quiet(draws, [7, 3, 2**32 - 1])
    assert result.seeds == (7, 3, 4294967295)
    for place, seed in enumerate(result.seeds):
        with sm.seeded(seed):
            alone = draws()
        for name, value in alone.items():
            assert np.array_equal(
                result.values(name)[place], np.asarray(value.detach() if name == "layer" else value)
            )


def test_the_session_is_as_if_nothing_had_run() -> None:
    sm.seed_everything(42, only=["python", "torch"])
    before, flags, status = sm.snapshot(), algorithm_flags.read(), sm.status().to_dict()

    def disturb(seed: int) -> float:
        torch.backends.cudnn.benchmark = True
        np.random.seed(9)
        if seed == 1:
            raise SystemExit(3)
        sm.seed_everything(5)
        return random.random()

    result = quiet(disturb, range(3))
    assert before.diff(sm.snapshot()) == []
    assert algorithm_flags.read() == flags
    assert sm.status().to_dict() == status
    assert result.errors == {1: "SystemExit: 3"}


def test_runs_take_the_modes_of_the_seed_in_force() -> None:
    def look() -> float:
        return float(torch.are_deterministic_algorithms_enabled())

    assert list(quiet(look, range(2)).values("value")) == [0, 0]
    sm.seed_everything(1, deterministic=True, skip="numpy")
    assert list(quiet(look, range(2)).values("value")) == [1, 1]
    before = np.random.get_state()[1][0]
    assert before == quiet(lambda: int(np.random.get_state()[1][0]), [0]).values("value")[0]


def test_a_function_that_takes_the_seed_is_given_it() -> None:
    assert list(quiet(lambda seed: seed, range(3)).values("value")) == [0, 1, 2]
    assert list(quiet(lambda seed=9: seed, range(3)).values("value")) == [0, 1, 2]
    assert list(quiet(lambda other=9: other, range(2)).values("value")) == [9, 9]


def test_each_run_starts_from_what_before_each_puts_back() -> None:
    trained: list[int] = []

    def train() -> int:
        trained.append(1)
        return len(trained)

    assert list(quiet(train, range(3)).values("value")) == [1, 2, 3]
    assert list(quiet(train, range(3), before_each=trained.clear).values("value")) == [1, 1, 1]


VALUES: list[tuple[Any, list[float] | float]] = [
    (1, 1.0),
    (True, 1.0),
    (np.float32(0.1), float(np.float32(0.1))),
    (np.bool_(True), 1.0),
    (np.array(2), 2.0),
    (torch.tensor(0.5, dtype=torch.bfloat16, requires_grad=True), 0.5),
    ([1, torch.tensor(2.0), np.int8(3)], [1.0, 2.0, 3.0]),
    ((4,), [4.0]),
    (range(2), [0.0, 1.0]),
    (np.arange(3.0), [0.0, 1.0, 2.0]),
    (torch.ones(2, requires_grad=True), [1.0, 1.0]),
    (pd.Series([5.0, 6.0], index=[9, 8]), [5.0, 6.0]),
    (float("inf"), float("inf")),
]


@pytest.mark.parametrize(("given", "kept"), VALUES, ids=[type(v[0]).__name__ for v in VALUES])
def test_numbers_and_sequences_of_every_kind_are_kept(given: Any, kept: Any) -> None:
    result = quiet(lambda: {"x": given}, [0])
    assert result.values("x").tolist() == [kept]
    assert result.values("x").dtype == np.float64


MISTAKES: list[tuple[Any, str]] = [
    (None, "NoneType"),
    ("0.5", "str"),
    ({"x": {"y": 1}}, "'x' is of type dict"),
    ({"x": [[1, 2]]}, r"'x'\[0\] is of type list"),
    ({"x": np.eye(2)}, "ndarray of 2 dimensions"),
    ({"x": 1j}, "complex"),
    ({"x": iter([1])}, "list_iterator"),
    ({"x": np.array(["a"])}, "str"),
    ({"x": 10**400}, "too large"),
    ({"x": pd.DataFrame({"a": [1]})}, "DataFrame"),
    ({1: 2.0}, "key 1"),
]


@pytest.mark.parametrize(("given", "named"), MISTAKES, ids=[m[1][:12] for m in MISTAKES])
def test_what_is_no_number_stops_the_call_at_the_first_run(given: Any, named: str) -> None:
    ran = []
    with pytest.raises(TypeError, match=named):
        quiet(lambda: (ran.append(1), given)[1], range(5))
    assert len(ran) == 1


def test_an_unknown_name_stops_the_call_at_the_first_run_and_fails_a_later_one() -> None:
    with pytest.raises(ValueError, match="'ac' cannot be tracked: the run gave acc"):
        quiet(lambda: {"acc": 1.0}, range(5), track="ac")
    with pytest.raises(ValueError, match="empty dict"):
        quiet(dict, range(5))
    result = quiet(lambda seed: {"acc": seed} if seed != 1 else {}, range(3), track="acc")
    assert result.values("acc")[[0, 2]].tolist() == [0, 2]
    assert np.isnan(result.values("acc")[1])
    assert "cannot be tracked: the run gave nothing" in result.errors[1]


def test_only_what_is_tracked_is_kept_and_checked() -> None:
    result = quiet(lambda: {"acc": 1, "loss": [1, 2], "model": object()}, [0], track="acc, loss")
    assert result.names == ("acc", "loss")


def test_a_failed_seed_is_listed_and_the_others_are_kept() -> None:
    def sometimes(seed: int) -> dict[str, Any]:
        if seed % 2:
            raise ZeroDivisionError(f"at {seed}")
        return {"acc": seed, "loss": [1.0] * (seed + 1)}

    result = quiet(sometimes, range(5))
    assert result.errors == {1: "ZeroDivisionError: at 1", 3: "ZeroDivisionError: at 3"}
    np.testing.assert_array_equal(result.values("acc"), [0, np.nan, 2, np.nan, 4])
    assert result.values("loss").shape == (5, 5)
    assert np.isnan(result.values("loss")[:2]).sum() == 9
    frame = result.to_frame()
    assert list(frame.columns) == ["seed", "name", "step", "value"]
    np.testing.assert_array_equal(frame[frame.name == "acc"].value, result.values("acc"))
    assert len(frame[(frame.name == "loss") & (frame.seed == 4)]) == 5


def test_where_all_fail_the_first_error_is_told_and_chained() -> None:
    def fail(seed: int) -> None:
        raise KeyError(seed)

    with pytest.raises(sm.RunsError, match="All 2 runs failed: KeyError: 8") as caught:
        quiet(fail, [8, 9])
    assert caught.value.errors == {8: "KeyError: 8", 9: "KeyError: 9"}
    assert isinstance(caught.value.__cause__, KeyError)
    assert caught.value.__cause__.__traceback__ is not None


def test_an_interrupt_keeps_the_finished_runs() -> None:
    def stopped(seed: int) -> int:
        if seed == 12:
            raise KeyboardInterrupt
        return seed

    before = sm.snapshot()
    with pytest.raises(KeyboardInterrupt) as caught:
        quiet(stopped, range(10, 15))
    assert isinstance(caught.value, sm.RunsInterrupted)
    assert caught.value.result.seeds == (10, 11)
    assert caught.value.result.cancelled == (12, 13, 14)
    assert caught.value.result.values("value").tolist() == [10, 11]
    assert before.diff(sm.snapshot()) == []
    with pytest.raises(KeyboardInterrupt) as caught:
        quiet(stopped, [12, 13])
    assert not isinstance(caught.value, sm.RunsInterrupted)


def test_a_bar_with_the_time_left_stands_on_stderr() -> None:
    code = "import seedmagic as sm, time; sm.repeat(lambda: time.sleep(.2) or 1.0, range(3))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert "| 2/3 [00:00<00:00" in done.stderr
    for quiet_code in (code.replace("range(3)", "range(1)"), code[:-1] + ", progress=False)"):
        done = subprocess.run([sys.executable, "-c", quiet_code], capture_output=True, check=True)
        assert done.stderr == b""


def test_a_failed_run_keeps_none_of_its_objects() -> None:
    made: list[Any] = []

    def fail(seed: int) -> float:
        model = torch.nn.Linear(1, 1)
        made.append(weakref.ref(model))
        if seed:
            raise ValueError("so")
        return seed

    result = quiet(fail, range(3))
    gc.collect()
    assert len(result.errors) == 2
    assert [reference() for reference in made] == [None] * 3
    assert pickle.loads(pickle.dumps(result)).errors == result.errors


def test_a_notebook_shows_a_result_and_is_not_warned() -> None:
    with running_kernel("%load_ext seedmagic") as kernel:
        kernel.ok("import random, seedmagic as sm")
        shown = kernel.ok("sm.repeat(lambda: {'acc': random.random()}, seeds=range(3))")
        assert "Warning" not in shown.text
        assert "3 runs under seeds 0 to 2." in shown.text
        expected = repr([random.Random(seed).random() for seed in range(3)])
        assert kernel.value("_.values('acc').tolist()") == expected
        assert "Warning" in kernel.ok("random.random()").text  # the watcher is awake
