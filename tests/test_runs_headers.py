"""A header of many runs that has no meaning is refused before the first, and nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernels import Kernel, running_kernel

PRELUDE = """
import asyncio, random, os, sys, threading, seedmagic as sm
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(2)
lock = threading.Lock()
stream = iter([1])
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("headers")
    (folder / "file").write_text("")
    with running_kernel("%load_ext seedmagic", PRELUDE, cwd=folder) as kernel:
        yield kernel


REFUSED = {
    "5 --seeds 0:3": "--seeds stands in place of a seed",
    "--runs 3 --seeds 0:3": "give one of them",
    "1 --runs 3 --keep": "--keep has no meaning beside --runs",
    "--seeds 0:3 --keep": "--keep has no meaning beside --seeds",
    "--from 1 --runs 3": "--from has no meaning beside --runs",
    "1 --runs 3 --verify": "--verify has no meaning beside --runs",
    "1 --verify --seeds 1": "--seeds stands in place of a seed",
    "1 --track x": "--track has no meaning without --runs N or --seeds",
    "1 --on pool": "--on has no meaning without",
    "1 --tensorboard here": "--tensorboard has no meaning without",
    "1 --out result": "--out has no meaning without",
    "1 --runs 0": "0 (int) is not a number of runs",
    "1 --runs -2": "-2 (int) is not a number of runs",
    "1 --runs x": "'x' (str) is not a number of runs",
    "1 --runs 2.5": "'2.5' (str) is not a number of runs",
    "4294967295 --runs 2": "Start from 4294967294 or less",
    "--runs 2": "needs a seed in force",
    "x --runs 2": "is not a seed",
    "--seeds 1,1": "seed 1 comes twice",
    "--seeds 3:3": "holds no seed",
    "--seeds one": "seeds such as 0,1,2 or 0:10",
    "--seeds 4294967296": "4294967296",
    "--seeds=-1:1": "-1",
    "1 --runs 2 --track x,": "'' is not the name of a variable",
    "1 --runs 2 --track model.loss": "'model.loss' is not the name of a variable",
    "1 --runs 2 --out class": "'class' is not the name of a variable",
    "1 --runs 2 --out 2nd": "'2nd' is not the name of a variable",
    "1 --runs 2 --out x --track x": "would replace what --track x leaves",
    "1 --runs 2 --on nobody": "there is no variable nobody",
    "1 --runs 2 --on sm": "is no engine",
    "1 --runs 2 --on len(x)": "is not the name of a variable",
    "1 --runs 2 --tensorboard file": "event files cannot be written",
    "1 --runs 2 --rewind nope": "there is no variable nope",
    "1 --runs 2 --rewind stream": "cannot be rewound",
    "1 $opts": "must stand in the header as they are",
    "1 --runs": "expected one argument",
    "1 --runs 2 --nope": "unrecognized arguments: --nope",
}


@pytest.mark.parametrize(("header", "says"), REFUSED.items(), ids=REFUSED)
def test_a_header_without_a_meaning_is_refused_before_the_first_run(
    kernel: Kernel, header: str, says: str
) -> None:
    kernel.ok("%seed off\nopts = '--runs 2'; _runs = ran = None")
    state = kernel.value("random.getstate()")
    shown = kernel.run(f"%%seeded {header}\nran = x = 1")
    assert shown.status == "error"
    assert shown.error.startswith("UsageError: ")
    assert says in shown.error
    assert kernel.value("_runs, ran, sm.status().seed") == "(None, None, None)"
    assert kernel.value("random.getstate()") == state
    assert kernel.value("next(iter([1])), os.listdir()") == "(1, ['file'])"


def test_what_cannot_travel_is_named_before_the_first_run(kernel: Kernel) -> None:
    kernel.ok("ran = None")
    shown = kernel.run("%%seeded 1 --runs 2 --track x --on pool\nlock.locked()\nran = x = 1")
    assert shown.error.startswith("UsageError: what cannot travel to a worker: lock")
    shown = kernel.run("%%seeded 1 --runs 2 --track x --on pool\nawait asyncio.sleep(0)\nran = 1")
    assert "a cell that awaits cannot travel" in shown.error
    assert kernel.value("ran") == "None"


def test_a_variable_of_the_name_of_an_attribute_does_not_travel(kernel: Kernel) -> None:
    kernel.ok("count = lock")
    kernel.ok("%%seeded 1 --runs 2 --track x --on pool\nx = [0, 0].count(0)")
    assert kernel.value("x") == "2.0"


@pytest.mark.parametrize("value", ["None", "'text'", "[[1]]", "sm"])
def test_what_is_no_number_is_said_after_the_first_run(kernel: Kernel, value: str) -> None:
    shown = kernel.run(f"%%seeded 1 --runs 5 --track y\ny = {value}\nprint('once')")
    assert shown.error.startswith("UsageError: 'y'")
    assert "is accepted" in shown.error


def test_an_unknown_name_to_track_is_named_after_the_first_run(kernel: Kernel) -> None:
    for engine in ("", "--on pool"):
        shown = kernel.run(f"%%seeded 1 --runs 5 --track z,nowhere {engine}\nz = 1")
        assert shown.error.startswith("UsageError: 'nowhere' cannot be tracked"), shown.text


def test_an_empty_body_is_refused(kernel: Kernel) -> None:
    for body in ("", "\n", "\n  \n"):
        assert "needs a body" in kernel.run(f"%%seeded 1 --runs 2{body}").error


@pytest.mark.parametrize(
    ("module", "options"), [("scipy", ""), ("tensorboard", "--tensorboard made"),
                            ("cloudpickle", "--on pool")],
)  # fmt: skip
def test_a_missing_extra_names_the_command(kernel: Kernel, module: str, options: str) -> None:
    kernel.ok(f"former = sys.modules.get('{module}'); sys.modules['{module}'] = None")
    try:
        shown = kernel.run(f"%%seeded 1 --runs 2 {options}\nx = 1")
        assert 'pip install "seedmagic[runs]"' in shown.error
        assert shown.error.startswith("UsageError")
        assert module in shown.error
    finally:
        kernel.ok(f"del sys.modules['{module}']\nif former: sys.modules['{module}'] = former")
    assert kernel.value("os.path.exists('made')") == "False"


def test_a_directory_that_cannot_be_made_is_refused(kernel: Kernel) -> None:
    # Nobody, root included, makes a directory inside of a file.
    shown = kernel.run("%%seeded 1 --runs 2 --tensorboard file/nowhere\nx = 1")
    assert "cannot be written" in shown.error


def test_completion_and_help_know_the_options(kernel: Kernel) -> None:
    line = "%%seeded 1 --r"
    kernel.client.complete(line)
    reply = kernel.client.get_shell_msg(timeout=60)["content"]
    assert {"--runs", "--rewind"} <= set(reply["matches"])
    kernel.client.complete("%%seeded 1 --runs 2 --on po")
    assert "pool" in kernel.client.get_shell_msg(timeout=60)["content"]["matches"]
    kernel.client.inspect("%%seeded")
    told = str(kernel.client.get_shell_msg(timeout=60)["content"]["data"])
    for option in ("--runs N", "--seeds", "--track", "--on", "--tensorboard", "--out"):
        assert option in told
