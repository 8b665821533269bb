"""Every example in a docstring gives what it says, and the page of libraries what is tried."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import seedmagic as sm
from common_libraries import COMMON

ROOT = Path(sm.__file__).parent
NAMES = sorted(
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
)


@pytest.mark.parametrize("name", NAMES)
def test_examples_give_what_they_say(name: str) -> None:
    module = importlib.import_module(name)
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for example in finder.find(module, name):
        runner.run(example)
    assert runner.summarize(verbose=False).failed == 0


def test_the_examples_are_found() -> None:
    found = doctest.DocTestFinder().find(
        importlib.import_module("seedmagic.session.context_managers")
    )
    assert {test.name.rpartition(".")[2] for test in found if test.examples} >= {
        "seeded",
        "preserve",
        "deterministic",
    }


def test_the_page_of_libraries_says_of_each_what_is_tried() -> None:
    text = (Path(__file__).parent.parent / "docs/libraries.md").read_text("utf-8")
    table = text[text.index("| library |") :].split("\n\n")[0]
    assert table.splitlines()[2:] == [common.line for common in COMMON]
