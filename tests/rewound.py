"""Objects of every kind, and what may happen to them, for the tests of rewinds and fingerprints."""

from __future__ import annotations

import array
import collections
import ctypes
import datetime
import decimal
import enum
import functools
import io
import logging
import mmap
import pathlib
import queue
import random
import re
import sys
import threading
import types
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune
from torch.nn.utils.parametrize import remove_parametrizations


@dataclass(frozen=True)
class Frozen:
    number: int
    items: list[int]


class Slotted:
    __slots__ = ("x", "y")

    def __init__(self) -> None:
        self.x = [1]


class Mixed(Slotted):
    __slots__ = ("__dict__", "z")


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Plain:
    pass


class Twin:
    """Laid out as `Plain` is, so that an object of one can become one of the other."""


class Counting:
    """Counts, and lists, in itself and not in its instances."""

    count = 0
    made: ClassVar[list[Any]] = []


class Counted(Counting):
    pass


class Meta(type):
    count = 0


class OfMeta(metaclass=Meta):
    pass


def documented(a: int, b: int = 1, *, c: int = 2) -> list[int]:
    """Say this."""
    return [a, b, c]


def noted() -> Exception:
    error = ValueError("a", [1])
    error.__notes__ = ["first"]  # type: ignore[attr-defined]
    return error


def in_memory() -> mmap.mmap:
    mapped = mmap.mmap(-1, 8)
    mapped[:3] = b"abc"
    return mapped


class InC(ctypes.Structure):
    class Pair(ctypes.Structure):
        _fields_ = (("x", ctypes.c_double), ("y", ctypes.c_double))

    _fields_ = (("a", ctypes.c_char), ("b", Pair))


class Floats(list[float]):
    pass


class Trainer:
    """Holds what trainers hold."""

    def __init__(self) -> None:
        self.logger = logging.getLogger("trainer")
        self.lock, self.event = threading.Lock(), threading.Event()
        self.out, self.module, self.cls, self.function = sys.stdout, np, Plain, len
        self.path, self.pattern = pathlib.Path("a"), re.compile("a")
        self.began, self.price = datetime.datetime(2020, 1, 1), decimal.Decimal("1.5")
        self.colour, self.owner = Colour.RED, weakref.ref(Plain)
        self.rng, self.step, self.callback = random.Random(1), 0, self.fit

    def fit(self, *_: Any) -> None:
        self.step += 1
        self.rng.random()
        del self.lock


class Opaque:
    """Holds an iterator, and tells by its state_dict what matters of it."""

    def __init__(self) -> None:
        self.position, self.iterator = 0, iter([1, 2])

    def state_dict(self) -> dict[str, int]:
        return {"position": self.position}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.position = state["position"]


def in_circles() -> list[Any]:
    items: list[Any] = [1]
    items.append({"items": items})
    return items


def read_only() -> Any:
    fixed = np.arange(3.0)
    fixed.flags.writeable = False
    return fixed


def write_all_the_same(fixed: Any) -> None:
    fixed.flags.writeable = True
    fixed[0] = 9
    fixed.flags.writeable = False


def scalar() -> Any:
    return np.zeros((), [("a", "i4"), ("b", [("c", "f8")]), ("d", "f4", (2,))])[()]


def with_gradient() -> Any:
    leaf = torch.ones(3, requires_grad=True)
    leaf.sum().backward()
    return leaf


def made_for_inference() -> Any:
    with torch.inference_mode():
        return torch.ones(3)


def add_for_inference(tensor: Any) -> None:
    with torch.inference_mode():
        tensor.add_(1)


def setting(name: str, value: Any) -> Callable[[Any], None]:
    return lambda thing: setattr(thing, name, value)


def putting(key: Any, value: Any) -> Callable[[Any], None]:
    return lambda thing: thing.__setitem__(key, value)


Case = tuple[Callable[[], Any], Callable[[Any], Any]]

