"""Load, reload and unload; where scopes end; threads, tasks and subshells: in real kernels."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import ipykernel
import nbformat
import pytest

from kernels import Kernel, running_kernel

IMPORTS = "import asyncio, random, sys, threading, time, seedmagic as sm"
TRACES = """
def traces():
    shell = get_ipython()
    return dict(
        line=sorted(shell.magics_manager.magics["line"]),
        cell=sorted(shell.magics_manager.magics["cell"]),
        cleanup=len(shell.input_transformers_cleanup),
        ast=len(shell.ast_transformers),
        matchers=len(shell.Completer.custom_matchers + shell.Completer.magic_arg_matchers),
        configurables=len(shell.configurables),
        registry=sorted(shell.magics_manager.registry),
        hooks={name: len(hooks) for name, hooks in shell.events.callbacks.items()},
        finders=len(sys.meta_path),
        randbits=__import__("numpy.random.bit_generator", fromlist=["x"]).randbits.__module__,
    )
"""


def test_unloading_leaves_no_trace_and_reloading_doubles_nothing() -> None:
    # %unload_ext first: IPython registers the magics for extensions when one is used.
    prepared = ("import sys, numpy.random", TRACES, "%unload_ext seedmagic", "before = traces()")
    with running_kernel(*prepared) as kernel:
        kernel.ok("%load_ext seedmagic")
        kernel.ok("%seed 42 --pin-entropy")
        kernel.ok("once = traces()")
        kernel.ok("%reload_ext seedmagic")
        assert kernel.value("traces() == once") == "True"
        kernel.ok("__import__('seedmagic').load_ipython_extension(get_ipython())")
        assert kernel.value("traces() == once") == "True"
        kernel.ok("%unload_ext seedmagic")
        assert kernel.value("traces() == before") == "True"
        kernel.ok("%load_ext seedmagic\n%seed 42")


def test_unloading_inside_a_scope_closes_it() -> None:
    with running_kernel("%load_ext seedmagic", IMPORTS, "%seed 42") as kernel:
        kernel.ok("%%seeded 7\n%unload_ext seedmagic")
        assert kernel.value("random.random() == random.Random(42).random()") == "True"


def test_loading_imports_no_heavy_library() -> None:
    heavy = "{'numpy', 'torch', 'ipywidgets', 'nbclient', 'matplotlib', 'scipy', 'pandas'}"
    with running_kernel("import sys; before = set(sys.modules)") as kernel:
        # A kernel may bring one of them by itself; what matters is what we add.
        kernel.ok("%load_ext seedmagic")
        assert kernel.value(f"{heavy} & (set(sys.modules) - before)") == "set()"
        kernel.ok("%seed 42")
        kernel.ok("%%seeded 7\npass")
        kernel.ok("%seed")
        assert kernel.value(f"{heavy} & (set(sys.modules) - before)") == "set()"


def test_the_answer_of_seed_says_when_nothing_but_python_is_loaded() -> None:
    with running_kernel("%load_ext seedmagic") as kernel:
        assert "seeded python;" in kernel.ok("%seed 42").displays[0]["text/plain"]


def write_notebook(path: Path, *cells: str) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(book, path)


def test_scopes_end_with_their_cell_under_run_of_a_notebook(tmp_path: Path) -> None:
    write_notebook(
        tmp_path / "inner.ipynb",
        "%%seeded 7\ninside = random.random()",
        "outside = random.random()",
    )
    with running_kernel("%load_ext seedmagic", IMPORTS, cwd=str(tmp_path)) as kernel:
        kernel.ok("%seed 42")
        kernel.ok("%run -i inner.ipynb")
        assert kernel.value("inside == random.Random(7).random()") == "True"
        assert kernel.value("outside == random.Random(42).random()") == "True"


def test_scopes_end_with_their_cell_in_an_ipython_script(tmp_path: Path) -> None:
    script = tmp_path / "script.ipy"
    script.write_text(
        "import random\n"
        "%load_ext seedmagic\n"
        "%seed 42\n"
        "get_ipython().run_cell('%%seeded 7\\ninside = random.random()')\n"
        "outside = random.random()\n"
        "print([inside == random.Random(7).random(), outside == random.Random(42).random()])"
    )
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", str(script)],
        capture_output=True, text=True, env=environment, cwd=tmp_path, check=True,
    )  # fmt: skip
    assert "[True, True]" in ran.stdout


def test_a_script_that_is_one_seeded_cell_ends_its_scope(tmp_path: Path) -> None:
    (tmp_path / "cell.ipy").write_text("%%seeded 7\ninside = random.random()")
    with running_kernel("%load_ext seedmagic", IMPORTS, cwd=str(tmp_path)) as kernel:
        kernel.ok("%seed 42")
        kernel.ok("%run -i cell.ipy\noutside = random.random()")
        assert kernel.value("inside == random.Random(7).random()") == "True"
        assert kernel.value("outside == random.Random(42).random()") == "True"


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", IMPORTS, "%seed 42") as running:
        yield running


TRY = """
def attempt(what):
    try:
        what()
    except Exception as error:
        return type(error).__name__
    return "done"
