"""What cannot be verified is said in one sentence, with the cell, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from verified import environment, verify, verify_cells, write_notebook

MARK = "SEEDMAGIC_TEST_MARK"


def processes_with(mark: str) -> list[int]:
    """Give the processes that were started with a variable in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:  # gone, or another user's
            continue
    return found


def gone(mark: str) -> bool:
    """Wait a little for the processes of a mark to end."""
    for _ in range(100):
        if not processes_with(mark):
            return True
        time.sleep(0.1)
    return False


FAILURES = [
    ("missing.ipynb", None, "missing.ipynb: there is no such file."),
    ("folder", None, "folder: it is a folder; name the notebooks in it."),
    ("text.ipynb", "no JSON", "text.ipynb: it is no notebook: no JSON ("),
    ("list.ipynb", "[1]", "list.ipynb: it is no notebook: it has no 'nbformat'."),
    ("cells.ipynb", '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}',
     "cells.ipynb: it is no notebook: "),
    ("bytes.ipynb", b"\xff\xfe\x00", "bytes.ipynb: it cannot be read: "),
]  # fmt: skip


@pytest.mark.slow
def test_every_notebook_that_cannot_be_run_is_named_and_no_other_result_is_lost(
    tmp_path: Path,
) -> None:
    (tmp_path / "folder").mkdir()
    for name, content, _ in FAILURES:
        if content is not None:
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name).write_bytes(data)
    more = {
        "fails": write_notebook(tmp_path / "fails.ipynb", "x = 1", "1 / 0", "x"),
        "sometimes": write_notebook(
            tmp_path / "sometimes.ipynb", "print(hash('a'))", "import os; assert hash('a') == 0"
        ),
        "reads": write_notebook(tmp_path / "reads.ipynb", "open('../nowhere.txt')"),
        "dies": write_notebook(tmp_path / "dies.ipynb", "1", "import os; os._exit(3)"),
        "usage": write_notebook(tmp_path / "usage.ipynb", "%load_ext seedmagic\n%seed nonsense"),
        "elsewhere": write_notebook(tmp_path / "elsewhere.ipynb", "1", kernel="of-my-laptop"),
        "good": write_notebook(tmp_path / "good.ipynb", "1 + 1", kernel=None),
    }
    names = [name for name, _, _ in FAILURES] + [path.name for path in more.values()]
    answer = verify(tmp_path, *names, **{MARK: "failures"})
    assert answer.code == 2
    assert "Traceback" not in answer.err
    found = {notebook["path"]: notebook for notebook in answer.notebooks}
    for name, _, told in FAILURES:
        assert found[name]["error"].startswith(told), found[name]
    errors = {name: found[path.name]["error"] for name, path in more.items()}
    assert errors["good"] is None
    assert found["good.ipynb"]["reproducible"] is True
    failed = "fails.ipynb: cell 1 failed with ZeroDivisionError: division by zero."
    assert errors["fails"] == failed
    assert [cell["index"] for cell in found["fails.ipynb"]["cells"]] == [0]
    assert errors["sometimes"].startswith("sometimes.ipynb: cell 1 failed with AssertionError")
    assert found["sometimes.ipynb"]["cells"][0]["same"] is False
    assert "--in-place runs it where it is" in errors["reads"]
    assert errors["dies"] == "dies.ipynb: cell 1 ended its kernel: the process died."
    assert "usage.ipynb: cell 0 failed with UsageError" in errors["usage"]
    assert errors["elsewhere"].startswith(
        "elsewhere.ipynb: there is no kernel 'of-my-laptop' here; --kernel takes one of: "
    )
    for notebook in answer.notebooks:
        if notebook["error"]:
            assert notebook["reproducible"] is False
            assert notebook["error"] in answer.out
    assert gone("failures")


def test_a_cell_that_takes_too_long_is_named_and_its_kernel_stopped(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "slow.ipynb", "1", "import time\ntime.sleep(600)")
    answer = verify(tmp_path, path.name, "--timeout", "2", **{MARK: "timeout"})
    assert answer.code == 2
    assert answer.notebooks[0]["error"] == (
        "slow.ipynb: cell 1 did not end within 2 s (--timeout)."
    )
    assert gone("timeout")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)
