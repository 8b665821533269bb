"""Tracebacks of watched cells: the lines of plain Python, and no frame of ours."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator

import pytest

from kernels import Kernel, running_kernel


@pytest.fixture(scope="module", params=["warn", "error"])
def kernel(request: pytest.FixtureRequest) -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", f"%seedwatch {request.param}") as kernel:
        yield kernel


FAILING = {
    "in a loop's first turn": "for i in range(9):\n    if i == 0:\n        1 / 0",
    "in a loop's later turn": "for i in range(9):\n    if i == 7:\n        1 / 0",
    "in an iterator": "def g():\n    yield 1\n    1 / 0\nfor i in g():\n    str(i)",
    "in an iterator, later": (
        "def g():\n    yield from range(7)\n    1 / 0\nfor i in g():\n    str(i)"
    ),
    "in a condition": "k = 4\nwhile 1 / k:\n    k -= 1",
    "in a header": "for i in 1 / 0:\n    str(i)",
    "in no iterator": "x = 1\nfor i in 5:\n    str(i)\nstr(2)",
    "in an except": "try:\n    int('x')\nexcept ValueError:\n    str(1)\n    1 / 0",
    "in a finally": "try:\n    int('x')\nfinally:\n    str(1)\n    1 / 0",
    "in a function": "def f():\n    for i in range(5):\n        str(1)\n    1 / 0\n\nf()",
    "in an assert": "str(1)\nassert str(1) == 'x', 'no'\nstr(2)",
}


@pytest.mark.parametrize("name", FAILING)
def test_the_lines_of_a_traceback_are_plain_pythons(kernel: Kernel, name: str) -> None:
    cell = FAILING[name]
    try:
        exec(compile(cell, "cell", "exec"), {})
    except Exception as error:
        steps = traceback.extract_tb(error.__traceback__)[1:]
        plain = [(step.lineno, step.name) for step in steps]
    # ipykernel runs the cell below frames of its own.
    asked = (
        "[(s.lineno, s.name) for s in __import__('traceback').extract_tb("
        "__import__('sys').last_value.__traceback__) if 'ipykernel_' in s.filename]"
    )
    shown = kernel.run(cell)
    assert shown.status == "error"
    # IPython shows the line where the frame ended, which a `finally` of ours would move.
    if "finally" not in cell:
        assert f"-> {plain[0][0]} " in shown.traceback
    got = eval(kernel.value(asked))
    # IPython 7 has a name of its own for a cell's code.
    assert [(at, re.sub("^<cell line: .*>$", "<module>", name)) for at, name in got] == plain
    everything = asked.replace("if 'ipykernel_' in s.filename", "if 'seedmagic' in s.filename")
    assert kernel.value(everything) == "[]"
    assert "__seedmagic" not in shown.traceback