state = sm.snapshot()
def scope():
    with sm.seeded(1): pass
def everything():
    return [attempt(lambda: sm.seed_everything(1)), attempt(scope), attempt(state.restore)]
"""


def test_another_thread_is_refused_at_once_while_a_scope_is_open(kernel: Kernel) -> None:
    kernel.ok(TRY)
    kernel.ok(
        "%%seeded 7\n"
        "answers = []\n"
        "worker = threading.Thread(target=lambda: answers.extend(everything()))\n"
        "worker.start(); worker.join(10)\n"
        "drawn = random.random()"
    )
    assert kernel.value("answers") == "['ScopeError', 'ScopeError', 'ScopeError']"
    assert kernel.value("drawn == random.Random(7).random()") == "True"
    assert kernel.value("everything()") == "['done', 'done', 'done']"
    kernel.ok("%seed 42")


def test_the_magics_too_are_refused_from_another_thread(kernel: Kernel) -> None:
    kernel.ok(TRY)
    kernel.ok(
        "def magic(*given):\n    return lambda: get_ipython().run_line_magic('seed', *given)\n"
        "def magics():\n    return [attempt(magic('5')), attempt(magic('off'))]"
    )
    kernel.ok(
        "%%seeded 7\n"
        "answers = []\n"
        "worker = threading.Thread(target=lambda: answers.extend(magics()))\n"
        "worker.start(); worker.join(10)"
    )
    assert kernel.value("answers") == "['ScopeError', 'ScopeError']"


def test_of_two_gathered_tasks_the_second_is_refused(kernel: Kernel) -> None:
    kernel.ok(
        "@sm.seeded(5)\n"
        "async def draw():\n"
        "    await asyncio.sleep(0.01)\n"
        "    return random.random()"
    )
    kernel.ok("%seed 42")
    kernel.ok("got = await asyncio.gather(draw(), draw(), return_exceptions=True)")
    assert kernel.value("got[0] == random.Random(5).random()") == "True"
    assert kernel.value("type(got[1]).__name__") == "'ScopeError'"
    assert kernel.value("random.random() == random.Random(42).random()") == "True"


def test_an_awaiting_cells_scope_is_closed_by_its_end(kernel: Kernel) -> None:
    kernel.ok("%seed 42")
    kernel.ok("%%seeded 7\nawait asyncio.sleep(0.01)\nwith sm.seeded(8):\n    pass")
    assert kernel.value("random.random() == random.Random(42).random()") == "True"
    kernel.ok("%seed 42")


# Skipped with the lowest versions alone: ipykernel 6 has no request that makes a subshell, so
# there is nothing to refuse.
@pytest.mark.skipif(ipykernel.version_info < (7,), reason="subshells came with ipykernel 7")
def test_a_subshell_is_refused_while_a_cell_has_a_scope_open(kernel: Kernel) -> None:
    client = kernel.client
    request = client.session.msg("create_subshell_request")
    client.control_channel.send(request)
    subshell = client.get_control_msg(timeout=30)["content"]["subshell_id"]
    running = kernel.start("%%seeded 7\ntime.sleep(2)\ndrawn = random.random()")
    time.sleep(0.5)  # the cell is inside its own sleep by now
    message = client.session.msg(
        "execute_request",
        {"code": "answer = attempt(lambda: sm.seed_everything(1))", "silent": False,
         "store_history": False, "user_expressions": {}, "allow_stdin": False,
         "stop_on_error": True},
    )  # fmt: skip
    message["header"]["subshell_id"] = subshell
    client.shell_channel.send(message)
    kernel.finish(running)
    assert kernel.value("answer") == "'ScopeError'"
    assert kernel.value("drawn == random.Random(7).random()") == "True"
