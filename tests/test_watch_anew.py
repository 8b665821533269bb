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


@pytest.mark.parametrize("call", CALLS)
def test_a_later_cell_that_draws_is_told_where_that_was_until_a_number_is_given(
    kernel: Kernel, call: str
) -> None:
    source, draw = CALLS[call]
    kernel.ok("%seed 42")
    kernel.ok(call)
    number = kernel.value("len(In) - 1")
    for _ in range(2):
        told = " ".join(kernel.ok(f"x = {draw}").stderr.split())
        assert f"drew from {source}, which no seed controls (line 1: x = {draw})" in told
        assert (
            f"{source} was seeded by the operating system in In[{number}] (line 1: {call})" in told
        )
        assert "Give it a number there, or delete the call." in told
        assert "Run %seed" not in told
    given = {"python": "random.seed(1)", "numpy": "np.random.seed(1)"}
    kernel.ok(given.get(source, "torch.manual_seed(1)"))
    assert kernel.ok(f"x = {draw}").stderr == ""


GENERATOR = "g = torch.Generator()\n"
DRAW = "x = torch.rand(2, generator=g).tolist()"


def test_a_generator_of_torchs_is_told_too(kernel: Kernel) -> None:
    shown = kernel.ok(f"%%seeded 42\n{GENERATOR}y = 1; n = g.seed()\n{DRAW}")
    told = "seeded a torch.Generator from the operating system (line 3: y = 1; n = g.seed())"
    assert f"{told}. {REMEDY}" in " ".join(shown.stderr.split())
    assert kernel.value("n == g.initial_seed()") == "True"
    assert kernel.ok(f"{GENERATOR}g.manual_seed(3)\n{DRAW}").stderr == ""
    kernel.ok("%seedwatch error")
    assert kernel.run(f"{GENERATOR}g.seed()\nx = 'went on'").error
    assert kernel.value("x != 'went on'") == "True"


def test_a_generator_of_torchs_is_pinned(kernel: Kernel) -> None:
    again = "g.seed()\ny = x, torch.rand(2, generator=g).tolist()\ny"
    cell = f"{GENERATOR}n = g.seed()\n{DRAW}\n{again}"
    shown = []
    for seed in (42, 42, 43):
        kernel.ok(f"%seed {seed} --pin-entropy")
        found = kernel.ok(cell)
        assert found.stderr == ""
        shown.append(found.text)
        assert kernel.value("y[0] != y[1] and n is not None") == "True"
    assert shown[0] == shown[1] != shown[2]


IN_FUNCTIONS = {
    "a function": "def anew(g):\n    return g.seed()",
    "a lambda": "anew = lambda g: g.seed()",
    "a method": "class A:\n    def anew(self, g):\n        return g.seed()\nanew = A().anew",
    "a function below %%capture": "%%capture\ndef anew(g):\n    return g.seed()",
}


@pytest.mark.parametrize("made", IN_FUNCTIONS.values(), ids=IN_FUNCTIONS)
def test_a_function_of_the_users_that_asks_for_it_is_told(kernel: Kernel, made: str) -> None:
    kernel.ok(made)
    shown = kernel.ok("%%seeded 42\ny = 1\nn = anew(torch.Generator())")
    told = (
        "seeded a torch.Generator from the operating system (line 3: n = anew(torch.Generator()))"
    )
    assert told in " ".join(shown.stderr.split())
    kernel.ok("%seed 42 --pin-entropy")
    assert kernel.ok("n = anew(torch.Generator())").stderr == ""
    kernel.ok("m = n\n%seed 42 --pin-entropy")
    kernel.ok("n = anew(torch.Generator())")
    assert kernel.value("n == m") == "True"


def test_what_asks_for_it_in_a_function_goes_on_without_us(kernel: Kernel) -> None:
    kernel.ok("import subprocess, sys, cloudpickle\ndef anew(g):\n    return g.seed()")
    kernel.ok("sent = cloudpickle.dumps(anew).hex()")
    kernel.ok(
        "code = 'import pickle, sys, torch; f = pickle.loads(bytes.fromhex(sys.argv[1])); '\n"
        "code += 'print(type(f(torch.Generator())))'\n"
        "run = subprocess.run([sys.executable, '-c', code, sent], capture_output=True, text=True)"
    )
    assert kernel.value("run.stdout.strip(), run.stderr") == "(\"<class 'int'>\", '')"
    kernel.ok("%seedwatch off")
    assert kernel.value("type(anew(torch.Generator()))") == "int"
    kernel.ok("%unload_ext seedmagic")
    assert kernel.value("type(anew(torch.Generator()))") == "int"
    kernel.ok("%load_ext seedmagic\n%seedwatch warn")