PYTHON: dict[str, Case] = {
    "list": (lambda: [1, [2]], lambda o: o.append(3)),
    "list, deeper": (lambda: [1, [2]], lambda o: o[1].append(3)),
    "list of a class of its own": (lambda: Floats([1]), lambda o: setattr(o, "name", o.pop())),
    "list that holds itself": (in_circles, lambda o: o[1].update(more=1)),
    "list in a tuple": (lambda: (1, [2]), lambda o: o[1].append(3)),
    "list, ten thousand deep": (
        lambda: functools.reduce(lambda inner, _: [inner], range(10_000), [1]),
        lambda o: o.append(1),
    ),
    "a million numbers": (lambda: [0.0] * 1_000_000, putting(700_000, -0.0)),
    "dict": (lambda: {"a": 1}, lambda o: o.clear()),
    "dict, its order": (lambda: {"a": 1, "b": 2}, lambda o: o.update(a=o.pop("a"))),
    "dict of many": (lambda: dict.fromkeys(range(5000), 0), putting(4000, 1)),
    "dict with objects as keys": (lambda: {Plain(): 1}, lambda o: setting("a", 1)(next(iter(o)))),
    "OrderedDict": (lambda: collections.OrderedDict(a=1, b=2), lambda o: o.move_to_end("a")),
    "defaultdict": (lambda: collections.defaultdict(list, a=[1]), lambda o: o["new"].append(1)),
    "defaultdict, what it makes": (
        lambda: collections.defaultdict(list),
        setting("default_factory", set),
    ),
    "Counter": (lambda: collections.Counter("aab"), lambda o: o.update("zz")),
    "set": (lambda: {1, 2, "a"}, lambda o: o.add(7)),
    "deque": (lambda: collections.deque([1, 2, 3], 3), lambda o: o.append(5)),
    "bytearray": (lambda: bytearray(b"abc"), lambda o: o.extend(b"x")),
    "array.array": (lambda: array.array("d", [1, 2]), lambda o: o.append(3)),
    "mappingproxy": (lambda: types.MappingProxyType({"a": [1]}), lambda o: o["a"].append(2)),
    "SimpleNamespace": (lambda: types.SimpleNamespace(a=1), setting("a", 2)),
    "frozen dataclass": (lambda: Frozen(1, [2]), lambda o: object.__setattr__(o, "number", 2)),
    "frozen dataclass, deeper": (lambda: Frozen(1, [2]), lambda o: o.items.append(2)),
    "slots": (Slotted, setting("y", 1)),
    "slots, deeper": (Slotted, lambda o: o.x.append(1)),
    "slots, one deleted": (Slotted, lambda o: delattr(o, "x")),
    "slots and attributes": (Mixed, lambda o: (setting("z", 1)(o), setting("q", 1)(o))),
    "instance, another dict": (Trainer, setting("__dict__", {"step": 5})),
    "trainer": (Trainer, Trainer.fit),
    "iterator behind a state_dict": (Opaque, setting("position", 5)),
    "bound method": (lambda: Trainer().fit, lambda o: o()),
    "partial": (lambda: functools.partial(int, base=[2]), lambda o: o.keywords["base"].append(3)),
    "exception": (lambda: ValueError([1]), lambda o: o.args[0].append(1)),
    "exception, other arguments": (noted, setting("args", (2,))),
    "exception, notes": (noted, lambda o: o.__notes__.append("second")),
    "exception, first note": (lambda: OSError(2, "a"), setting("__notes__", ["first"])),
    "exception, in C": (lambda: OSError(2, "a"), setting("errno", 3)),
    "another class": (Plain, setting("__class__", Twin)),
    "another class, in a list": (lambda: [Plain()], lambda o: setting("__class__", Twin)(o[0])),
    "its class counts": (Counted, lambda o: setting("count", o.count + 1)(type(o))),
    "a base of its class lists": (Counted, lambda o: o.made.append(1)),
    "its class has another base": (Counted, lambda o: setting("__bases__", (Twin,))(type(o))),
    "the class of its class counts": (
        OfMeta,
        lambda o: setting("count", type(type(o)).count + 1)(type(type(o))),
    ),
    "the class of a member": (lambda: Colour.RED, lambda o: setting("hue", 0)(type(o))),
    "a member, by another": (lambda: Colour.RED, lambda o: setting("hue", 0)(o.BLUE)),
    "function": (
        lambda: documented,
        lambda o: (
            setting("__defaults__", (5,))(o),
            setting("__kwdefaults__", None)(o),
            setting("__name__", "other")(o),
            setting("__doc__", "Say that.")(o),
            setting("__annotations__", {})(o),
            setting("calls", 1)(o),
        ),
    ),
    "function, in a list": (lambda: [documented], lambda o: o[0].__kwdefaults__.update(c=9)),
    "logger": (
        lambda: types.SimpleNamespace(log=logging.getLogger("rewound")),
        lambda o: (o.log.setLevel(30), o.log.addHandler(logging.NullHandler())),
    ),
    "logger's adapter": (
        lambda: logging.LoggerAdapter(logging.getLogger("rewound"), {"run": 1}),
        lambda o: o.extra.update(run=2),
    ),
    "number of C": (lambda: ctypes.c_int(3), setting("value", 5)),
    "structure of C": (
        lambda: InC(b"a", InC.Pair(2, 3)),
        lambda o: (setting("a", b"z")(o), setting("y", 6)(o.b)),
    ),
    "array of C": (lambda: (ctypes.c_double * 3)(1, 2, 3), putting(1, 5)),
    "event": (threading.Event, lambda o: o.set()),
    "semaphore": (lambda: threading.Semaphore(2), lambda o: o.acquire()),
    "map of memory": (in_memory, lambda o: o.write(b"xy")),
    "annotated type": (lambda: Annotated[int, [1]], lambda o: o.__metadata__[0].append(2)),
    "annotated type, inside": (
        lambda: list[Annotated[int, [1]]],
        lambda o: o.__args__[0].__metadata__[0].append(2),
    ),
    "queue": (queue.Queue, lambda o: o.put(1)),
    "BytesIO": (lambda: io.BytesIO(b"abc"), lambda o: o.write(b"zz")),
    "Random": (lambda: random.Random(1), lambda o: o.gauss(0, 1)),
}

