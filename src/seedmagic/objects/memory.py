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


@dataclass(frozen=True)
class Raw:
    """Some bytes of memory, and who owns them."""

    owner: Any
    address: int
    nbytes: int

    def view(self, start: int = 0, end: int | None = None) -> memoryview:
        """Give the bytes from `start` to `end`, where they lie."""
        end = self.nbytes if end is None else min(end, self.nbytes)
        held = (ctypes.c_ubyte * (end - start)).from_address(self.address + start)
        return memoryview(held).cast("B")


class Hashing:
    """Hashes what it is given, large memory on several threads at a time.

    Used as a context; what `digest` gave can be called once all was given.
    """

    def __init__(self) -> None:
        from xxhash import xxh3_128, xxh3_128_digest

        self._stream: Any = xxh3_128
        self._once: Callable[[Any], bytes] = xxh3_128_digest
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Hashing:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def digest(self, contents: Iterable[bytes | Raw]) -> Callable[[], str]:
        """Give a function that gives 32 hexadecimal digits for all of `contents` in order."""
        stream = self._stream()
        late: list[bytes | Future[bytes]] = []
        for content in contents:
            size = content.nbytes if isinstance(content, Raw) else len(content)
            late.append(size.to_bytes(8, "little"))
            if isinstance(content, bytes):
                late.append(content)
            elif size <= _SMALL:
                late.append(self._once(content.view()) if size else b"")
            else:
                late += [self._later(content, at) for at in range(0, size, CHUNK)]

        def finish() -> str:
            for part in late:
                stream.update(part if isinstance(part, bytes) else part.result())
            late.clear()
            return str(stream.hexdigest())

        if all(isinstance(part, bytes) for part in late):
            done = finish()
            return lambda: done
        return finish

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
