"""What a cell changes of what a re-run of it starts from: by the user's names, and what helps."""

from __future__ import annotations

import builtins
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import seedmagic as sm
from shells import Shell

# A cell, what stands above it, and what it changes, as the answer names it.
CHANGES = {
    "a place inside": ("a.inner.rng.random()", "a.inner.rng"),
    "a list that grows": ("items.append(1)", "items"),
    "an item": ("nested[1]['k'] = random.random()", "nested[1]['k']"),
    "a counter": ("n += 1", "n"),
    "a counter of a function's": ("count()", "n"),
    "a counter that may not be there": (
        "try: fresh += 1\nexcept NameError: fresh = 0",
        "fresh",
    ),
    "one that is asked for by its text": ("if 'new' not in globals(): new = 0", "new"),
    "a name that is taken away": ("del n", "n"),
    "in one of two branches": ("if items: n = 1\nm = n + 1\nn = m", "n"),
    "behind an and": ("items and (n := 1)\nn += 1", "n"),
    "in one case": ("match 3:\n    case 4: n = 2\nn += 1", "n"),
    "in a loop's else": ("for i in 'ab': break\nelse: n = 2\nn += 1", "n"),
    "in a with that takes errors": (
        "import contextlib\nwith contextlib.suppress(ValueError):\n    int('x'); n = 2\nn += 1",
        "n",
    ),
    "in a loop that does not run": ("while False: n = 2\nn += 1", "n"),
    "read by a frame": (
        "import pandas as pd\nprint(pd.DataFrame({'a': [1]}).eval('a + @n')); n = 2",
        "n",
    ),
    "read by a text that is run": ("print(eval('n')); n = 2", "n"),
    "read by a text that is made": ("print(eval('n' + ' + 1')); n = 2", "n"),
    "behind a lambda": ("other = lambda: reset()\nn += 1", "n"),
    "read by a format": ("print('{n}'.format(**globals())); n = 2", "n"),
    "read in a class's class": (
        "class A:\n    class B:\n        def f(self): return n\nA.B().f(); n = 2",
        "n",
    ),
    "by a loop that takes no turn": ("for n in items: pass\nn += 1", "n"),
    "through a lambda": ("add = lambda: items.append(1)\nadd()", "items"),
    "below %time": ("%time n += 1", "n"),
    "a counter of a function in a list": ("steps[0]()", "n"),
    "a counter of a property": ("a.step", "n"),
    "a counter of a text": ("exec('n += 1')", "n"),
    "one that is looked for in a with": (
        "import contextlib\nwith contextlib.suppress(NameError): seen = late\nlate = 3",
        "late",
    ),
    "one that a function looks for": ("first()", "later"),
    "a name of Python's": ("sum = sum([1, 2])", "sum"),
    "an attribute of a class": ("Own.count += 1", "Own.count"),
}
NESTED = """class Outer:
    class Inner:
        def f(self): return 1
"""
NOTHING = {
    "bound first": "n = 1; n += 1",
    "bound by a loop": "for n in range(3): pass\nk = n",
    "a parameter": "def f(n): return n + 1\nk = f(1)",
    "a comprehension's": "k = [n for n in range(3)]",
    "bound by a function that is called": "reset(); k = n",
    "bound late by a function": "at_last()",
    "bound in both branches": "if items: n = 1\nelse: n = 2\nk = n",
    "bound in every case": "match 3:\n    case 4: n = 2\n    case _: n = 3\nn += 1",
    "bound in a loop's else": "for i in 'ab': pass\nelse: n = 2\nn += 1",
    "a class in a class": f"{NESTED}Outer.Inner().f()",
    "a text that is made": "k = eval('1' + '+ 1')",
    "bound by a text": "exec('n = 2'); k = n",
    "bound unless it fails": "if not items: n = 1\nelse: raise ValueError\nk = n",
    "bound in a with": "import contextlib\nwith contextlib.nullcontext(3) as n: k = n",
    "bound by a walrus": "(n := 3)\nk = n",
    "only defined": "def g(): return n\nn = 3\nk = g()",
    "changed and changed back": "items.append(1); items.pop()",
    "an equal one in its place": "nested[0] = [0.5]",
    "a file that it closes": "with open(os.devnull) as opened: n = len(opened.read())",
    "a table with a style": "import pandas as pd\nst = pd.DataFrame({'a': [1]}).style\nst",
    "bound by %time": "%time n = 3\nk = n",
}
BEFORE = f"""{NESTED}
import os
class Own:
    count = 0
    @property
    def step(self): return count()
a = Own(); a.inner = Own(); a.inner.rng = random.Random(3)
items, nested, n = [], [[0.5], {{'k': 1}}], 0
def count():
    global n
    n += 1
def reset():
    global n
    n = 7
def first():
    global later
    try: later += 1
    except NameError: later = 0
def at_last():
    global n
    for n in items: pass
    n = 3
steps = [count]
"""