NUMPY: dict[str, Case] = {
    "array": (lambda: np.arange(4.0), putting(0, -0.0)),
    "column-major": (lambda: np.asfortranarray(np.arange(6.0).reshape(2, 3)), putting(0, 5)),
    "every second": (lambda: np.arange(10)[::2], putting(0, 5)),
    "backwards": (lambda: np.arange(10)[::-1], putting(0, 5)),
    "broadcast": (lambda: np.broadcast_to(np.zeros(1), (3,)), lambda o: o.base.fill(1)),
    "objects": (lambda: np.array([[1], "a", None], object), putting(2, 5)),
    "objects, deeper": (lambda: np.array([[1], "a", None], object), lambda o: o[0].append(5)),
    "structured": (lambda: np.zeros(3, [("a", "i1"), ("b", "f8")]), lambda o: o["b"].fill(5)),
    "structured, other names": (
        lambda: np.zeros(3, [("a", "i1"), ("b", "f8")]),
        lambda o: setting("names", ("a", "c"))(o.dtype),
    ),
    "structured, padded": (
        lambda: np.zeros(3, np.dtype([("a", "i1"), ("b", "f8")], align=True)),
        lambda o: o["a"].fill(5),
    ),
    "arrays in a list": (lambda: [np.arange(3.0), np.zeros(2)], lambda o: o[0].fill(5)),
    "arrays in a dict": (
        lambda: {"a": np.arange(3.0), "b": np.zeros(2)},
        lambda o: (o["a"].resize(9, refcheck=False), o.pop("b")),
    ),
    "structured scalar": (scalar, putting("a", 5)),
    "structured scalar, deeper": (scalar, lambda o: o["b"].__setitem__("c", 5)),
    "structured scalar, an array": (scalar, lambda o: o["d"].fill(5)),
    "structured scalar of an array": (lambda: np.zeros(2, "i4, i4")[1], putting("f0", 5)),
    "structured scalar, an object": (
        lambda: np.array([("a", [1])], "U1, O")[0],
        lambda o: o["f1"].append(2),
    ),
    "resized": (lambda: np.arange(6), lambda o: o.resize(9, refcheck=False)),
    "of no axis": (lambda: np.array(1.0), lambda o: o.fill(2)),
    "empty": (lambda: np.zeros((0, 3)), lambda o: o.resize((1, 3), refcheck=False)),
    "masked": (lambda: np.ma.array([1, 2, 3], mask=[0, 1, 0]), putting(1, 7)),
    "text": (lambda: np.array(["a", "bb"]), putting(1, "c")),
    "long double": (lambda: np.ones(3, np.longdouble), putting(1, 3)),
    "dates": (lambda: np.array(["2020-01-01"], "M8[D]"), putting(0, "2021-01-01")),
    "read-only": (read_only, write_all_the_same),
    "Generator": (lambda: np.random.default_rng(1), lambda o: o.random()),
    "Generator, its children": (lambda: np.random.default_rng(1), lambda o: o.spawn(2)),
    "Philox": (lambda: np.random.Generator(np.random.Philox(3)), lambda o: o.integers(5)),
    "RandomState": (lambda: np.random.RandomState(1), lambda o: o.randn()),
    "bit generator": (lambda: np.random.PCG64(1), lambda o: o.random_raw()),
    "SeedSequence": (lambda: np.random.SeedSequence(3), lambda o: o.spawn(1)),
}

