"""`seedmagic verify` names the torch operation that gave other values, and claims no more.

The operations that differ here really do, by numbers of the system's that no witness sees.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from test_verify_options import SUM
from verified import Answer, environment, verify, verify_cells, write_notebook

pytestmark = pytest.mark.slow

LAB = """\
import ctypes
import torch


LIBC = ctypes.CDLL(None)


def entropy(size):
    place = ctypes.create_string_buffer(size)
    LIBC.getrandom(place, size, 0)
    return place.raw


def number():
    return int.from_bytes(entropy(4), "little")


@torch.library.custom_op("lab::noisy", mutates_args=())
def noisy(x: torch.Tensor) -> torch.Tensor:
    return x + number()


@torch.library.custom_op("lab::noisy_", mutates_args={"x"})
def noisy_(x: torch.Tensor) -> None:
    x.add_(number())


class NoisyBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        return noisy(grad)


class NoisySGD(torch.optim.SGD):
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                noisy_(parameter.grad)
        super().step()


def scribble(tensor):
    ctypes.memmove(tensor.data_ptr(), entropy(tensor.nbytes), tensor.nbytes)
"""
IMPORTS = "import lab, signal, asyncio, torch\ntorch.manual_seed(0);"
NOISE = "print(lab.noisy(torch.ones(2)))"
DID_IT = (
    "gave other values from the same random numbers: {} got equal inputs and gave other outputs"
)
NOISY = DID_IT.format("lab::noisy")
USUAL = "Try %seed 42 --deterministic, or one thread."
MODE = """\
from torch.utils._python_dispatch import TorchDispatchMode
class Passing(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))
mode = Passing()
mode.__enter__();"""
TAKEN_OFF = "mode.__exit__(None, None, None)"


class Row(NamedTuple):
    """A cell of the notebook; its cause, line and how its detail begins, if it differs."""

    name: str
    cell: str
    cause: str | None = None
    line: int | None = None
    told: str = ""


ROWS = (
    Row("imports", IMPORTS),
    Row("forward", "x = torch.rand(3)\ny = x * 2\nprint(lab.noisy(y))", "computation", 3,
        f"{NOISY} (line 3: print(lab.noisy(y))). {USUAL}"),
    Row("seeded draws", "print(torch.rand(3), torch.nn.Linear(2, 1).weight)"),
    Row("backward", "w = torch.ones(3, requires_grad=True)\n"
        "loss = lab.NoisyBackward.apply(w).sum()\nloss.backward()\nprint(w.grad)",
        "computation", 3, DID_IT.format("lab::noisy, the backward of line 2,")),
    Row("an optimiser's step", "weight = torch.nn.Parameter(torch.ones(3))\nweight.sum().backward()"
        "\nlab.NoisySGD([weight], 0.1).step()\nprint(weight)",
        "computation", 3, DID_IT.format("lab::noisy_")),
    Row("a function", "def calculate(a):\n    b = a + 1\n    return lab.noisy(b)"),
    Row("that is called", "\n\none = torch.ones(3)\nheld = calculate(one)"),
    Row("and followed", "print(held)", "computation", None,
        f"follows cell 6: it {NOISY} (line 4: held = calculate(one)). {USUAL}"),
    Row("a function of its own", "def own(a):\n    return lab.noisy(a)\nprint(own(one))",
        "computation", 2, NOISY),
    Row("an error", "# raises\nvalue = lab.noisy(torch.ones(2))\nraise ValueError(value)",
        "computation", 2, NOISY),
    Row("an interrupt", f"# raises\n{NOISE}\nsignal.raise_signal(signal.SIGINT)",
        "computation", 2, NOISY),
    Row("await", f"await asyncio.sleep(0)\n{NOISE}\nawait asyncio.sleep(0)",
        "computation", 2, NOISY),
    Row("a cell within", f"get_ipython().run_cell('one + 1;')\n{NOISE}", "computation", 2, NOISY),
    Row("below time", f"%%time\n\none + 1\n{NOISE}", "computation", 4, NOISY),
    Row("memory that nothing filled", "some = torch.empty(5, dtype=torch.int64)\n"
        "lab.scribble(some)\nprint(some + 1)", "computation", 3,
        "gave other values from the same random numbers: torch's add read memory that torch.empty "
        "or its like made (line 1) and that nothing had filled as a whole "
        "(line 3: print(some + 1)). Fill it: torch.zeros, or write to all of it."),
    Row("what workers hand over", "from torch.utils.data import DataLoader\n"
        "for batch in DataLoader(torch.arange(64), 4, shuffle=True, num_workers=2):\n"
        "    seen = batch + 1\nprint(lab.noisy(seen))", "computation", 4, NOISY),
    Row("values from elsewhere", "print(torch.ones(2) * lab.number())", "unknown"),
    Row("an address", "torch.ones(2) + 1\nprint(id(object()))", "unknown"),
    Row("a mode is put on", MODE),
    Row("below that mode", NOISE, "unknown"),
    Row("and taken off", TAKEN_OFF),
    Row("after that mode", NOISE, "computation", 1, NOISY),
)  # fmt: skip


def lab(folder: Path) -> Path:
    (folder / "lab.py").write_text(LAB)
    return folder


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    folder = lab(tmp_path_factory.mktemp("operations"))
    path = write_notebook(folder / "n.ipynb", *(row.cell for row in ROWS))
    return verify(folder, path.name, OMP_NUM_THREADS="1")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_an_operation_did_is_told_of_its_cell_and_of_those_that_follow(
    answer: Answer, row: Row
) -> None:
    cell = answer.cells()[ROWS.index(row)]
    assert (cell["cause"], cell["line"]) == (row.cause, row.line), cell
    assert (cell["detail"] or "").startswith(row.told), cell
    assert cell["same"] is (row.cause is None)
    assert cell["drift"] == []


def test_two_runs_are_recorded_and_no_more(answer: Answer) -> None:
    assert answer.err.count("recorded run") == 2


def test_threads_that_race_in_a_backward_of_torchs_own_are_told_with_what_mends_them(
    tmp_path: Path,
) -> None:
    cells = (
        "import torch\ntorch.manual_seed(0);",
        "index = torch.randint(10, (4_000_000,))\nweight = torch.rand(4_000_000) * 1000",
        "table = torch.nn.Parameter(torch.rand(10))\n"
        "total = (table[index] * weight).sum()\ntotal.backward()",
        "print(table.grad.tolist())",
    )
    path = write_notebook(tmp_path / "n.ipynb", *cells)
    cell = verify(tmp_path, path.name, OMP_NUM_THREADS="2").cells()[3]
    assert cell["cause"] == "computation"
    assert cell["detail"].startswith(
        "follows cell 2: it gave other values from the same random numbers; with one thread, two "
        "runs agreed; torch's index_put (an assignment to places, x[places] = …), the backward of "
        "line 2, got equal inputs and gave other "
        "outputs (line 3: total.backward()). %seed 42 --deterministic makes it deterministic."
    )


def test_nothing_is_claimed_where_torch_came_with_the_cell(tmp_path: Path) -> None:
    found = verify_cells(lab(tmp_path), f"import lab, torch\n{NOISE}").cells()[0]
    assert (found["cause"], found["line"]) == ("unknown", None)
    assert "operation" not in found["detail"]


def test_a_reproducible_notebook_takes_no_further_run(tmp_path: Path) -> None:
    cells = IMPORTS, "print(torch.rand(3), torch.ones(10_001).sum())"
    answer = verify_cells(lab(tmp_path), *cells)
    assert answer.code == 0, answer.out
    assert "recorded run" not in answer.err


def test_a_sum_that_other_threads_round_differently_is_named(tmp_path: Path) -> None:
    answer = verify_cells(tmp_path, *SUM, options=["--vary", "hash,threads"])
    found = answer.cells()[3]
    assert found["detail"].startswith(
        "follows cell 2: it gave other values with another number of threads, from the same random "
        "numbers: torch's sum got equal inputs and gave other outputs (line 1: total = x.sum()). "
    )
    assert "set torch.set_num_threads to one number" in found["detail"]


def test_a_recorded_run_that_fails_costs_evidence_and_is_no_error(tmp_path: Path) -> None:
    fails = "assert torch._C._len_torch_dispatch_stack() == 0"
    path = write_notebook(lab(tmp_path) / "n.ipynb", IMPORTS, NOISE, fails, NOISE)
    answer = verify(tmp_path, path.name, OMP_NUM_THREADS="1")
    assert (answer.code, answer.notebooks[0]["error"]) == (1, None)
    causes = [cell["cause"] for cell in answer.cells().values()]
    assert causes == [None, "computation", None, "unknown"]


def test_of_a_cell_with_too_many_operations_the_first_ones_count(tmp_path: Path) -> None:
    cells = (
        IMPORTS,
        "x = torch.zeros(2)\nfor _ in range(100):\n    x += 1\nprint(lab.noisy(x))",
        "y = lab.noisy(torch.ones(2))\nfor _ in range(100):\n    y += 1\nprint(y)",
    )
    write_notebook(lab(tmp_path) / "n.ipynb", *cells)
    few = "from seedmagic.verify.notebook import notebook_verification as n; n.OPERATIONS = 20;"
    call = f"{few} from seedmagic.cli import main; main(['verify', 'n.ipynb', '--json', 'found'])"
    subprocess.run(
        [sys.executable, "-c", call], cwd=tmp_path, env=environment(OMP_NUM_THREADS="1"), check=True
    )
    found = json.loads((tmp_path / "found").read_text())["notebooks"][0]["cells"]
    assert [cell["cause"] for cell in found] == [None, "unknown", "computation"]
    assert found[2]["detail"].startswith(f"{NOISY} (line 1: ")
