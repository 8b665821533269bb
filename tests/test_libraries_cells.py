"""Libraries with generators of their own in notebooks: warned about, verified, run many times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Kernel, running_kernel
from libraries import LIBRARIES, Library
from verified import verify_cells

# Who was seeded by whom before is forgotten, and the hooks are new.
FRESH = "%seed 1\n%seed off"


def named(library: Library) -> str:
    return library.name


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    imports = [library.imports for library in LIBRARIES]
    folder = str(tmp_path_factory.mktemp("libraries"))
    with running_kernel("%load_ext seedmagic", *imports, cwd=folder) as kernel:
        yield kernel


@pytest.mark.parametrize("library", LIBRARIES, ids=named)
def test_importing_it_is_no_draw(library: Library) -> None:
    with running_kernel("%load_ext seedmagic") as kernel:
        shown = kernel.ok(f"import torch\n{library.imports}")
        assert "Warning" not in shown.stderr, shown.stderr


@pytest.mark.parametrize(
    ("library", "draw"),
    [(library, draw) for library in LIBRARIES for draw in library.draws],
    ids=lambda given: given if isinstance(given, str) else given.name,
)
def test_each_draw_that_no_seed_controls_is_named_with_its_line(
    kernel: Kernel, library: Library, draw: str
) -> None:
    kernel.ok(FRESH)
    shown = kernel.ok(f"x = 1\ny = {draw}\nz = 1")
    told = (
        f"drew from {library.name}{library.also}, which no seed controls (line 2: y = {draw[:20]}"
    )
    assert told in shown.stderr, shown.stderr
    assert shown.stderr.count("UnseededWarning") == 1


@pytest.mark.parametrize("library", LIBRARIES, ids=named)
def test_a_seed_of_any_kind_keeps_it_silent(kernel: Kernel, library: Library) -> None:
    draw = f"y = {', '.join(library.draws)}"
    cells = [
        f"{library.seeds}\n{draw}",
        draw,  # seeded in an earlier cell
        f"def f():\n    {library.seeds}\n    {draw}\nf()",
        f"%seed 42\n{draw}",
        f"%%seeded 42\n{draw}",
    ]
    if library.given:
        cells.append(f"%seed off\ny = {library.given}")
    kernel.ok(FRESH)
    for cell in cells:
        shown = kernel.ok(cell)
        assert "UnseededWarning" not in shown.stderr, (cell, shown.stderr)


@pytest.mark.parametrize("library", LIBRARIES, ids=named)
def test_its_cell_is_verified_and_the_same_in_each_run_of_it(
    kernel: Kernel, library: Library
) -> None:
    kernel.ok(FRESH)
    drawn = f"y = [{', '.join(library.draws)}]"
    shown = kernel.ok(f"%%seeded 42 --verify\n{drawn}")
    assert shown.stdout.startswith("Reproducible"), shown.stdout
    kernel.ok(f"%%seeded 42\n{drawn}")
    first = kernel.value("y")
    kernel.ok(f"%%seeded 42\n{drawn}")
    assert kernel.value("y") == first
    kernel.ok("%seed 5 --per-cell")
    kernel.ok(drawn)
    first = kernel.value("y")
    kernel.ok(drawn)
    assert kernel.value("y") == first
    kernel.ok("%seed off")
    number = "float(hash(str(y)) % 1000)"
    kernel.ok(f"%%seeded 3 --runs 3 --track v --out once\n{drawn}\nv = {number}")
    kernel.ok(f"%%seeded 3 --runs 3 --track v --out again\n{drawn}\nv = {number}")
    assert kernel.value("(once.values('v') == again.values('v')).all()") in ("True", "np.True_")
    assert kernel.value("len(set(once.values('v').ravel().tolist()))") == "3"


def test_what_cannot_be_put_back_is_said_once_and_only_where_it_was_drawn_from() -> None:
    seed_only = [library for library in LIBRARIES if not library.is_full]
    imports = [library.imports for library in seed_only]
    with running_kernel("%load_ext seedmagic", *imports, "%seed 42") as kernel:
        silent = kernel.ok("%%seeded 1\nx = 1")
        assert "can only be seeded" not in silent.stderr, silent.stderr
        for library in seed_only:
            told = kernel.ok(f"%%seeded 1\nx = {library.draws[0]}").stderr
            assert f"{library.name} can only be seeded, so %%seeded could not" in told, told
            again = kernel.ok(f"%%seeded 1\nx = {library.draws[0]}").stderr
            assert "can only be seeded" not in again, again


def test_the_functions_of_libraries_are_their_own_again_after_unloading() -> None:
    imports = [library.imports for library in LIBRARIES]
    held = "[pl.DataFrame.sample, cv2.randu, duckdb.sql, vars(faker.generator.Generator)['seed']]"
    with running_kernel(*imports) as kernel:
        kernel.ok(f"held = {held}")
        kernel.ok("%load_ext seedmagic")
        kernel.ok("%seed 42")
        assert kernel.value(f"held == {held}") == "False"
        kernel.ok("%unload_ext seedmagic")
        assert kernel.value(f"held == {held}") == "True"


@pytest.mark.parametrize("library", LIBRARIES, ids=named)
def test_a_notebook_with_it_is_verified(tmp_path: Path, library: Library) -> None:
    drawn = f"print([{', '.join(library.draws)}])"
    seeded = verify_cells(tmp_path, "%load_ext seedmagic\n%seed 42", library.imports, drawn)
    assert seeded.code == 0, seeded.out
    cells = (library.imports, f"x = 1\n{drawn}")
    unseeded = verify_cells(tmp_path, *cells)
    if library.name == "cv2":  # it starts from a constant in each process
        assert unseeded.code == 0, unseeded.out
        return
    assert unseeded.code == 1, unseeded.out
    found = unseeded.cells()[1]
    assert (found["cause"], found["line"]) == ("unseeded", 2), found
    assert f"drew from {library.name}{library.also}, which no seed controls" in found["detail"]
