"""`%seedwatch`, `%seedlog`, `%seedreplay`, `--from`, and what the watcher leaves alone."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Kernel, Shown, running_kernel

IMPORTS = "import random, sys, threading, time, warnings, numpy as np, torch, seedmagic as sm"
WARNED = "UnseededWarning: In["


@pytest.fixture(scope="module")
def shared() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", IMPORTS, "np.random.get_state();") as kernel:
        yield kernel


@pytest.fixture
def kernel(shared: Kernel) -> Iterator[Kernel]:
    yield shared
    shared.ok("%seedwatch warn")
    shared.ok("%seed 1\n%seed off")


def test_the_mode_is_shown_and_a_bad_one_refused(kernel: Kernel) -> None:
    assert "warn" in kernel.ok("%seedwatch").stdout
    shown = kernel.run("%seedwatch loudly")
    assert shown.error.startswith("UsageError")
    for mode in ("off", "warn", "strict", "error"):
        assert mode in shown.error


def test_off_is_silent_and_takes_every_hook_out(kernel: Kernel) -> None:
    kernel.ok("%seedwatch off")
    assert kernel.ok("random.random(); np.random.default_rng();").stderr == ""
    assert kernel.value("random.seed.__self__ is random.random.__self__") == "True"
    assert kernel.value("hasattr(torch.manual_seed, '__wrapped__')") == "False"
    assert kernel.value("'__seedmagic_probe__' in dir(__import__('builtins'))") == "False"
    kernel.ok("%seedwatch warn")
    assert WARNED in kernel.ok("random.random();").stderr


@pytest.mark.parametrize(
    ("cell", "line", "left"),
    [
        ("done = 1\nx = random.random()\ndone = 2", 2, "1"),
        ("done = 3\nnp.random.rand()", 2, "3"),
        ("for done in range(9):\n    torch.rand(1)", 2, "0"),
        ("done = 4\nrng = np.random.default_rng()\ndone = 5", 2, "4"),
    ],
)
def test_error_stops_at_the_statement_that_drew(
    kernel: Kernel, cell: str, line: int, left: str
) -> None:
    kernel.ok("%seedwatch error")
    failing, following = kernel.start_all(cell, "went_on = True")
    shown = kernel.finish(failing)
    assert "UnseededError: In[" in shown.error
    assert f"(line {line}: " in shown.error
    assert kernel.finish(following).status == "aborted"
    assert kernel.value("done") == left


def test_error_stops_below_time_too(kernel: Kernel) -> None:
    kernel.ok("%seedwatch error")
    # IPython 8 shows an error below %%time and goes on, with us and without.
    shown = kernel.run("%%time\ndone = 6\nrandom.random()\ndone = 7")
    assert "UnseededError: In[" in shown.error
    assert "(line 3: random.random())" in shown.error
    assert kernel.value("done") == "6"


def test_error_leaves_seeded_cells_alone_and_restores_scopes(kernel: Kernel) -> None:
    kernel.ok("%seedwatch error")
    assert kernel.ok("%%seeded 7\nrandom.random()").result
    shown = kernel.run("with sm.preserve():\n    random.random()")
    assert "UnseededError" in shown.error
    assert kernel.value("sm.session.in_force.scopes") == "[]"


def numbers(shown: Shown) -> str:
    return shown.result or shown.stdout


def number_of_last_cell(kernel: Kernel) -> int:
    return int(kernel.ok("print(len(In) - 2)").stdout)


@pytest.mark.parametrize(
    "cell",
    ["[random.random(), float(np.random.rand()), torch.rand(1).item()]",
     "import asyncio\nawait asyncio.sleep(0)\nrandom.random()",
     "%%time\nprint(random.random())"],
)  # fmt: skip
def test_a_replay_gives_the_numbers_again_though_nobody_had_seeded(
    kernel: Kernel, cell: str
) -> None:
    first = numbers(kernel.ok(cell)).splitlines()[0]
    number = number_of_last_cell(kernel)
    kernel.ok("before = sm.snapshot()")
    again = kernel.ok(f"%seedreplay {number}")
    assert numbers(again).splitlines()[0] == first
    assert again.stderr == ""
    kernel.ok(f"%seedreplay {number}  # once more")
    assert numbers(kernel.ok(f"%%seeded --from {number}\n{cell}")).splitlines()[0] == first
    assert kernel.ok("before.diff(sm.snapshot())").result == "[]"


def test_the_ledger_notes_a_replay(kernel: Kernel) -> None:
    kernel.ok("random.random();")
    number = number_of_last_cell(kernel)
    kernel.ok(f"%seedreplay {number}")
    assert f"(In[{number}] again)" in kernel.ok("%seedlog -n 1").text


@pytest.mark.parametrize("line", ["%seedreplay 99999", "%seedreplay", "%seedreplay x",
                                  "y = 1\n%seedreplay 2"])  # fmt: skip
def test_a_replay_that_cannot_be_is_refused(kernel: Kernel, line: str) -> None:
    assert kernel.run(line).error.startswith("UsageError")


def test_the_log_shows_number_seed_sources_verdict_and_line(kernel: Kernel) -> None:
    kernel.ok("y = 1\n'<b>' and random.random()")
    number = number_of_last_cell(kernel)
    (data,) = kernel.ok("%seedlog -n 2").displays
    row = next(line for line in data["text/plain"].splitlines() if line.startswith(f"{number} "))
    assert re.search(r"python \(unseeded\)\s+unseeded\s+2: '<b>' and random", row)
    assert "<b>" not in data["text/html"]
    assert "&lt;b&gt;" in data["text/html"]


def test_the_log_can_be_written_as_json(kernel: Kernel, tmp_path: Path) -> None:
    kernel.ok("%seed 42")
    kernel.ok("torch.rand(1)")
    kernel.ok(f"%seedlog -n 1 --json {tmp_path}/log.json")
    (record,) = json.loads((tmp_path / "log.json").read_text())
    assert record["seed"] == 42
    assert record["verdict"] == "seeded"
    assert [draw["source"] for draw in record["draws"]] == ["torch"]
    assert kernel.run(f"%seedlog --json {tmp_path}").error.startswith("UsageError")
    assert kernel.run("%seedlog -n none").error.startswith("UsageError")


def test_strict_says_when_a_cell_runs_again_from_another_state(kernel: Kernel) -> None:
    kernel.ok("%seedwatch strict\n%seed 42")
    kernel.ok("rng = np.random.default_rng(3)")
    for cell, name in (("random.random() + 1", "python"), ("rng.random() + 1", "rng")):
        assert kernel.ok(cell).stderr == ""
        assert f"from another state of {name}" in kernel.ok(cell).stderr


def test_strict_is_silent_where_a_rerun_is_the_same(kernel: Kernel) -> None:
    kernel.ok("%seedwatch strict\n%seed 42")
    for cell in ("%%seeded 7\nrandom.random() + 2", "torch.manual_seed(0); torch.rand(1)", "1 + 2"):
        for _ in range(2):
            assert kernel.ok(cell).stderr == ""
    kernel.ok("%seed 42 --per-cell")
    for _ in range(2):
        assert kernel.ok("random.random() + 3").stderr == ""


def test_strict_names_cells_of_equal_code_under_per_cell(kernel: Kernel) -> None:
    kernel.ok("%seedwatch strict\n%seed 42 --per-cell")
    for cell_id, told in (("one", False), ("one", False), ("two", True)):
        shown = kernel.run_in(cell_id, "random.random() + 4")
        assert ("same code" in shown.stderr) is told


def test_what_was_drawn_between_cells_is_told_with_the_next(kernel: Kernel) -> None:
    kernel.run("np.random.rand()", silent=True)
    shown = kernel.ok("1 + 1")
    assert "between cells" in shown.stderr
    assert "numpy" in shown.stderr
    assert kernel.ok("1 + 1").stderr == ""


def test_a_front_end_that_connects_moves_no_stream(kernel: Kernel) -> None:
    kernel.ok("%seed 5")
    kernel.client.kernel_info()
    kernel.client.get_shell_msg(timeout=60)
    assert kernel.ok("random.random()").result == repr(random.Random(5).random())


def test_other_threads_that_were_alive_are_named(kernel: Kernel) -> None:
    kernel.ok(
        "worker = threading.Thread(target=time.sleep, args=(3,), name='busy'); worker.start()"
    )
    assert "busy" in kernel.ok("random.random();").stderr
    kernel.ok("worker.join()")


def test_the_users_filters_are_respected_and_never_fail_a_cell(kernel: Kernel) -> None:
    with_filter = "warnings.filterwarnings({!r}, category=sm.UnseededWarning)"
    kernel.ok(with_filter.format("ignore"))
    assert kernel.ok("random.random();").stderr == ""
    kernel.ok(with_filter.format("error"))
    assert WARNED in kernel.ok("random.random();").stderr
    kernel.ok("warnings.resetwarnings()")


def test_a_cell_is_warned_about_once_and_every_time(kernel: Kernel) -> None:
    cell = "x = [random.random() for _ in range(9)]\ny = np.random.rand()\nrandom.random();"
    for _ in range(2):
        assert kernel.ok(cell).stderr.count("UnseededWarning") == 1


def test_display_names_and_pickles_are_as_without_us(kernel: Kernel) -> None:
    kernel.ok("names = set(globals())")
    assert kernel.ok("a_name = 1\nstr(a_name);").result == ""
    kernel.ok("%config InteractiveShell.ast_node_interactivity = 'last_expr_or_assign'")
    assert kernel.ok("str(1)\nb_name = str(2)").result == "'2'"
    kernel.ok("%config InteractiveShell.ast_node_interactivity = 'last_expr'")
    fresh = "sorted(n for n in set(globals()) - names if not n.startswith('_'))"
    assert kernel.value(fresh) == "['a_name', 'b_name', 'names']"
    kernel.ok("import pickle, multiprocessing")
    assert kernel.value("pickle.loads(pickle.dumps(random.seed)) is random.seed") == "True"
    assert kernel.value("(random.seed.__module__, random.seed.__qualname__)") == (
        "('random', 'seed')"
    )


def test_compiled_functions_may_seed(kernel: Kernel) -> None:
    kernel.ok(
        "@torch.compile(backend='eager')\n"
        "def draw():\n    torch.manual_seed(3)\n    return torch.rand(1)"
    )
    same = "torch.equal(draw(), torch.rand(1, generator=torch.Generator().manual_seed(3)))"
    assert kernel.ok(same).result == "True"
    assert kernel.ok("torch.rand(1);").stderr == ""


PLUG_IN = """
class PlugIn:
    name, module, state = "plug-in", "random", {"words": np.zeros(3)}
    def seed(self, seed): pass
    def set_state(self, state): pass
    def get_state(self): return {"words": self.state["words"].copy()}
