"""Objects of every kind go back in place, as often as asked, and fingerprints see it."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import seedmagic as sm
from rewound import KINDS
from seedmagic.objects.fingerprints.fingerprint import fingerprints


@pytest.mark.parametrize("name", KINDS)
def test_an_object_goes_back_in_place_every_time(name: str) -> None:
    make, change = KINDS[name]
    thing = make()
    start = fingerprints({"it": thing})
    handle = sm.rewind({"it": thing})
    assert not start.differing(fingerprints({"it": thing})), "taken without a trace"
    for turn in range(3):
        change(thing)
        if turn == 0 and name != "torch: expanded":
            assert start.differing(fingerprints({"it": thing})), "the change is seen"
        handle.rewind()
        assert not start.differing(fingerprints({"it": thing})), f"turn {turn}"


@pytest.mark.parametrize("name", KINDS)
def test_two_of_a_kind_have_one_fingerprint(name: str) -> None:
    make, _ = KINDS[name]
    pairs: list[Any] = []
    for _ in range(2):
        torch.manual_seed(0)
        pairs.append(make())
    one, other = (fingerprints({"it": thing}) for thing in pairs)
    assert one.pieces == other.pieces


@pytest.mark.parametrize("name", KINDS)
def test_taking_draws_nothing(name: str) -> None:
    make, _ = KINDS[name]
    thing = make()
    before = sm.snapshot()
    sm.rewind(thing)
    fingerprints({"it": thing})
    assert before == sm.snapshot()
