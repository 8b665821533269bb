"""`--per-cell`, `--pin-entropy` and libraries that are imported late, in a real kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Kernel, running_kernel

IMPORTS = "import random, numpy as np, torch, seedmagic as sm"
DRAW = "[random.random(), float(np.random.rand()), torch.rand(1).item()]"
MAKE = "float(np.random.default_rng().random())"


@pytest.fixture(scope="module")
def shared() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", IMPORTS) as kernel:
        yield kernel


@pytest.fixture
def kernel(shared: Kernel) -> Iterator[Kernel]:
    yield shared
    shared.ok("%seed off")


def test_per_cell_lets_cells_run_in_any_order_any_number_of_times(kernel: Kernel) -> None:
    kernel.ok("%seed 42 --per-cell")
    one, two = f"a = {DRAW}; a", f"b = {DRAW}; b"
    first, second = kernel.ok(one).result, kernel.ok(two).result
    assert first != second
    assert kernel.ok(two).result == second
    assert kernel.ok(one).result == first


def test_per_cell_seeds_depend_on_the_seed_in_force(kernel: Kernel) -> None:
    results = []
    for seed in (42, 43):
        kernel.ok(f"%seed {seed} --per-cell")
        results.append(kernel.ok(DRAW).result)
    assert results[0] != results[1]
    assert kernel.value("sm.status().seed") == "43"


def test_per_cell_means_the_outermost_run_alone(kernel: Kernel) -> None:
    kernel.ok("%seed 42 --per-cell")
    cell = "x = random.random()\nget_ipython().run_cell('pass')\ny = random.random()\n(x, y)"
    x, y = eval(kernel.ok(cell).result)
    assert x != y
    assert kernel.ok(cell).result == str((x, y))


def test_per_cell_holds_after_an_error_and_under_seeded(kernel: Kernel) -> None:
    kernel.ok("%seed 42 --per-cell")
    first = kernel.ok(DRAW).result
    kernel.run("random.random(); 1 / 0")
    scoped = kernel.ok(f"%%seeded 7\n{DRAW}").result
    assert kernel.ok(f"%%seeded 7\n{DRAW}").result == scoped
    assert kernel.ok(DRAW).result == first
    kernel.ok("%seed 7")
    assert kernel.ok(DRAW).result == scoped


def test_a_plain_seed_ends_per_cell(kernel: Kernel) -> None:
    kernel.ok("%seed 42 --per-cell")
    kernel.ok("%seed 42")
    assert kernel.ok(DRAW).result != kernel.ok(DRAW).result


def test_pinned_generators_are_the_same_at_every_rerun(kernel: Kernel) -> None:
    kernel.ok("%seed 42 --pin-entropy")
    cell = f"from numpy.random import default_rng\n[{MAKE}, {MAKE}, default_rng().random()]"
    first = kernel.ok(cell).result
    assert len(set(eval(first))) == 3
    assert kernel.ok(cell).result == first


def test_pinned_generators_differ_between_cells_places_and_turns(kernel: Kernel) -> None:
    kernel.ok("%seed 42 --pin-entropy")
    kernel.ok(f"def make():\n    return {MAKE}")
    cell = "[make() for _ in range(3)]\n[make() for _ in range(3)] + [make()]"
    one = eval(kernel.ok(cell).result)
    other = eval(kernel.ok(f"{cell}  # another cell").result)
    assert len({*one, *other}) == 8
    assert eval(kernel.ok(cell).result) == one


def test_pinned_generators_depend_on_the_seed_and_end_with_it(kernel: Kernel) -> None:
    seen = []
    for line in ("%seed 42 --pin-entropy", "%seed 43 --pin-entropy", "%seed 43", "%seed off"):
        kernel.ok(line)
        seen.append(kernel.ok(MAKE).result)
    assert len(set(seen)) == 4
    assert kernel.ok(MAKE).result != seen[-1]


def test_the_seed_and_the_generator_may_share_a_cell(kernel: Kernel) -> None:
    cell = f"%seed 42 --pin-entropy\n{MAKE}"
    assert kernel.ok(cell).result == kernel.ok(cell).result


def test_seeded_generators_copies_and_pickles_are_left_alone(kernel: Kernel) -> None:
    kernel.ok("import copy, pickle")
    draws = (
        "[np.random.RandomState(0).rand(), np.random.default_rng(1).random(), "
        "copy.deepcopy(np.random.default_rng(2)).random(), "
        "pickle.loads(pickle.dumps(np.random.default_rng(3))).random(), "
        "np.random.Generator(np.random.PCG64(4).jumped()).random()]"
    )
    plain = kernel.value(draws)
    kernel.ok("%seed 42 --pin-entropy")
    assert kernel.ok(draws).result == plain


def test_a_pin_reaches_a_scope_with_the_scopes_seed(kernel: Kernel) -> None:
    kernel.ok("%seed 42 --pin-entropy")
    seven = kernel.ok(f"%%seeded 7\n{MAKE}").result
    assert kernel.ok(f"%%seeded 7\n{MAKE}").result == seven
    assert kernel.ok(f"%%seeded 8\n{MAKE}").result != seven


def test_numpy_is_as_it_was_after_off(kernel: Kernel) -> None:
    kernel.ok("%seedwatch off")  # the watcher listens there too
    kernel.ok("import numpy.random.bit_generator as made; asked = made.randbits")
    kernel.ok("%seed 42 --pin-entropy")
    assert kernel.value("made.randbits is asked") == "False"
    kernel.ok("%seed off")
    assert kernel.value("made.randbits is asked") == "True"
    kernel.ok("%seedwatch warn")


LATE = {
    "numpy": ("import numpy as np", "float(np.random.rand())"),
    "torch": ("import torch", "torch.rand(1).item()"),
}


@pytest.mark.parametrize("library", LATE)
def test_a_library_imported_after_seed_gets_the_recipes_stream(library: str) -> None:
    load, draw = LATE[library]
    with running_kernel("%load_ext seedmagic", "%seed 42") as kernel:
        late = kernel.ok(f"{load}\n{draw}").result
        kernel.ok("%seed 42")
        assert kernel.ok(draw).result == late
        assert kernel.value("__import__('seedmagic').status().seed") == "42"


@pytest.mark.parametrize("library", LATE)
def test_a_library_imported_in_a_scope_is_left_as_it_would_be_outside(library: str) -> None:
    load, draw = LATE[library]
    with running_kernel("%load_ext seedmagic", "%seed 42") as kernel:
        inside = kernel.ok(f"%%seeded 7\n{load}\n{draw}").result
        after = kernel.ok(draw).result
        kernel.ok("%seed 42")
        assert kernel.ok(draw).result == after
        kernel.ok("%seed 7")
        assert kernel.ok(draw).result == inside


def test_without_an_outer_seed_it_is_left_with_entropy() -> None:
    with running_kernel("%load_ext seedmagic") as kernel:
        inside = kernel.ok("%%seeded 7\nimport torch\ntorch.rand(1).item()").result
        assert kernel.value("torch.backends.cudnn.deterministic") == "False"
        assert kernel.value("__import__('seedmagic').status().sources['torch'].status") == (
            "'unseeded'"
        )
        after = kernel.ok("torch.rand(1).item()").result
        assert after != inside
        kernel.ok("%seed 7")
        two = kernel.ok("[torch.rand(1).item() for _ in range(2)]").result
        assert two != f"[{inside}, {after}]"


def test_the_first_pin_of_a_session_holds() -> None:
    with running_kernel("%load_ext seedmagic", "import numpy as np") as kernel:
        kernel.ok("%seed 42 --pin-entropy")
        assert kernel.ok(MAKE).result == kernel.ok(MAKE).result


def test_off_inside_a_scope_leaves_the_outer_pin(kernel: Kernel) -> None:
    kernel.ok("%seed 42 --pin-entropy")
    first = kernel.ok(MAKE).result
    kernel.ok("%%seeded 7\n%seed off")
    assert kernel.ok(MAKE).result == first


@pytest.mark.parametrize("library", LATE)
def test_per_cell_holds_for_the_cell_that_imports_a_library(library: str) -> None:
    load, draw = LATE[library]
    with running_kernel("%load_ext seedmagic", "%seed 42 --per-cell") as kernel:
        cell = f"{load}\n{draw}"
        assert kernel.ok(cell).result == kernel.ok(cell).result


def test_the_configured_modes_hold_in_a_scope_without_a_seed_in_force(kernel: Kernel) -> None:
    kernel.ok("%config SeedMagics.cudnn = False\n%config SeedMagics.skip = ['numpy']")
    cell = "%%seeded 7\n(torch.backends.cudnn.deterministic, sm.status().sources['numpy'].seed)"
    assert kernel.ok(cell).result == "(False, None)"
    kernel.ok("%config SeedMagics.cudnn = True\n%config SeedMagics.skip = []")


def test_off_frees_what_every_seed_before_has_seeded(kernel: Kernel) -> None:
    kernel.ok("%seed 1")
    kernel.ok("%seed 2 --only numpy")
    kernel.ok("%seed off")
    words = kernel.value("sorted({s.status for s in sm.status().sources.values()})")
    assert words == "['not loaded', 'unseeded']"


def test_a_pin_counts_no_generator_that_an_import_makes(kernel: Kernel, tmp_path: Path) -> None:
    (tmp_path / "makes_one.py").write_text("import numpy\nnumpy.random.default_rng()\n")
    kernel.ok(f"import sys\nsys.path.insert(0, {str(tmp_path)!r})")
    kernel.ok("def make():\n    import makes_one\n    return np.random.default_rng().random()")
    kernel.ok("%seed 42 --pin-entropy")
    assert kernel.ok("make()").result == kernel.ok("make()").result


def test_only_on_the_line_goes_before_a_configured_skip(kernel: Kernel) -> None:
    kernel.ok("%config SeedMagics.skip = ['torch']")
    assert "seeded torch" in kernel.ok("%seed 42 --only torch").text
    kernel.ok("%config SeedMagics.skip = []")
