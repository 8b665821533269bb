"""`seeded(7)(function)` pickles wherever the function does, by name and by value."""

from __future__ import annotations

import functools
import inspect
import pickle
import random
import sys
from types import ModuleType
from typing import Any

import cloudpickle
import pytest

import seedmagic as sm
import worker_tasks

PICKLES = [pickle, cloudpickle]
HERE: Any = sys.modules[__name__]


def draw(x: float = 0) -> float:
    """Draw a number."""
    return random.random() + x


@sm.seeded(7)
def decorated() -> float:
    """Draw a number in a scope."""
    return random.random()


class Box:
    def draw(self) -> float:
        return random.random()


def expected(seed: int = 7) -> float:
    return random.Random(seed).random()


@pytest.mark.parametrize("pickling", PICKLES, ids=lambda each: each.__name__)
@pytest.mark.parametrize(
    "function",
    [draw, Box().draw, functools.partial(draw, 0)],
    ids=["a function", "a method", "a partial one"],
)
def test_it_pickles_as_its_function_does(pickling: ModuleType, function: Any) -> None:
    again = pickle.loads(pickling.dumps(sm.seeded(7)(function)))
    assert again() == expected()


@pytest.mark.parametrize(
    "function", [lambda: random.random(), decorated.__wrapped__], ids=["a lambda", "a hidden one"]
)
def test_what_has_no_name_pickles_by_value_as_its_function_does(function: Any) -> None:
    made = sm.seeded(7)(function)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(function)
    assert pickle.loads(cloudpickle.dumps(made))() == expected()


@pytest.mark.parametrize("pickling", PICKLES, ids=lambda each: each.__name__)
def test_a_decorated_function_pickles_by_its_name(pickling: ModuleType) -> None:
    assert pickle.loads(pickling.dumps(decorated)) is decorated


def test_one_that_took_the_functions_place_pickles_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(HERE, "draw", sm.seeded(7)(draw))
    assert pickle.loads(pickle.dumps(HERE.draw)) is HERE.draw
    cloudpickle.register_pickle_by_value(HERE)
    try:
        written = cloudpickle.dumps(HERE.draw)
    finally:
        cloudpickle.unregister_pickle_by_value(HERE)
    monkeypatch.delattr(HERE, "draw")  # as in a worker, which does not know the notebook
    assert pickle.loads(written)() == expected()


def test_a_method_that_is_replaced_by_one_still_gets_its_object(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Box, "draw", sm.seeded(7)(Box.draw))
    assert Box().draw() == expected()


def test_it_looks_like_the_function() -> None:
    made = sm.seeded(7)(draw)
    assert (made.__name__, made.__doc__, made.__module__) == ("draw", "Draw a number.", __name__)
    assert inspect.signature(made) == inspect.signature(draw)
    assert inspect.unwrap(made) is draw
    assert "draw" in repr(made)


def test_a_scope_that_seeds_nothing_pickles_too() -> None:
    again = pickle.loads(pickle.dumps(sm.preserve()(worker_tasks.draw)))
    before = random.getstate()
    again()
    assert random.getstate() == before


def test_a_scope_around_a_scope_pickles() -> None:
    made = sm.seeded(7)(sm.preserve()(draw))
    assert pickle.loads(pickle.dumps(made))() == expected()
