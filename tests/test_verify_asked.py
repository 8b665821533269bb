"""A verified cell tells what it asked the system for, and in which line."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import seedmagic as sm
from kernels import Kernel, running_kernel

PRELUDE = """
import datetime, os, random, secrets, time, uuid
import numpy as np, torch
from time import perf_counter as clock
def now():
    return time.time()
"""
ASKED = {
    "the time": ("t = time.time()", "time.time() (line 2)"),
    "a clock imported by name": ("x = 1\nt = clock()", "time.perf_counter() (line 3)"),
    "in a function": ("x = 1\n\nt = now()", "time.time() (line 4)"),
    "in a function of the cell": ("def f():\n    return clock()\nt = f()", "counter() (line 3)"),
    "in a comprehension": ("t = [clock() for _ in range(3)]", "time.perf_counter() (line 2)"),
    "a date": ("d = datetime.datetime.now()", "datetime.now() (line 2)"),
    "random bytes": ("b = os.urandom(4)", "os.urandom() (line 2)"),
    "a uuid": ("u = uuid.uuid4()", "uuid.uuid4() (line 2)"),
    "a secret": ("s = secrets.token_hex(4)", "secrets.token_hex() (line 2)"),
    "the system's generator": (
        "r = random.SystemRandom().random()",
        "random.SystemRandom() (line 2)",
    ),
    "an identity": (
        "i = [id([]) for _ in range(9)], time.time()",
        "id() (line 2) and time.time() (line 2)",
    ),
    "torch's own seeding": ("g = torch.Generator()\ng.seed()", "Generator.seed() (line 3)"),
    "after an await": ("await asyncio.sleep(0)\nt = clock()", "time.perf_counter() (line 3)"),
    "several": ("t = clock()\nb = os.urandom(4)", "(line 2) and os.urandom() (line 3)"),
}


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", "import asyncio, sys", PRELUDE) as kernel:
        yield kernel


@pytest.mark.parametrize(("cell", "told"), ASKED.values(), ids=ASKED)
def test_what_was_asked_for_is_named_with_its_line(kernel: Kernel, cell: str, told: str) -> None:
    shown = kernel.ok(f"%%seeded 42 --verify\n{cell}")
    (cause,) = [line for line in shown.stdout.splitlines() if "it asked for" in line]
    assert told in cause
    assert f"{told}, which no seed reaches. " in cause


def test_what_a_library_asks_for_is_not_told(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 42 --verify\nr = np.random.default_rng().random()")
    assert "made without a seed" in shown.stdout
    assert "it asked for" not in shown.stdout


def test_where_nothing_was_asked_for_and_torch_did_nothing_that_is_said(
    kernel: Kernel, tmp_path: Path
) -> None:
    path = repr(str(tmp_path / "grows"))
    cell = f"with open({path}, 'a') as file:\n    file.write('x')\nsize = os.path.getsize({path})"
    shown = kernel.ok(f"%%seeded 42 --verify\n{cell}")
    assert "Cause: not found: it asked the system for nothing that explains it." in shown.stdout


NOTES = {
    "in a line": ("d = datetime.date.today().isoformat()", "date.today(), line 2"),
    "below time": ("%time y = time.strftime('%Y')", "time.strftime(), line 2"),
    "after much else": (
        "for i in range(300_000): double(i)\nprint(f'{time.strftime(\"%Y\")}')\n"
        "if not i: print(datetime.datetime.now())",
        "time.strftime(), line 3",
    ),
    "through Faker": (
        "from faker import Faker\nd = Faker().date_this_year()",
        "date.today() in faker",
    ),
}


@pytest.mark.parametrize(("cell", "told"), NOTES.values(), ids=NOTES)
def test_equal_runs_that_asked_for_the_time_have_a_note(
    kernel: Kernel, cell: str, told: str
) -> None:
    kernel.ok("def double(i): return 2 * i")
    shown = kernel.ok(f"%%seeded 42 --verify\n{cell}").stdout
    assert "Reproducible" in shown
    (note,) = [line for line in shown.splitlines() if line.startswith("  Note: ")]
    assert f"it asked for the time ({told}" in note
    assert "datetime.now()" not in note or "faker" in note


def test_a_bar_and_a_log_ask_for_the_time_and_need_no_note(kernel: Kernel) -> None:
    cell = "from tqdm import tqdm\nimport logging\nfor _ in tqdm(range(3)): logging.info('a')"
    assert "Note" not in kernel.ok(f"%%seeded 42 --verify\n{cell}").stdout


def test_no_profiler_stays_and_a_users_own_is_left_in_peace(kernel: Kernel) -> None:
    kernel.ok("%%seeded 42 --verify\nt = clock()")
    assert kernel.value("sys.getprofile()") == "None"
    kernel.ok("calls = 0\ndef count(*_):\n    global calls\n    calls += 1")
    kernel.ok("sys.setprofile(count)")
    shown = kernel.ok("%%seeded 42 --verify\nt = clock()")
    assert "Not reproducible:" in shown.stdout
    assert kernel.value("sys.getprofile() is count") == "True"
    kernel.ok("sys.setprofile(None)")


def test_a_cell_that_ends_the_profiler_ends_well(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 42 --verify\nt = clock()\nsys.setprofile(None)\nt2 = clock()")
    assert "time.perf_counter() (line 2)" in shown.stdout
    assert kernel.value("sys.getprofile()") == "None"


def test_a_function_tells_it_too() -> None:
    def measured() -> float:
        return time.perf_counter()

    found = sm.verify(measured)
    assert found.reproducible is False
    first = measured.__code__.co_firstlineno + 1
    assert found.causes == (
        f"it asked for time.perf_counter() (line {first}), which no seed reaches. "
        "Give the time as a parameter, or leave it out of what is shown.",
    )
    assert sys.getprofile() is None


def test_a_second_run_that_is_alike_asks_nobody() -> None:
    assert sm.verify(lambda: len(str(time.time()) * 0)).causes == ()
