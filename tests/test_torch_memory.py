"""torch's generator is read where it lies: it tells what `get_state` tells, or is not used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
import torch

from seedmagic.sources.torch import TorchSource
from seedmagic.sources.torch_memory import is_readable

DRAWS: dict[str, Callable[[], object]] = {
    "a number": lambda: torch.rand(1),
    "a Gaussian of single precision": lambda: torch.randn(1),
    "one of double precision": lambda: torch.randn(1, dtype=torch.float64),
    "many Gaussians": lambda: torch.randn(100),
    "a permutation": lambda: torch.randperm(5),
    "dropout": lambda: torch.nn.functional.dropout(torch.ones(3)),
    "all words and more": lambda: torch.rand(700),
    "a whole turn of the words": lambda: torch.rand(624),
    "a seeding": lambda: torch.manual_seed(7),
    "a seeding with the same number": lambda: torch.manual_seed(7),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS.keys())
def test_a_look_differs_exactly_when_the_state_does(draw: Callable[[], object]) -> None:
    source = TorchSource()
    for _ in range(4):  # every second Gaussian comes from the cached half
        before, state = source.look(None), source.get_state()
        draw()
        assert (source.look(before) != before) == (source.get_state() != state)


def test_a_look_at_what_did_not_move_is_the_same_object() -> None:
    source = TorchSource()
    seen = source.look(None)
    torch.default_generator.set_state(torch.default_generator.get_state())
    assert source.look(seen) is seen


def test_another_generator_in_the_place_of_torchs_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = TorchSource()
    source.look(None)
    other = torch.Generator()
    monkeypatch.setattr(torch, "default_generator", other)
    seen = source.look(None)
    torch.rand(1, generator=other)
    assert source.look(seen) != seen


def test_two_generators_of_one_seed_look_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    for _ in range(2):
        generator = torch.Generator().manual_seed(3)
        assert is_readable(generator) == (sys.platform == "linux")  # which gives memory as a file
        monkeypatch.setattr(torch, "default_generator", generator)
        seen.append(TorchSource().look(None))
    assert seen[0] == seen[1]


def test_where_memory_cannot_be_read_the_look_is_the_state() -> None:
    code = """
import os, torch
from seedmagic.sources.torch import TorchSource
def refuse(*args): raise PermissionError
os.open = refuse
source = TorchSource()
seen = source.look(None)
assert seen == source.get_state() and type(seen) is bytes
torch.rand(1)
assert source.look(seen) != seen
"""
    subprocess.run([sys.executable, "-c", code], check=True)
