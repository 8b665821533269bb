"""A hash of a tensor's elements that is computed where they lie, and sees their order.

Each chunk is a multilinear hash of its 32-bit words: their sum modulo 2**64, each times a random
number of 64 bits that belongs to its position. Two chunks that differ agree with a probability of
at most 2**-32; each is hashed twice, with other numbers, so that it becomes 2**-64. See Lemire and
Kaser, "Strongly universal string hashing is fast", 2014, https://arxiv.org/abs/1202.4961.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seedmagic.imports import loaded
from seedmagic.objects.memory.tensor_memory import blocks, is_dense

# Words; the products of a chunk take eight times as many bytes, and stay in a device's cache.
WORDS = 1 << 20
_KEYS = (0x243F6A8885A308D3, 0x13198A2E03707344)


def digest(value: Any) -> bytes:
    """Hash the elements of a tensor on its device; nothing but the digest leaves it."""
    torch = loaded("torch")
    most = min(WORDS, value.numel() * value.element_size())
    weights = [_weights(key, most, value.device) for key in _KEYS]
    sums = []
    for words in _words(value):
        sums += [(words * weight[: len(words)]).sum() for weight in weights]
    return b"".join(
        (number & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "little") for number in torch.stack(sums).tolist()
    )


def _words(value: Any) -> Iterator[Any]:
    """Give the bytes of each chunk as numbers of at most 32 bits."""
    torch = loaded("torch")
    if is_dense(value) and not value.is_conj() and not value.is_neg():
        value = value.as_strided((value.numel(),), (1,))
        pieces: Iterator[Any] = iter(value.split(max(1, WORDS * 4 // value.element_size())))
    else:
        pieces = blocks(value, WORDS * 4)
    for piece in pieces:
        flat = piece.resolve_conj().resolve_neg().contiguous().view(-1).view(torch.uint8)
        whole = len(flat) // 4 * 4
        if whole:
            # A copy where a view starts between words.
            yield _aligned(flat[:whole]).view(torch.int32)
        if whole < len(flat):
            yield flat[whole:].to(torch.int32)


def _aligned(flat: Any) -> Any:
    return flat.clone() if flat.storage_offset() % 4 else flat


def _weights(key: int, count: int, device: Any) -> Any:
    """Give a number of 64 bits for each position: the generator splitmix64."""
    torch = loaded("torch")
    # torch has no unsigned arithmetic of 64 bits: products wrap alike, shifts are masked.
    state = torch.arange(1, count + 1, device=device, dtype=torch.int64)
    state = state * _signed(0x9E3779B97F4A7C15) + _signed(key)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        state = (state ^ _shifted(state, shift)) * _signed(factor)
    return state ^ _shifted(state, 31)


def _shifted(state: Any, shift: int) -> Any:
    return (state >> shift) & ((1 << (64 - shift)) - 1)


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number
