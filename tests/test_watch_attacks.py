"""What might fool the watcher, or be broken by it: in real kernels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Kernel, Shown, running_kernel
from watched import FRESH, blame, watched_kernel


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with watched_kernel(tmp_path_factory.mktemp("attacks")) as kernel:
        yield kernel


@pytest.fixture
def kernel(shared: Kernel) -> Kernel:
    shared.ok("%seedwatch warn")
    shared.ok(FRESH)
    return shared


def numbered(kernel: Kernel, cell: str) -> tuple[int, Shown]:
    """Run a cell, and give its number too."""
    shown = kernel.run(cell)
    return int(kernel.value("max(n for n, code in enumerate(In) if code)")), shown


SWALLOWED = {
    "by the user's except": (
        "try:\n    x = random.random()\nexcept Exception:\n    pass\nwent_on = True"
    ),
    "by the user's except, at the end": "try:\n    random.random()\nexcept Exception:\n    pass",
    "by suppress": "with contextlib.suppress(Exception):\n    random.random()\nwent_on = True",
    "in a loop": (
        "for i in range(9):\n    try:\n        random.random()\n    except Exception:\n"
        "        continue\n    went_on = True"
    ),
}


@pytest.mark.parametrize("how", SWALLOWED)
def test_an_error_that_the_user_swallows_still_stops_the_cell(kernel: Kernel, how: str) -> None:
    kernel.ok("%seedwatch error\nwent_on = False")
    shown = kernel.run(SWALLOWED[how])
    assert "UnseededError" in shown.error
    assert kernel.value("went_on") == "False"


STOPPED = {
    "the first turn of a while": ("i = 0\nwhile i < 9:\n    i += 1\n    random.random()", 4),
    "the last expression": ("went_on = False\nrandom.random()", 2),
    "a finally": ("try:\n    went_on = False\nfinally:\n    random.random()", 4),
    "an await": ("await asyncio.sleep(0)\nx = random.random()\nwent_on = True", 2),
    "an if": ("if True:\n    random.random()\n    went_on = True", 2),
    "blank lines": ("\n\nx = random.random()\nwent_on = True", 3),
    "the last assignment": ("went_on = False\nx = (\n    random.random(),\n)", 2),
}


@pytest.mark.parametrize("where", STOPPED)
def test_error_names_the_line_and_shows_it_in_the_traceback(kernel: Kernel, where: str) -> None:
    cell, line = STOPPED[where]
    kernel.ok("%seedwatch error\nwent_on = False")
    shown = kernel.run(cell)
    text = cell.splitlines()[line - 1].strip()
    assert f"(line {line}: {text})" in shown.error
    drop = len(cell) - len(cell.lstrip("\n"))
    assert f"{line - drop} " in shown.traceback.rpartition("-> ")[2].partition("\n")[0]
    assert "seedmagic" not in shown.traceback.partition("UnseededError: In[")[0]
    assert kernel.value("went_on") == "False"


def test_a_long_cell_names_the_right_statement(kernel: Kernel) -> None:
    lines = [f"a{i} = str({i})" for i in range(2000)]
    lines[1500] = "x = random.random()"
    assert "(line 1501: x = random.random())" in kernel.ok("\n".join(lines)).stderr


def test_a_seeded_draw_hides_no_later_unseeded_one(kernel: Kernel) -> None:
    cell = "random.seed(0)\nrandom.random()\nrandom.seed()\nx = random.random()\nstr(1)"
    assert "seeded python from the operating system (line 3:" in kernel.ok(cell).stderr
    assert blame(kernel) == {"python": 3}


def test_an_interrupt_names_the_line_that_drew(kernel: Kernel) -> None:
    shown = kernel.interrupt_after("x = random.random()\nimport time\ntime.sleep(30)", 1)
    assert "KeyboardInterrupt" in shown.error
    assert "(line 1: x = random.random())" in shown.stderr


def test_the_end_of_the_process_is_still_the_users(kernel: Kernel) -> None:
    shown = kernel.run("x = random.random()\nraise SystemExit(3)")
    assert "SystemExit" in shown.error + shown.stderr
    assert "(line 1: x = random.random())" in shown.stderr


def test_a_script_that_is_run_draws_on_the_line_that_runs_it(kernel: Kernel) -> None:
    kernel.ok("open('script.py', 'w').write('import random\\nx = 1\\nrandom.random()\\n')")
    assert "(line 2: %run script.py)" in kernel.ok("y = 1\n%run script.py\nstr(1)").stderr


def test_a_thread_and_a_pool_draw_on_the_line_that_waits(kernel: Kernel) -> None:
    cell = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(2) as pool:\n    y = list(pool.map(random.uniform, [0], [1]))\n"
        "str(1)"
    )
    assert "(line 3: y = list" in kernel.ok(cell).stderr


def test_workers_of_a_loader_and_of_a_pool_are_left_alone(kernel: Kernel) -> None:
    kernel.ok("import multiprocessing, os\nfork = multiprocessing.get_context('fork')")
    cell = "with fork.Pool(1, initializer=random.seed, initargs=(3,)) as p:\n    "
    kernel.ok("random.seed(1)\ndraw = '__import__(\"random\").random()'")
    shown = kernel.ok(cell + "print(p.apply(eval, (draw,)) == random.Random(3).random())")
    assert shown.stdout == "True\n"
    assert shown.stderr == ""


def test_a_task_that_goes_on_after_its_cell_is_told_between_cells(kernel: Kernel) -> None:
    kernel.ok(
        "async def later():\n    await asyncio.sleep(0.05)\n    random.random()\n"
        "task = asyncio.ensure_future(later())"
    )
    import time

    time.sleep(0.5)
    assert "between cells" in kernel.ok("1 + 1").stderr


def test_a_widgets_callback_is_told_between_cells(kernel: Kernel) -> None:
    kernel.ok(
        "import ipywidgets\nbutton = ipywidgets.Button()\n"
        "button.on_click(lambda _: np.random.rand())\nbutton"
    )
    comm = kernel.value("button.comm.comm_id").strip("'")
    click = {"method": "custom", "content": {"event": "click"}}
    message = kernel.client.session.msg("comm_msg", {"comm_id": comm, "data": click})
    kernel.client.shell_channel.send(message)
    shown = kernel.ok("1 + 1")
    assert "between cells, numbers were drawn from numpy" in shown.stderr
    assert blame(kernel) == {}


def test_a_seeding_between_cells_hides_no_draw_before_it(kernel: Kernel) -> None:
    kernel.run("np.random.rand(); random.random(); random.seed(4); np.random.seed(3)", silent=True)
    assert "between cells, numbers were drawn from numpy and python" in kernel.ok("1 + 1").stderr


def test_seeding_between_cells_is_no_draw(kernel: Kernel) -> None:
    kernel.run("torch.default_generator.manual_seed(3); random.seed(4)", silent=True)
    assert kernel.ok("torch.rand(1), random.random()").stderr == ""


REPLAYED = {
    "a header": "%%seeded 7\nrandom.random()",
    "a header and blank lines": "\n\n%%seeded 7\nrandom.random()",
    "a seed of its own": "%seed 9\nrandom.random()",
    "several lines": "x = random.random()\n\nfor i in range(9):\n    x += random.random()\nx",
}


@pytest.mark.parametrize("what", REPLAYED)
def test_a_replay_runs_the_cell_as_it_was(kernel: Kernel, what: str) -> None:
    number, first = numbered(kernel, REPLAYED[what])
    kernel.ok("random.seed(99)")
    again, shown = numbered(kernel, f"%seedreplay {number}")
    assert (shown.status, shown.result, shown.stderr) == ("ok", first.result, first.stderr and "")
    assert kernel.ok(f"%seedreplay {again}").result == first.result
    kernel.ok("%seed off")


def test_a_replay_restores_after_an_error_and_names_the_cells_line(kernel: Kernel) -> None:
    number, _ = numbered(kernel, "x = random.random()\n1 / 0")
    kernel.ok("random.seed(5)")
    shown = kernel.run(f"%seedreplay {number}")
    assert "ZeroDivisionError" in shown.error
    assert kernel.ok("random.random() == random.Random(5).random()").result == "True"


def test_timed_loops_hold_no_probes(kernel: Kernel) -> None:
    kernel.ok("import builtins\nprobe, count = builtins.__seedmagic_probe__, [0]")
    kernel.ok("builtins.__seedmagic_probe__ = lambda line: count.__setitem__(0, count[0] + 1)")
    try:
        kernel.ok("%timeit -n 500 -r 1 str(1); str(2)")
        kernel.ok("%%timeit -n 500 -r 1\nstr(1)\nstr(2)")
        kernel.ok("str(1)\nstr(2)")
        assert 0 < int(kernel.value("count[0]")) < 20
    finally:
        kernel.ok("builtins.__seedmagic_probe__ = probe")


@pytest.mark.parametrize(
    "how", ["%seedwatch off", "%unload_ext seedmagic", "%reload_ext seedmagic"]
)
def test_watching_may_end_in_the_middle_of_a_cell(tmp_path: Path, how: str) -> None:
    cell = f"for i in range(9):\n    if i == 1:\n        {how}\n    str(i)\nstr(2)\nstr(3)"
    with running_kernel("%load_ext seedmagic", cwd=str(tmp_path)) as kernel:
        shown = kernel.ok(cell)
        assert (shown.result, shown.stderr) == ("'3'", "")
        assert kernel.ok("str(1)\nstr(4)").result == "'4'"
        known = "hasattr(__import__('builtins'), '__seedmagic_probe__')"
        assert kernel.value(known) == str("reload" in how)


@pytest.mark.slow
def test_functions_compiled_whole_may_seed_as_far_as_without_us(tmp_path: Path) -> None:
    cell = (
        "import torch\ntry:\n    @torch.compile(backend='eager', fullgraph=True)\n"
        "    def f(x):\n        torch.manual_seed(3)\n        return torch.rand(1) + x\n"
        "    print(f(torch.ones(1)).item())\nexcept Exception as e:\n    print(type(e).__name__)"
    )
    shown = []
    for first in ("1", "%load_ext seedmagic"):
        with running_kernel(first, cwd=str(tmp_path)) as kernel:
            shown.append(kernel.ok(cell).stdout)
    assert shown[0] == shown[1]


TRACES = (
    "def traces():\n"
    "    import builtins, numpy.random.mtrand as m, torch.random\n"
    "    kept = [random.seed, random.getstate, random.setstate, np.random.seed,\n"
    "            np.random.get_state, np.random.set_state, torch.manual_seed, torch.seed,\n"
    "            torch.random.manual_seed, torch.get_rng_state, torch.set_rng_state,\n"
    "            torch.cuda.manual_seed_all, torch.cuda.manual_seed, m._MT19937]\n"
    "    return [id(f) for f in kept if not hasattr(f, '__self__')], \\\n"
    "        [f.__qualname__ for f in kept], sorted(vars(builtins))"
)


def test_unloading_gives_every_function_back(tmp_path: Path) -> None:
    with running_kernel("import random, numpy as np, torch", TRACES, cwd=str(tmp_path)) as kernel:
        kernel.ok("before = traces()")
        kernel.ok("%load_ext seedmagic")
        kernel.ok("random.random(); np.random.RandomState(0); torch.seed()")
        kernel.ok("%unload_ext seedmagic")
        assert kernel.ok("traces() == before").result == "True"


def test_names_imported_before_the_extension_still_seed(tmp_path: Path) -> None:
    imports = "from random import seed, random\nfrom torch import manual_seed, rand"
    with running_kernel(imports, "%load_ext seedmagic", cwd=str(tmp_path)) as kernel:
        assert kernel.ok("manual_seed(3)\nrand(1)").stderr == ""


def test_ipython_has_no_tree_to_walk_for_us(kernel: Kernel) -> None:
    # While there is any transformer, it walks through all of a cell once more.
    shown = kernel.ok("left = [*get_ipython().ast_transformers]\nx = random.random()\nstr(1)")
    assert "line 2: x = random.random()" in shown.stderr
    assert "Probe" not in kernel.value("left")


TRANSFORMERS = {
    "changes constants": (
        "    def visit_Constant(self, node):\n        return ast.Constant(node.value)\n"
    ),
    "adds a statement without a line": (
        "    def visit_Expr(self, node):\n"
        "        call = ast.Call(ast.Name('id', ast.Load()), [ast.Constant(1)], [])\n"
        "        return [ast.Expr(call), node]\n"
    ),
}


@pytest.mark.parametrize("what", TRANSFORMERS.values(), ids=TRANSFORMERS)
def test_a_transformer_of_the_users_and_the_probes_get_along(kernel: Kernel, what: str) -> None:
    kernel.ok(
        f"import ast\nclass Users(ast.NodeTransformer):\n{what}"
        "get_ipython().ast_transformers.append(Users())"
    )
    try:
        for _ in range(2):
            shown = kernel.ok("a = 42\nrandom.random()\nstr(1)\na")
            assert shown.result == "42"
            assert "line 2: random.random()" in shown.stderr
        kernel.ok("%seedwatch error")
        shown = kernel.run("went_on = False\nrandom.random()\nwent_on = True\nstr(1)")
        assert "UnseededError" in shown.error
        assert kernel.value("went_on") == "False"
    finally:
        kernel.ok("%seedwatch warn\nget_ipython().ast_transformers.pop()")


def test_an_error_that_says_it_is_nothing_names_its_line(kernel: Kernel) -> None:
    kernel.ok(
        "class Nothing(Exception):\n    def __len__(self):\n        return 0\n"
        "def fail():\n    random.random()\n    raise Nothing"
    )
    shown = kernel.run("x = 1\nfail()\n\ny = 2")
    assert shown.error.startswith("Nothing")
    assert "line 2: fail()" in shown.stderr


def test_a_source_that_could_not_be_looked_at_is_in_no_replays_way(kernel: Kernel) -> None:
    kernel.ok(
        "class Moody:\n    name, module, fails, value = 'moody', 'random', False, 0\n"
        "    def seed(self, seed):\n        self.value = seed\n"
        "    def get_state(self):\n        if self.fails:\n            raise OSError('not now')\n"
        "        return self.value\n"
        "    def set_state(self, state):\n        self.value = state\n"
        "moody = Moody()\nsm.register_source(moody)\nrandom.seed(3)"
    )
    try:
        kernel.ok("moody.value = 1")
        kernel.ok("moody.fails = True")
        number, shown = numbered(kernel, "print(random.random())")
        kernel.ok("moody.fails = False")
        assert shown.stdout in kernel.ok(f"%seedreplay {number}").stdout
    finally:
        kernel.ok("sm.unregister_source('moody')")
