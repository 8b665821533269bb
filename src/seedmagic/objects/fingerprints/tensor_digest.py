"""Fingerprint tensors: order-seeing, bit for bit, where they are."""

from __future__ import annotations

import struct
from typing import Any

from seedmagic.objects.kinds.tensors import elements_of
from seedmagic.objects.memory.tensor_elements import contents
from seedmagic.objects.memory.tensor_memory import blocks, is_freed, sparse_parts


class Digest:
    """A running fingerprint of 64 bits."""

    def __init__(self) -> None:
        import xxhash

        self._hash = xxhash.xxh3_64()

    def update(self, content: Any) -> None:
        """Add bytes, or what lies in a buffer, with where they end."""
        self._hash.update(content)
        self._hash.update(b"\0")

    def add(self, number: int) -> None:
        """Add a fingerprint."""
        self._hash.update(struct.pack("<Q", number))

    def value(self) -> int:
        """Give the fingerprint of what was added so far."""
        return int(self._hash.intdigest())


def tensor_digest(tensor: Any) -> int:
    """Fingerprint the elements of a tensor, not its dtype or shape.

    Raises
    ------
    TypeError
        The tensor's layout is one whose elements torch gives to nobody (MKL-DNN's), or its memory
        was freed. Whoever calls lists such a tensor as unread, so that it never counts as equal.
    """
    if tensor.device.type == "meta":
        return 0
    plain = elements_of(tensor)
    if plain is not None:
        if is_freed(plain):
            raise TypeError("the memory of this tensor was freed")
        return _of_elements(plain)
    parts = tensor.unbind() if tensor.is_nested else [part for _, part in sparse_parts(tensor)]
    if not parts:
        # A fingerprint that left the elements out would make two different tensors equal; an error
        # makes `Call` list the tensor as unread.
        raise TypeError(f"the elements of a {tensor.layout} tensor cannot be read")
    digest = Digest()
    for part in parts:
        digest.update(repr(tuple(part.shape)).encode())
        digest.add(tensor_digest(part))
    return digest.value()


def _of_elements(tensor: Any) -> int:
    digest = Digest()
    for block in blocks(tensor.resolve_conj().resolve_neg()):
        # In the order of its axes, however they lie in memory.
        for content in contents(block.reshape(-1).contiguous()):
            digest.update(content if isinstance(content, bytes) else content.view())
    return digest.value()
