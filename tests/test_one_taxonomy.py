"""A fingerprint and a comparison know the same: values differ for both, or for neither."""

from __future__ import annotations

import array
import collections
import copy
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import io
import itertools
import pathlib
import random
import re
import types
import uuid
import weakref
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

import seedmagic as sm
from seedmagic.objects.compare.value_comparison import differences
from seedmagic.objects.fingerprints.fingerprint import fingerprint, fingerprints


def agree(one: Any, other: Any) -> bool:
    """Check that fingerprint and comparison say the same, and give whether the two are equal."""
    prints = [fingerprints({"x": each}) for each in (one, other)]
    told = differences(one, other, "x")
    found = [str(difference) for difference in told if difference.is_compared]
    differing = prints[0].differing(prints[1])
    assert bool(differing) == bool(found), f"{differing} against {found}"
    unknown = {*prints[0].unknown, *prints[1].unknown}
    if unknown and not differing:
        assert [difference for difference in told if not difference.is_compared], unknown
    if not unknown:
        assert (fingerprint(one) == fingerprint(other)) == (not found)
    return not differing


def run(source: str) -> Any:
    """Define what a cell defines, anew."""
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(source, space)
    return space["x"]


class Slotted:
    __slots__ = ("left", "right")

    def __init__(self, **given: Any) -> None:
        for name, value in given.items():
            setattr(self, name, value)


class Mixed(Slotted):
    """Has slots and a dict."""


class Plain:
    def __init__(self, **given: Any) -> None:
        self.__dict__.update(given)


class Floats(list[float]):
    pass


class Celsius(float):
    pass


class Name(str):
    __slots__ = ("mark",)


class Count(int):
    pass


def raised(text: str, cause: str | None, context: str | None, note: str | None) -> Exception:
    error = ValueError(text)
    error.__cause__ = None if cause is None else KeyError(cause)
    error.__context__ = None if context is None else OSError(2, context)
    if note is not None:
        error.__notes__ = [note]  # what add_note does from 3.11 on
    return error


def enumeration(*values: Any, label: str = "a") -> Any:
    class Colour(enum.Enum):
        RED, BLUE = values

        def __init__(self, *_: Any) -> None:
            self.label = label

    return Colour


def module(**held: Any) -> types.ModuleType:
    made = types.ModuleType("made_by_hand")
    vars(made).update(held)
    return made


def with_grad_fn(times: int) -> torch.Tensor:
    leaf = torch.ones(2, requires_grad=True)
    return leaf * 2 if times == 2 else leaf + 1 if times == 1 else leaf.detach()


def quantised(scale: float, zero: int, values: Any = (0.0, 1.0)) -> torch.Tensor:
    return torch.quantize_per_tensor(torch.tensor(values), scale, zero, torch.quint8)


def by_channel(scale: float) -> torch.Tensor:
    scales, zeros = torch.tensor([scale, 1.0]), torch.tensor([0, 0])
    return torch.quantize_per_channel(torch.eye(2), scales, zeros, 0, torch.qint8)


def locked(flag: bool) -> Any:
    value = np.arange(3.0)
    value.flags.writeable = flag
    return value


def generator(kind: str, seed: int, draws: int = 0) -> Any:
    made: Any = {
        "python": random.Random,
        "numpy": np.random.default_rng,
        "legacy": np.random.RandomState,
        "philox": np.random.Philox,
        "torch": lambda seed: torch.Generator().manual_seed(seed),
    }[kind](seed)
    for _ in range(draws):
        if kind == "torch":
            torch.rand(1, generator=made)
        elif kind == "philox":
            made.random_raw()
        else:
            made.random()
    return made


def sharing(shared: bool) -> Any:
    bits = np.random.PCG64(1)
    other = bits if shared else np.random.PCG64(1)
    return [np.random.Generator(bits), np.random.Generator(other)]


def trained(steps: int) -> Any:
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.Adam(net.parameters())
    for _ in range(steps):
        net(torch.randn(4, 3)).square().mean().backward()
        optimizer.step()
    return {"net": net, "optimizer": optimizer}


