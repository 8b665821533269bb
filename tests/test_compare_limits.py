"""What cannot be compared is said to be so; what a cell showed is compared as it was shown."""

from __future__ import annotations

import random
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from seedmagic.objects.compare.difference import Difference
from seedmagic.objects.compare.value_comparison import differences
from seedmagic.verify.outputs.mime_bundles import compare_bundles, compare_text


class Thing:
    pass


THING = Thing()


@pytest.mark.parametrize(
    "make",
    [
        lambda: iter([1]),
        lambda: (each for each in "ab"),
        lambda: map(str, [1]),
        lambda: enumerate("ab"),
        lambda: threading.Lock(),
        lambda: memoryview(b"").__iter__(),
        lambda: weakref.proxy(THING),
    ],
)
def test_what_cannot_be_compared_is_neither_equal_nor_different(make: Callable[[], Any]) -> None:
    for first, second in ((make(), make()), (one := make(), one)):
        (found,) = differences([first], [second], "x")
        assert not found.is_compared
        assert str(found).startswith("x[0]: cannot be compared: a ")


def test_a_value_whose_class_breaks_is_not_compared_and_harms_nobody() -> None:
    class Broken:
        def __eq__(self, other: object) -> bool:
            raise RuntimeError("do not compare me")

        __hash__ = None  # type: ignore[assignment]

        def __repr__(self) -> str:
            raise RuntimeError("do not look at me")

        def __reduce_ex__(self, protocol: object) -> str:
            raise RuntimeError("do not pickle me")

    assert differences([Broken()], [Broken()], "x") == []
    other = Broken()
    other.n = 1  # type: ignore[attr-defined]
    assert str(differences(Broken(), other, "x")[0]) == "x.n: attribute missing → 1"


def test_a_million_differences_end_after_a_thousand_and_say_so() -> None:
    found = differences([str(n) for n in range(10**4)], ["x"] * 10**4, "x")
    assert len(found) == 1001
    assert not found[-1].is_compared


def test_comparing_draws_nothing() -> None:
    before = random.getstate()
    differences(random.Random(0), random.Random(1), "x")
    assert random.getstate() == before


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ("a\nb\n", "a\nb\n", None),
        ("a\nb\nc", "a\nB\nC", "out: line 2: 'b' → 'B'"),
        ("a\n", "a\nb\n", "out: line 2: (none) → 'b'"),
        ("a\n", "a", "out: line 1: 'a\\n' → 'a'"),
        ("", "a", "out: line 1: (none) → 'a'"),
    ],
)
def test_the_first_line_that_differs_is_named(first: str, second: str, says: str | None) -> None:
    found = compare_text(first, second, "out")
    assert (str(found) if found else None) == says


def test_rich_outputs_are_compared_kind_by_kind() -> None:
    first = {"text/plain": "Figure", "image/png": b"\x89PNG1", "application/json": {"a": [1]}}
    assert compare_bundles(first, dict(first), "out") == []
    second = {**first, "image/png": b"\x89PNG22", "application/json": {"a": [2]}, "text/html": "-"}
    assert [str(each) for each in compare_bundles(first, second, "out")] == [
        "out: image/png: picture 5 bytes → 6 bytes",
        "out: application/json['a'][0]: 1 → 2: |Δ| 1",
        "out: text/html: not shown → shown",
    ]


def test_a_difference_is_data() -> None:
    (found,) = differences([1.0, 2.0, 3.0], [1.0, 2.5, 3.5], "x")
    assert found == Difference(
        "x", "elements", "2.0", "2.5", (1,), 2, 3, 0.5, found.ulps
    )  # fmt: skip