def test_an_interrupt_keeps_what_is_known_and_stops_every_kernel(
    tmp_path: Path, number: signal.Signals
) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    write_notebook(folder / "good.ipynb", "1 + 1")
    write_notebook(folder / "slow.ipynb", "import time", "open('../ran', 'a'); time.sleep(600)")
    findings, mark = tmp_path / "findings.json", f"interrupt {number.name}"
    call = [sys.executable, "-m", "seedmagic", "verify", "good.ipynb", "slow.ipynb", "-j", "2"]
    command = subprocess.Popen(
        [*call, "--in-place", "--json", str(findings)],
        cwd=folder,
        env=environment(**{MARK: mark}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for _ in range(1200):  # two kernels start on a machine that may be busy
        if (tmp_path / "ran").exists() or command.poll() is not None:
            break
        time.sleep(0.1)
    command.send_signal(number)
    out, err = command.communicate(timeout=60)
    assert command.returncode == 2
    assert "Traceback" not in err, err
    good, slow = json.loads(findings.read_text())["notebooks"]
    assert good["reproducible"] is True
    assert slow["error"] == "slow.ipynb: it was interrupted at cell 1."
    assert slow["error"] in out
    assert gone(mark)


ENDED_EARLY = """
import os, signal, sys

class Ends:
    def find_spec(self, name, path=None, target=None):
        if name == "nbformat.v4":
            os.kill(os.getpid(), signal.SIGTERM)

sys.meta_path.insert(0, Ends())
"""


def test_a_command_that_is_ended_while_it_reads_its_notebooks_says_so(tmp_path: Path) -> None:
    names = "first.ipynb", "second.ipynb"
    for name in names:
        write_notebook(tmp_path / name, "1 + 1")
    (tmp_path / "early").mkdir()
    (tmp_path / "early/sitecustomize.py").write_text(ENDED_EARLY)
    path = os.pathsep.join(filter(None, [f"{tmp_path}/early", os.environ.get("PYTHONPATH", "")]))
    answer = verify(tmp_path, *names, PYTHONPATH=path, **{MARK: "early"})
    assert answer.code == 2
    for name in names:
        assert f"{name}: it was interrupted before its first cell." in answer.out
    assert "Traceback" not in answer.err
    assert gone("early")


@pytest.mark.slow
def test_a_kernel_without_seedmagic_or_of_another_language_is_refused(tmp_path: Path) -> None:
    kernels = tmp_path / "jupyter" / "kernels"
    launch = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
    lacking = "import sys; sys.modules['seedmagic'] = None; sys.argv = ['k', *sys.argv[1:]]; "
    lacking += "from ipykernel.kernelapp import launch_new_instance as go; go()"
    for name, language, arguments in (
        ("bare", "python", ["-c", lacking, *launch[2:]]),
        ("other", "R", launch),
        ("broken", "python", ["-c", "raise SystemExit(5)"]),
    ):
        (kernels / name).mkdir(parents=True)
        plain = {"argv": [sys.executable, *arguments], "display_name": name, "language": language}
        (kernels / name / "kernel.json").write_text(json.dumps(plain))
    notebook = write_notebook(tmp_path / "n.ipynb", "1")
    path = f"{tmp_path / 'jupyter'}{os.pathsep}{os.environ.get('JUPYTER_PATH', '')}"
    for name, told in (
        ("bare", "the environment of kernel 'bare' lacks seedmagic"),
        ("other", "its kernel 'other' runs R; only Python's can be verified."),
        ("broken", "its kernel did not start"),
    ):
        answer = verify(tmp_path, notebook.name, "--kernel", name, JUPYTER_PATH=path)
        assert answer.code == 2
        assert told in answer.notebooks[0]["error"]
        assert "Traceback" not in answer.err


WRONG = [
    ([], "NOTEBOOK"),
    (["n.ipynb", "--runs", "1"], "1: a whole number from 2 is accepted"),
    (["n.ipynb", "--runs", "x"], "'x'"),
    (["n.ipynb", "--vary", "moon"], "'moon': hash, threads, or both, are accepted"),
    (["n.ipynb", "--no-mask", "all"], "'all': address, timing, "),
    (["n.ipynb", "--timeout", "0"], "0: a whole number from 1 is accepted"),
    (["n.ipynb", "--json", "nowhere/x.json"], "a file in a folder that is there is accepted"),
    (["n.ipynb", "--in"], "unrecognized arguments: --in"),
]


@pytest.mark.parametrize(("arguments", "told"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_call_is_refused_before_anything_runs(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from seedmagic.cli import main

    with pytest.raises(SystemExit) as ended:
        main(["verify", *arguments])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.slow
def test_a_tensor_whose_memory_was_freed_does_not_end_the_kernel(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    # As FullyShardedDataParallel leaves parameters: who reads one ends the process, torch too.
    freed = "import torch\nt = torch.arange(1000.)\nt.untyped_storage().resize_(0);"
    number = "int.from_bytes(open('/dev/urandom', 'rb').read(4), 'little')"
    answer = verify_cells(folder, freed, "held = [t.view(10, 100)]", f"print(t.ndim + {number})")
    assert answer.notebooks[0]["error"] is None, answer.out
    cells = answer.cells()
    assert [cells[index]["same"] for index in range(3)] == [True, True, False]


def test_what_a_run_shows_is_not_touched_by_the_witness(tmp_path: Path) -> None:
    """Names, builtins and the environment look to a cell as in any other kernel."""
    cells = (
        "import os\nsorted(name for name in os.environ if 'SEED' in name.upper())",
        "dir()",
        "import time, pickle\npickle.loads(pickle.dumps(time.time)) is time.time",
    )
    answer = verify_cells(tmp_path, *cells)
    assert answer.code == 0, answer.out
