"""The hash that runs where a tensor lies sees the order of elements; tried on the CPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from scripts import answer
from seedmagic.objects.memory import device_hash
from seedmagic.objects.memory.device_hash import digest

DTYPES = (
    torch.float64,
    torch.float32,
    torch.bfloat16,
    torch.float8_e4m3fn,
    torch.complex64,
    torch.int64,
    torch.uint8,
    torch.bool,
)
SIZES = (1, 3, 5, 1000, 4099)


def made(dtype: torch.dtype, size: int) -> Any:
    made = torch.Generator().manual_seed(size)
    raw = torch.randint(0, 256, (size * dtype.itemsize,), generator=made, dtype=torch.uint8)
    return (raw % 2).bool() if dtype == torch.bool else raw.view(dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("size", SIZES)
def test_every_byte_counts(dtype: torch.dtype, size: int) -> None:
    value = made(dtype, size)
    whole = digest(value)
    assert whole == digest(value.clone())
    raw = value.view(torch.uint8)
    for at in {0, len(raw) // 2, len(raw) - 1}:
        raw[at] ^= 1
        assert digest(value) != whole
        raw[at] ^= 1
    assert digest(value) == whole


def test_every_bit_of_two_words_counts() -> None:
    value = torch.zeros(2, dtype=torch.int64)
    words = value.view(torch.int32)
    seen = {digest(value)}
    for first in range(33):
        for second in range(33):
            words.zero_()
            for word, bit in ((words[0], first), (words[3], second)):
                if bit:
                    word.fill_((1 << (bit - 1)) - ((1 << 32) if bit == 32 else 0))
            seen.add(digest(value))
    assert len(seen) == 33 * 33


def test_signs_of_two_zeros_count() -> None:
    value = torch.zeros(64)
    seen = {digest(value)}
    for first in range(64):
        for second in range(first):
            signs = torch.zeros(64)
            signs[[first, second]] = -0.0
            seen.add(digest(signs))
    assert len(seen) == 1 + 64 * 63 // 2


def test_swapped_elements_are_seen_wherever_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_hash, "WORDS", 64)
    value = torch.arange(1000.0)
    whole = digest(value)
    for first, second in ((0, 1), (5, 69), (63, 64), (0, 999), (500, 600)):
        other = value.clone()
        other[[first, second]] = other[[second, first]]
        assert digest(other) != whole
    assert digest(value.flip(0)) != whole


@pytest.mark.parametrize(
    "seen",
    [
        lambda t: t.t(),
        lambda t: t[:, ::2],
        lambda t: t[1:],
        lambda t: t[0, 0],
        lambda t: t[:0],
        lambda t: t.to(torch.complex64).conj(),
        lambda t: t[0].expand(3, -1),
        lambda t: t.to(torch.int8)[:, 1:],
    ],
)
def test_views_have_the_hash_of_what_they_show(seen: Any) -> None:
    view = seen(torch.randn(9, 7) * 100)
    copied = view.clone(memory_format=torch.preserve_format)
    assert view.numel() == 0 or digest(view) == digest(copied)
    if view.numel():
        changed = copied.clone()
        changed.view(-1)[-1:].add_(1) if changed.is_contiguous() else changed.add_(1)
        assert digest(changed) != digest(view)


def test_nothing_is_changed_or_drawn() -> None:
    value = torch.randn(100)
    kept, state = value.clone(), torch.get_rng_state()
    digest(value)
    assert torch.equal(value, kept)
    assert torch.equal(torch.get_rng_state(), state)


def test_what_stands_in_for_xxhash_on_a_borrowed_device_sees_the_same() -> None:
    script = """
    import json, os, torch, xxhash
    import seedmagic as sm
    from seedmagic.objects.fingerprints.fingerprint import fingerprint
    large = torch.zeros(1_000_003)
    whole = fingerprint(large)
    large[-1] = -0.0
    runs = [sm.verify(run, seed=7) for run in (lambda: torch.rand(9), lambda: os.urandom(9))]
    operation = sm.verify(lambda: torch.tensor(list(os.urandom(9))) * 2).operation
    print(json.dumps(["stand_ins" in xxhash.__file__, fingerprint(large) == whole,
                      [run.reproducible for run in runs], operation is not None]))
    """
    place = str(Path(__file__).with_name("stand_ins"))
    assert answer(script, PYTHONPATH=place) == [True, False, [True, False], True]