"""


def test_a_plug_in_whose_state_holds_arrays_is_watched(kernel: Kernel) -> None:
    kernel.ok(PLUG_IN)
    kernel.ok("sm.register_source(PlugIn())")
    kernel.ok("with sm.preserve():\n    pass")
    assert kernel.ok("1 + 1").stderr == ""
    assert "drew from plug-in" in kernel.ok("PlugIn.state['words'][1] = 5").stderr
    kernel.ok("sm.unregister_source('plug-in')")


def test_a_plug_in_that_cannot_be_looked_at_is_said_once_and_left_alone(kernel: Kernel) -> None:
    kernel.ok(PLUG_IN)
    kernel.ok("def look(self, last): raise OSError('no light')\nPlugIn.look = look")
    kernel.ok("sm.register_source(PlugIn())")
    cells = ("with sm.preserve():\n    pass", "%seed 3", "1 + 1", "%seed off")
    shown = [kernel.ok(cell) for cell in cells]
    told = "".join(each.stderr for each in shown)
    assert told.count("plug-in cannot be watched: OSError: no light") == 1
    assert WARNED in kernel.ok("random.random();").stderr
    kernel.ok("sm.unregister_source('plug-in')")


def test_a_watcher_that_fails_says_so_once_and_steps_aside(kernel: Kernel) -> None:
    broken = "from seedmagic.watch.cell_ledger import Ledger; add = Ledger.add; Ledger.add = None"
    shown = [kernel.ok(broken), kernel.ok("random.random();"), kernel.ok("1 + 1")]
    told = "".join(each.stderr for each in shown)
    assert told.count("The watcher failed and is off: TypeError") == 1
    assert WARNED not in told
    kernel.ok("Ledger.add = add")
    kernel.ok("%seedwatch warn")
    assert WARNED in kernel.ok("random.random();").stderr
