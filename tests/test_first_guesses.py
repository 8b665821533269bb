"""What people type first, before they have read anything, works or says what is meant."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

import seedmagic as sm
from kernels import Kernel, running_kernel
from seedmagic.cli import main


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", "import random") as started:
        yield started


@pytest.mark.parametrize("asked", ["-h", "--help", "help", " help  # please"])
@pytest.mark.parametrize("magic", ["%seed", "%seedwatch", "%seedlog", "%seedreplay", "%seedpanel"])
def test_a_line_that_asks_for_help_is_told_where_it_is(
    kernel: Kernel, magic: str, asked: str
) -> None:
    kernel.ok("%seed 42")
    assert f"see {magic}?" in kernel.ok(f"{magic} {asked}").stdout
    assert kernel.value("__import__('seedmagic').status().to_dict()['seed']") == "42"


@pytest.mark.parametrize(
    "cell", ["%%seeded --help\nran = 1", "%%seeded -h", "%%seed help\nran = 1"]
)
def test_a_cell_that_asks_for_help_is_told_where_it_is_and_does_not_run(
    kernel: Kernel, cell: str
) -> None:
    name = cell.split()[0].replace("%%seed ", "%seed ")
    assert f"see {'%seed' if name == '%%seed' else name}?" in kernel.run(cell).error
    assert kernel.value("'ran' in globals()") == "False"


def test_a_variable_named_help_is_a_seed_like_any_other(kernel: Kernel) -> None:
    kernel.ok("help = 5")
    assert "Seed 5" in kernel.ok("%seed help").text
    kernel.ok("del help")


@pytest.mark.parametrize(("line", "meant"), [("%%seed 7", "%%seeded 7"), ("%%seed", "%%seeded 42")])
def test_a_cell_under_seed_is_told_of_seeded_and_does_not_run(
    kernel: Kernel, line: str, meant: str
) -> None:
    shown = kernel.run(f"{line}\nran = 1")
    assert f"{meant} is meant" in shown.error
    assert kernel.value("'ran' in globals()") == "False"


def test_seed_is_seed_everything() -> None:
    assert sm.seed is sm.seed_everything
    sm.seed(42)
    assert random.random() == random.Random(42).random()


@pytest.mark.parametrize("written", ["In[{}]", "in[{}]", "[{}]", "In [ {} ]", "{}  # again"])
def test_the_number_of_a_cell_may_be_written_as_it_stands_beside_it(
    kernel: Kernel, written: str
) -> None:
    kernel.ok("%seed 42")
    first = kernel.ok("random.random()")
    number = kernel.value("len(In) - 1")
    assert kernel.ok(f"%seedreplay {written.format(number)}").result == first.result


@pytest.mark.parametrize("written", ["In[x]", "In[0]", "seven", "7]", "In[1] In[2]"])
def test_what_is_no_number_of_a_cell_is_refused_with_what_is_accepted(
    kernel: Kernel, written: str
) -> None:
    assert "or In[1] are accepted" in kernel.run(f"%seedreplay {written}").error


def test_watching_can_be_switched_on(kernel: Kernel) -> None:
    kernel.ok("%seedwatch off")
    assert "Watching is warn" in kernel.ok("%seedwatch on").stdout


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("%seed 42 --deterministc", "--deterministic"),
        ("%seed 42 --deterministc=warn", "--deterministic"),
        ("%seed 42 --pin-entorpy", "--pin-entropy"),
        ("%%seeded 3 --rewnd x\n1", "--rewind"),
        ("%%seeded 3 --veryfy\n1", "--verify"),
        ("%seedlog --jsn file", "--json"),
        ("%seed 42 --only numpi", "numpy"),
        ("%seed 42 --skip Torch", "torch"),
        ("%seedwatch stict", "strict"),
        ("%seed nwe", "new"),
    ],
)
def test_what_is_mistyped_is_told_what_may_be_meant(kernel: Kernel, cell: str, meant: str) -> None:
    assert f"did you mean {meant}?" in kernel.run(cell).error


@pytest.mark.parametrize("cell", ["%seed 42 --faster", "%seedwatch xyz", "%seed qqq"])
def test_what_resembles_nothing_is_not_guessed_at(kernel: Kernel, cell: str) -> None:
    error = kernel.run(cell).error
    assert error
    assert "did you mean" not in error


def test_tab_offers_variables_that_can_be_seeds_and_cells_that_ran(kernel: Kernel) -> None:
    kernel.ok("mine, my_other, my_text, my_flag, my_minus = 3, 2**40, 'x', True, -1")
    assert kernel.complete("%seed m") == ["mine"]
    assert "mine" in kernel.complete("%%seeded ")
    number = kernel.value("len(In) - 1")
    assert number in kernel.complete("%%seeded --from ")
    assert number in kernel.complete(f"%%seeded --from={number}")
    assert number in kernel.complete("%seedreplay ")


def test_the_command_alone_prints_its_help_with_an_example(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # A script whose arguments are empty has verified nothing.
    assert main([]) == 2
    assert "seedmagic verify analysis.ipynb" in capsys.readouterr().out
