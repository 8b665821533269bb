"""What people type before they have read the docs: it works, or one sentence says what to type."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import seedmagic as sm
from kernels import Kernel, running_kernel

SEED = "sm.status().seed"
VARIABLES = "my_seed = 7; my_np = np.int64(3); my_flag = True; my_half = .5; my_debt = -1; _my = 3"


@pytest.fixture(scope="module")
def shared() -> Iterator[Kernel]:
    imports = "import random, numpy as np, seedmagic as sm"
    with running_kernel("%load_ext seedmagic", imports, VARIABLES, "ran = []") as kernel:
        yield kernel


@pytest.fixture
def kernel(shared: Kernel) -> Kernel:
    shared.ok("%seed 3\n%seedwatch warn\nran.clear()")
    return shared


MAGICS = ("%seed", "%seedpanel", "%seedwatch", "%seedlog", "%seedreplay")


@pytest.mark.parametrize("asked", ["-h", "--help", "help", "--help  # please"])
@pytest.mark.parametrize("magic", MAGICS)
def test_a_request_for_help_names_where_it_stands(kernel: Kernel, magic: str, asked: str) -> None:
    shown = kernel.ok(f"{magic} {asked}")
    assert f"see {magic}?" in shown.stdout
    assert not shown.displays
    assert kernel.value(SEED) == "3"


def test_a_variable_named_help_is_a_seed_like_any_other(kernel: Kernel) -> None:
    kernel.ok("help = 5\n%seed help\ndel help")
    assert kernel.value(SEED) == "5"


@pytest.mark.parametrize("cell", ["%%seeded -h", "%%seeded --help\nran.append(1)", "%%seeded help",
                                  "%%seeded 42 --help\nran.append(1)", "%seeded -h",
                                  "x = 1\n%%seeded help"])  # fmt: skip
def test_help_on_a_cell_runs_no_body(kernel: Kernel, cell: str) -> None:
    shown = kernel.run(cell)
    assert shown.error.startswith("UsageError")
    assert "see %%seeded?" in shown.error
    assert kernel.value("ran") == "[]"


@pytest.mark.parametrize("magic", [*MAGICS, "%%seeded"])
def test_the_help_that_is_named_is_there(kernel: Kernel, magic: str) -> None:
    shown = kernel.client.inspect(magic, cursor_pos=len(magic), reply=True, timeout=30)
    assert "Examples" in shown["content"]["data"]["text/plain"]


@pytest.mark.parametrize(
    "line",
    ["=42", " = 42", "(42)", " (42)", " seed=42", "(seed=42)", " --seed 42", " --seed=42",
     " --keep-cudnn --seed 42", "('42')", "=$answer", "({40 + 2})", "(answer)", "=42 # so", " 42;",
     "(random_state=42)"],
)  # fmt: skip
@pytest.mark.parametrize("before", ["", "x = 1\n", "if True:\n    ", "shown = "])
def test_a_seed_given_as_python_gives_one_is_that_seed(
    kernel: Kernel, before: str, line: str
) -> None:
    kernel.ok("answer = 42")
    kernel.ok(f"{before}%seed{line}")
    assert kernel.value(SEED) == "42"


@pytest.mark.parametrize("header", ["(42)", "=42", " = 42", " --seed 42", " (42) --keep-cudnn"])
def test_a_scope_can_be_asked_for_so_too(kernel: Kernel, header: str) -> None:
    meant = kernel.ok("%%seeded 42\nprint(random.random())").stdout
    assert kernel.ok(f"%%seeded{header}\nprint(random.random())").stdout == meant
    assert kernel.value(SEED) == "3"


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("%%seed 42\nran.append(1)", "%%seeded 42 is meant"),
        ("%%seed(42)\nran.append(1)", "%%seeded 42 is meant"),
        ("%%seed\nran.append(1)", "%%seeded 42 is meant"),
        ("# why\n%%seed 42\nran.append(1)", "%%seeded 42 is meant"),
        ("# why\n%%seeded 42\nran.append(1)", "move %%seeded 42 there"),
        ("%seeded 42\nran.append(1)", "write %%seeded 42 in the cell's first line"),
        ("%%seedwatch strict\nran.append(1)", "write %seedwatch strict"),
        ("%seeds 42", "did you mean %seed?"),
        ("%set_seed 42", "did you mean %seed?"),
        ("%seedd 42", "did you mean %seed?"),
        ("%seededd 42", "did you mean %%seeded?"),
        ("%%seeded new\nran.append(1)", "%seed new draws"),
        ("%%seeded off\nran.append(1)", "%seed off puts back"),
        ("%%seedd 42\nran.append(1)", "did you mean %%seeded?"),
        ("%%seed new\nran.append(1)", "%seed new draws"),
        ("%%seed off\nran.append(1)", "%seed off puts back"),
        ("%seeded new\nran.append(1)", "%seed new draws"),
        ("%%seed 42 --only torch\nran.append(1)", "%%seeded 42 is meant"),
        ("%%seed 42 --deterministic\nran.append(1)", "%%seeded 42 --deterministic is meant"),
        ("%%seeded[42]\nran.append(1)", "write %%seeded 42 in the cell's first line"),
        ("%%seeded:\nran.append(1)", "write %%seeded 42 in the cell's first line"),
        ("%seeded()\nran.append(1)", "%seed 42 seeds"),
        ("%%seeded 42 numpy\nran.append(1)", "%seed 42 --only numpy seeds"),
        ("%%seeded --seeds 1 2 3 --track ran\nran.append(1)", "%%seeded --seeds 1,2,3 runs"),
        ("%%seeded 4 --rewind ran, my_np\nran.append(1)", "write ran,my_np, without spaces"),
        ("%seed 42 --only numpy, torch", "write numpy,torch, without spaces"),
        ("%seed 1,000", "did you mean 1000?"),
        ("%seed 1 000", "did you mean 1000?"),
        ("%seed 7,7", "; one seed is taken. Accepted"),
        ("%seed ${my_seed}", "write $name or {expression}"),
        ("%seed 42 --hlep", "did you mean --help?"),
        ("%seedall 42", "did you mean %seed?"),
        ("%seed_off", "did you mean %seed off?"),
        ("%seedlog -n 0", "how many cells"),
        ("%seedreplay()", "needs the number of a cell"),
        ("%seed 42, 43", "%%seeded --seeds 42,43 runs"),
        ("%seed 42,43", "%%seeded --seeds 42,43 runs"),
        ("%seed 42 43", "%%seeded --seeds 42,43 runs"),
        ("%seed None", "%seed new draws"),
        ("%seed random", "%seed new draws"),  # which is a module here
        ("%seed --random", "%seed new draws"),
        ("%seed reset", "%seed off puts back"),
        ("%seed status", "%seed alone shows"),
        ("%seed()", "%seed 42 seeds"),
        ("%seed torch", "%seed 42 --only torch"),
        ("%seed 42 numpy", "--only numpy"),
        ("%seed(deterministic=5)", "not a seed"),
        ("%seed nwe", "did you mean new?"),
        ("%seed my_sed", "did you mean my_seed?"),
        ("%seed deterministic", "did you mean --deterministic?"),
        ("%seed 42 deterministic", "did you mean --deterministic?"),
        ("%seed 42 -deterministic", "did you mean --deterministic?"),
        ("%seed 42 --deterministc", "did you mean --deterministic?"),
        ("%seed(42, deterministic=True)", "did you mean --deterministic?"),
        ("%seed 42 --keep_cudnn", "did you mean --keep-cudnn?"),
        ("%seed 42 --only nmpy", "did you mean numpy?"),
        ("%seed 42 --skip python,trch", "did you mean torch?"),
        ("%seed 42 --rewind model", "--rewind is an option of %%seeded"),
        ("%%seeded 42 --per-cell\nran.append(1)", "--per-cell is an option of %seed"),
        ("%%seeded 42 --verfy\nran.append(1)", "did you mean --verify?"),
        ("%seedwatch strct", "did you mean strict?"),
        ("%seedlog --jsn x", "did you mean --json?"),
        ("%seedreplay In[x]", "In[3]"),
        ("%seedreplay In[3", "In[3]"),
        ("%seedreplay 3.5", "1, 2, 3"),
        ("%%seeded --from In[0]\nran.append(1)", "1, 2, 3"),
    ],
)
def test_a_first_guess_is_told_what_to_type(kernel: Kernel, cell: str, says: str) -> None:
    shown = kernel.run(cell)
    assert shown.status == "error"
    assert shown.error.startswith("UsageError")  # without a traceback
    assert not shown.errors
    assert says in shown.error
    assert kernel.value("ran") == "[]"
    assert kernel.value(SEED) == "3"


def test_a_guess_below_another_cell_magic_is_told_too(kernel: Kernel) -> None:
    shown = kernel.run("%%time\n%%seed 42\nran.append(1)")
    # %%time of IPython 7 shows the error itself, and the cell counts as run.
    assert "UsageError: %%seed is not a cell magic: %%seeded 42 is meant" in (
        f"{shown.stderr}{shown.error}"
    )
    assert kernel.value("ran") == "[]"


# Of each type the values answer in the user's own code, and fail.
ODD = """
import weakref, numbers
class Gone: pass
gone = Gone(); my_gone = weakref.proxy(gone); del gone
class Raises(int):
    __class__ = property(lambda self: 1 / 0)
    def __index__(self): raise OSError("no index")
