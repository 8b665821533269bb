"""Seedings that pass by the watcher's functions: the generator's own state tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Kernel, running_kernel
from watched import write_modules

IMPORTS = (
    "import random, numpy as np, torch\n"
    "from random import seed, setstate\n"
    "from numpy.random import seed as numpy_seed\n"
    "from torch import manual_seed"
)
SEEDINGS = {
    "Python's seed": ("seed(0)", "random.random()"),
    "Python's seed of a text": ("seed('text')", "random.random()"),
    "the hidden instance's": ("random._inst.seed(3)", "random.gauss(0, 1)"),
    "NumPy's seed": ("numpy_seed(0)", "np.random.rand()"),
    "NumPy's largest": ("numpy_seed(2**32 - 1)", "np.random.rand()"),
    "NumPy's seed of an array": ("numpy_seed([1, 2, 3])", "np.random.randn()"),
    "the RandomState behind it": ("np.random.mtrand._rand.seed(7)", "np.random.rand()"),
    "torch's": ("manual_seed(0)", "torch.rand(1)"),
    "torch's generator's own": ("torch.default_generator.manual_seed(5)", "torch.rand(1)"),
}


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel(IMPORTS, "%load_ext seedmagic") as kernel:
        yield kernel


def make_unseeded(kernel: Kernel) -> None:
    kernel.ok("%seed off\nrandom.seed(); np.random.seed(); torch.seed();")


@pytest.mark.parametrize(("seeding", "draw"), SEEDINGS.values(), ids=SEEDINGS)
def test_a_function_imported_before_the_extension_seeds(
    kernel: Kernel, seeding: str, draw: str
) -> None:
    make_unseeded(kernel)
    assert kernel.ok(draw).stderr.count("UnseededWarning") == 1
    for cell in (seeding, draw, f"{seeding}\nx = {draw}", f"x = {draw}"):
        assert kernel.ok(cell).stderr == "", cell


@pytest.mark.parametrize(("seeding", "draw"), SEEDINGS.values(), ids=SEEDINGS)
def test_a_draw_before_such_a_seeding_is_told(kernel: Kernel, seeding: str, draw: str) -> None:
    make_unseeded(kernel)
    assert f"(line 2: x = {draw})" in kernel.ok(f"a = 1\nx = {draw}\n{seeding}").stderr


def test_the_status_does_not_say_what_it_cannot_know(kernel: Kernel) -> None:
    make_unseeded(kernel)
    kernel.ok("seed(0)")
    assert "python       seeded by a call that was not seen" in kernel.ok("%seed").text


def test_the_one_word_that_a_new_numpy_has_left_is_a_draw() -> None:
    with running_kernel("%load_ext seedmagic") as kernel:
        told = kernel.ok("import numpy as np\nx = np.random.randint(16)").stderr
    assert "drew from numpy, which no seed controls (line 2: x = np.random.randint(16))" in told


def test_what_the_loading_cell_still_draws_is_told_as_its_rest() -> None:
    with running_kernel("import random", "%load_ext seedmagic\nrandom.random()") as kernel:
        first, second = kernel.ok("1").stderr, kernel.ok("2").stderr
    assert "since seedmagic was loaded, numbers were drawn from python" in first
    assert "the rest of the cell that loaded it" in first
    assert second == ""


PACKAGES = "import sys; sys.path.append('site-packages')"


def test_what_the_loading_cell_still_imports_is_no_draw(tmp_path: Path) -> None:
    write_modules(tmp_path)
    for rest, drawn in (
        ("import drawing_package", False),
        ("import drawing_package\nrandom.random()", True),
        ("random.random()\nimport drawing_package", True),
        ("import own_draws", True),
    ):
        cells = (f"import random; {PACKAGES}", f"%load_ext seedmagic\n{rest}")
        with running_kernel(*cells, cwd=str(tmp_path)) as kernel:
            assert ("drawn from python" in kernel.ok("1").stderr) == drawn, rest


def test_a_watch_that_was_off_notices_calls_again(kernel: Kernel) -> None:
    for _ in range(2):  # the first may import something, which hides that nothing was put in
        kernel.ok("%seedwatch off")
        kernel.ok("%seedwatch warn")
        assert "generator without a seed" in kernel.ok("rng = np.random.default_rng()").stderr
        kernel.ok("random.seed()")
        assert "python" in kernel.ok("random.random();").stderr
        assert kernel.ok("random.seed(1); random.random();").stderr == ""


@pytest.mark.filterwarnings("ignore")
def test_a_line_is_the_one_that_python_counts(kernel: Kernel) -> None:
    shown = kernel.ok("text = 'a\x0cb\u2028c'\nrng = np.random.default_rng()")
    assert "(line 2: rng = np.random.default_rng())" in shown.stderr
