"""Each cause is told once, in the user's words and with the user's line; in this process."""

from __future__ import annotations

import datetime
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import make_msgid
from pathlib import Path
from time import strftime

import numpy as np
import pytest
import torch

import seedmagic as sm

KEPT: list[object] = []


def turn(folder: Path) -> int:
    """Count calls where no run puts anything back."""
    with (folder / "turns").open("ab") as file:
        file.write(b"x")
        return file.tell()


def line_of(function: Callable[[], object], below: int = 0) -> int:
    return function.__code__.co_firstlineno + below  # type: ignore[attr-defined]


def made_later() -> str:
    time.sleep(0.02)
    return make_msgid()


def test_what_a_library_asks_for_is_told_with_the_users_line_where_nothing_else_explains_it() -> (
    None
):
    told = "it asked for the time (time.time() in email, line "
    found = sm.verify(made_later, seed=1)
    assert found.causes == ()
    assert f"Cause: {told}{line_of(made_later, 2)}), which no seed reaches. " in str(found)
    found = sm.verify(lambda: (made_later(), time.perf_counter()), seed=1)
    assert "time.perf_counter() (line " in str(found)
    assert "email" not in str(found)


def test_a_count_that_moves_is_no_time_that_a_library_asked_for(tmp_path: Path) -> None:
    found = sm.verify(lambda: (turn(tmp_path), len(make_msgid()) * 0))
    assert found.reproducible is False
    assert "Cause: not found: it asked the system for nothing that explains it. " in str(found)


NOTED: dict[str, tuple[Callable[[], object], str]] = {
    "a format": (lambda: time.strftime("%Y"), "time.strftime()"),
    "a format by name": (lambda: strftime("%Y"), "time.strftime()"),
    "a day": (lambda: datetime.date.today(), "date.today()"),
    "a year": (lambda: datetime.datetime.now().year, "datetime.now()"),
    "a day of NumPy": (lambda: np.datetime64("today"), "datetime64('today')"),
    "hours": (lambda: int(time.time()) // 360000, "time.time()"),
    "through a library": (lambda: make_msgid()[:1], "time.time() in email"),
}


@pytest.mark.parametrize(("function", "call"), NOTED.values(), ids=NOTED)
def test_equal_runs_that_asked_for_the_time_have_a_note(
    function: Callable[[], object], call: str
) -> None:
    found = sm.verify(function, seed=1)
    (note,) = found.notes
    assert found.reproducible
    assert f"asked for the time ({call}, line {line_of(function)})" in note
    assert str(found).endswith(f"\n  Note: {note}")


def timed() -> int:
    start = time.perf_counter()
    logging.getLogger("quiet").info("begun")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int, 3).result(timeout=5)
    return round(time.perf_counter() - start) * 0


def test_how_long_something_took_and_what_libraries_do_with_the_time_is_no_note() -> None:
    assert sm.verify(timed).notes == ()
    assert sm.verify(lambda: 1).notes == ()


def test_a_process_has_a_note_too() -> None:
    found = sm.verify(lambda: os.getpid())
    line = line_of(test_a_process_has_a_note_too, 1)
    told = f"it asked for the process's number (os.getpid(), line {line}): each has its own."
    assert found.notes == (told,)
    assert "getpid" not in str(sm.verify(lambda: (os.getpid(), time.perf_counter())))


def test_noting_the_time_costs_little_of_a_long_run() -> None:
    calls = [0]

    def busy() -> int:
        calls[0] += 1
        return sum(map(abs, range(3_000_000))) + sum(abs(-i) for i in range(200_000))

    def took(function: Callable[[], object]) -> float:
        begun = time.process_time()
        function()
        return time.process_time() - begun

    alone = min(took(busy) for _ in range(3))
    assert took(lambda: sm.verify(busy)) < 3 * alone + 0.2


def read(path: Path) -> bytes:
    with path.open("rb", buffering=0) as file:
        return file.read(4)


DEVICE = "/dev/urandom"
FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a device": (lambda _: read(Path(DEVICE)), f"bytes of {DEVICE} (line"),
    "its bytes": (lambda _: os.read(os.open(DEVICE, os.O_RDONLY), 4), f"bytes of {DEVICE} (line"),
    "by NumPy": (lambda _: np.fromfile(DEVICE, "u1", 9), f"bytes of {DEVICE} (line"),
    "a file's time": (lambda f: (turn(f), (f / "turns").stat().st_mtime_ns)[1], "a file's time (l"),
}


@pytest.mark.parametrize(("read", "told"), FILES.values(), ids=FILES)
def test_files_that_give_something_else_each_time_are_named(
    read: Callable[[Path], object], told: str, tmp_path: Path
) -> None:
    found = str(sm.verify(lambda: (time.sleep(0.02), read(tmp_path))))
    assert f"Cause: it asked for {told}" in found


def test_a_task_that_is_a_clock_itself_is_named_with_the_line_that_hands_it_on() -> None:
    def submitted() -> int:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(time.time_ns).result()

    line = line_of(submitted, 2)
    assert f"it asked for time.time_ns() (line {line}), " in str(sm.verify(submitted))


class Thing:
    def __init__(self, number: int) -> None:
        self.number = number


def test_a_set_of_objects_is_named_where_its_order_decides() -> None:
    def ordered() -> list[int]:
        KEPT.append([Thing(0) for _ in range(len(KEPT) * 77)])
        things = {Thing(number) for number in range(400)}
        KEPT.append(things)
        return [thing.number for thing in things]

    found = sm.verify(ordered)
    assert found.possible
    assert f"(line {line_of(ordered, 4)}: return [thing" in found.possible[0]


def test_what_came_into_torch_is_told_below_its_cause() -> None:
    def summed() -> torch.Tensor:
        noise = int.from_bytes(os.urandom(2), "little")
        total = torch.zeros(3)
        total += noise
        return total * 2

    found = sm.verify(summed)
    (cause,) = [line for line in str(found).splitlines() if "Cause:" in line]
    assert f"os.urandom() (line {line_of(summed, 1)})" in cause
    line = line_of(summed, 3)
    path = (
        f"    line {line}: `total += noise`: the values came from NumPy or Python, not from torch"
    )
    assert str(found).endswith(path)
