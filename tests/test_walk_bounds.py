"""A look at objects comes to an end, says where it stopped, and takes time by their number."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

import seedmagic as sm
from seedmagic.objects import walk_bound
from seedmagic.objects.fingerprints.fingerprint import fingerprint, fingerprints
from shells import Shell


class Fresh:
    """Holds another of its kind whenever it is asked."""

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        return {"next": Fresh()}


class Slow:
    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        time.sleep(0.01)
        return {"next": Slow()}


class Boxed:
    def __init__(self, value: Any) -> None:
        self.value = [value, self]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_bound, "MOST_OBJECTS", 1000)


@pytest.mark.parametrize(
    ("make", "place"),
    [
        (lambda: [Fresh()], "held[0].next"),
        (lambda: [Boxed(number) for number in range(2000)], "held was"),
        (lambda: [[Boxed(number)] for number in range(900)], "held["),
        (lambda: [[[number]] for number in range(2000)], "held was"),
    ],
    ids=["without an end", "a long list", "many objects", "many lists"],
)
@pytest.mark.usefixtures("few")
def test_what_holds_too_many_objects_is_named_and_nothing_is_shown(
    make: Callable[[], Any], place: str
) -> None:
    held = make()
    found = sm.verify(lambda: len(held) and None, objects=[held])
    assert found.reproducible is None
    assert str(found).startswith("Not shown:")
    assert "more than 1,000 objects" in str(found)
    with pytest.raises(sm.RewindError, match="more than 1,000 objects") as error:
        sm.rewind({"held": held})
    assert place in str(error.value)
    assert "Nothing was changed" in str(error.value)


def test_a_look_that_takes_its_time_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_bound, "MOST_SECONDS", 0.4)
    began = time.perf_counter()
    found = sm.verify(Slow)
    assert time.perf_counter() - began < 5
    assert found.reproducible is None
    assert "it took more than 0." in str(found)


@pytest.mark.usefixtures("few")
def test_a_difference_that_was_seen_is_told_whatever_comes_after_it() -> None:
    found = sm.verify(lambda: [time.perf_counter(), Fresh()])
    assert [difference.path for difference in found.differences] == ["result[0]"]
    assert "more than 1,000 objects" in str(found)


def test_what_only_one_of_two_looks_came_to_is_no_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    value = {"value": [Boxed(number) for number in range(400)]}
    looks = []
    for most in (1000, 2000, 2500):
        monkeypatch.setattr(walk_bound, "MOST_OBJECTS", most)
        looks.append(fingerprints(value))
    assert looks[0].unknown
    assert not looks[2].unknown
    assert not looks[0].differing(looks[2])
    assert not looks[2].differing(looks[0])
    value["value"][0].value[0] = -1
    assert looks[1].differing(fingerprints(value)) == ["value[0].value[0]"]


@pytest.mark.usefixtures("few")
def test_a_rewind_that_has_no_end_fails_before_the_cell_runs() -> None:
    shell = Shell()
    try:
        shell.ok("%load_ext seedmagic")
        shell.ok("class Fresh:\n    @property\n    def __dict__(self): return {'next': Fresh()}")
        shell.ok("held, ran = [Fresh()], False")
        ran = shell.run("%%seeded 1 --rewind held\nran = True")
        assert ran.error == "UsageError"
        assert shell.real.user_ns["ran"] is False
    finally:
        shell.end()


def nested(depth: int) -> list[Any]:
    value: list[Any] = [0.0]
    for _ in range(depth):
        value = [value]
    return value


def innermost(value: list[Any]) -> list[Any]:
    while isinstance(value[0], list):
        value = value[0]
    return value


def test_however_deep_lists_are_nested_they_are_seen_to_the_bottom() -> None:
    one, other = nested(10_000), nested(10_000)
    assert fingerprint(one) == fingerprint(other)
    start = sm.rewind({"one": one})
    innermost(one)[0] = -0.0
    assert fingerprint(one) != fingerprint(other)
    start.rewind()
    assert fingerprint(one) == fingerprint(other)


SHAPES: dict[str, Callable[[int], Any]] = {
    "a long list": lambda size: [*range(10 * size)],
    "shared by all": lambda size: [shared := [1]] + [shared] * size,
    "nested deep": lambda size: nested(size),
    "many dicts": lambda size: [{"a": number, "b": [number]} for number in range(size)],
    "many instances": lambda size: [Boxed(number) for number in range(size)],
    "shared and not": lambda size: [
        [both := [number], both, {"a": both}] for number in range(size)
    ],
}


@pytest.mark.parametrize("name", SHAPES)
def test_twice_as_many_objects_take_twice_as_long(name: str) -> None:
    taken = []
    for size in (2_000, 16_000):
        value = SHAPES[name](size)
        began = time.process_time()
        fingerprint(value)
        sm.rewind({"value": value})
        taken.append(time.process_time() - began)
    assert taken[1] < 8 * 4 * taken[0], taken
