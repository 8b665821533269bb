"""`seedmagic verify` names what no seed reaches, and what it names in its place works."""

from __future__ import annotations

import pytest

from outside_kinds import BOTH, PRELUDE, Kind
from verified import Answer, verify, write_notebook

pytestmark = pytest.mark.slow

PLACED = [*enumerate(BOTH, 1)]  # each a cell below the prelude
NAMES = [kind.name for kind in BOTH]


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    folder = tmp_path_factory.mktemp("outside")
    notebooks = {
        "differ": [kind.cell for kind in BOTH],
        "remedied": [kind.remedied for kind in BOTH],
        "late": [f"{kind.remedied}\ntime.time()" for kind in BOTH],
    }
    files = [
        write_notebook(folder / f"{name}.ipynb", PRELUDE, *cells).name
        for name, cells in notebooks.items()
    ]
    return verify(folder, *files)


@pytest.mark.parametrize(("cell", "kind"), PLACED, ids=NAMES)
def test_it_is_named_with_its_line_and_what_to_pass_instead(
    answer: Answer, cell: int, kind: Kind
) -> None:
    found = answer.cells(0)[cell]
    told, _, line = kind.told.rpartition(" (line ")
    assert (found["cause"], found["line"]) == ("outside", int(line[:-1])), found
    assert found["detail"].startswith(f"asked for {told} (line")
    assert kind.remedy in found["detail"]


def test_with_that_every_run_is_alike(answer: Answer) -> None:
    assert [cell for cell in answer.cells(1).values() if not cell["same"]] == []


@pytest.mark.parametrize(("cell", "kind"), PLACED, ids=NAMES)
def test_where_something_else_differs_what_has_a_seed_is_not_named(
    answer: Answer, cell: int, kind: Kind
) -> None:
    found = answer.cells(2)[cell]
    assert found["cause"] == "outside"
    assert found["detail"].startswith("asked for time.time() (line")