def text(value: str) -> io.StringIO:
    return io.StringIO(value)


def frame(**given: Any) -> pd.DataFrame:
    return pd.DataFrame(**given)


DATACLASS = "import dataclasses as d\n@d.dataclass\nclass x:\n    a: int = {}"
FUNCTION = "def x(a{}):\n    {}\n    return a"
# Of each kind several values, all different. Each is made anew where it is asked for.
KINDS: dict[str, list[Callable[[], Any]]] = {
    "numbers": [lambda v=v: v for v in (0, 1, True, 0.0, -0.0, 1.0, 1j, float("nan"), None, ...)],
    "texts": [lambda v=v: v for v in ("", "a", "ab", b"a", "é", "\ud800", "a" * 100)],
    "bytes that can change": [lambda: bytearray(b"a"), lambda: bytearray(b"b")],
    "tuples": [lambda v=v: v for v in ((), (1,), (1, 2), ((1,), 2), (1, frozenset((0, 8))))],
    "frozen sets' order": [lambda: frozenset((0, 8)), lambda: frozenset((8, 0))],
    "tuples that hold what can change": [lambda: ([1],), lambda: ([2],), lambda: (1,)],
    "lists": [lambda: [], lambda: [1], lambda: [1, 2], lambda: [2, 1], lambda: [[1], 2]],
    "long lists": [lambda: [0.0] * 2000, lambda: [-0.0] * 2000, lambda: [0.0] * 1999 + [[]]],
    "one object or two": [lambda: [[1]] * 2, lambda: [[1], [1]]],
    "dicts": [lambda: {}, lambda: {"a": 1}, lambda: {"b": 1}, lambda: {"a": 1, "b": 2}],
    "dicts' order": [lambda: {"a": 1, "b": 2}, lambda: {"b": 2, "a": 1}],
    "keys": [lambda: {1: 0}, lambda: {1.0: 0}, lambda: {True: 0}, lambda: {Plain(): 0}],
    "long dicts": [lambda: dict.fromkeys(range(2000), 0), lambda: dict.fromkeys(range(2000), 1)],
    "default dicts": [lambda: collections.defaultdict(int), lambda: collections.defaultdict(list)],
    "ordered dicts": [lambda: collections.OrderedDict(a=1), lambda: collections.OrderedDict(a=2)],
    "counters": [lambda: collections.Counter("a"), lambda: collections.Counter("aa")],
    "sets": [lambda: set(), lambda: {0, 8}, lambda: {8, 0}, lambda: {1}, lambda: {Plain()}],
    "deques": [lambda: collections.deque([1], 3), lambda: collections.deque([1], 4)],
    "arrays of Python's": [lambda: array.array("d", [0.0]), lambda: array.array("d", [-0.0])],
    "ranges": [lambda: range(3), lambda: range(4), lambda: slice(3), lambda: slice(1, 3)],
    "views": [lambda: memoryview(b"ab"), lambda: memoryview(b"ac"), lambda: {"a": 1}.keys()],
    "read-only mappings": [
        lambda: types.MappingProxyType({"a": 1}),
        lambda: types.MappingProxyType({"a": 2}),
    ],
    "subclasses of numbers": [lambda: Celsius(0.0), lambda: Celsius(-0.0), lambda: Count(1)],
    "subclasses of text": [lambda: Name("a"), lambda: Name("b"), lambda: "a"],
    "subclasses of lists": [lambda: Floats([1.0]), lambda: Floats([2.0]), lambda: [1.0]],
    "namespaces' order": [
        lambda: types.SimpleNamespace(a=1, b=2),
        lambda: types.SimpleNamespace(b=2, a=1),
        lambda: types.SimpleNamespace(a=1, b=3),
    ],
    "instances": [lambda: Plain(), lambda: Plain(a=1), lambda: Plain(a=2), lambda: Plain(b=1)],
    "slots": [lambda: Slotted(), lambda: Slotted(left=1), lambda: Slotted(right=1)],
    "slots and a dict": [lambda: Mixed(left=1), lambda: Mixed(left=1, more=2), lambda: Mixed()],
    "exceptions": [
        lambda: raised("a", None, None, None),
        lambda: raised("b", None, None, None),
        lambda: raised("a", "c", None, None),
        lambda: raised("a", None, "c", None),
        lambda: raised("a", None, None, "n"),
    ],
    "groups of exceptions": [lambda: StopIteration(1), lambda: StopIteration(2)],
    "members of an enumeration": [
        lambda: enumeration(1, 2).RED,
        lambda: enumeration(1, 2).BLUE,
        lambda: enumeration(3, 2).RED,
        lambda: enumeration(1, 2, label="b").RED,
    ],
    "a library's enumeration": [lambda: re.RegexFlag.A, lambda: re.RegexFlag.I],
    "functions": [
        lambda: run(FUNCTION.format("", "1")),
        lambda: run(FUNCTION.format("", "'documented'")),
        lambda: run(FUNCTION.format("", "'otherwise'")),
        lambda: run(FUNCTION.format(": int", "1")),
        lambda: run(FUNCTION.format("=1", "1")),
        lambda: run(FUNCTION.format("=2", "1")),
        lambda: run("x = lambda a: a"),
        lambda: run(FUNCTION.format("", "1") + "\nx.__name__ = 'y'"),
        lambda: run(FUNCTION.format("", "1") + "\nx.tag = 1"),
    ],
    "closures": [lambda: (lambda v: lambda: v)([1]), lambda: (lambda v: lambda: v)([2])],
    "methods": [lambda: [1].append, lambda: [2].append, lambda: [1].extend],
    "partial calls": [lambda: functools.partial(max, 1), lambda: functools.partial(max, 2)],
    "classes": [
        lambda: run("class x: a = 1"),
        lambda: run("class x: a = 2"),
        lambda: run("class x:\n    def f(self): return 1"),
        lambda: run("class x:\n    def f(self): return 2"),
        lambda: run("class x(dict): a = 1"),
    ],
    "dataclasses' metadata": [
        lambda: run(DATACLASS.format("1")),
        lambda: run(DATACLASS.format("d.field(default=1, metadata={'unit': 'm'})")),
        lambda: run(DATACLASS.format("d.field(default=1, repr=False)")),
    ],
    "instances of classes that ran twice": [
        lambda: run("class C: a = [1]\nx = C()"),
        lambda: run("class C: a = [2]\nx = C()"),
    ],
    "ufuncs": [
        lambda: np.add,
        lambda: np.subtract,
        lambda: np.frompyfunc(run("x = lambda a: a"), 1, 1),
        lambda: np.frompyfunc(run("x = lambda a: -a"), 1, 1),
    ],
    "modules": [
        lambda: np,
        lambda: np.linalg,
        lambda: module(a=1),
        lambda: module(a=2),
        lambda: module(b=[1]),
    ],
    "dates and the like": [
        lambda: datetime.date(2020, 1, 1),
        lambda: datetime.date(2020, 1, 2),
        lambda: datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc),
        lambda: decimal.Decimal("1.0"),
        lambda: decimal.Decimal("1.00"),
        lambda: fractions.Fraction(1, 3),
        lambda: uuid.UUID(int=1),
        lambda: uuid.UUID(int=2),
    ],
    "paths": [lambda: pathlib.PurePosixPath("a"), lambda: pathlib.PurePosixPath("b")],
    "patterns": [lambda: re.compile("a"), lambda: re.compile("b"), lambda: re.compile("a", re.I)],
    "texts in memory": [lambda: text("a"), lambda: text("b"), lambda: io.BytesIO(b"a")],
    "weak references": [lambda: weakref.ref(Plain)],
    "generators of numbers": [
        lambda kind=kind, seed=seed, draws=draws: generator(kind, seed, draws)
        for kind in ("python", "numpy", "legacy", "philox", "torch")
        for seed, draws in ((0, 0), (1, 0), (0, 1))
    ],
    "generators that share their bits": [lambda: sharing(True), lambda: sharing(False)],
    "caches": [lambda: functools.lru_cache(run("x = lambda a: a"))],
    "arrays": [
        lambda: np.arange(3.0),
        lambda: np.arange(3.0)[::-1],
        lambda: np.arange(3),
        lambda: np.arange(3.0).astype(">f8"),
        lambda: np.zeros((2, 3)),
        lambda: np.zeros((2, 3), order="F"),
        lambda: np.zeros((3, 2)),
        lambda: np.array([0.0, -0.0, np.nan]),
        lambda: locked(False),
    ],
    "views of arrays": [
        lambda: np.arange(6.0)[::2],
        lambda: np.arange(6.0)[::2].copy(),
        lambda: np.arange(12.0).reshape(3, 4)[:, ::2],
        lambda: np.ascontiguousarray(np.arange(12.0).reshape(3, 4)[:, ::2]),
        lambda: np.broadcast_to(np.arange(2.0), (2, 2)),
        lambda: np.array([[0.0, 1.0], [0.0, 1.0]]),
        lambda: np.array(1.0),
        lambda: np.zeros(0),
        lambda: np.zeros((0, 2)),
    ],
    "numbers of NumPy": [lambda: np.float64(1), lambda: np.float32(1), lambda: np.float64(-1)],
    "long doubles": [lambda: np.longdouble(1), lambda: np.longdouble(2), lambda: np.ones(2, "g")],
    "dates of NumPy": [lambda: np.array([0, 1], "M8[s]"), lambda: np.array([0, 1], "M8[m]")],
    "texts of NumPy": [lambda: np.array(["a"]), lambda: np.array(["b"]), lambda: np.array([b"a"])],
    "structured": [
        lambda: np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")]),
        lambda: np.array([(1, 3.0)], [("a", "i4"), ("b", "f8")]),
        lambda: np.array([(1, 2.0)], [("a", "i4"), ("c", "f8")]),
        lambda: np.array([(1, [2])], [("a", "i4"), ("b", "O")]),
        lambda: np.array([(1, [3])], [("a", "i4"), ("b", "O")]),
    ],
    "masked": [
        lambda: np.ma.array([1, 2], mask=[0, 0]),
        lambda: np.ma.array([1, 2], mask=[0, 1]),
        lambda: np.ma.array([1, 3], mask=[0, 0]),
    ],
    "objects in arrays": [
        lambda: np.array([None, 2], object),
        lambda: np.array([None, 3], object),
        lambda: np.array([[1], [2, 3]], object),
        lambda: np.array([[1], [2, 4]], object),
    ],
    "matrices and records": [
        lambda: np.matrix([[1, 2]]),
        lambda: np.matrix([[1, 3]]),
        lambda: np.rec.array([(1,)], dtype=[("a", "i4")]),
    ],
    "dtypes": [lambda: np.dtype("f4"), lambda: np.dtype(">f4"), lambda: torch.float32],
    "tensors": [
        lambda: torch.zeros(2),
        lambda: -torch.zeros(2),
        lambda: torch.zeros(2, dtype=torch.float64),
        lambda: torch.zeros(2, requires_grad=True),
        lambda: torch.nn.Parameter(torch.zeros(2)),
        lambda: torch.zeros(2, 3),
        lambda: torch.zeros(3, 2),
        lambda: torch.zeros(3, 2).t(),
        lambda: torch.zeros(2, device="meta"),
        lambda: torch.ones(2, dtype=torch.bfloat16),
    ],
    "graphs": [lambda n=n: with_grad_fn(n) for n in range(3)],
    "views of tensors": [
        lambda: torch.arange(6.0)[::2],
        lambda: torch.arange(6.0)[::2].clone(),
        lambda: torch.arange(12.0).reshape(3, 4)[:, ::2],
        lambda: torch.arange(2.0).expand(2, 2),
        lambda: torch.arange(2.0).expand(2, 2).clone(),
        lambda: torch.arange(4.0).unfold(0, 2, 1),
        lambda: torch.tensor([1j]).conj(),
        lambda: torch.tensor([-1j]),
    ],
    "sparse": [
        lambda: torch.eye(2).to_sparse(),
        lambda: torch.eye(2).to_sparse() * 2,
        lambda: torch.eye(3).to_sparse(),
        lambda: torch.eye(2).to_sparse_csr(),
        lambda: (torch.eye(2) * 2).to_sparse_csr(),
        lambda: torch.eye(2).to_sparse_csc(),
        lambda: torch.sparse_coo_tensor([[0, 0]], [1.0, 1.0], (2,)),
        lambda: torch.sparse_coo_tensor([[0]], [2.0], (2,)).coalesce(),
    ],
    "quantised": [
        lambda: quantised(0.1, 0),
        lambda: quantised(0.2, 0),
        lambda: quantised(0.1, 1),
        lambda: quantised(0.1, 0, (0.0, 2.0)),
        lambda: by_channel(0.1),
        lambda: by_channel(0.2),
    ],
    "nested": [
        lambda: torch.nested.nested_tensor([torch.ones(1), torch.ones(2)]),
        lambda: torch.nested.nested_tensor([torch.ones(1), torch.zeros(2)]),
    ],
    "gradients": [
        lambda: torch.ones(2, requires_grad=True),
        lambda: _with_gradient(1.0),
        lambda: _with_gradient(2.0),
    ],
    "modules and optimisers": [lambda n=n: trained(n) for n in range(3)],
    "frames": [
        lambda: frame(data={"a": [1, 2]}),
        lambda: frame(data={"a": [1, 3]}),
        lambda: frame(data={"a": [1.0, 2.0]}),
        lambda: frame(data={"b": [1, 2]}),
        lambda: frame(data={"a": [1, 2]}, index=[1, 2]),
        lambda: frame(data={"a": ["u", "v"]}),
        lambda: frame(data={"a": [[1], [2]]}),
        lambda: frame(data={"a": [[1], [3]]}),
        lambda: frame(data=[[1, 2]], columns=["a", "a"]),
        lambda: frame(data=[[1, 3]], columns=["a", "a"]),
    ],
    "series": [
        lambda: pd.Series([1, 2]),
        lambda: pd.Series([1, 2], name="n"),
        lambda: pd.Series([1, 3]),
        lambda: pd.Series([1.5, None]),
    ],
    "extension dtypes": [
        lambda: pd.Series([1, None], dtype="Int64"),
        lambda: pd.Series([2, None], dtype="Int64"),
        lambda: pd.Series([1, 2], dtype="Int64"),
        lambda: pd.Series(["a", "b"], dtype="category"),
        lambda: pd.Series(["a", "a"], dtype="category"),
        lambda: pd.Series(pd.Categorical(["a", "b"], ordered=True)),
        lambda: pd.Series(["a", None], dtype="string"),
        lambda: pd.Series(["b", None], dtype="string"),
        lambda: pd.Series(pd.to_datetime([1], utc=True)),
        lambda: pd.Series(pd.to_datetime([2], utc=True)),
        lambda: pd.Series(pd.arrays.SparseArray([0, 1])),
        lambda: pd.Series(pd.arrays.SparseArray([0, 2])),
        lambda: pd.Series(pd.period_range("2020", periods=1, freq="M")),
        lambda: pd.Series(pd.interval_range(0, 2)),
        lambda: pd.Series(pd.interval_range(0, 2, closed="left")),
    ],
    "series of polars": [
        lambda: pl.Series([1, 2]),
        lambda: pl.Series([1, 3]),
        lambda: pl.Series([1.0, 2.0]),
        lambda: pl.Series("a", [1, 2]),
        lambda: pl.Series([1, None]),
        lambda: pl.Series(["a"]),
        lambda: pl.Series([[1], [2]]),
    ],
    "frames of polars": [
        lambda: pl.DataFrame({"a": [1, 2]}),
        lambda: pl.DataFrame({"a": [1, 3]}),
        lambda: pl.DataFrame({"b": [1, 2]}),
        lambda: pl.DataFrame({"a": [1, 2], "b": ["u", "v"]}),
        lambda: pl.DataFrame({"a": [1, 2], "b": ["u", "w"]}),
    ],
    "plans of polars": [
        lambda: pl.col("a") + 1,
        lambda: pl.col("a") + 2,
        lambda: pl.col("b") + 1,
        lambda: pl.DataFrame({"a": [1]}).lazy(),
        lambda: pl.DataFrame({"a": [2]}).lazy(),
        lambda: pl.DataFrame({"a": [1]}).lazy().select("a"),
    ],
    "arrays of pyarrow": [
        lambda: pa.array([1, 2]),
        lambda: pa.array([1, 3]),
        lambda: pa.array([1, None]),
        lambda: pa.array([None, 1]),
        lambda: pa.array([1.0, 2.0]),
        lambda: pa.array(["a", "b"]),
        lambda: pa.array(["a", "c"]),
        lambda: pa.array([True, False]),
        lambda: pa.array([[1], [2]]),
        lambda: pa.array([[1], [3]]),
        lambda: pa.array([{"a": 1}]),
        lambda: pa.array(["a", "b"]).dictionary_encode(),
        lambda: pa.chunked_array([[1], [2]]),
        lambda: pa.chunked_array([[1], [3]]),
    ],
    "tables of pyarrow": [
        lambda: pa.table({"a": [1, 2]}),
        lambda: pa.table({"a": [1, 3]}),
        lambda: pa.table({"b": [1, 2]}),
        lambda: pa.table({"a": [1, 2]}).replace_schema_metadata({"k": "v"}),
        lambda: pa.record_batch({"a": [1, 2]}),
        lambda: pa.table({"a": pa.array([], pa.int64())}),
    ],
    "scalars of pyarrow": [
        lambda: pa.scalar(1),
        lambda: pa.scalar(2),
        lambda: pa.scalar(1.0),
        lambda: pa.scalar("a"),
        lambda: pa.scalar(None, pa.int64()),
        lambda: pa.scalar(1, pa.timestamp("ns")),
        lambda: pa.scalar(2, pa.timestamp("ns")),
        lambda: pa.scalar([1, 2]),
    ],
    "types of pyarrow": [
        lambda: pa.int64(),
        lambda: pa.list_(pa.int64()),
        lambda: pa.schema({"a": pa.int64()}),
        lambda: pa.schema({"a": pa.int32()}),
    ],
    "indexes": [
        lambda: pd.RangeIndex(3),
        lambda: pd.RangeIndex(4),
        lambda: pd.Index([0, 1, 2]),
        lambda: pd.Index([0, 1, 2], name="n"),
        lambda: pd.MultiIndex.from_product([["a"], [1, 2]]),
        lambda: pd.MultiIndex.from_product([["a"], [1, 3]]),
    ],
}

