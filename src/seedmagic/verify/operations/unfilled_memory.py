"""Which memory no operation has filled yet, so that no operation is blamed for what lies there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Uninitialised:
    """The storages that ``torch.empty`` and its like made, by their addresses.

    Each is kept until an operation fills the whole of it, or its address is given to another.
    """

    def __init__(self) -> None:
        self._lines: dict[int, int] = {}

    def line_of(self, tensor: Any) -> int | None:
        """Give the line on which a tensor's memory was made, if it may be unfilled."""
        return self._lines.get(_address(tensor)) if self._lines else None

    def made(self, tensors: Iterable[Any], line: int) -> None:
        """Note memory that was just made and holds anything."""
        for tensor in tensors:
            if address := _address(tensor):
                self._lines[address] = line

    def filled(self, tensor: Any) -> None:
        """Note that all of a tensor was written to."""
        if self._lines:
            whole = tensor.untyped_storage().nbytes() if _address(tensor) else 0
            if tensor.numel() * tensor.element_size() >= whole:
                self._lines.pop(_address(tensor), None)

    def replaced(self, tensors: Iterable[Any]) -> None:
        """Note results that an operation computed, at addresses that may have been others'."""
        if self._lines:
            for tensor in tensors:
                self._lines.pop(_address(tensor), None)


def _address(tensor: Any) -> int:
    try:
        return int(tensor.untyped_storage().data_ptr())
    except RuntimeError:
        # A sparse or a functional tensor has no storage of its own, and so nothing uninitialised
        # in it: torch says so with this error or a kind of it. 0 is an address never noted.
        return 0
