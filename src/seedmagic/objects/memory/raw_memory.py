"""Stretches of memory: compared, and hashed on several threads, without a copy."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

CHUNK = 1 << 24
# Below, a thread costs more than it gains.
_SMALL = 1 << 20
_KEPT = 1 << 12


@dataclass(frozen=True)
class Raw:
    """Some bytes of memory, and who owns them.

    They are read alone, and where they lie: a tensor of 256 MB is hashed in 24 to 34 ms, where its
    copy takes 375 to 389 and another 256 MB (benchmarks/NOTES.md). Whoever makes one has looked
    that its owner lies on the CPU and without gaps, and gives the address and the size that the
    owner itself tells; what lies in another way is copied, block by block.
    """

    owner: Any
    address: int
    nbytes: int

    def view(self, start: int = 0, end: int | None = None) -> memoryview:
        """Give the bytes from `start` to `end`, where they lie, to be read alone."""
        end = self.nbytes if end is None else min(end, self.nbytes)
        held = (ctypes.c_ubyte * (end - start)).from_address(self.address + start)
        return memoryview(held).cast("B").toreadonly()


# A function for each of a million small pieces would keep the garbage collector busy.
Digest = str | Callable[[], str]


def value_of(digest: Digest) -> str:
    """Give the digits, waiting for them where they are not known yet."""
    return digest if isinstance(digest, str) else digest()


class Hashing:
    """Hashes what it is given, large memory on several threads at a time.

    Used as a context. Of large memory `digest` gives a function, to be called once all was given;
    `value_of` calls it.
    """

    def __init__(self) -> None:
        from xxhash import xxh3_128_digest, xxh3_128_hexdigest

        self._whole: Callable[[bytes], str] = xxh3_128_hexdigest
        self._once: Callable[[Any], bytes] = xxh3_128_digest
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Hashing:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def digest(self, contents: Iterable[bytes | Raw]) -> Digest:
        """Give 32 hexadecimal digits for all of `contents` in order, now or where it is called."""
        parts: list[Any] = []
        late = False
        for content in contents:
            if isinstance(content, bytes):
                size = len(content)
                # Of more than that no copy is kept until the end.
                whole = content if size <= _KEPT else self._once(content)
                parts += (size.to_bytes(8, "little"), whole)
                continue
            size = content.nbytes
            parts.append(size.to_bytes(8, "little"))
            if size > _SMALL:
                late = True
                parts += [self._later(content, at) for at in range(0, size, CHUNK)]
            elif size:
                parts.append(self._once(content.view()))
        if not late:
            return self._whole(b"".join(parts))
        return lambda: self._whole(
            b"".join(part if isinstance(part, bytes) else part.result() for part in parts)
        )

    def _later(self, content: Raw, start: int) -> Future[bytes]:
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(threads(), "seedmagic-hash")
        # xxhash lets go of the GIL; `content` in the closure keeps the memory alive.
        return self._pool.submit(lambda: self._once(content.view(start, start + CHUNK)))


def is_equal(one: Raw, other: Raw) -> bool:
    """Compare two stretches of the same size bit for bit."""
    compare = (ctypes.CDLL("msvcrt") if sys.platform == "win32" else ctypes.CDLL(None)).memcmp
    compare.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)

    def is_same(start: int) -> bool:
        size = min(CHUNK, one.nbytes - start)
        return bool(compare(one.address + start, other.address + start, size) == 0)

    if one.nbytes <= CHUNK:
        return not one.nbytes or is_same(0)
    if not is_same(0):
        return False
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads()) as pool:
        return all(pool.map(is_same, range(CHUNK, one.nbytes, CHUNK)))


def threads() -> int:
    """Give the number of threads that this process may keep busy."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def require(nbytes: int) -> None:
    """Raise where the system would sooner end the process than refuse it the memory.

    Asked before each large copy, so that what was copied before counts.
    """
    free = _available() if nbytes > CHUNK else None
    if free is not None and nbytes > free:
        raise MemoryError(f"{nbytes:,} bytes are needed, and {free:,} are free")


def _available() -> int | None:
    """Give the bytes that can still be taken, where the system (Linux) tells."""
    free = _number("/proc/meminfo", "MemAvailable:", 1024)
    # A container may have less than its machine.
    limit = _number("/sys/fs/cgroup/memory.max", "", 1)
    used = _number("/sys/fs/cgroup/memory.current", "", 1)
    if free is None or limit is None or used is None:
        return free
    cached = _number("/sys/fs/cgroup/memory.stat", "inactive_file", 1) or 0
    return min(free, limit - used + cached)


def _number(path: str, name: str, unit: int) -> int | None:
    try:
        with open(path, encoding="ascii") as lines:  # noqa: PTH123 - pathlib is not loaded yet
            for line in lines:
                if line.startswith(name):
                    return int(line[len(name) :].split()[0]) * unit
    except (OSError, ValueError, IndexError):
        pass  # another system; or no limit, which is written "max"
    return None
