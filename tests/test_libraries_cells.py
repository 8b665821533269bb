"""Libraries with generators of their own in notebooks: warned about, verified, run many times."""

from __future__ import annotations

import re
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
    # Keras' generator is made with a number from Python's when it is first asked.
    assert re.search(rf"drew from {library.name}( and python)?, which no seed", shown.stderr)
    assert f"which no seed controls (line 2: y = {draw[:20]}" in shown.stderr, shown.stderr
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
    number = "float(hash(str(y)) % 2**50)"  # so many that no two are alike by chance
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
    held = "[pl.DataFrame.sample, cv2.randu, type(duckdb), vars(faker.generator.Generator)['seed']]"
    with running_kernel(*imports) as kernel:
        kernel.ok(f"held = {held}")
        kernel.ok("%load_ext seedmagic")
        kernel.ok("%seed 42")
        assert kernel.value(f"held == {held}") == "False"
        kernel.ok("%unload_ext seedmagic")
        assert kernel.value(f"held == {held}") == "True"


def test_opencv_that_was_imported_under_our_watch_is_its_own_again_after_unloading() -> None:
    # Its package takes all that its native module holds, which has the same name.
    with running_kernel("%load_ext seedmagic", "%seed 42", "import cv2") as kernel:
        kernel.ok("%unload_ext seedmagic")
        names = "['randu', 'randn', 'randShuffle', 'kmeans', 'setRNGSeed']"
        assert kernel.value(f"{{type(getattr(cv2, name)).__name__ for name in {names}}}") == (
            "{'builtin_function_or_method'}"
        )


@pytest.mark.slow
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
    assert f"drew from {library.name}" in found["detail"]


def test_a_replay_says_what_it_cannot_have_again(kernel: Kernel) -> None:
    kernel.ok("%seed 42")
    kernel.ok("x = df.sample(3), fake.name()")
    number = kernel.value("len(In) - 1")
    shown = kernel.ok(f"%%seeded --from {number}\ny = df.sample(3), fake.name()")
    told = f"What In[{number}] drew from polars cannot be had again: it can only be seeded."
    assert told in shown.stderr, shown.stderr
    assert kernel.value("x[1] == y[1]") == "True"


def test_a_worker_that_is_forked_is_not_held_up(kernel: Kernel) -> None:
    kernel.ok(
        "%seed 42\nimport torch.utils.data, seedmagic as sm\nduckdb.sql('select 1').fetchall()"
    )
    kernel.ok(
        "loader = torch.utils.data.DataLoader(range(8), num_workers=2, **sm.loader_options())"
    )
    assert kernel.value("[batch.item() for batch in loader]") == "[0, 1, 2, 3, 4, 5, 6, 7]"


PARALLEL = """
@numba.njit(parallel=True)
def draw(n):
    out = np.empty(n)
    for i in numba.prange(n):
        {seed}out[i] = np.random.rand()
    return out
"""
IMPORTS = "import numba, numpy as np"
IN_THREADS = "asked for numba's random numbers in several threads"
REMEDY = "Call np.random.seed(i) in the prange loop, with another number for each i."


def test_a_cell_that_draws_in_numbas_threads_is_told_so_and_what_helps(kernel: Kernel) -> None:
    kernel.ok(f"{IMPORTS}\n{PARALLEL.format(seed='')}")
    assert "numba (main thread)" in kernel.ok("%seed 42").text
    shown = kernel.ok("%%seeded 42 --verify\nx = draw(1000)")
    assert shown.stdout.startswith("Not reproducible"), shown.stdout
    assert f"it {IN_THREADS}, which no seed reaches. {REMEDY}" in shown.stdout
    kernel.ok(PARALLEL.format(seed="np.random.seed(i); "))
    assert kernel.ok("%%seeded 42 --verify\nx = draw(1000)").stdout.startswith("Reproducible")


def test_a_cell_that_draws_for_a_large_table_of_duckdbs_is_told_what_helps(kernel: Kernel) -> None:
    kernel.ok("duckdb.sql('create or replace table t as select range as i from range(9000000)')")
    cell = "%%seeded 42 --verify\nx = duckdb.sql('select sum(i * random()) from t').fetchall()"
    try:
        shown = kernel.ok(cell)
        assert shown.stdout.startswith("Not reproducible"), shown.stdout
        assert 'Run duckdb.sql("SET threads = 1") before it.' in shown.stdout
        kernel.ok("duckdb.sql('SET threads = 1')")
        assert kernel.ok(cell).stdout.startswith("Reproducible")
    finally:
        kernel.ok("duckdb.sql('RESET threads')\nduckdb.sql('drop table t')\nx = 0")


@pytest.mark.slow
def test_a_notebook_that_draws_in_numbas_threads_has_the_cause_outside(tmp_path: Path) -> None:
    seeding = "%load_ext seedmagic\n%seed 42"
    cells = (f"{IMPORTS}\n{PARALLEL.format(seed='')}", "y = 1\nprint(draw(1000).sum())")
    found = verify_cells(tmp_path, seeding, *cells).cells()[2]
    assert (found["cause"], found["line"]) == ("outside", 2), found
    assert IN_THREADS in found["detail"]
    assert REMEDY in found["detail"]


@pytest.mark.parametrize("library", [one for one in LIBRARIES if one.name == "polars"], ids=named)
def test_under_per_cell_what_is_drawn_after_a_scope_is_the_same_each_time(
    kernel: Kernel, library: Library
) -> None:
    draw = library.draws[0]
    kernel.ok("%seed 42 --per-cell\nimport seedmagic as sm")
    cell = f"with sm.seeded(5):\n    {draw}\nprint({draw})"
    assert len({kernel.ok(cell).stdout for _ in range(3)}) == 1


def test_a_seed_that_still_waits_is_reported_no_more_after_unloading() -> None:
    waits = "duckdb.execute('from range(300000)')\nduckdb.fetchone()\n%seed 42"
    with running_kernel("%load_ext seedmagic", "import duckdb, seedmagic as sm") as kernel:
        kernel.ok(waits)
        is_waiting = kernel.value("sm.sources()['duckdb'].waiting") == "42"
        kernel.ok("%unload_ext seedmagic")
        told = kernel.value("sm.status().sources['duckdb'].seed")
        assert told == ("None" if is_waiting else "42")


def test_the_users_own_seed_makes_what_follows_a_scope_the_same_at_each_re_run(
    kernel: Kernel,
) -> None:
    kernel.ok(f"{FRESH}\nimport seedmagic as sm")
    cell = "pl.set_random_seed(1)\nwith sm.seeded(5):\n    df.sample(3)\nprint(df.sample(3)['a'])"
    assert len({kernel.ok(cell).stdout for _ in range(3)}) == 1