PANDAS: dict[str, Case] = {
    "a column more": (lambda: pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), putting("c", [1, 2])),
    "a value": (lambda: pd.DataFrame({"a": [1, 2]}), lambda o: o.loc.__setitem__((0, "a"), 9)),
    "objects": (lambda: pd.DataFrame({"a": [[1], [2]]}), lambda o: o["a"][0].append(3)),
    "a row less": (lambda: pd.DataFrame({"a": [1, 2]}), lambda o: o.__init__(o[1:])),
    "columns": (lambda: pd.DataFrame({"a": [1, 2]}), setting("columns", ["q"])),
    "two columns of one name": (
        lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]),
        lambda o: o.iloc.__setitem__((0, 1), 9),
    ),
    "attrs": (lambda: pd.DataFrame({"a": [1, 2]}), lambda o: o.attrs.update(a=1)),
    "name of the index": (
        lambda: pd.DataFrame({"a": [1]}, index=pd.Index([1], name="i")),
        lambda o: setting("name", "other")(o.index),
    ),
    "categories, missing values, dates": (
        lambda: pd.DataFrame(
            {
                "a": pd.Categorical(["x", "y", "x"]),
                "b": pd.array([1, None, 3], dtype="Int64"),
                "c": pd.date_range("2020", periods=3, tz="UTC"),
            }
        ),
        lambda o: o.__init__(o[::-1]),
    ),
    "several levels": (
        lambda: pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([(1, 2)])),
        putting("a", 0),
    ),
    "series": (lambda: pd.Series([1, 2], name="q"), lambda o: o.iloc.__setitem__(0, 5)),
    "name of a series": (lambda: pd.Series([1, 2], name="q"), setting("name", "r")),
    "index": (lambda: pd.Index([1, 2], name="q"), setting("name", "r")),
    "frequency": (lambda: pd.date_range("2020", periods=3), setting("freq", None)),
    "frequency of a frame": (
        lambda: pd.DataFrame({"a": [1, 2]}, index=pd.date_range("2020", periods=2)),
        lambda o: setting("freq", None)(o.index),
    ),
}

