"""What differs between two values is found, named, placed and measured; what does not is not."""

from __future__ import annotations

import array
import collections
import copy
import dataclasses
import datetime
import decimal
import enum
import functools
import io
import math
import pathlib
import random
import re
import struct
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from seedmagic.objects.compare.value_comparison import differences


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@dataclasses.dataclass
class Point:
    x: float = 0.0
    y: float = 0.0


class Slotted:
    __slots__ = ("left", "right")

    def __init__(self, left: object) -> None:
        self.left = left


class Tagged(list):  # type: ignore[type-arg]
    tag = ""


class Marked(list):  # type: ignore[type-arg]
    __slots__ = ("mark",)


class Celsius(float):
    pass


class Countdown:
    """An iterator that is a Python object, with its state in sight."""

    def __init__(self, start: int) -> None:
        self.left = start

    def __iter__(self) -> Countdown:
        return self

    def __next__(self) -> int:
        self.left -= 1
        return self.left


Pair = collections.namedtuple("Pair", "one two")


def tagged(tag: str) -> Tagged:
    found = Tagged([1])
    found.tag = tag
    return found


def marked(mark: str) -> Marked:
    found = Marked()
    found.mark = mark
    return found


def nan(payload: int) -> float:
    return float(struct.unpack("<d", struct.pack("<Q", 0x7FF8_0000_0000_0000 | payload))[0])


def closure(value: object) -> Callable[[], object]:
    return lambda: value


def deep(value: object, depth: int = 50_000) -> list[Any]:
    found: list[Any] = [value]
    for _ in range(depth):
        found = [found]
    return found


def cyclic(value: object) -> list[Any]:
    found: list[Any] = [value]
    found.append(found)
    return found


def generator(seed: int) -> random.Random:
    return random.Random(seed)


def node(value: object) -> SimpleNamespace:
    found = SimpleNamespace(value=value)
    found.itself = found
    return found


# Python 3.14 has small integers in the instructions, and no None before other constants.
IN_CODE = sys.version_info >= (3, 14)
TENTH, ONE, THREE = (
    ("co_consts[0]", "constants[0]", "constants[1]")
    if IN_CODE
    else ("co_consts[1]", "co_consts[1]", "co_consts[2]")
)

