"""Two fingerprints are equal if, and only if, all bits are, and they name what differs."""

from __future__ import annotations

import struct
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

import seedmagic as sm
from seedmagic.objects.fingerprints.fingerprint import fingerprint, fingerprints


def bits(pattern: int) -> float:
    return float(struct.unpack("d", struct.pack("Q", pattern))[0])


def swapped(values: Any) -> Any:
    values[3], values[7] = values[7].item(), values[3].item()
    return values


def with_changed(values: Any, index: Any, value: Any) -> Any:
    values[index] = value
    return values


def function(source: str) -> Any:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(source, namespace)
    return namespace["f"]


def circle(size: int) -> list[Any]:
    items: list[Any] = []
    items.append([items] if size == 2 else items)
    return items


QUIET, OTHER = 0x7FF8_0000_0000_0000, 0x7FF8_0000_0000_0001
MILLION = 1_000_000
shared = [1]
DIFFERENT: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "zeros": (lambda: 0.0, lambda: -0.0),
    "NaN payloads": (lambda: bits(QUIET), lambda: bits(OTHER)),
    "bool and int": (lambda: True, lambda: 1),
    "int and float": (lambda: 1, lambda: 1.0),
    "str and bytes": (lambda: "a", lambda: b"a"),
    "one ulp": (lambda: 1.0, lambda: float(np.nextafter(1.0, 2))),
    "NumPy's and Python's float": (lambda: 1.0, lambda: np.float64(1.0)),
    "list and tuple": (lambda: [1], lambda: (1,)),
    "nesting": (lambda: [[1], 2], lambda: [[1, 2]]),
    "None in its place": (lambda: [None, 1], lambda: [1, None]),
    "dict's order": (lambda: {"a": 1, "b": 2}, lambda: {"b": 2, "a": 1}),
    "dict's keys": (lambda: {1: 0}, lambda: {True: 0}),
    "set's order": (lambda: {0, 8}, lambda: {8, 0}),
    "tuple of sets' order": (lambda: (frozenset((0, 8)),), lambda: (frozenset((8, 0)),)),
    "one of many in a list": (
        lambda: [0.0] * MILLION,
        lambda: with_changed([0.0] * MILLION, 777_777, -0.0),
    ),
    "one object or two": (lambda: [shared, shared], lambda: [[1], [1]]),
    "circles": (lambda: circle(1), lambda: circle(2)),
    "elements swapped": (lambda: np.arange(10.0), lambda: swapped(np.arange(10.0))),
    "one element in a million": (
        lambda: np.zeros(MILLION),
        lambda: with_changed(np.zeros(MILLION), 123_456, 5e-324),
    ),
    "dtype": (lambda: np.zeros(2, np.int64), lambda: np.zeros(2)),
    "byte order": (lambda: np.ones(2, "<f8"), lambda: np.ones(2, ">f8")),
    "shape": (lambda: np.zeros((2, 3)), lambda: np.zeros((3, 2))),
    "memory order": (lambda: np.zeros((2, 3)), lambda: np.zeros((2, 3), order="F")),
    "names of fields": (lambda: np.zeros(1, [("a", "f8")]), lambda: np.zeros(1, [("b", "f8")])),
    "array and scalar": (lambda: np.array(1.0), lambda: np.float64(1.0)),
    "array and tensor": (lambda: np.zeros(2), lambda: torch.zeros(2, dtype=torch.float64)),
    "elements of tensors": (lambda: torch.arange(10.0), lambda: swapped(torch.arange(10.0))),
    "zeros in tensors": (lambda: torch.zeros(3), lambda: -torch.zeros(3)),
    "tensors' memory order": (lambda: torch.zeros(2, 3), lambda: torch.zeros(3, 2).t()),
    "requires_grad": (lambda: torch.zeros(2), lambda: torch.zeros(2, requires_grad=True)),
    "parameter": (
        lambda: torch.zeros(2, requires_grad=True),
        lambda: torch.nn.Parameter(torch.zeros(2)),
    ),
    "device": (lambda: torch.zeros(0), lambda: torch.zeros(0, device="meta")),
    "code": (lambda: function("def f(): return 1"), lambda: function("def f(): return 2")),
    "names in code": (lambda: function("def f(): x.a()"), lambda: function("def f(): x.b()")),
    "defaults": (lambda: function("def f(x=1): x"), lambda: function("def f(x=2): x")),
    "what a closure caught": (
        lambda: function("def g(x):\n def h(): return x\n return h\nf = g([1])"),
        lambda: function("def g(x):\n def h(): return x\n return h\nf = g([2])"),
    ),
    "a class's attribute": (
        lambda: function("class f: x = [1]"),
        lambda: function("class f: x = [2]"),
    ),
}
EQUAL: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "tuples, the same or not": (
        lambda: [((1, 2), (3,))] * 2,
        lambda: [((1, 2), (3,)), (tuple(map(int, (1, 2))), tuple(map(int, (3,))))],
    ),
    "text, the same or not": (lambda: ["ab" * 30] * 2, lambda: ["ab" * 30, "".join(["ab"] * 30)]),
    "numbers, the same or not": (lambda: [10**20] * 2, lambda: [10**20, int("1" + "0" * 20)]),
    "long lists of numbers": (
        lambda: [1e300] * 5000,
        lambda: [float("1e300") for _ in range(5000)],
    ),
    "strides of no importance": (
        lambda: np.zeros((1, 3)),
        lambda: np.zeros((3, 1), order="F").reshape(1, 3),
    ),
    "what lies between fields": (
        lambda: np.frombuffer(b"\1" + bytes(7) + bytes(8), padded()),
        lambda: np.frombuffer(b"\1" + b"\7" * 7 + bytes(8), padded()),
    ),
    "functions defined twice": (
        lambda: function("def f(x=1):\n return [i for i in x]"),
        lambda: function("\n\n\ndef f(x=1):\n return [i for i in x]"),
    ),
    "classes defined twice": (
        lambda: function("class f:\n def g(self): return super().g()"),
        lambda: function("\nclass f:\n def g(self): return super().g()"),
    ),
    "instances of classes defined twice": (
        lambda: function("class C: pass\nf = C()"),
        lambda: function("\nclass C: pass\nf = C()"),
    ),
}


