"""A set is walked through as before, though its order depends on all that happened to it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import seedmagic as sm

ELEMENTS = st.integers(-50, 50) | st.text(max_size=3) | st.floats(allow_nan=False)


@given(st.lists(ELEMENTS, max_size=40), st.lists(ELEMENTS, max_size=40), st.data())
def test_a_set_has_its_order_again(first: list[Any], later: list[Any], data: Any) -> None:
    elements = set(first)
    before = list(elements)
    handle = sm.rewind(elements)
    assert list(elements) == before
    elements.update(later)
    elements.difference_update(data.draw(st.lists(st.sampled_from(before), max_size=40)
                                         if before else st.just([])))  # fmt: skip
    handle.rewind()
    assert list(map(id, elements)) == list(map(id, before))


def shrunk(names: list[str]) -> set[str]:
    elements = {*names, *(f"{name} more" for name in names)}
    elements.difference_update(f"{name} more" for name in names)
    return elements


MADE = {
    "of a list": set,
    "of a set": lambda names: set(names).copy(),
    "of a dict": lambda names: set(dict.fromkeys(names)),
    "shrunk": shrunk,
    "of a frozen set": lambda names: set(frozenset(names)),
}


@pytest.mark.parametrize("how", MADE)
@pytest.mark.parametrize("size", [1, 3, 4, 5, 8, 18, 19, 20, 77, 500, 5000])
def test_however_it_was_made(how: str, size: int) -> None:
    elements = MADE[how]([f"name {number}" for number in range(size)])
    before = list(elements)
    with sm.rewind(elements):
        elements.clear()
        elements.update(range(1000))
    assert list(elements) == before


def test_what_is_added_after_it_takes_the_place_that_it_took_then() -> None:
    elements = {f"name {number}" for number in range(60)}
    handle = sm.rewind(elements)
    grown = []
    for _ in range(3):
        elements.update(f"more {number}" for number in range(200))
        grown.append(list(elements))
        handle.rewind()
    assert grown[0] == grown[1] == grown[2]


def test_elements_that_are_objects_stay_the_same_objects() -> None:
    things = {object() for _ in range(50)}
    before = list(things)
    with sm.rewind(things):
        things.clear()
    assert all(one is other for one, other in zip(things, before, strict=True))