@pytest.fixture(scope="module")
def shell() -> Iterator[Shell]:
    made = Shell()
    made.load()
    yield made
    made.end()


@pytest.mark.parametrize(("cell", "place"), CHANGES.values(), ids=CHANGES)
def test_what_a_cell_changes_is_named_with_its_place(shell: Shell, cell: str, place: str) -> None:
    shell.ok(BEFORE)
    told = shell.ok(f"%%seeded 42 --verify\n{cell}").printed
    assert "Reproducible from this start:" in told
    assert f"\n  {place}\n" in told


@pytest.mark.parametrize("cell", NOTHING.values(), ids=NOTHING)
def test_what_a_cell_does_not_start_from_is_not_named(shell: Shell, cell: str) -> None:
    shell.ok(BEFORE)
    assert "Reproducible: " in shell.run(f"%%seeded 42 --verify\n{cell}").printed


def test_a_file_that_the_first_run_made_is_no_accusation(shell: Shell, tmp_path: Path) -> None:
    shell.ok(f"import os\npath = {str(tmp_path / 'made')!r}")
    making = "if not os.path.exists(path):\n    open(path, 'w').close()\n    print('made')"
    cell = f"%%seeded 42 --verify\n{making}"
    told = shell.ok(cell).printed
    assert "Not shown:" in told
    assert "files (the first run alone differs" in told
    assert "Reproducible: " in shell.ok(cell).printed
    counting = "with open(path, 'a+') as file: file.write('x'); n = file.tell()"
    assert "Not reproducible:" in shell.ok(f"%%seeded 42 --verify\n{counting}").printed


def test_a_stream_without_an_encoding_has_none_either(shell: Shell) -> None:
    shell.ok("%%seeded 42 --verify\nimport sys\nseen = sys.stdout.encoding, sys.stdout.errors")
    assert shell.value("seen") == (None, None)  # what `redirect_stdout` put there is a StringIO


def test_one_name_of_a_shared_object_is_enough(shell: Shell) -> None:
    shell.ok(f"{BEFORE}\nheld = a.inner.rng")
    told = shell.ok("%%seeded 42 --verify --rewind held\na.inner.rng.random()").printed
    assert "Reproducible: " in told


def test_the_last_value_of_ipythons_is_no_start_to_rely_on(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(builtins, "_", raising=False)  # a doctest's, which IPython would leave
    shell.ok("5")
    told = shell.ok("%%seeded 42 --verify\nx = _ + 1\nx").printed
    assert "No --rewind puts back _: make or set it in the cell." in told


@pytest.mark.parametrize(
    ("making", "number"), [("g = np.random.default_rng()", True), ("g = random.Random(3)", False)]
)
def test_the_cell_is_named_that_made_a_generator_without_a_seed(
    shell: Shell, making: str, number: bool
) -> None:
    shell.ok("%seed 1")
    shell.ok(making)
    made = f"In[{len(shell.real.history_manager.input_hist_raw) - 1}]"
    told = shell.ok("%%seeded 42 --verify\ny = g.random()").printed
    assert (f"  g, made without a seed in {made}\n" in told) is number, told


def test_the_findings_are_data_too() -> None:
    losses: list[Any] = []

    def step() -> None:
        losses.append(random.random())

    found = sm.verify(step, seed=42)
    assert (found.verdict, found.changed, found.reproducible) == (
        "from-this-start",
        ("losses",),
        True,
    )
    assert found.to_dict()["verdict"] == "from-this-start"
    assert sm.verify(random.random, seed=42).verdict == "reproducible"
