"""The elements of an array, as `Hashing` takes them: where they lie, if that is without gaps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seedmagic.imports import loaded
from seedmagic.objects.memory.raw_memory import CHUNK, Hashing, Raw, value_of


def as_plain(value: Any) -> Any:
    """Give the same memory as an array of no subclass, which may have rules of its own."""
    plain = loaded("numpy").ndarray
    return value if type(value) is plain else plain.view(value, plain)


def is_same(one: Any, other: Any) -> bool:
    """Whether the elements of two arrays are, bit for bit."""
    with Hashing() as hashing:
        return value_of(hashing.digest(bits_of(one))) == value_of(hashing.digest(bits_of(other)))


def bits_of(plain: Any) -> Iterator[bytes | Raw]:
    """Give the elements, where they lie if they can be read there."""
    np = loaded("numpy")
    if plain.dtype.names:
        # Between the fields may lie anything.
        for name in plain.dtype.names:
            yield from bits_of(as_plain(plain[name]))
    elif plain.dtype.hasobject:
        yield repr([id(item) for item in plain.flat]).encode()
    elif plain.dtype.char in "TgG":
        # Text of any length lies elsewhere; the last six bytes of a long double mean nothing.
        for block in _blocks(plain):
            yield repr(block.tolist() if plain.dtype.char == "T" else _exact(block)).encode()
    else:
        flat = _in_memory_order(plain)
        if flat is not None:
            yield Raw(flat, flat.__array_interface__["data"][0], flat.nbytes)
            return
        for block in _blocks(plain):
            whole = np.ascontiguousarray(block)
            yield Raw(whole, whole.__array_interface__["data"][0], whole.nbytes)


def _exact(block: Any) -> list[bytes]:
    np = loaded("numpy")
    halves = np.ascontiguousarray(block).view(np.longdouble).reshape(-1)
    raw = halves.view(np.uint8).reshape(len(halves), -1)
    return [raw[:, :10].tobytes() if raw.shape[1] == 16 else raw.tobytes()]


def _in_memory_order(plain: Any) -> Any | None:
    """Give an array that lies without gaps as one stretch; its strides tell the rest."""
    if plain.flags.c_contiguous:
        return plain
    turned = plain.transpose(sorted(range(plain.ndim), key=lambda axis: -plain.strides[axis]))
    return turned if turned.flags.c_contiguous else None


def _blocks(plain: Any) -> Iterator[Any]:
    """Cut along the first axes until each block is small."""
    if plain.nbytes <= CHUNK or not plain.ndim:
        yield plain
    elif len(plain) == 1:
        yield from _blocks(plain[0])
    else:
        step = max(1, len(plain) * CHUNK // plain.nbytes)
        for start in range(0, len(plain), step):
            yield from _blocks(plain[start : start + step])