def padded() -> Any:
    return np.dtype([("a", "i1"), ("b", "f8")], align=True)


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_differs_in_a_bit_differs(name: str) -> None:
    one, other = DIFFERENT[name]
    assert fingerprint(one()) == fingerprint(one())
    assert fingerprint(other()) == fingerprint(other())
    assert fingerprint(one()) != fingerprint(other())


@pytest.mark.parametrize("name", EQUAL)
def test_what_is_equal_in_all_bits_is_equal(name: str) -> None:
    one, other = EQUAL[name]
    assert fingerprint(one()) == fingerprint(other())


def test_the_place_of_a_difference_is_named() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    history = {"loss": [1.0, 2.0, 3.0, 4.0]}
    rest = types.SimpleNamespace(tags={"a", "b"}, array=np.zeros(3), text="a")
    values = {"model": model, "history": history, "rest": rest}
    before = fingerprints(values)
    model[1].running_mean[1] = 1
    model[0].weight.requires_grad_(False)
    history["loss"][3] = 4.5
    rest.text = "b"
    changed = ["model[0].weight", "model[1].running_mean", "history['loss'][3]", "rest.text"]
    assert before.differing(fingerprints(values)) == changed


def test_the_order_of_a_set_is_a_place_of_its_own() -> None:
    differing = fingerprints({"s": {0, 8}}).differing(fingerprints({"s": {8, 0}}))
    assert differing == ["s (order)"]


def test_what_came_or_went_is_named_on_both_sides() -> None:
    one, other = fingerprints({"x": {"a": 1, "b": 2}}), fingerprints({"x": {"a": 1, "c": 3}})
    assert one.differing(other) == ["x", "x['b']", "x['c']"]


def test_places_of_one_name_are_told_apart() -> None:
    class Same:
        def __repr__(self) -> str:
            return "same"

    pieces = fingerprints({"x": {"k" * 100: 1, "k" * 100 + "l": 2, Same(): 3, Same(): 4}}).pieces
    assert len([place for place in pieces if "__class__" not in place]) == 1 + 4 + 2


def test_what_cannot_be_looked_into_is_told_and_never_equal() -> None:
    found = fingerprints({"x": [1, iter([])]})
    assert list(found.unknown) == ["x[1]"]
    assert "x[1]" not in found.pieces
    with pytest.raises(TypeError, match=r"value\[1\] is an iterator"):
        fingerprint([1, iter([])])


def test_an_object_that_fails_when_it_is_looked_at_is_told_too() -> None:
    class Broken:
        @property
        def __dict__(self) -> Any:
            raise OSError("gone")

    found = fingerprints({"x": Broken(), "y": 1})
    assert found.unknown == {"x": "cannot be looked into (OSError: gone)"}
    assert "y" in found.pieces
    with pytest.raises(sm.RewindError, match="gone"):
        sm.rewind(Broken())


def test_large_memory_is_the_same_whatever_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    from seedmagic.objects.memory import raw_memory

    values = np.random.default_rng(0).bytes(5 * raw_memory.CHUNK // 2)
    array = np.frombuffer(values, np.uint8)
    whole = fingerprint(array)
    monkeypatch.setattr(raw_memory, "threads", lambda: 1)
    assert fingerprint(array) == whole
    other = array.copy()
    other[[5, -5]] = array[5], array[5] ^ 1
    turned = other.copy()
    turned[[5, -5]] = other[[-5, 5]]
    assert fingerprint(other) != fingerprint(turned)


def test_no_copy_is_made_of_large_memory() -> None:
    import tracemalloc

    array = np.zeros((3000, 3000))
    tracemalloc.start()
    try:
        fingerprint([array, array.T, torch.from_numpy(array)])
        assert tracemalloc.get_traced_memory()[1] < array.nbytes / 4
    finally:
        tracemalloc.stop()


@given(nps.arrays(st.sampled_from(["u1", "<f4", ">i2", "c8", "U3"]), nps.array_shapes(max_side=5)))
def test_an_arrays_copy_is_equal_and_another_value_is_not(array: Any) -> None:
    other = array.copy()
    assert fingerprint(array) == fingerprint(other)
    flat = other.view("u1").reshape(-1) if other.dtype.kind != "U" else None
    if flat is not None and flat.size:
        flat[-1] ^= 1
        assert fingerprint(array) != fingerprint(other)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
NESTED = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
        | st.tuples(inner, inner)
    ),
    max_leaves=12,
)


def exact(value: Any) -> Any:
    """Give a value that is equal to another's if, and only if, all bits are."""
    if isinstance(value, dict):
        return "dict", [(key, exact(item)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [exact(item) for item in value]
    if isinstance(value, float):
        return "float", struct.pack("d", value)
    return type(value).__name__, value


@given(NESTED, NESTED)
def test_fingerprints_agree_with_a_comparison_bit_for_bit(one: Any, other: Any) -> None:
    # In another copy nothing is shared that can change.
    import copy

    assert fingerprint(one) == fingerprint(copy.deepcopy(one))
    assert (fingerprint(one) == fingerprint(other)) is (exact(one) == exact(other))
