"""Copies of the elements of tensors; memory that several tensors share is copied once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seedmagic.objects.kinds.aspects import Place
from seedmagic.objects.memory.raw_memory import is_equal, require
from seedmagic.objects.memory.tensor_memory import (
    extent,
    is_dense,
    is_strided,
    memory,
    plainly,
    sparse_parts,
    without_rules,
)
from seedmagic.private_names import find


class Copy:
    """The elements of one tensor as they were, and the memory that they belong into.

    Attributes
    ----------
    alias : Tensor
        Sees that memory.
    is_unmoved : bool
        Whether the last `put` found them as they were.
    """

    def __init__(self, alias: Any) -> None:
        self.alias = alias
        self.is_unmoved = False
        self._size = alias.untyped_storage().nbytes() if is_strided(alias) else 0
        with without_rules(alias):
            self._target = _once(alias)
            if alias.device.type == "cpu":
                require(self._target.numel() * self._target.element_size())
            self._copied = self._target.clone()
        self._version = _version(alias)

    @property
    def nbytes(self) -> int:
        """Give the bytes that the copy takes."""
        parts = [part for _, part in sparse_parts(self._copied)] or [self._copied]
        return sum(int(part.numel() * part.element_size()) for part in parts)

    def put(self) -> None:
        """Copy the elements back."""
        self.is_unmoved = False
        if not is_strided(self._target):
            self._put_sparse()
            return
        storage = self._target.untyped_storage()
        # Never smaller: others may see what was added.
        if storage.nbytes() < self._size:
            storage.resize_(self._size)
        with without_rules(self.alias):
            # Autograd counts each writing, and then refuses a graph that needs what was there.
            # Where nothing was written, nothing is to be counted.
            if self._version == _version(self.alias) is not None and self._is_unchanged():
                self.is_unmoved = True
                return
            self._target.copy_(self._copied)
        self._version = _version(self.alias)

    def _put_sparse(self) -> None:
        if self.alias.is_sparse:
            self.alias.data = self._copied.clone()
            return
        with plainly(self.alias):
            self.alias.copy_(self._copied)  # of as many elements, or torch refuses

    def _is_unchanged(self) -> bool:
        # Not every writing is counted: batch norm's statistics move without.
        one, other = memory(self._target), memory(self._copied)
        return one is not None and other is not None and is_equal(one, other)


def copy_contents(aliases: Iterable[tuple[Place, Any]]) -> list[tuple[Place, Copy]]:
    """Copy what tensors hold, each element once."""
    copies = []
    covered: dict[int, list[tuple[int, int]]] = {}
    for place, alias in sorted(aliases, key=lambda item: extent(item[1]), reverse=True):
        if alias.device.type == "meta":
            continue
        if is_strided(alias):
            start = alias.storage_offset() * alias.element_size()
            end = start + extent(alias)
            stretches = covered.setdefault(alias.untyped_storage().data_ptr(), [])
            if any(first <= start and end <= last for first, last in stretches):
                continue
            if is_dense(alias):
                stretches.append((start, end))
        copies.append((place, Copy(alias)))
    return copies


def _once(alias: Any) -> Any:
    """Leave out repetitions of the same memory, as `expand` and `unfold` make them."""
    if not is_strided(alias) or is_dense(alias) or not alias.numel():
        return alias
    pairs = [
        (length, step)
        for length, step in zip(alias.shape, alias.stride(), strict=True)
        if length > 1 and step
    ]
    pairs.sort(key=lambda pair: pair[1])
    reach = 0
    for length, step in pairs:
        if step <= reach:
            # Windows that overlap: the whole stretch.
            return alias.as_strided((extent(alias) // alias.element_size(),), (1,))
        reach += (length - 1) * step
    return alias.as_strided([length for length, _ in pairs], [step for _, step in pairs])


def _version(alias: Any) -> int | None:
    version = None if alias.is_inference() else find(alias, "_version")
    return None if version is None else int(version)
