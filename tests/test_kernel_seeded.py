"""`%%seeded` cells behave like any other cell, and leave everything as it was."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from kernels import Kernel, running_kernel

# torch imports SymPy where its deterministic algorithms are first asked for.
IMPORTS = "import asyncio, os, random, time, numpy as np, sympy, torch, seedmagic as sm"
DRAWS = "[random.random(), float(np.random.rand()), torch.rand(1).item()]"
FLAGS = (
    "(torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark, "
    "torch.get_deterministic_debug_mode(), os.environ.get('PYTHONHASHSEED'), "
    "os.environ.get('CUBLAS_WORKSPACE_CONFIG'), sm.status().to_record()['sources'])"
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", IMPORTS) as kernel:
        yield kernel


@pytest.fixture
def kernel(shared: Kernel) -> Iterator[Kernel]:
    """A kernel in which the outer stream must go on as if the test's cells had not run."""
    shared.ok("%seed 42")
    outer = shared.value(DRAWS)
    shared.ok("%seed 42")
    flags = shared.value(FLAGS)
    yield shared
    assert shared.value(FLAGS) == flags
    assert shared.value(DRAWS) == outer


def expected(kernel: Kernel, seed: int) -> str:
    """Draw from the libraries' own generators what the first three global draws must be."""
    own = f"torch.rand(1, generator=torch.Generator().manual_seed({seed})).item()"
    return kernel.value(
        f"[random.Random({seed}).random(), float(np.random.RandomState({seed}).rand()), {own}]"
    )


def test_a_cell_gives_the_same_at_every_rerun(kernel: Kernel) -> None:
    for _ in range(2):
        assert kernel.ok(f"%%seeded 1024\n{DRAWS}").result == expected(kernel, 1024)


@pytest.mark.parametrize(
    "header",
    ["%%seeded $n", "%%seeded {n - 1 + 1}", "%%seeded n", "%%seeded 0x400  # why not",
     "%%seeded --keep-cudnn 1_024", "\n\n%%seeded 1024", "%%seeded\t1024"],
)  # fmt: skip
def test_a_header_takes_a_seed_in_these_forms(kernel: Kernel, header: str) -> None:
    kernel.ok("n = 1024")
    assert kernel.ok(f"{header}\n{DRAWS}").result == expected(kernel, 1024)


def test_without_a_number_it_takes_the_seed_in_force(kernel: Kernel) -> None:
    kernel.ok("random.random()")
    assert kernel.ok(f"%%seeded\n{DRAWS}").result == expected(kernel, 42)
    kernel.ok("%seed 42")


def test_an_error_shows_once_on_the_cells_own_line(kernel: Kernel) -> None:
    shown = kernel.run("%%seeded 7\nx = random.random()\n1 / 0")
    assert shown.status == "error"
    assert len(shown.errors) == 1
    assert "----> 3 1 / 0" in shown.traceback
    assert shown.traceback.count("ZeroDivisionError: division by zero") == 1
    assert "seedmagic" not in shown.traceback.replace("%%seeded", "")


def test_an_interrupt_ends_the_cell_and_still_restores(kernel: Kernel) -> None:
    shown = kernel.interrupt_after(
        "%%seeded 7\nrandom.random()\nwhile True:\n    time.sleep(0.01)", 1
    )
    assert shown.status == "error"
    assert "KeyboardInterrupt" in shown.error


def test_an_interrupt_under_await_still_restores(kernel: Kernel) -> None:
    # One long sleep would end when it ends, with us and without: the kernel's loop is not woken.
    forever = "while True:\n    await asyncio.sleep(0.01)"
    shown = kernel.interrupt_after(f"%%seeded 7\nrandom.random()\n{forever}", 1)
    assert shown.status == "error"


def test_await_works(kernel: Kernel) -> None:
    cell = f"%%seeded 7\nawait asyncio.sleep(0.01)\n{DRAWS}"
    assert kernel.ok(cell).result == expected(kernel, 7)


def test_a_trailing_semicolon_shows_nothing(kernel: Kernel) -> None:
    assert kernel.ok("%%seeded 7\nrandom.random();").result == ""