def test_a_decorated_function_is_left_as_it_is(kernel: Kernel) -> None:
    kernel.ok("def same(f):\n    return f\n@same\ndef anew(g):\n    return g.seed()")
    kernel.ok("def plain(g):\n    return g.seed()")
    kernel.ok("bare = eval(compile('lambda g: g.seed()', '', 'eval'))")
    assert kernel.value("anew.__code__.co_code == bare.__code__.co_code") == "True"
    assert kernel.value("plain.__code__.co_code == bare.__code__.co_code") == "False"


def test_what_asks_for_it_below_capture_is_told(kernel: Kernel) -> None:
    shown = kernel.ok("%%capture\ng = torch.Generator()\nn = g.seed()")
    told = "seeded a torch.Generator from the operating system (line 1: %%capture)"
    assert told in " ".join(shown.stderr.split())


def test_a_function_of_another_cell_that_calls_torchs_own_method_is_told(kernel: Kernel) -> None:
    kernel.ok("def anew():\n    torch.default_generator.seed()")
    kernel.ok("%seed 42")
    shown = kernel.ok("y = 1\nanew(); x = torch.rand(1)")
    assert "seeded torch from the operating system (line 2: anew()" in shown.stderr
    kernel.ok("torch.manual_seed(3)")
    assert kernel.ok("torch.default_generator.manual_seed(4); x = torch.rand(1)").stderr == ""


def test_the_line_is_known_below_time_too(kernel: Kernel) -> None:
    shown = kernel.ok("%%time\ny = 1\nrandom.seed()\ny = 2")
    assert "(line 3: random.seed())" in shown.stderr


def test_a_helper_is_told_by_the_cells_line(kernel: Kernel) -> None:
    kernel.ok("def anew():\n    random.seed()")
    assert "(line 2: anew())" in kernel.ok("y = 1\nanew()\ny = 2").stderr


@pytest.mark.parametrize("call", CALLS)
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


def test_a_later_cell_of_a_notebook_is_told_where_that_was(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    cells = (
        "%load_ext seedmagic\nimport random, torch\n%seed 42",
        "random.seed()\ng = torch.Generator()\nn = g.seed()",
        "print(random.random())",
        "print(torch.rand(1, generator=g))",
    )
    found = verify_cells(folder, *cells).cells()
    assert (found[2]["cause"], found[2]["line"]) == ("unseeded", 1), found[2]
    told = "The operating system seeded it in In[2] (line 1: random.seed()). Give it a number there"
    assert told in found[2]["detail"]
    assert "%seed" not in found[2]["detail"]
    assert found[3]["cause"] == "entropy", found[3]
    assert "follows cell 1" in found[3]["detail"]


ENDED = {
    "a cell's scope": ["%%seeded 42\nnp.random.seed()"],
    "a scope in a cell": ["with sm.seeded(42):\n    np.random.seed()"],
    "a scope without a seed": ["with sm.preserve():\n    np.random.seed()"],
    "the seed in force": ["%seed 42", "np.random.seed()", "%seed off"],
}


@pytest.mark.parametrize("cells", ENDED.values(), ids=ENDED)
def test_what_was_seeded_anew_under_a_seed_ends_with_it(cells: list[str]) -> None:
    with running_kernel("%load_ext seedmagic", PRELUDE) as kernel:
        for cell in cells:
            kernel.ok(cell)
        told = kernel.ok("x = np.random.rand()").stderr
        assert "Run %seed 42 first, or start the cell with %%seeded 42." in told
        assert "operating system" not in told


def test_a_call_is_to_be_deleted_only_where_a_seed_controls_the_source_then() -> None:
    with running_kernel("%load_ext seedmagic", PRELUDE) as kernel:
        here = kernel.ok("np.random.seed()\nx = np.random.rand()").stderr
        assert (
            "(line 1: np.random.seed()). Give it a number, or delete the call and run %seed 42.\n"
            in here
        )
        later = kernel.ok("x = np.random.rand()").stderr
        assert "Give it a number there, or delete the call and run %seed 42.\n" in later
        kernel.ok("np.random.seed(1)")
        here = kernel.ok("np.random.seed()").stderr
        assert "Give it a number, or delete the call.\n" in here
        later = kernel.ok("x = np.random.rand()").stderr
        assert "Give it a number there, or delete the call.\n" in later


def test_the_status_names_the_call_and_the_remedy() -> None:
    with running_kernel("%load_ext seedmagic", PRELUDE) as kernel:
        kernel.ok("%seed 42")
        kernel.ok("y = 1\nnp.random.seed()\nx = np.random.rand()")
        shown = kernel.value("[(each.text, each.remedy) for each in sm.status().problems]")
        assert "In[4] seeded numpy from the operating system (line 2: np.random.seed())" in shown
        assert "Give it a number, or delete the call, and run In[4] again." in shown
        assert "(seeded by the operating system)" in kernel.ok("%seedlog").text