if find_spec("jax") is not None:  # in a row of its own in CI
    import jax
    import jax.numpy as jnp

    KINDS["arrays of jax"] = [
        lambda: jnp.arange(3),
        lambda: jnp.arange(3.0),
        lambda: jnp.array([0.0, -0.0]),
        lambda: jnp.array([0.0, 0.0]),
        lambda: jax.random.key(1),
        lambda: jax.random.key(2),
        lambda: jax.random.PRNGKey(1),
    ]
if find_spec("xarray") is not None:
    import xarray as xr

    KINDS["arrays of xarray"] = [
        lambda: xr.DataArray([1.0, 2.0], dims="x"),
        lambda: xr.DataArray([1.0, 3.0], dims="x"),
        lambda: xr.DataArray([1.0, 2.0], dims="y"),
        lambda: xr.DataArray([1.0, 2.0], dims="x", coords={"x": [0, 1]}),
        lambda: xr.DataArray([1.0, 2.0], dims="x", coords={"x": [0, 2]}),
        lambda: xr.Dataset({"a": ("x", [1.0, 2.0])}),
        lambda: xr.Dataset({"a": ("x", [1.0, 3.0])}),
        lambda: xr.Dataset({"a": ("x", [1.0, 2.0])}, attrs={"unit": "m"}),
    ]


