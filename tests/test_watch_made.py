"""A `random.Random` that is made without a seed: noticed where it matters, and pinned."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Kernel, running_kernel
from verified import Answer, verify_cells
from watched import PRELUDE, blame, watched_kernel

# An installed package: what it makes is made on the user's behalf.
PACKAGE = """
import random
import numpy as np
SHARED = random.Random()
def make():
    return random.Random()
def roll():
    return random.Random().random()
class Pipeline:
    def __init__(self, seed=None):
        self.rng, self.numbers = random.Random(), np.random.default_rng()
        if seed is not None:
            self.rng, self.numbers = random.Random(seed), np.random.default_rng(seed)
class Own(random.Random):
    def __init__(self):
        super().__init__()
"""
MADE = {
    "kept": "r = random.Random()",
    "kept with None": "r = random.Random(None)",
    "kept in a list": "a = [random.Random()]",
    "used and thrown away": "x = random.Random().random()",
    "made by a package": "r = dice.make()",
    "used by a package": "x = dice.roll()",
    "of a class of its own": "r = dice.Own()",
    "made in a loop": "for _ in range(9): r = random.Random()",
}
SILENT = {
    "thrown away": "random.Random();",
    "of NumPy's, thrown away": "np.random.default_rng();",
    "of NumPy's, replaced at once": "r = np.random.default_rng()\nr = np.random.default_rng(5)",
    "replaced by a package": "p = dice.Pipeline(seed=1)",
    "a seed": "r = random.Random(5)",
    "a seed in the next statement": "r = random.Random()\nr.seed(5)\nx = r.random()",
    "a state in the next statement": "r = random.Random()\nr.setstate(s)\nx = r.random()",
    "of NumPy's, given a state": "r = np.random.default_rng()\nr.bit_generator.state = t",
    "a copy": "r = copy.copy(mine)",
    "a deep copy": "r = copy.deepcopy([mine])",
    "a pickle": "r = pickle.loads(pickle.dumps(mine))",
    "the system's": "r = random.SystemRandom()\nx = r.random()",
    "a temporary file": "with tempfile.NamedTemporaryFile():\n    pass",
    "an import": "sys.modules.pop('dice');\nimport dice",
}


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("made")
    with watched_kernel(folder) as kernel:
        (folder / "site-packages/dice.py").write_text(PACKAGE)
        kernel.ok("import sys; sys.path.append('site-packages')\nimport dice")
        kernel.ok("mine = random.Random(3); s = mine.getstate()")
        kernel.ok("t = np.random.default_rng(3).bit_generator.state")
        yield kernel


@pytest.fixture(autouse=True)
def no_seed(kernel: Kernel) -> Iterator[None]:
    yield
    kernel.ok("%seedwatch warn\n%seed off")


@pytest.mark.parametrize("name", MADE)
def test_its_line_is_named(kernel: Kernel, name: str) -> None:
    shown = kernel.ok(f"%%seeded 42\ny = 1\n{MADE[name]}\ny = 2")
    where = f"(line 3: {MADE[name]}). Give it one, or run %seed 42 --pin-entropy."
    told = f"made a random.Random without a seed {where}"
    assert told in " ".join(shown.stderr.split())
    assert "which no seed controls" not in shown.stderr
    assert blame(kernel) == {"random.Random": 3}


@pytest.mark.parametrize("name", SILENT)
def test_nothing_is_said_of(kernel: Kernel, name: str) -> None:
    assert kernel.ok(f"%%seeded 42\n{SILENT[name]}").stderr == ""
    assert blame(kernel) == {}


@pytest.mark.parametrize("name", MADE)
def test_the_cell_can_be_stopped_there(kernel: Kernel, name: str) -> None:
    kernel.ok("went_on = False")
    kernel.ok("%seedwatch error")
    shown = kernel.run(f"%%seeded 42\n{MADE[name]}\nwent_on = True")
    assert f"made a random.Random without a seed (line 2: {MADE[name]})" in shown.error
    assert kernel.value("went_on") == "False"


@pytest.mark.parametrize("name", MADE)
def test_the_pin_that_is_advised_is_the_remedy(kernel: Kernel, name: str) -> None:
    kernel.ok("r = mine; a = [mine]; x = 0")
    cell = f"{MADE[name]}\nprint(x, a[0].random(), r.random())"
    shown = []
    for seed in (42, 42, 43):
        kernel.ok(f"mine.seed(0); r = mine; a = [mine]; x = 0\n%seed {seed} --pin-entropy")
        shown.append(kernel.ok(cell))
        assert shown[-1].stderr == ""
    assert shown[0].stdout == shown[1].stdout != shown[2].stdout


def test_both_kinds_are_told_in_one_sentence(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 42\np = dice.Pipeline()")
    told = "made a NumPy generator and a random.Random without a seed (line 2: p = dice.Pipeline())"
    assert told in " ".join(shown.stderr.split())


def test_two_that_are_made_differ_and_names_of_files_are_not_pinned(kernel: Kernel) -> None:
    kernel.ok("%seed 42 --pin-entropy")
    assert kernel.value("len({random.Random().random() for _ in range(9)})") == "9"
    names = "import os, tempfile\ntempfile._name_sequence = None\nprint(tempfile.mktemp())"
    assert kernel.ok(names).stdout != kernel.ok(names).stdout


def test_one_that_is_seeded_anew_is_told_by_that_call(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 42\nmine.seed()\nx = mine.random()")
    told = "seeded a random.Random from the operating system (line 2: mine.seed())."
    assert told in " ".join(shown.stderr.split())


def test_random_is_as_it_was_after_unloading(tmp_path: Path) -> None:
    kept = "import random; kept = random.Random.seed, random.Random.setstate"
    with running_kernel(kept, "%load_ext seedmagic", cwd=str(tmp_path)) as kernel:
        assert kernel.value("random.Random.seed is kept[0]") == "False"
        kernel.ok("%unload_ext seedmagic")
        assert kernel.value("(random.Random.seed, random.Random.setstate) == kept") == "True"


def test_a_cell_that_is_verified_is_told_why_it_differs(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 42 --verify\nx = random.Random().random()")
    text = " ".join(shown.text.split())
    assert "Not reproducible" in text
    assert "a random.Random was made without a seed (line 2: x = random.Random().random())" in text


def verified_with_dice(folder: Path, *cells: str) -> Answer:
    """Verify a notebook that imports the package in its first cell."""
    (folder / "work/site-packages").mkdir(parents=True)
    (folder / "work/site-packages/dice.py").write_text(PACKAGE)
    start = "import random, sys; sys.path.append('site-packages')\nimport dice"
    return verify_cells(folder / "work", start, *cells)


def test_a_notebook_that_is_verified_knows_those_of_packages(tmp_path: Path) -> None:
    cells = ("y = 1\nprint(random.Random().random())", "y = 1\nprint(dice.roll())")
    found = verified_with_dice(tmp_path, *cells).cells()
    for index in (1, 2):
        assert (found[index]["cause"], found[index]["line"]) == ("entropy", 2), found[index]


def test_a_pin_holds_under_verification_too(tmp_path: Path) -> None:
    pinned = "%load_ext seedmagic\n%seed 42 --pin-entropy"
    draws = "print(random.Random().random(), dice.roll())\nrandom.seed()\nprint(random.random())"
    answer = verified_with_dice(tmp_path, pinned, draws)
    assert answer.code == 0, answer.out


def test_the_status_names_the_cell_and_the_pin() -> None:
    with running_kernel("%load_ext seedmagic", PRELUDE, "%seed 42") as kernel:
        kernel.ok("r = random.Random()")
        shown = kernel.value("[(each.text, each.line) for each in sm.status().problems]")
        assert "made a random.Random without a seed (line 1: r = random.Random())" in shown
        assert "%seed 42 --pin-entropy" in shown


def test_one_that_was_replaced_is_not_why_a_notebook_differs(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    cells = (
        "import random, time",
        "%load_ext seedmagic\n%seed 42",
        "r = random.Random()\nr = random.Random(3)\nprint(r.random(), time.time())",
    )
    assert verify_cells(tmp_path / "work", *cells).cells()[2]["cause"] == "outside"
