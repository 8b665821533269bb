"""The elements of a tensor as bytes: where they lie, or as a hash that was made there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seedmagic.objects.memory.raw_memory import Raw
from seedmagic.objects.memory.tensor_memory import blocks, memory


def contents(value: Any) -> Iterator[bytes | Raw]:
    """Give the elements: their memory, or a copy of a small block after the other."""
    if value.device.type == "meta" or not value.numel():
        return
    if value.device.type != "cpu":
        from seedmagic.objects.memory.device_hash import digest

        yield digest(value)
        return
    raw = memory(value)
    if raw is not None:
        yield raw
        return
    for block in blocks(value):
        whole = block.resolve_conj().resolve_neg().contiguous()
        yield Raw(whole, whole.data_ptr(), whole.numel() * whole.element_size())
