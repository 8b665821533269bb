"""A call of many runs that cannot work is refused before the first, and says what to do."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import seedmagic as sm
from seedmagic.runs.run_plan import parse_seeds, seeds_from


def draws() -> float:
    return random.random()


def quiet(*args: Any, **options: Any) -> sm.RunsResult:
    return sm.repeat(*args, progress=False, **options)


REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: quiet(draws, []), sm.SeedError, "nothing to run"),
    (lambda: quiet(draws, [1, 2, 1]), sm.SeedError, "seed 1 comes twice"),
    (lambda: quiet(draws, 20), sm.SeedError, r"20 \(int\) is not several seeds"),
    (lambda: quiet(draws, "0:3"), sm.SeedError, "not several seeds"),
    (lambda: quiet(draws, [0, -1]), sm.SeedError, "-1"),
    (lambda: quiet(draws, track=""), ValueError, "does not name what to track"),
    (lambda: quiet(draws, track=[1]), TypeError, r"1 \(int\)"),
    (lambda: quiet(draws, track=3), TypeError, "does not name what to track"),
    (lambda: quiet(3), TypeError, "cannot be repeated"),
    (lambda: quiet(lambda x: 1), TypeError, "needs x"),
    (
        lambda: quiet(draws, engine=object()),
        TypeError,
        "is no engine: a concurrent.futures executor",
    ),
    (
        lambda: quiet(draws, engine=threading.Thread),
        TypeError,
        "is no engine: a concurrent.futures executor",
    ),
    (lambda: quiet(draws, tensorboard=Path(__file__)), OSError, "Nothing was run"),
    (lambda: quiet(draws, tensorboard="/proc/nowhere"), OSError, "Nothing was run"),
    (lambda: seeds_from(0, 0), sm.SeedError, "0"),
    (lambda: seeds_from(2**32 - 2, 3), sm.SeedError, "Start from 4294967293 or less"),
    (lambda: seeds_from(0, True), sm.SeedError, "True"),
    (lambda: parse_seeds(""), sm.SeedError, "no seed"),
    (lambda: parse_seeds("1,,2"), sm.SeedError, "'' in '1,,2'"),
    (lambda: parse_seeds("0:3,2"), sm.SeedError, "twice"),
    (lambda: parse_seeds("3:3"), sm.SeedError, "holds no seed"),
    (lambda: parse_seeds("0:3:0"), sm.SeedError, "'0:3:0'"),
    (lambda: parse_seeds("0:99999999999"), sm.SeedError, "more than"),
    (lambda: parse_seeds("1.5"), sm.SeedError, "1.5"),
]


@pytest.mark.parametrize(("call", "kind", "told"), REFUSED, ids=range(len(REFUSED)))
def test_a_wrong_call_is_refused_before_the_first_run(
    call: Callable[[], Any], kind: type[Exception], told: str
) -> None:
    before = sm.snapshot()
    with pytest.raises(kind, match=told):
        call()
    assert before.diff(sm.snapshot()) == []


def test_seeds_are_read_as_slices_and_lists() -> None:
    assert seeds_from(2**32 - 3, 3) == (2**32 - 3, 2**32 - 2, 2**32 - 1)
    assert parse_seeds("0,1,2") == parse_seeds("0:3") == (0, 1, 2)
    assert parse_seeds("0:10:4") == (0, 4, 8)
    assert parse_seeds("3:0:-1, 0x10") == (3, 2, 1, 16)


def test_an_async_function_is_refused() -> None:
    async def later() -> int:
        return 1

    with pytest.raises(TypeError, match="runs after the call has ended"):
        quiet(later)


def test_another_threads_scope_refuses_the_call() -> None:
    opened, done = threading.Event(), threading.Event()

    def hold() -> None:
        with sm.seeded(1):
            opened.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    opened.wait(10)
    try:
        with pytest.raises(sm.ScopeError):
            quiet(draws, range(3))
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize("module", ["scipy", "matplotlib", "tqdm", "tensorboard", "cloudpickle"])
def test_a_missing_extra_names_the_command_that_installs_it(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    options = {"tensorboard": {"tensorboard": "x"}, "cloudpickle": {"engine": _Instant()}}
    with pytest.raises(ImportError, match=rf'{module}.* pip install "seedmagic\[runs\]"'):
        quiet(draws, **options.get(module, {}))


class _Instant:
    def submit(self, function: Callable[..., Any], *args: Any) -> Any:
        raise AssertionError("nothing is to be run")
