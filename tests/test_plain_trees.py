"""Lists and dicts of plain values are looked at as one; what is told of them stays the same."""

from __future__ import annotations

import copy
import math
import struct
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

import seedmagic as sm
from seedmagic.objects.fingerprints.fingerprint import fingerprint


def swapped(tree: Any) -> None:
    tree["a"][0], tree["a"][1] = tree["a"][1], tree["a"][0]


CHANGES: dict[str, Callable[[Any], object]] = {
    "a number": lambda tree: tree["a"].__setitem__(1, 2.5),
    "the sign of zero": lambda tree: tree["a"].__setitem__(0, -0.0),
    "the bits of a NaN": lambda tree: tree["a"].__setitem__(
        2, struct.unpack("d", struct.pack("Q", 0x7FF8_0000_0000_0001))[0]
    ),
    "a type": lambda tree: tree["b"].__setitem__("x", True),
    "a length": lambda tree: tree["a"].append(None),
    "the order of a list": swapped,
    "the order of keys": lambda tree: tree.update(a=tree.pop("a")),
    "a key": lambda tree: tree["b"].update(y=tree["b"].pop("x")),
    "the kind of a sequence": lambda tree: tree.update(c=list(tree["c"])),
    "what a list holds": lambda tree: tree.update(b={"x": 1}),
    "an object among them": lambda tree: tree["a"].append(object()),
    "two that become one": lambda tree: tree.update(e=tree["d"]),
    "one that holds itself": lambda tree: tree["a"].append(tree),
}


def tree() -> dict[str, Any]:
    return {"a": [0.0, 1.5, math.nan], "b": {"x": 1}, "c": (1, ("t", b"u")), "d": [[]], "e": [[]]}


@pytest.mark.parametrize("name", CHANGES)
def test_a_tree_is_seen_to_change_and_goes_back_in_place(name: str) -> None:
    value = tree()
    parts = [value, value["a"], value["b"], value["d"], value["d"][0], value["e"]]
    before, start = fingerprint(value), sm.rewind({"value": value})
    for _ in range(2):
        CHANGES[name](value)
        # An object is a part of its own; a fresh dict that holds the same is equal.
        assert (fingerprint(value) == before) is (name == "what a list holds")
        start.rewind()
        assert fingerprint(value) == before == fingerprint(tree())
    now = [value, value["a"], value["b"], value["d"], value["d"][0], value["e"]]
    assert all(one is other for one, other in zip(parts, now, strict=True))


def test_a_branch_that_others_hold_too_is_told_as_one_object() -> None:
    branch = [1]
    held = {"tree": {"deep": [branch]}, "alias": [branch]}
    assert fingerprint(held) != fingerprint({"tree": {"deep": [[1]]}, "alias": [[1]]})
    assert fingerprint(held) == fingerprint(copy.deepcopy(held))
    other = {"tree": {"deep": [[1]]}, "alias": [None]}
    other["alias"] = [other["tree"]["deep"][0]]
    assert fingerprint(held) == fingerprint(other)
    moved = {"tree": {"deep": [branch]}, "alias": [[branch]]}
    assert fingerprint(held) != fingerprint(moved)


def test_which_branch_it_is_that_others_hold_counts() -> None:
    def held(which: int) -> list[Any]:
        branches = [[1], [1], [1]]
        return [branches, object, branches[which], {"other": ()}]

    assert fingerprint(held(1)) == fingerprint(held(1))
    assert fingerprint(held(1)) != fingerprint(held(2))


class Point:
    def __init__(self, x: float) -> None:
        self.x, self.y = x, "y"


def test_two_instances_of_plain_values_differ_in_each_of_them() -> None:
    assert fingerprint([Point(0.0)]) == fingerprint([Point(0.0)])
    assert fingerprint([Point(0.0)]) != fingerprint([Point(-0.0)])
    one = Point(0.0)
    assert fingerprint([one, one]) != fingerprint([one, Point(0.0)])
    turned = Point(0.0)
    turned.__dict__ = {"y": "y", "x": 0.0}
    assert fingerprint(one) != fingerprint(turned)


def test_an_array_of_plain_objects_differs_in_each_of_them() -> None:
    one = np.array([1, "a", None, 0.0], object)
    other = one.copy()
    assert fingerprint(one) == fingerprint(other)
    start = sm.rewind({"other": other})
    other[3] = -0.0
    assert fingerprint(one) != fingerprint(other)
    start.rewind()
    assert fingerprint(one) == fingerprint(other)


ARRAYS: dict[str, Callable[[], Any]] = {
    "elements": lambda: np.array([0.0, -0.0]),
    "signs": lambda: np.array([0.0, 0.0]),
    "dtype": lambda: np.array([0, 0]),
    "byte order": lambda: np.array([0, 0], ">i8"),
    "shape": lambda: np.array([[0.0, 0.0]]),
    "strides": lambda: np.zeros(4)[::2],
    "repeated": lambda: np.broadcast_to(np.zeros(1), 2),
    "texts": lambda: np.array(["a", "b"]),
    "objects": lambda: np.array([0.0, 0.0], object),
    "metadata": lambda: np.zeros(2, np.dtype("f8", metadata={"unit": "m"})),
    "a date": lambda: np.array([0, 0], "M8[s]"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_lists_of_arrays_differ_where_an_array_does_and_go_back(name: str) -> None:
    def held() -> list[Any]:
        return [np.ones(2), ARRAYS[name](), np.ones(2)]

    value = held()
    before = fingerprint(value)
    assert before == fingerprint(held())
    assert before == fingerprint({"arrays": value}["arrays"])
    for other in ARRAYS.keys() - {name}:
        assert before != fingerprint([np.ones(2), ARRAYS[other](), np.ones(2)]), other
    parts, start = list(value), sm.rewind({"value": value})
    value[0][0] = 7
    value.append(value.pop(1))
    assert fingerprint(value) != before
    start.rewind()
    assert fingerprint(value) == before
    assert all(one is former for one, former in zip(value, parts, strict=True))


def test_an_array_that_a_list_holds_twice_is_one_object() -> None:
    one = np.ones(2)
    assert fingerprint([one, one]) != fingerprint([one, np.ones(2)])
    assert fingerprint({"a": [one], "b": one}) != fingerprint({"a": [one], "b": np.ones(2)})


def test_what_a_list_that_both_runs_changed_came_to_is_told_where_it_differs() -> None:
    history: dict[str, list[Any]] = {"loss": [0.5, [0.25]]}
    point = Point(0.5)

    def run() -> None:
        history["loss"][1][0] = point.x = time.perf_counter()

    told = [str(difference) for difference in sm.verify(run).differences]
    assert [line.partition(": ")[0] for line in told] == ["history['loss'][1][0]", "point.x"]
    assert all("→" in line for line in told), told


def test_each_of_many_results_is_asked_by_itself() -> None:
    done: Future[int] = Future()
    done.set_result(1)
    fingerprint([done, done])
    with pytest.raises(TypeError, match=r"value\[1\] is the result of a task that goes on"):
        fingerprint([done, Future()])
