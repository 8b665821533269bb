"""What a piece of code can reach by name is found, through functions, classes and methods."""

from __future__ import annotations

import random
from typing import Any

import pytest

from seedmagic.code.names_in_code import named_by, names_in
from seedmagic.objects.reachable_objects import reach


def notebook(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "__main__", "random": random}
    exec(source, namespace)
    return namespace


CASES = {
    "a name": ("x = [1]", "x.append(2)", {"x"}),
    "a name that is bound": ("x = 1", "x = 2", {"x"}),
    "a name that is deleted": ("x = 1", "del x", {"x"}),
    "a name that is only an attribute": ("x = 1\ny = random", "y.x", {"y"}),
    "a name that is a local variable": ("x = 1", "def f():\n    x = 2\n    return x", set()),
    "a name in a comprehension": ("x = [1]", "[i for i in range(3) if i in x]", {"x"}),
    "a name in a lambda": ("x = 1", "y = lambda: x", {"x"}),
    "a name in a class": ("x = 1", "class C:\n    y = x", {"x"}),
    "a name after await": ("x = 1", "await x", {"x"}),
    "through a function": ("x = []\ndef f(): x.append(1)", "f()", {"f", "x"}),
    "through three": (
        "x = []\ndef f(): x.append(1)\ndef g(): f()\ndef h(): g()",
        "h()",
        {"h", "g", "f", "x"},
    ),
    "through functions that call each other": (
        "def f(): g()\ndef g(): f()",
        "f()",
        {"f", "g"},
    ),
    "through a nested function": (
        "x = []\ndef f():\n    def g(): x.append(1)\n    g()",
        "f()",
        {"f", "x"},
    ),
    "through a closure": (
        "x = []\ndef f(): x.append(1)\ndef make(h):\n    def g(): h()\n    return g\ng = make(f)",
        "g()",
        {"g", "x"},
    ),
    "through a default": (
        "x = []\ndef f(): x.append(1)\ndef g(call=f): call()",
        "g()",
        {"g", "x"},
    ),
    "through a method": (
        "x = []\nclass C:\n    def f(self): x.append(1)\nc = C()",
        "c.f()",
        {"c", "C", "x"},
    ),
    "through an inherited method": (
        "x = []\nclass B:\n    def f(self): x.append(1)\nclass C(B): pass\nc = C()",
        "c.f()",
        {"c", "C", "B", "x"},
    ),
    "through a property": (
        "x = []\nclass C:\n    @property\n    def f(self): x.append(1)\nc = C()",
        "c.f",
        {"c", "C", "x"},
    ),
    "through a bound method": (
        "x = []\nclass C:\n    def f(self): x.append(1)\nf = C().f",
        "f()",
        {"f", "C", "x"},
    ),
    "through a list of functions": ("x = []\ndef f(): x.append(1)\nfs = [f]", "fs[0]()",
                                    {"fs", "x"}),
    "through functools.partial": (
        "import functools\nx = []\ndef f(): x.append(1)\np = functools.partial(f)",
        "p()",
        {"p", "x"},
    ),
    "through functools.wraps": (
        "import functools\nx = []\ndef f(): x.append(1)\n@functools.lru_cache\ndef g(): f()",
        "g()",
        {"g", "f", "x"},
    ),
    "all, by text": ("x = 1\ny = []", "globals()['y'].append(2)", {"random", "x", "y"}),
    "all, by text in a function": (
        "x = 1\ny = []\ndef f(): eval('y').append(2)", "f()", {"f", "random", "x", "y"}
    ),
    "not by a method of that name": ("x = {}\ny = []", "x.eval()", {"x"}),
    "not what a library names": ("x = random.Random(1)", "x.random()", {"x"}),
    "not what is beside it": ("x = 1\ny = 2", "x", {"x"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_can_be_reached_is_found(case: str) -> None:
    before, cell, names = CASES[case]
    namespace = notebook(before)
    found = reach(cell, namespace)
    assert set(found) == names
    assert all(found[name] is namespace[name] for name in names)


def test_a_class_without_a_name_is_told_by_its_instance() -> None:
    namespace = notebook("def make():\n    class C:\n        count = 0\n    return C()\nc = make()")
    assert set(reach("c", namespace)) == {"c", "type(c)"}


def test_a_global_of_another_namespace_is_told_by_its_way() -> None:
    other = notebook("x = []\ndef f(): x.append(1)")
    found = reach("f()", {"f": other["f"], "x": 3})
    assert found.keys() == {"f", "f.__globals__['x']"}
    assert found["f.__globals__['x']"] is other["x"]


def test_names_are_told_by_what_is_done_with_them() -> None:
    names = names_in("import os as o\nfrom a import b\nx += y\ndef f():\n    global z\n    z = q")
    assert set(names.loaded) == {"x", "y", "q"}
    assert set(names.stored) == {"o", "b", "x", "f", "z"}


def test_what_a_function_names_is_found_in_functions_inside_it_too() -> None:
    made = notebook(
        "x, real = 1, 2\ndef outer(y):\n    def f():\n        return lambda: x.real + y\n"
        "    return f\nf = outer(3)"
    )
    assert named_by(made["f"]) == {"x": 1, "y": 3}


def test_code_can_be_given_compiled() -> None:
    assert reach(compile("x", "a", "exec"), {"x": 1}) == {"x": 1}


def test_what_is_not_python_is_an_error() -> None:
    with pytest.raises(SyntaxError):
        reach("%magic", {})


def test_nothing_is_run_or_changed() -> None:
    namespace = notebook("x = [1]\ndef f(): x.append(2)")
    reach("f()\nx.clear()\nraise KeyError", namespace)
    assert namespace["x"] == [1]


def test_the_bases_of_a_class_without_a_name_are_looked_into_too() -> None:
    namespace: dict[str, object] = {"__name__": "__main__"}
    exec(
        "seen, told = [], []\n"
        "def make():\n"
        "    class Base:\n"
        "        def first(self): seen.append(1)\n"
        "    class Derived(Base):\n"
        "        def second(self): told.append(1)\n"
        "    return Derived(), Derived()\n"
        "one, other = make()",
        namespace,
    )
    assert {"seen", "told"} <= reach("one.first()", namespace).keys()
    assert {"seen", "told"} <= reach("one, other", namespace).keys()
