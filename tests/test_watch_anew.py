"""A source that a cell has seeded anew by the operating system: said, stopped, and pinned."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Kernel, running_kernel
from verified import verify_cells
from watched import PRELUDE, blame, watched_kernel

CALLS = {
    "random.seed()": ("python", "random.random()"),
    "random.seed(None)": ("python", "random.random()"),
    "np.random.seed()": ("numpy", "np.random.rand()"),
    "np.random.seed(seed=None)": ("numpy", "np.random.rand()"),
    "torch.seed()": ("torch", "torch.rand(1)"),
    "torch.random.seed()": ("torch", "torch.rand(1)"),
    "torch.default_generator.seed()": ("torch", "torch.rand(1)"),
}
PINNED = [call for call in CALLS if "default_generator" not in call]
REMEDY = "Give it a number, or delete the call."


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with watched_kernel(tmp_path_factory.mktemp("anew")) as kernel:
        yield kernel


@pytest.fixture(autouse=True)
def no_seed(kernel: Kernel) -> Iterator[None]:
    yield
    kernel.ok("%seedwatch warn\n%seed off")


@pytest.mark.parametrize("call", CALLS)
def test_the_call_is_named_and_not_the_draw(kernel: Kernel, call: str) -> None:
    source, draw = CALLS[call]
    shown = kernel.ok(f"%%seeded 42\ny = 1\n{call}\ny = 2\nx = {draw}")
    told = f"seeded {source} from the operating system (line 3: {call}). {REMEDY}"
    assert told in " ".join(shown.stderr.split())
    assert "which no seed controls" not in shown.stderr
    assert blame(kernel) == {source: 3}


@pytest.mark.parametrize("call", CALLS)
def test_what_is_advised_is_the_remedy(kernel: Kernel, call: str) -> None:
    _, draw = CALLS[call]
    number = call.partition("seed(")[0]
    number += "manual_seed(3)" if "torch" in call else "seed(3)"
    for line in ("y = 1", number):
        shown = kernel.ok(f"%%seeded 42 --verify\n{line}\nx = {draw}")
        assert shown.stderr == ""
        assert "Reproducible" in shown.text


@pytest.mark.parametrize("call", CALLS)
def test_the_cell_can_be_stopped_there(kernel: Kernel, call: str) -> None:
    kernel.ok("went_on = False")
    kernel.ok("%seedwatch error")
    source, _ = CALLS[call]
    shown = kernel.run(f"%%seeded 42\n{call}\nwent_on = True")
    assert f"seeded {source} from the operating system (line 2: {call})" in shown.error
    assert kernel.value("went_on") == "False"


@pytest.mark.parametrize("call", CALLS)
def test_what_is_seeded_before_it_is_drawn_from_is_no_fault(kernel: Kernel, call: str) -> None:
    source, draw = CALLS[call]
    number = {"python": "random.seed(1)", "numpy": "np.random.seed(1)"}
    after = number.get(source, "torch.manual_seed(1)")
    assert kernel.ok(f"{call}\n{after}\nx = {draw}").stderr == ""


def test_what_was_drawn_between_the_two_is_one(kernel: Kernel) -> None:
    shown = kernel.ok("np.random.seed()\nx = np.random.rand()\nnp.random.seed(1)")
    assert "seeded numpy from the operating system (line 1:" in shown.stderr


def test_a_draw_before_it_is_told_too(kernel: Kernel) -> None:
    kernel.ok("np.random.seed()")
    shown = kernel.ok("x = np.random.rand()\nnp.random.seed()")
    assert "drew from numpy, which no seed controls (line 1:" in shown.stderr
    assert "seeded numpy from the operating system (line 2:" in shown.stderr


def test_the_line_is_known_below_time_too(kernel: Kernel) -> None:
    shown = kernel.ok("%%time\ny = 1\nrandom.seed()\ny = 2")
    assert "(line 3: random.seed())" in shown.stderr


def test_a_helper_is_told_by_the_cells_line(kernel: Kernel) -> None:
    kernel.ok("def anew():\n    random.seed()")
    assert "(line 2: anew())" in kernel.ok("y = 1\nanew()\ny = 2").stderr


@pytest.mark.parametrize("call", PINNED)
def test_under_a_pin_it_is_pinned_and_nothing_is_said(kernel: Kernel, call: str) -> None:
    _, draw = CALLS[call]
    kernel.ok("%seed 42 --pin-entropy")
    cell = f"{call}\nx = {draw}\n{call}\ny = {draw}\nprint(x, y)"
    shown = kernel.ok(cell)
    first, other = shown.stdout.split()
    assert shown.stderr == ""
    assert first != other
    kernel.ok("%seed 42 --pin-entropy")
    assert kernel.ok(cell).stdout == shown.stdout
    kernel.ok("%seed 43 --pin-entropy")
    assert kernel.ok(cell).stdout != shown.stdout


def test_torch_says_which_seed_it_has_under_a_pin(kernel: Kernel) -> None:
    kernel.ok("%seed 42 --pin-entropy")
    assert kernel.value("torch.seed() == torch.initial_seed()") == "True"
    assert kernel.value("random.seed(), np.random.seed()") == "(None, None)"


def test_a_cell_that_is_verified_is_told_why_it_differs(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 42 --verify\nnp.random.seed()\nx = np.random.rand()")
    assert "Not reproducible" in shown.text
    assert f"it seeded numpy from the operating system (line 2: np.random.seed()). {REMEDY}" in (
        " ".join(shown.text.split())
    )


def test_a_notebook_that_is_verified_has_the_cause_entropy(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    cells = (
        "import random, numpy as np, torch",
        "%load_ext seedmagic\n%seed 42",
        *(f"y = 1\n{call}\nprint({draw})" for call, (_, draw) in CALLS.items()),
    )
    found = verify_cells(folder, *cells).cells()
    for index in range(2, len(cells)):
        assert (found[index]["cause"], found[index]["line"]) == ("entropy", 2), found[index]
        assert REMEDY in found[index]["detail"]


def test_the_status_names_the_call_and_the_remedy() -> None:
    with running_kernel("%load_ext seedmagic", PRELUDE) as kernel:
        kernel.ok("%seed 42")
        kernel.ok("y = 1\nnp.random.seed()\nx = np.random.rand()")
        shown = kernel.value("[(each.text, each.remedy) for each in sm.status().problems]")
        assert "In[4] seeded numpy from the operating system (line 2: np.random.seed())" in shown
        assert "Give it a number, or delete the call, and run In[4] again." in shown
        assert "(seeded by the operating system)" in kernel.ok("%seedlog").text