def _with_gradient(scale: float) -> torch.Tensor:
    leaf = torch.ones(2, requires_grad=True)
    (leaf * scale).sum().backward()
    return leaf


# Nothing tells these apart but what they do when they are called.
ALIKE = {"weak references", "caches"}


@pytest.mark.filterwarnings("ignore")  # of betas, when pandas and torch make these values
@pytest.mark.parametrize("name", KINDS)
def test_values_of_a_kind_differ_for_the_fingerprint_where_they_do_for_the_comparison(
    name: str,
) -> None:
    makers = KINDS[name]
    for make in makers:
        assert agree(make(), make()), "the same, made twice"
    for one, other in itertools.permutations(makers, 2):
        assert not agree(one(), other()), f"{one()!r} and {other()!r}"


ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.binary(max_size=4)
    | st.sampled_from([make for makers in KINDS.values() for make in makers]).map(lambda m: m())
)
HASHED = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
NESTED = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(HASHED, inner, max_size=3)
        | st.frozensets(HASHED, max_size=3)
        | st.sets(HASHED, max_size=3)
        | inner.map(lambda value: types.SimpleNamespace(value=value))
        | inner.map(lambda value: Plain(value=value))
        | inner.map(lambda value: Slotted(left=value))
        | inner.map(lambda value: [value, value])
        | st.lists(inner, max_size=3).map(collections.deque)
        | inner.map(lambda value: functools.partial(print, value))
        | inner.map(lambda value: (lambda held: lambda: held)(value))
    ),
    max_leaves=6,
)
QUICK = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.filterwarnings("ignore")  # of betas, when pandas and torch make what was drawn
@QUICK
@given(NESTED, NESTED)
def test_whatever_is_nested_differs_for_both_or_for_neither(one: Any, other: Any) -> None:
    agree(one, other)
    assert agree(one, one)
    agree([one, other], [other, one])


