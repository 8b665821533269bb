"""Odd objects: looking at them ends, changes nothing, and costs a line at most."""

from __future__ import annotations

import contextlib
import decimal
import itertools
import types
import weakref
from collections.abc import Callable
from typing import Any
from unittest import mock

import numpy as np
import pytest
import torch

import seedmagic as sm
from seedmagic.objects.compare.value_comparison import differences
from seedmagic.objects.fingerprints.fingerprint import fingerprints


class Recording:
    """Makes, and keeps, whatever it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = self.__dict__[name] = type(self)()
        return made


class Untellable:
    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise RuntimeError("nobody knows")


class Closed:
    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(f"no {name} here")


class Uncopied(np.ndarray):  # type: ignore[type-arg]
    def copy(self, order: Any = "C") -> Any:
        raise RuntimeError("there is only one")


class Sized:
    @property
    def nbytes(self) -> int:
        raise RuntimeError("do not weigh me")


class WordlessError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class Asked(type):
    def __getattribute__(cls, name: str) -> Any:
        if name == "__mro__":
            raise RuntimeError("no ancestors")
        return super().__getattribute__(name)


class OfAsked(metaclass=Asked):
    pass


class Unhashed(type):
    def __eq__(cls, other: object) -> bool:
        raise RuntimeError("equal to none")

    __hash__ = None  # type: ignore[assignment]


class OfUnhashed(metaclass=Unhashed):
    pass


def dead() -> Any:
    return weakref.proxy(Recording())


def raising() -> None:
    raise WordlessError


DEAD = dead()
ODD: dict[str, Callable[[], Any]] = {
    "a mock": lambda: mock.Mock(),
    "one that makes what it is asked for": lambda: Recording(),
    "a proxy whose object is gone": dead,
    "such a proxy as a global": lambda: DEAD,
    "no class": lambda: [Untellable()],
    "no attributes": lambda: [Closed()],
    "an array that is not copied": lambda: np.zeros(3).view(Uncopied),
    "a size that raises": lambda: Sized(),
    "an error without words": raising,
    "a metaclass that raises": lambda: OfAsked(),
    "a class without a hash": lambda: [OfUnhashed()],
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_object_never_stops_a_verification(name: str) -> None:
    found = sm.verify(ODD[name])
    assert found.reproducible is not False, str(found)


@pytest.mark.parametrize("thing", [OfUnhashed(), [OfUnhashed()], OfUnhashed])
def test_an_instance_of_an_odd_class_is_put_back_or_refused(thing: Any) -> None:
    with contextlib.suppress(sm.RewindError):
        sm.rewind({"it": thing})


def test_looking_at_what_makes_attributes_makes_none() -> None:
    made = Recording()
    fingerprints({"x": made})
    assert vars(made) == {}


def test_a_tensor_whose_memory_was_freed_is_refused() -> None:
    freed = torch.ones(4)
    freed.untyped_storage().resize_(0)
    with pytest.raises(sm.RewindError, match="memory was freed"):
        sm.rewind(freed)
    assert sm.verify(lambda: freed).reproducible is None


def test_the_parts_of_a_figure_are_compared_by_its_picture() -> None:
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    def line(last: float) -> Any:
        return Figure().subplots().plot([1, last])

    assert differences(line(2), line(2), "x") == []
    told = [str(each) for each in differences(line(2), line(3), "x")]
    assert told == ["x[0].get_figure(): picture other pixels in the second run"]
    assert list(fingerprints({"x": Line2D([0, 1], [0, 1])}).unknown) == ["x"]


def storing(value: int) -> contextlib.ExitStack:
    stack = contextlib.ExitStack()
    stack.callback(print, value)
    return stack


def run(source: str) -> Any:
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(source, space)
    return space["f"]


UNLIKE: dict[str, list[Callable[[], Any]]] = {
    "what a library's function has caught": [lambda: storing(1), lambda: storing(2)],
    "how arguments are given": [
        lambda: run("def f(a, b): return a"),
        lambda: run("def f(a, /, b): return a"),
        lambda: run("def f(a, *, b): return a"),
    ],
    "what is tried": [
        lambda: run("def f(a):\n try:\n  g(a)\n  h(a)\n except E: pass"),
        lambda: run("def f(a):\n g(a)\n try:\n  h(a)\n except E: pass"),
    ],
    "fields of a scalar": [
        lambda: np.zeros((), [("a", "i4"), ("b", "i4")])[()],
        lambda: np.zeros((), [("c", "f4"), ("d", "f4")])[()],
    ],
    "whether a view can be written to": [
        lambda: memoryview(bytearray(b"ab")),
        lambda: memoryview(bytearray(b"ab")).toreadonly(),
    ],
    "hooks of the user's own": [
        lambda: types.SimpleNamespace(my_hooks={"p": 5}),
        lambda: types.SimpleNamespace(my_hooks={"q": 5}),
    ],
}


@pytest.mark.parametrize("what", UNLIKE)
def test_what_differs_is_told_apart(what: str) -> None:
    for make in UNLIKE[what]:
        assert differences(make(), make(), "x") == []
    for one, other in itertools.combinations(UNLIKE[what], 2):
        assert differences(one(), other(), "x")


def test_what_lies_between_the_fields_of_a_scalar_does_not_count() -> None:
    padded = np.dtype([("a", "i1"), ("b", "f8")], align=True)
    values = [np.frombuffer(bytes(1) + junk * 7 + bytes(8), padded)[0] for junk in (b"\0", b"\1")]
    assert differences(*values, "x") == []


@pytest.mark.parametrize("make", [decimal.Context, lambda: torch.ones(3).untyped_storage()])
def test_what_cannot_be_set_back_is_refused_and_compared(make: Callable[[], Any]) -> None:
    with pytest.raises(sm.RewindError, match="cannot be set back"):
        sm.rewind(make())
    assert differences(make(), make(), "x") == []


def test_what_a_function_and_an_error_say_of_themselves_goes_back() -> None:
    def documented() -> None:
        """Say this."""

    error = ValueError("a")
    with sm.rewind({"function": documented, "error": error}):
        documented.__doc__, documented.__name__ = "Say that.", "other"
        error.__cause__ = KeyError("b")
    assert (documented.__doc__, documented.__name__) == ("Say this.", "documented")
    assert (error.__cause__, error.__suppress_context__) == (None, False)
