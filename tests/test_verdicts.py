"""The verdicts of `--verify` beside the truth: a plain re-run, and another kernel."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec

import pytest

from kernels import Kernel, Shown, running_kernel
from verdict_rows import IMPORTS, LARGE, NO, OPEN, ROWS, START, YES, Row

pytestmark = pytest.mark.slow
# What differs without being a result: addresses, and scikit-learn's count of what it has shown.
_NOISE = re.compile(r"0x[0-9a-f]+|sk-(?:container|estimator)-id-\d+")


VERDICTS = (YES, START, NO, OPEN)


class Truth:
    """Two kernels without `--verify`, in the first of which each cell runs twice."""

    def __init__(self, first: Kernel, second: Kernel) -> None:
        self._first, self._second = first, second

    def of(self, row: Row) -> tuple[bool, bool]:
        """Say whether a re-run shows the same, and whether another kernel does."""
        for kernel in (self._first, self._second):
            kernel.ok(row.before or "pass")
        cell = f"%%seeded 42\n{row.cell}"
        once, again = told(self._first.ok(cell)), told(self._first.run(cell))
        return once == again, once == told(self._second.ok(cell))


def told(shown: Shown) -> str:
    """Give all that a cell showed."""
    displays = [{kind: str(item) for kind, item in each.items()} for each in shown.displays]
    return _NOISE.sub("", f"{shown.stdout}{shown.result}{displays}{shown.error}")


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Kernel, Truth]]:
    """Give the kernel that verifies, and the truth."""
    folder = tmp_path_factory.mktemp("cells")
    with ExitStack() as stack:
        starts = ("%load_ext seedmagic", "%seedwatch off", f"%cd -q {folder}", IMPORTS)
        one, two, three = (stack.enter_context(running_kernel(*starts)) for _ in range(3))
        one.ok("%seedwatch warn")
        yield one, Truth(two, three)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_verdict_is_true_and_its_remedy_works(kernels: tuple[Kernel, Truth], row: Row) -> None:
    check(row, *kernels)


@pytest.mark.parametrize("module", LARGE)
def test_so_is_one_of_a_large_library(kernels: tuple[Kernel, Truth], module: str) -> None:
    if find_spec(module) is None and os.environ.get("SEEDMAGIC_LIBRARIES") != "required":
        pytest.skip(f"{module} is not installed")
    check(LARGE[module], *kernels)


def check(row: Row, kernel: Kernel, truth: Truth) -> None:
    """Compare the answer with the truth, and try what it offers."""
    kernel.ok(row.before or "pass")
    shown = kernel.run(f"%%seeded 42 --verify\n{row.cell}")
    answer = "\n".join(re.findall(f"^(?:{'|'.join(VERDICTS)}).*", shown.stdout, re.M | re.S))
    assert answer.startswith(row.verdict), shown.text
    offered = re.search(r"--rewind ([\w,]+)", answer)
    assert set(offered[1].split(",") if offered else ()) == set(row.changed), answer
    again, elsewhere = truth.of(row)
    if row.verdict == YES:
        assert again, "a plain re-run shows something else"
        assert elsewhere, "another kernel shows something else"
    if row.verdict == NO:
        assert not again or not elsewhere, "a re-run and another kernel show the same"
    if row.verdict == START:
        kernel.ok(row.before or "pass")
        shown = kernel.ok(f"%%seeded 42 --verify --rewind {','.join(row.changed)}\n{row.cell}")
        assert YES in shown.stdout, shown.text
