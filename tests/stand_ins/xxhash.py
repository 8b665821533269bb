"""Stands in for xxhash where it cannot be installed: BLAKE2 under its names, as exact, and slower.

For environments that hold torch, pytest, NumPy and IPython alone, as on a borrowed GPU.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any


def xxh3_128_digest(data: Any) -> bytes:
    return blake2b(data, digest_size=16).digest()


def xxh3_128_hexdigest(data: Any) -> str:
    return blake2b(data, digest_size=16).hexdigest()


class xxh3_64:  # noqa: N801 - the library's name
    def __init__(self) -> None:
        self._hash = blake2b(digest_size=8)

    def update(self, data: Any) -> None:
        self._hash.update(data)

    def intdigest(self) -> int:
        return int.from_bytes(self._hash.digest(), "big")
