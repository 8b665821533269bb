"""What cannot be rewound is refused before anything happens, by its path and with the reason."""

from __future__ import annotations

import asyncio
import io
import itertools
import socket
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

import seedmagic as sm
from rewound import Trainer


async def coroutine() -> None:
    await asyncio.sleep(0)


async def asynchronous_generator() -> Any:
    yield 1


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "generator": (lambda: (i for i in ()), "is a generator"),
    "asynchronous generator": (asynchronous_generator, "is a coroutine"),
    "list's iterator": (lambda: iter([1]), "is an iterator"),
    "dict's iterator": (lambda: iter({}), "is an iterator"),
    "count": (itertools.count, "is an iterator"),
    "zip": (lambda: zip([], [], strict=True), "is an iterator"),
    "enumerate": (lambda: enumerate([]), "is an iterator"),
    "DataLoader's iterator": (
        lambda: iter(torch.utils.data.DataLoader([1])),
        "keep the DataLoader",
    ),
    "lazy module": (lambda: nn.LazyLinear(3), "call it once"),
    "lazy parameter": (lambda: nn.UninitializedParameter(), "does not exist yet"),
    "something written in C": (lambda: sqlite3.connect(":memory:"), "written in C"),
}
HOLDERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "itself": (lambda thing: thing, "it"),
    "an instance": (lambda thing: SimpleNamespace(loader_iter=thing), "it.loader_iter"),
    "a list in a dict": (lambda thing: {"a": [0, thing]}, "it['a'][1]"),
    "a tuple": (lambda thing: (thing,), "it[0]"),
}


def close(thing: Any) -> None:
    getattr(thing, "close", lambda: None)()


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("holder", HOLDERS)
def test_what_only_goes_forward_is_refused_wherever_it_is_held(name: str, holder: str) -> None:
    make, reason = REFUSED[name]
    hold, path = HOLDERS[holder]
    thing = make()
    try:
        with pytest.raises(sm.RewindError, match=reason) as told:
            sm.rewind({"it": hold(thing)})
        assert list(told.value.failures) == [path]
        assert f"{path} is" in str(told.value)
        assert "Nothing was changed" in str(told.value)
    finally:
        if not name.startswith("asynchronous"):
            close(thing)


def test_files_and_sockets_are_refused() -> None:
    with tempfile.TemporaryFile() as file, socket.socket() as end:
        for thing in (file, end, io.TextIOWrapper(io.BytesIO())):
            with pytest.raises(sm.RewindError, match=r"is an open file|is a socket"):
                sm.rewind(thing)


def test_a_running_coroutine_is_refused() -> None:
    running = coroutine()
    try:
        with pytest.raises(sm.RewindError, match="is a coroutine"):
            sm.rewind(running)
    finally:
        running.close()


def test_a_tool_is_left_alone_where_it_is_held_and_refused_where_it_is_named() -> None:
    trainer = Trainer()
    with sm.rewind(trainer):
        trainer.fit()
    assert not trainer.lock.locked()
    for tool in (trainer.lock, threading.Condition()):
        with pytest.raises(sm.RewindError, match="which a rewind leaves as it is"):
            sm.rewind(tool)


def test_a_module_of_a_library_is_refused() -> None:
    with pytest.raises(sm.RewindError, match="threads is a module of a library"):
        sm.rewind({"threads": threading})


def test_all_that_is_refused_is_named_at_once() -> None:
    with pytest.raises(sm.RewindError) as told:
        sm.rewind({"a": [iter([]) for _ in range(8)]})
    assert len(told.value.failures) == 8
    assert "and 3 more" in str(told.value)


def test_an_iterator_written_in_python_is_an_object_like_others() -> None:
    class Batches:
        def __init__(self) -> None:
            self.at = 0

        def __iter__(self) -> Batches:
            return self

        def __next__(self) -> int:
            self.at += 1
            return self.at

    batches = Batches()
    with sm.rewind(batches):
        assert next(batches) == 1
    assert next(batches) == 1


def test_an_object_that_cannot_be_put_back_stops_no_other() -> None:
    view = bytearray(b"abc")
    first, last = [1], [2]
    handle = sm.rewind({"first": first, "view": view, "last": last})
    first.clear()
    last.clear()
    view.extend(b"d")
    # Which forbids another size.
    with memoryview(view), pytest.raises(sm.RewindError, match="put back view: ") as told:
        handle.rewind()
    assert list(told.value.failures) == ["view"]
    assert "Everything else was put back" in str(told.value)
    assert (first, last) == ([1], [2])
    handle.rewind()
    assert view == b"abc"


def test_a_tensor_whose_graph_was_changed_says_so() -> None:
    weight = torch.ones(2, requires_grad=True)
    result, other = weight * 2, [1]
    handle = sm.rewind({"result": result, "other": other})
    result.mul_(3)
    other.clear()
    with pytest.raises(sm.RewindError, match=r"result: the graph .* has changed"):
        handle.rewind()
    assert other == [1]


# What the class held would be put back before.
ARMED: list[bool] = []


def test_an_interrupt_while_putting_back_waits_until_all_is_back() -> None:
    class Interrupting:
        def __hash__(self) -> int:
            if ARMED:
                ARMED.clear()
                raise KeyboardInterrupt
            return 1

    first, last, keys = [1], [2], {Interrupting(): 1, "a": 2}
    handle = sm.rewind([first, keys, last])
    expected = dict(keys)
    keys.clear()
    first.clear()
    last.clear()
    ARMED.append(True)
    with pytest.raises(KeyboardInterrupt):
        handle.rewind()
    assert (first, keys, last) == ([1], expected, [2])