DIFFERENT: list[tuple[object, object, str]] = [
    (1, 2, "x: 1 → 2: |Δ| 1"),
    (1, True, "x: type int → bool"),
    (1, 1.0, "x: type int → float"),
    (10**5000, 10**5000 + 1, "x: 0x"),
    (1.0, math.nextafter(1.0, 2.0), "x: 1.0 → 1.0000000000000002: |Δ| 2.22e-16 (1 ulp)"),
    (-5e-324, 5e-324, "x: -5e-324 → 5e-324: |Δ| 9.88e-324 (2 ulps)"),
    (0.0, -0.0, "x: 0.0 → -0.0"),
    (0.0, math.nan, "x: 0.0 → nan (0x7ff8000000000000)"),
    (nan(0), nan(1), "x: nan (0x7ff8000000000000) → nan (0x7ff8000000000001)"),
    (1.0, math.inf, "x: 1.0 → inf"),
    (1j, complex(-0.0, 1), "x: 1j → (-0+1j)"),
    (None, 0, "x: type NoneType → int"),
    ("abc", "abd", "x: at [2]: 'abc' → 'abd'"),
    ("abc", "abcd", "x: at [3]: 'abc' → 'abcd'"),
    ("a" * 10**6, "a" * 999_999 + "b", "x: at [999999]: 'aaaaaaaaaaaaaaaaaaaa"),
    (b"abc", b"abd", "x: at [2]: b'abc' → b'abd'"),
    (bytearray(b"a"), bytearray(b"b"), "x: at [0]: bytearray"),
    ([1, 2], [1, 3], "x[1]: 2 → 3: |Δ| 1"),
    ([1, 2], [2, 1], "x: 2 of 2 elements differ, first at [0]: max |Δ| 1"),
    ([1, 2], [1, 2, 3], "x: length 2 → 3"),
    ((1,), [1], "x: type tuple → list"),
    ([0.5] * 9, [0.5, *[0.75] * 8], "x: 8 of 9 elements differ, first at [1]: max |Δ| 0.25"),
    ({"loss": [0.5]}, {"loss": [0.25]}, "x['loss'][0]: 0.5 → 0.25"),
    ({"a": 1}, {"b": 1}, "x: keys 'a' → 'b'"),
    ({"a": 1}, {}, "x: keys 'a' → none"),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "x: the same 2 in another order: 'a', 'b' → 'b', 'a'"),
    ({1: 0}, {1.0: 0}, "x: keys 1 → 1.0"),
    ({0.0: 0}, {-0.0: 0}, "x: keys 0.0 → -0.0"),
    ({Colour.RED: 0}, {Colour.RED: 1}, "x[Colour.RED]: 0 → 1"),
    ({1, 2}, {1, 3}, "x: elements 2 → 3"),
    # In a set of eight places, 8 falls on 0's.
    ({0, 8}, {8, 0}, "x: the same 2 in another order: 0, 8 → 8, 0"),
    (collections.deque([1], 3), collections.deque([1], 4), "x.maxlen: 3 → 4"),
    (collections.Counter("a"), collections.Counter("aa"), "x['a']: 1 → 2"),
    (Pair(1, 2), Pair(1, 3), "x.two: 2 → 3"),
    (Point(1.0), Point(2.0), "x.x: 1.0 → 2.0"),
    (Slotted(1), Slotted(2), "x.left: 1 → 2"),
    (tagged("a"), tagged("b"), "x.tag: at [0]: 'a' → 'b'"),
    (marked("a"), marked("b"), "x.mark: at [0]: 'a' → 'b'"),
    (Celsius(0.0), Celsius(-0.0), "x: 0.0 → -0.0"),
    (Countdown(1), Countdown(2), "x.left: 1 → 2"),
    (Colour.RED, Colour.BLUE, "x: RED → BLUE"),
    (closure(1), closure(2), "x.__closure__['value']: 1 → 2"),
    (lambda: 0.1, lambda: 0.2, f"x.__code__.{TENTH}: 0.1 → 0.2"),
    (lambda: 1, lambda: 2, f"x.__code__.{ONE}: 1 → 2"),
    (lambda a: a * 2 + 3, lambda a: a * 2 + 4, f"x.__code__.{THREE}: 3 → 4"),
    (lambda a: a + 3, lambda a: a - 3, "x.__code__: other code"),
    (lambda a=1: a, lambda a=2: a, "x.__defaults__[0]: 1 → 2"),
    (functools.partial(max, 1), functools.partial(max, 2), "x.args[0]: 1 → 2"),
    ([1].append, [2].append, "x.__self__[0]: 1 → 2"),
    (ValueError("a"), ValueError("b"), "x.args[0]: at [0]: 'a' → 'b'"),
    (datetime.date(2020, 1, 1), datetime.date(2020, 1, 2), "x: datetime.date(2020, 1, 1) → "),
    (decimal.Decimal("1.0"), decimal.Decimal("1.00"), "x: Decimal('1.0') → Decimal('1.00')"),
    (pathlib.PurePosixPath("a"), pathlib.PurePosixPath("b"), "x: PurePosixPath('a') → "),
    (range(3), range(4), "x.stop: 3 → 4"),
    (slice(3), slice(4), "x.stop: 3 → 4"),
    (re.compile("a"), re.compile("b"), "x: re.compile('a') → re.compile('b')"),
    (array.array("d", [0.0]), array.array("d", [-0.0]), "x[0]: 0.0 → -0.0"),
    (io.StringIO("a"), io.StringIO("b"), "x.<state>[0]: at [0]: 'a' → 'b'"),
    (generator(0), generator(1), "x: the generators are in different states"),
    (deep(1), deep(2), "x[0][0]"),
    (cyclic(1), cyclic(2), "x[0]: 1 → 2"),
    (node(1), node(2), "x.value: 1 → 2"),
    (int, float, "x: builtins.int → builtins.float"),
    (math, random, "x: math → random"),
]


@pytest.mark.parametrize(
    # pytest would write out the integer of 5000 digits, which Python refuses.
    ("first", "second", "says"),
    DIFFERENT,
    ids=[says[:20] for *_, says in DIFFERENT],
)
def test_a_planted_difference_is_found_and_said(first: object, second: object, says: str) -> None:
    found = differences(first, second, "x")
    assert len(found) == 1
    assert found[0].is_compared
    assert str(found[0]).startswith(says)
    assert "\n" not in str(found[0])


# copy.deepcopy copies neither modules nor what is nested deep, and no code.
ALIKE = [
    each
    for *pair, says in DIFFERENT
    for each in pair
    if not callable(each) and not isinstance(each, ModuleType) and says != "x[0][0]"
]


@pytest.mark.parametrize("value", ALIKE, ids=lambda value: type(value).__name__)
def test_a_copy_does_not_differ(value: object) -> None:
    assert differences(value, copy.deepcopy(value), "x") == []


def test_what_is_nested_deep_does_not_differ_from_its_like() -> None:
    assert differences(deep(1), deep(1), "x") == []


def test_code_that_ran_twice_defines_the_same() -> None:
    source = "class A:\n  def f(self, n=1): return [n for _ in 'ab']\na = A()\ng = lambda: a.f()"
    spaces: list[dict[str, Any]] = [{"__name__": "m"}, {"__name__": "m"}]
    for space in spaces:
        exec(source, space)
    for name in ("A", "a", "g"):
        assert differences(spaces[0][name], spaces[1][name], name) == []
    exec(source.replace("n=1", "n=2"), spaces[1])
    assert str(differences(spaces[0]["A"], spaces[1]["A"], "A")[0]).startswith(
        "A.f.__defaults__[0]: 1 → 2"
    )