my_raising = Raises(3)
class Meta(type):
    def __getattribute__(cls, name): raise OSError(name)
class Odd(metaclass=Meta): pass
my_odd = Odd()
"""


def test_odd_variables_change_no_answer() -> None:
    line = "%seed my"
    with running_kernel("%load_ext seedmagic", "my_seed = 7", ODD) as kernel:
        assert "did you mean my_seed?" in kernel.run("%seed my_sed").error
        reply = kernel.client.complete(line, len(line), reply=True, timeout=60)["content"]
        assert {*reply["matches"]} == {"my_seed", "my_raising"}


def test_a_call_that_only_stands_in_a_string_stays_as_it_is(kernel: Kernel) -> None:
    text = "get_ipython().run_line_magic('seedling', '42')"
    kernel.ok(f'told = """\n{text}\n"""\nother = 1')
    assert kernel.value("told") == repr(f"\n{text}\n")


def test_what_stands_below_a_replay_is_never_left_out(kernel: Kernel) -> None:
    kernel.ok("random.random();")
    number = kernel.value("len(In) - 1")
    shown = kernel.run(f"%seedreplay {number}  # again\nran.append(1)")
    assert "must stand alone" in shown.error
    assert kernel.run(f"# again\n%seedreplay {number}").status == "ok"
    assert kernel.value("ran") == "[]"


def test_the_panel_and_the_log_take_an_empty_call_and_a_semicolon(kernel: Kernel) -> None:
    for line in ("%seedpanel;", "%seedpanel()", "%seedlog()", "%seedwatch()", "%seedlog;"):
        kernel.ok(line)
    assert len(kernel.ok(f"%seedlog {10**30}").displays[0]["text/plain"].splitlines()) > 3


def test_files_may_be_named_from_the_users_home(kernel: Kernel, tmp_path: Path) -> None:
    kernel.ok(f"import os; home = os.environ['HOME']; os.environ['HOME'] = {str(tmp_path)!r}")
    assert "Wrote 1 cell to ~/log.json." in kernel.ok("%seedlog -n 1 --json ~/log.json").stdout
    kernel.ok("os.environ['HOME'] = home")
    assert (tmp_path / "log.json").exists()


def test_what_resembles_nothing_gets_no_guess(kernel: Kernel) -> None:
    for line in ("%seed qqqq", "%seed 42 --qqqq", "%seedwatch qqqq", "%seed 42 --only qqqq"):
        assert "did you mean" not in kernel.run(line).error
    assert "Line magic function `%qqqq` not found" in kernel.run("%qqqq").error


@pytest.mark.parametrize(
    "written",
    ["{{{}}}", "In[{}]", "in[{}]", "[{}]", "In [ {} ]", "In [{}]:", "[{}]  # again", "[{}]\n"],
)
def test_a_replay_takes_the_cell_as_the_prompt_writes_it(kernel: Kernel, written: str) -> None:
    drawn = kernel.ok("print(random.random())").stdout
    number = int(kernel.value("len(In) - 1"))
    kernel.ok("random.random()")
    assert kernel.ok(f"%seedreplay {written.format(number)}").stdout == drawn
    if " " not in written:
        header = f"%%seeded --from {written.format(number).strip()}"
        assert kernel.ok(f"{header}\nprint(random.random())").stdout == drawn


@pytest.mark.parametrize("line", ["%seedreplay[{}]", "%seedreplay({})", "%seedreplay={}"])
def test_a_replay_needs_no_space_before_its_cell(kernel: Kernel, line: str) -> None:
    drawn = kernel.ok("print(random.random())").stdout
    assert kernel.ok(line.format(int(kernel.value("len(In) - 1")))).stdout == drawn


@pytest.mark.parametrize(
    ("line", "mode"),
    [("on", "warn"), ("STRICT", "strict"), ("'error'", "error"), ("=strict", "strict")],
)
def test_the_watcher_takes_its_modes_as_people_write_them(
    kernel: Kernel, line: str, mode: str
) -> None:
    kernel.ok(f"%seedwatch {line}")
    assert kernel.value("sm.status().watch") == repr(mode)


def test_the_log_takes_a_bare_number(kernel: Kernel) -> None:
    kernel.ok("random.random();")
    for line in ("%seedlog 2", "%seedlog(2)"):
        assert len(kernel.ok(line).displays[0]["text/plain"].splitlines()) == 3  # with a header


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%seed my", {"my_seed", "my_np"}),
        ("%seed $my", {"my_seed", "my_np"}),
        ("%seed {my", {"my_seed", "my_np"}),
        ("%seed --keep-cudnn my", {"my_seed", "my_np"}),
        ("%%seeded my", {"my_seed", "my_np"}),
        ("%seed 42 my", set()),
        ("%seed --only my", set()),
        ("%seed --only numpy my", {"my_seed", "my_np"}),
        ("%seed off my", set()),
        ("%%seeded 1 --rewind my", {"my_seed", "my_np", "my_flag", "my_half", "my_debt"}),
        ("%%seeded 1 --runs 2 --track my", {"my_seed", "my_np", "my_flag", "my_half", "my_debt"}),
    ],
)
def test_tab_completes_variables_that_can_stand_there(
    kernel: Kernel, line: str, offered: set[str]
) -> None:
    reply = kernel.client.complete(line, len(line), reply=True, timeout=60)["content"]
    assert set(reply["matches"]) == offered
    assert not offered or line[reply["cursor_start"] :] == "my"


@pytest.mark.parametrize("line", ["%%seeded --from ", "%%seeded --from=", "%seedreplay ",
                                  "%seedreplay In["])  # fmt: skip
def test_tab_completes_the_cells_that_have_run_the_latest_first(kernel: Kernel, line: str) -> None:
    kernel.ok("random.random();")
    latest = int(kernel.value("len(In) - 1"))
    reply = kernel.client.complete(line, len(line), reply=True, timeout=60)["content"]
    assert reply["matches"][:2] == [str(latest), str(latest - 1)]
    assert reply["cursor_start"] == len(line)
    reply = kernel.client.complete(f"{line}{latest}", reply=True, timeout=60)["content"]
    assert reply["matches"] == [str(latest)]


def test_a_magic_of_somebody_elses_is_left_alone(kernel: Kernel) -> None:
    kernel.ok("get_ipython().register_magic_function(lambda line: print('mine', line), "
              "magic_name='seedling')")  # fmt: skip
    assert kernel.ok("%seedling 5").stdout == "mine 5\n"
    assert kernel.ok('text = """\nget_ipython().run_line_magic("seed 42") \n"""').status == "ok"
    assert kernel.value("text") == repr('\nget_ipython().run_line_magic("seed 42") \n')


@pytest.mark.parametrize("call", ["%seedling {1 + 1}", "told = %seedling {1 + 1}"])
def test_a_magic_that_its_own_cell_defines_is_left_alone(kernel: Kernel, call: str) -> None:
    # IPython rewrites the whole cell before any of it runs.
    define = "from IPython.core.magic import register_line_magic\n@register_line_magic\n"
    shown = kernel.ok(f"{define}def seedling(line): print('told', line)\n{call}")
    assert shown.stdout == "told 2\n"
    kernel.ok("del get_ipython().magics_manager.magics['line']['seedling']")
    assert "there is no magic %seedling" in kernel.run(call).error


def test_a_local_variable_is_put_in_where_a_function_calls_such_a_magic(kernel: Kernel) -> None:
    define = "from IPython.core.magic import register_line_magic\n@register_line_magic\n"
    within = "def plant(inside):\n    %seedling {inside}\nplant('here')"
    shown = kernel.ok(f"{define}def seedling(line): print('told', line)\n{within}")
    assert shown.stdout == "told here\n"
    kernel.ok("del get_ipython().magics_manager.magics['line']['seedling']")


def test_nothing_of_it_is_left_after_unloading() -> None:
    with running_kernel("%load_ext seedmagic", "%unload_ext seedmagic") as kernel:
        assert kernel.value("get_ipython().input_transformers_post") == "[]"
        assert "not found" in kernel.run("%seed=42").error
        assert "not found" in kernel.run("%%seed 42\n1").error


def test_seed_is_seed_everything_and_other_names_are_told() -> None:
    assert sm.seed is sm.seed_everything
    assert sm.seed(5).seed == 5
    told = {"set_seed": "seed", "seed_all": "seed", "manual_seed": "seed_everything",
            "seed_evrything": "seed_everything", "fix_random_seeds": "seed_everything",
            "snapshop": "snapshot", "Seed": "seed"}  # fmt: skip
    for name, meant in told.items():
        with pytest.raises(AttributeError, match=rf"{name}'; did you mean {meant}\?$"):
            getattr(sm, name)
    for name in ("qqqq", "_repr_html_"):
        with pytest.raises(AttributeError, match=f"{name}'$"):
            getattr(sm, name)


def test_a_mistyped_source_is_named_in_python_too() -> None:
    with pytest.raises(sm.SourceError, match=r"'nmpy' is not a source; did you mean numpy\?"):
        sm.seed(1, only="nmpy")
    with pytest.raises(sm.SourceError, match="3 is not a source: python"):
        sm.seed(1, only=[3])  # type: ignore[list-item]


def command(*words: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "seedmagic", *words]
    return subprocess.run(call, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("words", [(), ("kernel",)])
def test_the_command_alone_prints_its_help_and_fails_for_scripts(words: tuple[str, ...]) -> None:
    alone, asked = command(*words), command(*words, "--help")
    assert (alone.returncode, asked.returncode) == (2, 0)
    assert alone.stdout == asked.stdout
    assert "\nExample: seedmagic " in alone.stdout
    assert alone.stderr == ""


def test_help_is_a_command_as_elsewhere() -> None:
    assert command("help").stdout == command("--help").stdout
    assert command("help", "verify").stdout == command("verify", "--help").stdout


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("verfy x.ipynb", "verify"),
        ("x.ipynb", "seedmagic verify x.ipynb"),
        ("verify x.ipynb --vay hash", "--vary"),
        ("verify x.ipynb --in_place", "--in-place"),
        ("kernel instal", "install"),
        ("kernel install --nme n", "--name"),
    ],
)
def test_a_mistyped_command_or_option_is_told_which_is_meant(line: str, meant: str) -> None:
    done = command(*line.split())
    assert done.returncode == 2
    assert done.stderr.endswith(f"; did you mean {meant}?\n")
    assert done.stdout == ""


def test_what_looks_for_likeness_is_imported_only_when_something_is_wrong() -> None:
    script = "import sys, seedmagic as sm; hasattr(sm, '_x'); sm.seed(1); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "difflib" not in done.stdout.split()
