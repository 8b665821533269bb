"""A place in memory that is read, and that nothing can be written to."""

from __future__ import annotations


def view(address: int, size: int) -> memoryview:
    """Give what lies at `address`, as it is whenever it is read, through a view that only reads.

    Whoever asks keeps alive what lies there, and has looked before whether it is what is expected.
    """
    import ctypes

    return memoryview((ctypes.c_char * size).from_address(address)).toreadonly()
