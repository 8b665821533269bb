"""Modules of the user's own: put back for the second run of a verified cell, and compared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernels import Kernel, running_kernel

MODULE = """
import os
items = []
count = 0
def bump():
    global count
    count += 1
    return count
def note(x):
    items.append(x)
def turn():
    return int.from_bytes(os.urandom(4), "little")
class Counter:
    made = 0
    def __init__(self):
        type(self).made += 1
"""
NO, START = "Not reproducible:", "Reproducible from this start:"
YES = "Reproducible:"
ROWS = {
    "a count in it": ("x = own.bump()", START),
    "a count by a function's name": ("x = bump()", START),
    "a list in it": ("own.note(1); x = len(own.items)", START),
    "a class's count": ("x = own.Counter().made", START),
    "a name that is bound there": ("own.fresh = 3", START),
    "a list in it, where an object holds it": ("holder.own.items.append(1)", START),
    "a list that differs": ("own.note(own.turn())", NO),
    "a list that differs, by a function's name": ("note(turn())", NO),
    "a name that differs": ("own.count = own.turn()", NO),
    "a class's attribute that differs": ("own.Counter.made = own.turn()", NO),
}


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("own")
    (folder / "own.py").write_text(MODULE)
    imports = "import own, random, types\nfrom own import bump, note, turn"
    holder = "holder = types.SimpleNamespace(own=own)"
    with running_kernel("%load_ext seedmagic", imports, holder, cwd=str(folder)) as kernel:
        yield kernel


@pytest.mark.parametrize(("cell", "verdict"), ROWS.values(), ids=ROWS)
def test_what_it_holds_is_put_back_and_compared(kernel: Kernel, cell: str, verdict: str) -> None:
    kernel.ok("own.items.clear(); own.count = 0; own.Counter.made = 0")
    shown = kernel.ok(f"%%seeded 42 --verify\n{cell}")
    assert verdict in shown.stdout, shown.text
    assert kernel.value("(own.count, len(own.items), own.Counter.made)") != "(2, 2, 2)"


def test_a_rewind_of_it_is_named_and_puts_it_back(kernel: Kernel) -> None:
    kernel.ok("own.count = 0")
    assert "--rewind own\n" in kernel.ok("%%seeded 42 --verify\nx = own.bump()").stdout
    kernel.ok("own.count = 0")
    for _ in range(2):
        kernel.ok("%%seeded 42 --rewind own\nx = own.bump()")
        assert kernel.value("x") == "1"


def test_what_one_run_leaves_stays(kernel: Kernel) -> None:
    kernel.ok("own.items.clear(); own.count = 0")
    kernel.ok("%%seeded 42 --verify\nown.note(own.bump())")
    assert kernel.value("(own.count, own.items)") == "(1, [1])"


def test_our_own_modules_are_left_alone(kernel: Kernel) -> None:
    kernel.ok("import seedmagic as sm\n%seed 5")
    assert YES in kernel.ok("%%seeded 42 --verify\nseed = sm.status().seed").stdout
    assert kernel.value("sm.status().seed") == "5"