@QUICK
@given(
    nps.arrays(
        st.sampled_from(["u1", "<f4", ">i2", "c8", "U3", "M8[s]", "?", "f2"]),
        nps.array_shapes(max_dims=3, max_side=4),
    ),
    st.data(),
)
def test_views_of_an_array_differ_for_both_or_for_neither(values: Any, data: Any) -> None:
    views = [
        values,
        values.copy(),
        values.T,
        values[::2],
        values[::2].copy(),
        values[..., ::-1],
        np.broadcast_to(values, (2, *values.shape)),
        np.asfortranarray(values),
    ]
    one, other = data.draw(st.sampled_from(views)), data.draw(st.sampled_from(views))
    agree(one, other)
    if values.dtype.kind not in "UM" and values.dtype.str[0] != ">":
        agree(*(torch.from_numpy(each.copy(order="K")) for each in (one, other)))


def test_a_dataclass_knows_its_fields_metadata() -> None:
    @dataclasses.dataclass
    class Point:
        x: int = dataclasses.field(default=0, metadata={"unit": "m"})

    one = Point(1)
    assert agree(one, copy.deepcopy(one))


def test_a_view_with_gaps_is_told_by_its_strides(tmp_path: Path) -> None:
    met = tmp_path / "met"

    def dense_at_first() -> Any:
        values = np.arange(6.0).reshape(2, 3)[:, ::2]
        if met.exists():
            return values
        met.touch()
        return values.copy()

    found = sm.verify(dense_at_first)
    assert str(found.differences[0]) == "result: strides (16, 8) → (24, 16)"
