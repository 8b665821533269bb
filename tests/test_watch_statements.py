"""Statements that draw though they do not look so: each names its own line, and can be stopped."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from kernels import Kernel
from watched import FRESH, Row, check, watched_kernel

DICE = """\
class Dice:
    def __bool__(self): return random.random() < 2
    def __hash__(self): return int(random.random())
    def __eq__(self, other): return random.random() < 2
    def __call__(self, given): random.random(); return given
    def __set_name__(self, owner, name): random.random()
    def __iter__(self): return iter((random.random(), 2))
    @property
    def roll(self): return random.random()
class Ends:
    def __del__(self): random.random()
class Parent:
    def __init_subclass__(cls): random.random()
class Meta(type):
    def __prepare__(name, bases): random.random(); return {}
class Box:
    def __setattr__(self, name, value): random.random()
    def __setitem__(self, key, value): random.random()
class Dots:
    dice = Dice()
dice, ends, box = Dice(), Ends(), Box()"""
STATEMENTS = {
    "an unpacking": "a, b = dice",
    "a starred target": "[*a] = dice",
    "a list with a star": "y = [*dice]",
    "an attribute that is set": "box.x = 1",
    "an item that is set": "box[1] = 1",
    "an or": "y = dice or 1",
    "a not": "y = not dice",
    "a conditional expression": "y = 1 if dice else 2",
    "an assert": "assert dice",
    "an if": "if dice:\n    pass",
    "a while": "while dice:\n    break",
    "a decorator": "@dice\ndef f(): pass",
    "a decorated class": "@dice\nclass C: pass",
    "a del": "del ends",
    "a new value": "ends = None",
    "a new function": "def ends(): pass",
    "a class body": "class C:\n    x = dice",
    "a subclass": "class C(Parent): pass",
    "a metaclass": "class C(metaclass=Meta): pass",
    "a set": "y = {dice}",
    "a dict": "y = {dice: 1}",
    "a case": "match 1:\n    case Dots.dice:\n        pass",
    "a target of a for": "for a, b in [dice]:\n    pass",
    "a draw beside an import": "import pyclbr; random.random()",
    "a draw beside an import of a name": "from netrc import netrc; y = random.random()",
    "a draw before an import": "random.random(); import filecmp",
}
if sys.version_info < (3, 14):  # where annotations are evaluated later, if at all
    STATEMENTS |= {
        "an annotation": "y: dice.roll = 1",
        "a parameter's annotation": "def f(x: dice.roll): pass",
    }


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with watched_kernel(tmp_path_factory.mktemp("statements")) as kernel:
        yield kernel


def forget_imports(kernel: Kernel) -> None:
    kernel.ok("import sys\nfor name in ('pyclbr', 'netrc', 'filecmp'): sys.modules.pop(name, None)")


@pytest.mark.parametrize("name", STATEMENTS)
def test_its_line_is_named(kernel: Kernel, name: str) -> None:
    forget_imports(kernel)
    check(kernel, Row(name, f"str(1)\n{STATEMENTS[name]}\nstr(1)", {"python": 2}, (DICE,)))


@pytest.mark.parametrize("name", STATEMENTS)
def test_its_line_is_named_where_it_is_the_whole_cell(kernel: Kernel, name: str) -> None:
    forget_imports(kernel)
    check(kernel, Row(name, STATEMENTS[name], {"python": 1}, (DICE,)))


@pytest.mark.parametrize("last", [False, True], ids=["in the middle", "at the end"])
@pytest.mark.parametrize("name", STATEMENTS)
def test_the_cell_stops_there(kernel: Kernel, name: str, last: bool) -> None:
    for cell in (FRESH, DICE, "went_on = False", "%seedwatch error"):
        kernel.ok(cell)
    forget_imports(kernel)
    try:
        shown = kernel.run(f"str(1)\n{STATEMENTS[name]}" + ("" if last else "\nwent_on = True"))
    finally:
        kernel.ok("%seedwatch warn")
    assert "UnseededError" in shown.error
    assert "(line 2: " in shown.error
    assert kernel.value("went_on") == "False"


def test_what_only_an_import_drew_is_no_draw(kernel: Kernel) -> None:
    for name in ("drawing_source", "other_source"):
        members = {"name": name, "module": name}
        kernel.ok(f"S = type({name!r}, (), dict({members}, seed=lambda self, seed: None))")
        kernel.ok("sm.register_source(S())")
    anew = "sys.path.append('site-packages'); sys.modules.pop('drawing_package', None)"
    for cell in ("import drawing_package; y = 1", "y = 1; import drawing_package"):
        check(kernel, Row("an import", cell, {}, ("import sys", anew)))
    # One that brings a source, which is seeded when it arrives.
    kernel.ok(FRESH)
    kernel.ok("import sys; sys.path.append('site-packages')")
    assert kernel.ok("import drawing_source").stderr == ""
    shown = kernel.ok("def f():\n    x = random.random()\n    import other_source\nf()")
    assert "drew from python, which no seed controls (line 4: f())" in shown.stderr
    both = "import drawing_package; random.random()"
    check(kernel, Row("both", both, {"python": 1}, ("import sys", anew)))