TENSORS: dict[str, Case] = {
    "elements": (lambda: torch.arange(4.0), lambda o: o.add_(1)),
    "other memory": (lambda: torch.arange(4.0), setting("data", torch.ones(7))),
    "another dtype": (
        lambda: nn.Parameter(torch.ones(3)),
        lambda o: setattr(o, "data", o.data.half()),
    ),
    "grown": (lambda: torch.arange(4.0), lambda o: o.resize_(9)),
    "freed": (
        lambda: torch.arange(4.0),
        lambda o: (o.resize_(0), o.untyped_storage().resize_(0)),
    ),
    "turned": (lambda: torch.arange(6.0).view(2, 3), lambda o: o.t_()),
    "a column": (lambda: torch.arange(6.0).view(2, 3)[:, 1], lambda o: o.add_(1)),
    "channels last": (
        lambda: torch.randn(1, 2, 3, 3).to(memory_format=torch.channels_last),
        lambda o: o.add_(1),
    ),
    "expanded": (lambda: torch.ones(1).expand(4), lambda o: o.untyped_storage().fill_(1)),
    "windows": (lambda: torch.arange(6.0).unfold(0, 3, 1), lambda o: o[0].fill_(9)),
    "bfloat16": (lambda: torch.ones(3, dtype=torch.bfloat16), lambda o: o.neg_()),
    "float8": (lambda: torch.ones(3).to(torch.float8_e4m3fn), lambda o: o.copy_(torch.zeros(3))),
    "bool": (lambda: torch.ones(3, dtype=torch.bool), lambda o: o.logical_not_()),
    "conjugate": (lambda: torch.ones(3, dtype=torch.complex64).conj(), lambda o: o.neg_()),
    "empty": (lambda: torch.zeros(0, 3), lambda o: o.resize_(2, 3)),
    "requires_grad": (
        lambda: torch.ones(3, requires_grad=True),
        lambda o: o.requires_grad_(False),
    ),
    "no gradient yet": (
        lambda: torch.ones(3, requires_grad=True),
        lambda o: o.sum().backward(),
    ),
    "a gradient, more": (with_gradient, lambda o: o.sum().backward()),
    "a gradient, gone": (with_gradient, setting("grad", None)),
    "a hook": (
        lambda: torch.ones(3, requires_grad=True),
        lambda o: o.register_hook(lambda g: 2 * g),
    ),
    "an attribute": (lambda: torch.ones(3), setting("name_of_it", 1)),
    "drawn into a graph": (
        lambda: torch.ones(3),
        lambda o: o.add_(torch.ones(3, requires_grad=True)),
    ),
    "without memory": (lambda: torch.ones(3, device="meta"), setting("name_of_it", 1)),
    "sparse": (lambda: torch.eye(3).to_sparse(), lambda o: o.mul_(2)),
    "sparse, emptied": (lambda: torch.eye(3).to_sparse(), lambda o: o.zero_()),
    "made for inference": (made_for_inference, add_for_inference),
    "Generator": (torch.Generator, lambda o: torch.rand(1, generator=o)),
}

MODULES: dict[str, Case] = {
    "a buffer more": (
        lambda: nn.Linear(2, 2),
        lambda o: o.register_buffer("x", torch.ones(1), persistent=False),
    ),
    "a submodule more": (lambda: nn.Sequential(nn.Linear(2, 2)), lambda o: o.append(nn.ReLU())),
    "a submodule less": (
        lambda: nn.Sequential(nn.Linear(2, 2), nn.ReLU()),
        lambda o: o.__delitem__(0),
    ),
    "another dtype": (lambda: nn.Linear(2, 2), lambda o: o.half()),
    "mode": (lambda: nn.Linear(2, 2), lambda o: o.eval()),
    "frozen": (lambda: nn.Linear(2, 2), lambda o: o.requires_grad_(False)),
    "another parameter": (
        lambda: nn.Linear(2, 2),
        lambda o: setattr(o, "bias", nn.Parameter(torch.ones(2))),
    ),
    "a hook": (
        lambda: nn.Linear(2, 2),
        lambda o: o.register_forward_hook(lambda *_: None),
    ),
    "parametrized": (lambda: nn.Linear(2, 2), parametrizations.weight_norm),
    "parametrized no more": (
        lambda: parametrizations.weight_norm(nn.Linear(2, 2)),
        lambda o: remove_parametrizations(o, "weight"),
    ),
    "one parametrization more": (
        lambda: parametrizations.weight_norm(nn.Linear(2, 2)),
        lambda o: parametrizations.spectral_norm(o, "bias"),
    ),
    "pruned": (lambda: nn.Linear(2, 2), lambda o: prune.l1_unstructured(o, "weight", 1)),
    "statistics": (lambda: nn.BatchNorm1d(2), lambda o: o(torch.randn(3, 2))),
    "compiled": (
        lambda: torch.compile(nn.Linear(2, 2), backend="eager"),
        lambda o: o.weight.detach().add_(1),
    ),
    "GradScaler": (
        lambda: torch.amp.GradScaler("cpu"),
        lambda o: (o.scale(torch.ones(1)), o.update(3.0)),
    ),
    "DataLoader": (
        lambda: torch.utils.data.DataLoader([1, 2, 3], shuffle=True, generator=torch.Generator()),
        list,
    ),
}

KINDS = {
    f"{group}: {name}": case
    for group, cases in {
        "python": PYTHON,
        "numpy": NUMPY,
        "pandas": PANDAS,
        "torch": TENSORS,
        "torch.nn": MODULES,
    }.items()
    for name, case in cases.items()
}
