"""Fingerprint tensors: order-seeing, bit for bit, where they are."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator
from typing import Any

from seedmagic.core.imports import loaded
from seedmagic.verifying.elements import blocks


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
    NotImplementedError
        The tensor is of a kind whose contents cannot be read.
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
        raise NotImplementedError(str(tensor.layout))
    if tensor.is_quantized:
        tensor = tensor.int_repr()
    return _of_memory(tensor) if tensor.device.type == "cpu" else weighted_sum(tensor)


def _combined(tensors: Any) -> int:
    digest = Digest()
    for tensor in tensors:
        digest.update(repr(tuple(tensor.shape)).encode())
        digest.add(tensor_digest(tensor))
    return digest.value()


def _of_memory(tensor: Any) -> int:
    digest = Digest()
    for block in _flat_blocks(tensor):
        size = block.numel() * block.element_size()
        # Tensor.numpy() would import NumPy, which the user may not have, and knows no bfloat16.
        digest.update((ctypes.c_char * size).from_address(block.data_ptr()) if size else b"")
    return digest.value()


def weighted_sum(tensor: Any) -> int:
    """Add up the elements' bits, each times an odd number made of its position, modulo 2⁶⁴.

    A single element that changes always changes the sum, as an odd number has an inverse. The order
    in which a device adds does not matter, as integers' sums do not round.
    """
    torch = loaded("torch")
    words = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
    total = start = 0
    for block in _flat_blocks(tensor):
        if block.is_complex():
            block = torch.view_as_real(block).reshape(-1)
        bits = block.view(words[block.element_size()]).to(torch.int64)
        # The steps of SplitMix64 (Steele et al., OOPSLA 2014), the shifts made logical.
        weights = torch.arange(start, start + len(bits), device=bits.device) * -0x61C8864680B583EB
        for shift, factor in ((30, -0x40A7B892E31B1A47), (27, -0x6B2FB644ECCEEE15)):
            weights ^= (weights >> shift) & ((1 << (64 - shift)) - 1)
            weights *= factor
        total += int((bits * (weights | 1)).sum().item())
        start += len(bits)
    return total % (1 << 64)


def _flat_blocks(tensor: Any) -> Iterator[Any]:
    tensor = tensor.detach().resolve_conj().resolve_neg()
    for index in blocks(tuple(tensor.shape)):
        # An expanded tensor, reshaped, is a view that gives the same element again and again.
        yield tensor[index].reshape(-1).contiguous()
