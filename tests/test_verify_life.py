"""A cell under `--verify` behaves as any other, and leaves what one run leaves."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

import seedmagic as sm
from kernels import Kernel, running_kernel


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel(
        "%load_ext seedmagic", "import random, time, numpy as np, torch, os"
    ) as kernel:
        yield kernel


def test_the_first_runs_output_is_shown_once(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 42 --verify\nx = random.random()\nprint('said')\nx")
    assert shown.stdout.count("said") == 1
    assert shown.result == repr(random.Random(42).random())
    assert kernel.value("x == _") == "True"


def test_the_namespace_is_that_of_one_run(kernel: Kernel) -> None:
    kernel.ok("items = []; count = 0; gone = 1")
    kernel.ok("%%seeded 1 --verify\nitems.append(1); count += 1; del gone; fresh = 2;")
    assert kernel.value("(items, count, fresh, 'gone' in globals())") == "([1], 1, 2, False)"


def test_an_error_shows_once_on_its_own_line_and_stops_the_queue(kernel: Kernel) -> None:
    shown = kernel.run("%%seeded 42 --verify\ny = 1\n\ny / 0")
    assert shown.status == "error"
    assert len(shown.errors) == 1
    assert "----> 4 y / 0" in shown.traceback
    assert "Reproducible: 1 value and 1 output identical" in shown.stdout


def test_an_error_in_the_second_run_alone_is_a_finding_and_no_error(kernel: Kernel) -> None:
    kernel.ok("open('once', 'w').close()")
    shown = kernel.run(
        "%%seeded 42 --verify\nif os.path.exists('once'):\n    os.remove('once')\nelse:\n    1 / 0"
    )
    assert shown.status == "ok"
    assert "error: none → 'ZeroDivisionError: division by zero'" in shown.stdout.replace(
        "none → ZeroDivisionError: division by zero", "none → 'ZeroDivisionError: division by zero'"
    )


def test_an_interrupt_ends_it_and_restores(kernel: Kernel) -> None:
    kernel.ok("%seed 3")
    state = kernel.value("random.getstate()")
    shown = kernel.interrupt_after(
        "%%seeded 42 --verify\nrandom.random()\nfor _ in range(1000):\n    time.sleep(0.01)", 1.5
    )
    assert shown.error.startswith("KeyboardInterrupt")
    assert kernel.value("random.getstate()") == state
    assert kernel.ok("print('on')").stdout == "on\n"


def test_the_collector_never_flushes_the_kernels_streams(kernel: Kernel) -> None:
    # ipykernel's write holds a lock that its flush waits for, and a write may start a collection.
    kernel.ok("import gc, sys\ngc.collect(); gc.disable()")
    kernel.ok("%%seeded 42 --verify\nprint(random.random())")
    kernel.ok(
        "kind = type(sys.stderr); flush = kind.flush; asked = []\n"
        "kind.flush = lambda stream: asked.append(stream.name)\n"
        "gc.collect(); gc.enable()\n"
        "kind.flush = flush"
    )
    assert kernel.value("asked") == "[]"


@pytest.mark.parametrize(
    ("body", "result"),
    [
        ("import asyncio\nawait asyncio.sleep(0)\nrandom.random()", True),
        ("random.random();", False),
        ("from __future__ import annotations\nrandom.random()", True),
    ],
)
def test_await_a_semicolon_and_future_imports_work(kernel: Kernel, body: str, result: bool) -> None:
    shown = kernel.ok(f"%%seeded 42 --verify\n{body}")
    assert shown.result == (repr(random.Random(42).random()) if result else "")
    assert "Reproducible:" in shown.stdout


def test_a_warning_under_it_names_the_line(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 42 --verify\na = 1\nrng = np.random.default_rng()")
    assert "(line 3: rng = np.random.default_rng())" in shown.stderr
    assert "Cause: a NumPy generator was made without a seed (line 3:" in shown.stdout


def test_what_is_called_by_name_is_verified_too(kernel: Kernel) -> None:
    kernel.ok("get_ipython().run_cell_magic('seeded', '42 --verify', 'q = random.random()')")
    assert kernel.value("q") == repr(random.Random(42).random())


@pytest.mark.parametrize("header", ["42 --verify --keep", "--verify 1 2", "42 --verify extra"])
def test_a_header_without_a_meaning_is_refused(kernel: Kernel, header: str) -> None:
    kernel.ok("ran = False")
    assert kernel.run(f"%%seeded {header}\nran = True").error.startswith("UsageError")
    assert kernel.value("ran") == "False"


@pytest.mark.parametrize("above", ["%%capture shown", "%%prun -q", "%%timeit -n1 -r1"])
def test_below_another_cell_magic_it_verifies_or_says_that_it_cannot(
    kernel: Kernel, above: str
) -> None:
    said = kernel.run(f"{above}\n%%seeded 42 --verify\nx = 1").text
    if "capture" in above:
        said = kernel.value("shown.stdout + shown.stderr")
    assert "write %%seeded above" in said or "Reproducible:" in said


def test_above_another_cell_magic_it_verifies(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 42 --verify\n%%capture inside\nprint(random.random())")
    assert "Reproducible:" in shown.stdout


def test_an_empty_body_is_refused(kernel: Kernel) -> None:
    assert "needs a body" in kernel.run("%%seeded 42 --verify\n").error


def test_a_function_is_verified_in_a_script(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[float] = []

    def draw() -> float:
        seen.append(random.random())
        print("drawn")
        return seen[-1]

    before = random.getstate()
    found = sm.verify(draw, seed=42)
    assert found.reproducible is True
    assert found.outputs == 1
    assert seen == [random.Random(42).random()]
    assert capsys.readouterr().out == "drawn\n"
    assert random.getstate() == before


def test_a_function_that_differs_is_data() -> None:
    numbers = iter(range(10))
    found = sm.verify(lambda: 1.0 + next(numbers))
    assert found.reproducible is None  # the iterator cannot be put back
    assert "iterator" in found.unknown[0]
    turns = random.SystemRandom()
    found = sm.verify(turns.random)
    assert found.reproducible is False
    assert found.differences[0].path == "result"
    assert found.to_dict()["reproducible"] is False


def test_objects_are_put_back_too() -> None:
    box = [0]
    grow = {"box": box}

    def act() -> int:
        import builtins

        hidden = builtins.__dict__.setdefault("_seedmagic_test_box", box)
        hidden.append(len(hidden))
        return len(hidden)

    try:
        assert sm.verify(act, objects=[grow]).reproducible is True
        assert box == [0, 1]
    finally:
        import builtins

        del builtins.__dict__["_seedmagic_test_box"]


@pytest.mark.parametrize("wrong", [3, lambda x: x])
def test_what_is_no_function_without_arguments_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match="verify"):
        sm.verify(wrong)  # type: ignore[arg-type]
