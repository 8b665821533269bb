"""Children of a seed: stable, apart from each other, and the same in any thread and any order."""

from __future__ import annotations

import hashlib
import random
import struct
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

import seedmagic as sm
from sample_sources import assert_unchanged, everything_now
from scripts import answer

seeds = st.integers(0, 2**32 - 1)
parts = st.one_of(st.text(), st.binary(), st.integers(), st.floats(allow_nan=False))
keys = st.lists(parts, min_size=1, max_size=4)


def kinds(key: list[Any]) -> list[tuple[type, str]]:
    return [(type(part), repr(part)) for part in key]


@given(seed=seeds, key=keys)
def test_a_child_is_a_seed_and_always_the_same(seed: int, key: list[Any]) -> None:
    child = sm.derive_seed(seed, *key)
    assert type(child) is int
    assert 0 <= child < 2**32
    assert sm.derive_seed(np.int64(seed), *key) == child


@given(one=st.tuples(seeds, keys), other=st.tuples(seeds, keys))
def test_different_keys_and_seeds_give_different_children(
    one: tuple[int, list[Any]], other: tuple[int, list[Any]]
) -> None:
    assume((one[0], kinds(one[1])) != (other[0], kinds(other[1])))
    assert sm.derive_seed(one[0], *one[1]) != sm.derive_seed(other[0], *other[1])


def test_keys_that_look_alike_are_kept_apart() -> None:
    alike: list[tuple[Any, ...]] = [
        ("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc"), (3,), ("3",), (3.0,), (b"3",),
        ("i3",), (0.0,), (-0.0,), (0,), (3, 0), (30,), ("fold", 3), ("fold3",), (float("nan"),),
    ]  # fmt: skip
    assert len({sm.derive_seed(1, *key) for key in alike}) == len(alike)


def test_ten_thousand_children_are_spread_evenly() -> None:
    children = [sm.derive_seed(42, "fold", index) for index in range(10_000)]
    assert len(set(children)) > 9_990  # about 0.01 of them would collide by chance
    counts = np.bincount([child >> 28 for child in children], minlength=16)
    # 15 degrees of freedom: a chi square above 50 has a probability of 1e-5.
    assert ((counts - 625) ** 2 / 625).sum() < 50


def test_a_child_is_made_as_the_documentation_says() -> None:
    """Written once more from the words: what is published must not change with a release."""
    digest = hashlib.blake2b((42).to_bytes(4, "little"), digest_size=16, person=b"seedmagic")
    for tagged in (b"sfold", b"i3", b"bx", b"f" + struct.pack("<d", 0.5)):
        digest.update(len(tagged).to_bytes(8, "little") + tagged)
    expected = int.from_bytes(digest.digest()[:4], "little")
    assert sm.derive_seed(42, "fold", 3, b"x", 0.5) == expected


def test_a_child_is_the_same_in_another_process_with_another_hash_seed() -> None:
    script = "import json, seedmagic as sm; print(sm.derive_seed(42, 'fold', 3, b'x', 0.1))"
    expected = sm.derive_seed(42, "fold", 3, b"x", 0.1)
    assert answer(script, PYTHONHASHSEED="1") == answer(script, PYTHONHASHSEED="2") == expected


def test_anything_with_an_index_counts_as_its_integer() -> None:
    assert (
        sm.derive_seed(1, np.int64(3)) == sm.derive_seed(1, torch.tensor(3)) == sm.derive_seed(1, 3)
    )


WRONG_KEYS: list[tuple[Any, ...]] = [
    (), (None,), (True,), ("a", False), ([1],), (object(),), ("a", 1j), (10**5000,), ({},),
]  # fmt: skip


@pytest.mark.parametrize("key", WRONG_KEYS, ids=lambda key: str(type(key[-1]) if key else "none"))
def test_what_is_no_key_is_refused(key: tuple[Any, ...]) -> None:
    sm.seed_everything(1)
    before = everything_now()
    for call in (lambda *key: sm.derive_seed(1, *key), sm.generator, sm.torch_generator):
        with pytest.raises(sm.SeedError, match="key"):
            call(*key)
    assert_unchanged(before)


@pytest.mark.parametrize("seed", [-1, 2**32, True, "1", None, 1.0])
def test_children_of_no_seed_are_refused(seed: Any) -> None:
    with pytest.raises(sm.SeedError, match="is not a seed"):
        sm.derive_seed(seed, "a")


@pytest.mark.parametrize("call", [sm.generator, sm.torch_generator])
def test_without_a_seed_in_force_there_is_no_generator(call: Any) -> None:
    with pytest.raises(sm.SeedError, match=r"seed_everything\(42\) or run %seed 42"):
        call("a")
    with sm.seeded(1):
        call("a")
    with pytest.raises(sm.SeedError):
        call("a")


def draw(key: Any) -> list[float]:
    own = torch.rand(3, generator=sm.torch_generator(key)).tolist()
    return [*sm.generator(key).random(3), *own]


def test_a_generator_is_at_its_start_at_every_call_and_touches_no_global_one() -> None:
    sm.seed_everything(42)
    before = everything_now()
    first = draw("augment")
    assert_unchanged(before)
    random.random(), np.random.rand(), torch.rand(1)
    assert draw("augment") == first
    assert draw("other") != first
    sm.seed_everything(43)
    assert draw("augment") != first
    with sm.seeded(42):
        assert draw("augment") == first


def test_generators_are_numpys_and_torchs_own() -> None:
    sm.seed_everything(42)
    own = sm.generator("a")
    assert type(own) is np.random.Generator
    assert type(own.bit_generator) is np.random.PCG64
    theirs = torch.Generator().manual_seed(sm.derive_seed(42, "a"))
    assert torch.equal(theirs.get_state(), sm.torch_generator("a").get_state())
    assert sm.torch_generator("a", device=torch.device("cpu")).device.type == "cpu"


def test_threads_give_the_same_numbers_in_any_order() -> None:
    sm.seed_everything(42)
    expected = [draw(index) for index in range(64)]
    order = list(range(64))
    random.Random(1).shuffle(order)
    with ThreadPoolExecutor(8) as pool:
        found = dict(zip(order, pool.map(draw, order), strict=True))
    assert [found[index] for index in range(64)] == expected
    assert len({tuple(numbers) for numbers in expected}) == 64
