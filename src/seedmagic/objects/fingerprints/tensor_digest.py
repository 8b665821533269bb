"""Fingerprint tensors: order-seeing, bit for bit, where they are."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from seedmagic.imports import loaded
from seedmagic.objects.compare.elements import blocks
from seedmagic.objects.memory.tensor_elements import contents


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
        The tensor's layout is one whose elements torch gives to nobody (MKL-DNN's). Whoever calls
        lists such a tensor as unread, so that it never counts as equal.
    """
    torch = loaded("torch")
    if tensor.device.type == "meta":
        return 0
    if tensor.is_nested:
        return _combined(tensor.unbind())
    if tensor.layout is torch.sparse_coo:
        return _combined((tensor._indices(), tensor._values()))
    if tensor.layout in (torch.sparse_csr, torch.sparse_bsr):
        return _combined((tensor.crow_indices(), tensor.col_indices(), tensor.values()))
    if tensor.layout in (torch.sparse_csc, torch.sparse_bsc):
        return _combined((tensor.ccol_indices(), tensor.row_indices(), tensor.values()))
    if tensor.layout is not torch.strided:
        # A fingerprint that left the elements out would make two different tensors equal; an error
        # makes `Call` list the tensor as unread.
        raise TypeError(f"the elements of a {tensor.layout} tensor cannot be read")
    if tensor.is_quantized:
        tensor = tensor.int_repr()
    return _of_elements(tensor)


def _combined(tensors: Any) -> int:
    digest = Digest()
    for tensor in tensors:
        digest.update(repr(tuple(tensor.shape)).encode())
        digest.add(tensor_digest(tensor))
    return digest.value()


def _of_elements(tensor: Any) -> int:
    digest = Digest()
    for block in _flat_blocks(tensor):
        for content in contents(block):
            digest.update(content if isinstance(content, bytes) else content.view())
    return digest.value()


def _flat_blocks(tensor: Any) -> Iterator[Any]:
    tensor = tensor.detach().resolve_conj().resolve_neg()
    for index in blocks(tuple(tensor.shape)):
        # An expanded tensor, reshaped, is a view that gives the same element again and again.
        yield tensor[index].reshape(-1).contiguous()