def test_out_and_underscore_hold_the_result(kernel: Kernel) -> None:
    kernel.ok("%%seeded 7\n'kept'")
    assert kernel.ok("(_, Out[max(Out)])").result == "('kept', 'kept')"


def test_time_below_the_header_works(kernel: Kernel) -> None:
    shown = kernel.ok(f"%%seeded 7\n%%time\n{DRAWS}")
    assert "Wall time" in shown.stdout
    assert shown.result == expected(kernel, 7)


@pytest.mark.parametrize("body", [f"    {DRAWS}", f"\n    {DRAWS}", f"\n\n%%time\n{DRAWS}"])
def test_a_body_may_be_indented_or_come_after_blank_lines(kernel: Kernel, body: str) -> None:
    assert kernel.ok(f"%%seeded 7\n{body}").result == expected(kernel, 7)


def test_in_holds_code_that_runs_the_cell_in_its_scope(kernel: Kernel) -> None:
    kernel.ok("%%seeded 7\nfrom_history = random.random()")
    kernel.ok("from_history = None\nexec(In[-2])")
    assert kernel.value("from_history == random.Random(7).random()") == "True"


def test_magics_and_shell_lines_in_the_body_work(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 7\nhere = !echo from the shell\nwhere = %pwd\nprint(here)")
    assert "from the shell" in shown.stdout


def test_a_syntax_error_is_the_users_alone(kernel: Kernel) -> None:
    shown = kernel.run("%%seeded 7\nx = (")
    assert shown.status == "error"
    assert "line 2" in shown.traceback


def test_future_imports_may_follow_the_header(kernel: Kernel) -> None:
    kernel.ok("%%seeded 7\nfrom __future__ import annotations\nx = random.random()")


def test_timeit_above_the_header_seeds_every_loop(kernel: Kernel) -> None:
    kernel.ok("seen = set()")
    kernel.ok("%%timeit -n 5 -r 2\n%%seeded 7\nseen.add(random.random())")
    assert kernel.value("len(seen)") == "1"


def test_prun_above_the_header_runs_the_body_seeded(kernel: Kernel) -> None:
    kernel.ok("%%prun -q\n%%seeded 7\nprofiled = random.random()")
    assert kernel.value("profiled == random.Random(7).random()") == "True"


def test_capture_above_the_header_works(kernel: Kernel) -> None:
    kernel.ok(f"%%capture caught\n%%seeded 7\nprint({DRAWS})")
    assert kernel.ok("print(caught.stdout)").stdout.strip() == expected(kernel, 7)


def test_run_cell_magic_works(kernel: Kernel) -> None:
    shown = kernel.ok(f"get_ipython().run_cell_magic('seeded', '7', {DRAWS!r})")
    assert shown.result == expected(kernel, 7)
    shown = kernel.run("get_ipython().run_cell_magic('seeded', '7', '1 / 0')")
    assert "ZeroDivisionError" in shown.error


@pytest.mark.parametrize("cell", ["%%seeded 7", "%%seeded 7\n", "%%seeded 7\n   \n\n"])
def test_an_empty_body_is_a_usage_error(kernel: Kernel, cell: str) -> None:
    shown = kernel.run(cell)
    assert shown.error.startswith("UsageError")
    assert "body" in shown.error


@pytest.mark.parametrize(
    "line",
    ["abc", "-1", "4294967296", "1.5", "True", "None", "$nope", "1 2", "7 --nope", "7 --per-cell",
     "7 --rewind model", "--from 9999", "--from x", "7 --from 1",
     "--from 1 --keep"],
)  # fmt: skip
def test_a_bad_header_is_a_usage_error_and_runs_nothing(kernel: Kernel, line: str) -> None:
    shown = kernel.run(f"%%seeded {line}\nran_all_the_same = True")
    assert shown.error.startswith("UsageError")
    assert kernel.value("'ran_all_the_same' in globals()") == "False"


def test_what_the_body_itself_sets_is_undone(kernel: Kernel) -> None:
    kernel.ok(
        "%%seeded 7\n"
        "%seed 99 --deterministic\n"
        "random.seed(1)\n"
        "torch.backends.cudnn.benchmark = True\n"
        "torch.use_deterministic_algorithms(True)\n"
        "os.environ['PYTHONHASHSEED'] = '1'\n"
        "os.environ['CUBLAS_WORKSPACE_CONFIG'] = ':16:8'"
    )


def test_exit_in_the_body_still_restores(kernel: Kernel) -> None:
    shown = kernel.run("%%seeded 7\nimport sys\nrandom.random()\nsys.exit('leaving')")
    assert "leaving" in shown.text


def test_nested_runs_and_scopes_end_last_in_first_out(kernel: Kernel) -> None:
    kernel.ok(
        "%%seeded 7\n"
        "first = random.random()\n"
        "get_ipython().run_cell('%%seeded 8\\ninner = random.random()')\n"
        "get_ipython().run_cell('   ')\n"
        "with sm.seeded(9):\n    innermost = random.random()\n"
        "second = random.random()"
    )
    kernel.ok("r = random.Random(7)")
    assert kernel.value("(first, second) == (r.random(), r.random())") == "True"
    assert kernel.value("inner == random.Random(8).random()") == "True"


def test_a_silent_request_between_is_outside(kernel: Kernel) -> None:
    kernel.run("%%seeded 7\nquietly = random.random()", silent=True)
    assert kernel.value("quietly == random.Random(7).random()") == "True"


def test_modes_are_those_of_the_seed_in_force(kernel: Kernel) -> None:
    kernel.ok("%seed 42 --deterministic=warn --keep-cudnn")
    cell = "%%seeded 7\n(torch.get_deterministic_debug_mode(), torch.backends.cudnn.deterministic)"
    assert kernel.ok(cell).result == "(1, False)"
    kernel.ok("%seed 42")


def test_keep_goes_on_as_after_seed(shared: Kernel) -> None:
    shared.ok("%seed 42")
    shown = shared.ok("%%seeded 7 --keep\npass")
    assert "application/vnd.seedmagic+json" in shown.displays[0]
    assert shared.value("sm.status().seed") == "7"
    assert shared.value(DRAWS) == expected(shared, 7)


def test_an_error_stops_run_all(shared: Kernel) -> None:
    shared.ok("%seed 42")
    failing, following = shared.start_all("%%seeded 7\n1 / 0", "went_on = True")
    assert shared.finish(failing).status == "error"
    assert shared.finish(following).status == "aborted"


STUBBORN = """
class Stubborn:
    name, module, fails = "stubborn", "random", True
    def seed(self, seed): pass
    def get_state(self): return 0
    def set_state(self, state):
        if self.fails: raise OSError("out of reach")
"""


def test_what_cannot_be_put_back_fails_the_cell_and_leaves_the_rest(
    shared: Kernel,
) -> None:
    shared.ok(f"{STUBBORN}\nsm.register_source(Stubborn())")
    shared.ok("%seed 42")
    inner = "get_ipython().run_cell('%%seeded 8\\n1')"
    failing, following = shared.start_all(
        f"%%seeded 7\nrandom.random()\n{inner};", "went_on = True"
    )
    shown = shared.finish(failing)
    assert shown.status == "error"
    assert "RestoreError: could not put back stubborn: out of reach" in shown.text
    assert "callback" not in shown.text
    assert shared.finish(following).status == "aborted"
    assert shared.value("sm.status().seed") == "42"
    assert shared.value(DRAWS) == expected(shared, 42)
    shared.ok("sm.unregister_source('stubborn')")


def test_debug_looks_into_the_failed_cell(kernel: Kernel) -> None:
    kernel.run("%%seeded 7\nx = random.random()\ny = 41\n1 / 0")
    time.sleep(0.2)  # ipykernel 6 aborts what comes within 0.1 s of an error
    message = kernel.start("%debug", allow_stdin=True)
    for command in ("p y + 1", "q"):
        assert kernel.client.get_stdin_msg(timeout=60)["content"]["prompt"] == "ipdb> "
        kernel.client.input(command)
    shown = kernel.finish(message)
    assert shown.status == "ok"
    assert "42" in shown.stdout
    assert "----> 4 1 / 0" in re.sub(r"\x1b\[[0-9;]*m", "", shown.stdout)
