"""`%%seeded --rewind`: which start a cell has, what is said of it, and when it is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import nbformat
import pytest
from nbclient import NotebookClient

from kernels import Kernel, Shown, running_kernel
from scripts import answer
from verified import verify, write_notebook

PRELUDE = """
import gc, random, time, weakref, seedmagic as sm
import numpy as np, pandas as pd
class Thing: pass
"""


@pytest.fixture(scope="module")
def shared() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", PRELUDE) as kernel:
        yield kernel


@pytest.fixture
def kernel(shared: Kernel) -> Kernel:
    shared.ok("%config SeedMagics.rewind_bytes = 0")
    shared.ok("%seed off")
    return shared


def notes(shown: Shown) -> str:
    told = [data["text/plain"] for data in shown.displays]
    return "\n".join(text for text in told if text.startswith("--rewind"))


@pytest.mark.parametrize(
    ("made", "names", "body"),
    [
        ("n = 1", "n", "n += 1"),
        ("df = pd.DataFrame({'a': [1], 'b': [2]})", "df", "df = df.drop(columns='a')"),
        ("a, b = [1], [2]", "a,b", "a, b = b, a; a.append(3)"),
        ("a = b = [0]", "a,b", "one = a is b; a = [*a, random.random()]; b.append(1)"),
        ("a = b = [0]", "a", "a.append(1); a = len(b)"),
        ("x = np.zeros(2); y = x[1:]", "x,y", "y += 1; total = x.sum(); x = y = None"),
        ("x = [1]", "x", "x.append(2); del x"),
        ("n = 1; seen = []", "n,seen", "seen.append(n); n += 1; 1 / 0; n = seen = None"),
    ],
)
def test_a_rerun_starts_from_what_the_names_held_at_first(
    kernel: Kernel, made: str, names: str, body: str
) -> None:
    left = f"{{k: str(v) for k, v in globals().items() if k in {[*'abnxy', 'df', 'seen', 'one']}}}"
    kernel.ok(f"for each in {left}: del globals()[each]")
    kernel.ok(made)
    cell = f"%%seeded 3 --rewind {names}\n{body}"
    assert "first run" in notes(kernel.run(cell))
    first = kernel.value(left)
    for _ in range(2):
        shown = kernel.run(cell)
        assert kernel.value(left) == first
        assert "a re-run of In[" in notes(shown)
        assert ("ZeroDivisionError" in shown.error) is ("1 / 0" in body)


def test_an_interrupted_run_is_taken_back(kernel: Kernel) -> None:
    kernel.ok("n, slow = 1, True")
    cell = "%%seeded 1 --rewind n\nn += 1\nif slow: time.sleep(30)"
    assert "KeyboardInterrupt" in kernel.interrupt_after(cell, 1).error
    kernel.ok("slow = False")
    kernel.ok(cell)
    assert kernel.value("n") == "2"


@pytest.mark.parametrize(
    ("rebinding", "value"),
    [("n = 10", 11), ("n = 2", 3), ("(n, m) = 1, 2", 2), ("%time n = 10", 11), ("del n; n = 2", 3),
     ("n += 1; kept.append(n)", 4), ("%%seeded 1\nn = 2", 3)],
)  # fmt: skip
def test_a_name_that_another_cell_bound_starts_anew_and_it_is_said(
    kernel: Kernel, rebinding: str, value: int
) -> None:
    kernel.ok("n, kept = 1, []")
    cell = "%%seeded 1 --rewind n,kept\nn += 1; kept.append(n)"
    kernel.ok(cell)
    kernel.ok(rebinding)
    number = kernel.value("len(In) - 1")
    told = notes(kernel.ok(cell))
    assert f"--rewind: n starts anew: another cell bound it (In[{number}])." in told
    assert "kept starts as it did there" in told
    for _ in range(2):
        assert kernel.value("n, kept") == str((value, [value]))
        assert "anew" not in notes(kernel.ok(cell))


def test_what_another_cell_did_not_bind_goes_back(kernel: Kernel) -> None:
    kernel.ok("n, kept = 1, []")
    cell = "%%seeded 1 --rewind n,kept\nn += 1; kept.append(n)"
    kernel.ok(cell)
    kernel.ok("if not n: n = 2\ndef unused(): n = 2\nkept.append(5); kept = kept")
    assert "anew" not in notes(kernel.ok(cell))
    assert kernel.value("n, kept") == "(2, [2])"
    kernel.ok("del kept")
    number = kernel.value("len(In) - 1")
    told = kernel.run(cell).error
    assert f"no variable kept: another cell deleted kept (In[{number}])" in told
    assert kernel.value("n") == "2"


def test_an_edited_header_or_blank_keeps_the_starts_where_no_id_is_sent(kernel: Kernel) -> None:
    kernel.ok("n, m, names = 1, 1, 'm'")
    kernel.ok("%%seeded 1 --rewind n\nn += 1\nm += 1")
    for header, body in (
        ("2 --rewind n", "n += 1\nm += 1"),
        ("2  --rewind=n --keep", "\nn  +=  1  # more\n\nm += 1\n\n"),
        ("--seeds 0:2 --rewind n", "n += 1\nm += 1"),
        ("3 --verify --rewind n", "n += 1\nm += 1"),
    ):
        assert "a re-run of In[" in notes(kernel.ok(f"%%seeded {header}\n{body}")), header
        assert kernel.value("n") == "2"
    kernel.ok("m = 5")
    shown = kernel.ok("%%seeded 1 --rewind n,$names\nn += 1\nm += 1")
    assert "first run with m: it starts from here" in notes(shown)
    assert "n starts as it did there" in notes(shown)
    kernel.ok("%%seeded 1 --rewind m\nn += 1\nm += 1")
    assert kernel.value("n, m") == "(3, 6)"
    kernel.ok("%%seeded 1\nn += 1\nm += 1")
    kernel.ok("%%seeded 1 --rewind n,m\nn += 1\nm += 1")
    assert kernel.value("n, m") == "(2, 6)"
    kernel.ok("%%seeded 1 --rewind n\n%time n += 1")
    assert "re-run" in notes(kernel.ok("%%seeded 1 --rewind n\n\n%time n += 1  \n\n"))


def test_a_cell_with_an_id_is_the_same_whatever_it_holds(kernel: Kernel) -> None:
    if kernel.value("__import__('IPython').version_info < (8,)") == "True":
        pytest.skip("this IPython is sent no ids")
    kernel.ok("n = 1")
    assert "first run" in notes(kernel.run_in("one", "%%seeded 1 --rewind n\nn += 1"))
    assert notes(kernel.run_in("one", "%%seeded 1 --rewind n\nn += 10")) == ""
    assert kernel.value("n") == "11"
    assert "first run" in notes(kernel.run_in("two", "%%seeded 1 --rewind n\nn += 10"))
    assert kernel.value("n") == "21"
    assert "n starts anew" in notes(kernel.run_in("one", "%%seeded 1 --rewind n\nn += 1"))
    assert kernel.value("n") == "22"
    assert "n starts anew" in notes(kernel.run_in("two", "%%seeded 1 --rewind n\nn += 10"))
    kernel.run_in("two", "%%seeded 1\nn = 5")
    kernel.run_in("two", "%%seeded 1 --rewind n\nn += 10")
    assert kernel.value("n") == "32"


def test_bodies_that_one_cell_runs_are_told_apart(kernel: Kernel) -> None:
    kernel.ok("run, magic = get_ipython().run_cell, get_ipython().run_cell_magic")
    inner = "\n".join(
        f"run('%%seeded 1 --rewind items\\nitems.append({each})');" for each in (1, 2, 1, 2)
    )
    for _ in range(2):
        kernel.ok(f"items, n = [], 0\n{inner}")
        assert kernel.value("items") == "[1, 2]"
    kernel.ok("for _ in range(3): magic('seeded', '1 --rewind n', 'n += 1')")
    assert kernel.value("n") == "1"


def test_what_goes_with_rewind_starts_from_there_too(kernel: Kernel) -> None:
    kernel.ok("from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(1)")
    kernel.ok("n, items, at = 1, [], random.seed(0)")
    kernel.ok("random.random()")
    number = kernel.value("len(In) - 1")
    for header in ("1 --keep", f"--from {number}", "1 --runs 2 --track m", "1 --verify",
                   "1 --runs 2 --track m --on pool", "1"):  # fmt: skip
        kernel.ok("n, items = 1, [0]")
        for _ in range(2):
            told = kernel.ok(f"%%seeded {header} --rewind n,items\nn += 1; items += [n]; m = n")
            assert "Not" not in told.stdout, header
            want = "(1, [0])" if "pool" in header else "(2, [0, 2])"
            assert kernel.value("n, items") == want, header
            if "runs" in header:
                assert kernel.value("_runs.values('m').tolist()") == "[2.0, 2.0]"


def test_a_start_that_made_room_is_never_replaced_in_silence(kernel: Kernel) -> None:
    kernel.ok("one, other = [bytearray(10_000), 0], [bytearray(10_000), 0]")
    cell = "%%seeded 1 --rewind {0}\n{0}[1] += 1"
    kernel.ok(cell.format("one"))
    size = int(kernel.value("sm.status().rewind_bytes"))
    kernel.ok(f"%config SeedMagics.rewind_bytes = {size + 100}")
    number = int(kernel.value("len(In)"))
    shown = kernel.ok(cell.format("other"))
    assert f"no longer keeps how one started In[{number - 2}]" in shown.stderr
    assert shown.stderr.count("SeedmagicWarning: ") == 1
    for told in (f"{size:,} bytes", f"{size + 100:,} bytes", f"rewind_bytes = {2 * size}"):
        assert told in shown.stderr
    assert kernel.ok(cell.format("other")).stderr == ""
    assert kernel.value("one[1], other[1]") == "(1, 1)"

    shown = kernel.run(cell.format("one"))
    assert kernel.value("one[1], other[1]") == "(1, 1)"
    assert "no longer keeps how one started this cell" in shown.error
    assert f"{size:,} bytes" in shown.error
    assert f"%config SeedMagics.rewind_bytes = {2 * size}" in shown.error
    assert "Nothing was run. Run the cell that makes one, or run this cell once more" in shown.error
    kernel.ok(f"%config SeedMagics.rewind_bytes = {2 * size}")
    assert "first run: one starts from here" in notes(kernel.ok(cell.format("one")))
    for _ in range(2):
        kernel.ok(cell.format("other"))
        kernel.ok(cell.format("one"))
        assert kernel.value("one[1], other[1]") == "(2, 1)"


def test_a_name_made_again_needs_no_start_that_made_room(kernel: Kernel) -> None:
    kernel.ok("%config SeedMagics.rewind_bytes = 15_000")
    kernel.ok("one, other = [bytearray(10_000)], [bytearray(10_000)]")
    kernel.ok("%%seeded 1 --rewind one\none += [1]")
    kernel.ok("%%seeded 1 --rewind other\nother += [1]")
    kernel.ok("one = []")
    assert "one starts anew" in notes(kernel.ok("%%seeded 1 --rewind one\none += [1]"))
    kernel.ok("huge = [bytearray(20_000)]")
    refused = kernel.run("%%seeded 1 --rewind huge\nhuge += [1]").error
    assert "15,000 are allowed" in refused
    assert "%config SeedMagics.rewind_bytes = " in refused
    kernel.ok("%%seeded 1 --rewind other\nother += [1]")
    assert kernel.value("len(other)") == "2", "what is refused makes nobody else forget"


def test_many_small_starts_are_all_kept(kernel: Kernel) -> None:
    for number in range(60):
        kernel.ok(f"n{number} = 0")
        kernel.ok(f"%%seeded 1 --rewind n{number}\nn{number} += 1")
    kernel.ok("%%seeded 1 --rewind n0\nn0 += 1")
    assert kernel.value("n0") == "1"


def test_copies_are_freed_with_what_needs_them(kernel: Kernel) -> None:
    kernel.ok("thing = Thing(); gone = weakref.ref(thing)")
    kernel.ok("%%seeded 1 --rewind thing\nthing = None")
    assert kernel.value("gone() is None, sm.status().rewind_bytes > 0") == "(False, True)"
    kernel.ok("thing = 5")
    assert (
        kernel.value("(gc.collect(), gone() is None)[1], sm.status().rewind_bytes") == "(True, 0)"
    )
    kernel.ok("gc.disable(); thing = Thing(); gone = weakref.ref(thing)")
    kernel.ok("%%seeded 1 --rewind thing\nthing = 5")
    assert "--rewind has forgotten all starts" in kernel.ok("%seed off").stdout
    assert kernel.value("(gone() is None, gc.enable())[0]") == "True"
    assert "forgotten" not in kernel.ok("%seed off").stdout
    assert "first run" in notes(kernel.ok("%%seeded 1 --rewind thing\nthing += 1"))


def test_a_name_that_left_goes_back_with_what_it_shares_parts_with(kernel: Kernel) -> None:
    kernel.ok("part = [0]; one, other = [part], [part]")
    kernel.ok("%%seeded 1 --rewind one,other\npart.append(1); one.append(1); other.append(1)")
    kernel.ok("m = [0]")
    shown = kernel.ok("%%seeded 2 --rewind one\npart.append(1); one.append(1); other.append(1)")
    assert "other went back too, for it shares parts with one" in notes(shown)
    kernel.ok("%%seeded 2 --rewind one\npart.append(1); one.append(1); other.append(1)")
    assert kernel.value("part, one[1:], other[1:]") == "([0, 1], [1], [1, 1])"


def test_what_is_refused_leaves_all_that_would_go_back(kernel: Kernel) -> None:
    kernel.ok("n, stream = 1, iter([])")
    kernel.ok("%%seeded 1 --rewind n\nn += 1")
    refused = {
        "1 --rewind n,stream": "stream is",
        "--from 999999 --rewind n": "999999",
        "-1 --rewind n": "not a seed",
        "--keep --runs 2 --rewind n": "--keep",
    }
    for header, told in refused.items():
        shown = kernel.run(f"%%seeded {header}\nn += 1")
        assert told in shown.error
        assert (notes(shown), kernel.value("n")) == ("", "2")
    kernel.ok("%%seeded 1 --rewind n\nn += 1")
    assert kernel.value("n") == "2"


def test_quiet_tells_no_starts(kernel: Kernel) -> None:
    kernel.ok("n = 1\n%config SeedMagics.quiet = True")
    assert kernel.ok("%%seeded 1 --rewind n\nn += 1").displays == []
    kernel.ok("%config SeedMagics.quiet = False")


def test_tab_offers_the_next_name_after_a_comma(kernel: Kernel) -> None:
    kernel.ok("my_one = my_two = 1")
    for names in (" my_one,", " my_one, ", "=my_one,  "):
        assert kernel.complete(f"%%seeded 1 --rewind{names}my_") == ["my_two"], names
    assert {"my_one", "n"} <= set(kernel.complete("%%seeded 1 --rewind my_two, "))


def test_shells_keep_their_starts_apart_and_leave_none_behind() -> None:
    script = """
    import gc, json, weakref
    from shells import Shell
    a, b = Shell(is_singleton=True), Shell()
    cell = "%%seeded 1 --rewind things\\nthings.append(1); things = [*things]"
    gone, told = [], []
    for shell in (a, b):
        shell.load()
        shell.ok("class Thing(list): pass\\nthings = Thing()")
        gone.append(weakref.ref(shell.value("things")))
        for _ in range(2):
            told.append((shell.ok(cell).printed, [*shell.value("things")]))
    a.ok("%reload_ext seedmagic")
    told.append((a.ok(cell).printed, [*a.value("things")]))
    a.ok("things = None")
    a.unload()
    gc.collect()
    told.append([ref() is None for ref in gone])
    told.append((b.ok(cell).printed, [*b.value("things")]))
    print(json.dumps(told))
    """
    a1, a2, b1, b2, reloaded, gone, b3 = answer(dedent(script))  # type: ignore[misc]
    for first, again in ((a1, a2), (b1, b2)):
        assert "first run" in first[0]
        assert "a re-run of In[" in again[0]
        assert first[1] == again[1] == [1]
    assert "first run" in reloaded[0]
    assert reloaded[1] == [1, 1]
    assert gone == [True, False]
    assert b3[1] == [1]


@pytest.mark.slow
def test_where_a_cell_started_is_no_output_that_a_saved_notebook_is_compared_by(
    tmp_path: Path,
) -> None:
    file = write_notebook(
        tmp_path / "saved.ipynb",
        "%load_ext seedmagic\nn = 1",
        "%%seeded 1 --rewind n\nn += 1\nprint(n)",
    )
    notebook = nbformat.read(file, as_version=4)
    NotebookClient(notebook).execute()
    note, printed = notebook.cells[1].outputs
    assert note.data["text/plain"] == "--rewind: first run: n starts from here."
    notebook.cells[1].outputs = [printed]  # as the second run shows it
    nbformat.write(notebook, file)
    assert verify(tmp_path, file.name, "--saved").code == 0
