"""Record torch's operations in each cell of a kernel under verification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seedmagic.imports import is_loaded, loaded
from seedmagic.private_names import find
from seedmagic.verify.operations.operation_record import Record

# How many full cells a run may hand out: 50 MB where 200,000 operations fill one.
_FULL = 5
_STACK = (
    "_len_torch_dispatch_stack",
    "_get_dispatch_stack_at",
    "_pop_torch_dispatch_stack",
    "_push_on_torch_dispatch_stack",
)


class CellRecording:
    """The record of the cell that runs.

    Nothing of it is raised: what goes wrong costs the cell its record, or the rest of it.

    Parameters
    ----------
    most : int
        How many operations of a cell are recorded; with 0 none are.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = _FULL * most
        self._record = Record()
        self._mode: Any = None

    def begin(self, files: Mapping[str, int]) -> None:
        """Begin with a cell that was compiled as `files`, unless one is being recorded.

        Parameters
        ----------
        files : mapping of str to int
            As `record_operations` takes them.
        """
        most = min(self._most, self._left)
        if self._mode is not None or most <= 0 or not is_loaded("torch"):
            return
        try:
            # With a mode of a former cell's below, what takes that off would take off ours.
            if not _modes():
                # Here, for most kernels record nothing, and are to start at once.
                from seedmagic.verify.operations.operation_recorder import recording_mode

                self._record = Record()
                mode = recording_mode(self._record, files, most)
                mode.__enter__()
                self._mode = mode
        except Exception:
            return

    def end(self) -> dict[str, Any] | None:
        """End it, and give what was recorded as plain data."""
        mode, self._mode = self._mode, None
        if mode is None:
            return None
        record = self._record
        self._left -= len(record)
        try:
            from seedmagic.verify.operations.operation_record import to_plain
            from seedmagic.verify.operations.operation_recorder import has_compiled

            _take_off(mode)
            record.may_hold_compiled = has_compiled()
            return to_plain(record)
        except Exception:
            record.is_cut = True  # in case the mode is still there
            return None


def _take_off(mode: Any) -> None:
    """Take our mode off, and leave on what the cell has put above it."""
    if not any(each is mode for each in _modes()):
        raise LookupError("the cell took our mode off")
    _, _, pop, push = _stack()
    above = []
    while _modes()[-1] is not mode:
        above.append(pop(None))
    try:
        mode.__exit__(None, None, None)
    finally:
        for other in reversed(above):
            push(other)


def _modes() -> list[Any]:
    """Give the modes that torch hands its operations to in this thread, the uppermost last."""
    length, at, _, _ = _stack()
    return [at(place) for place in range(length())]


def _stack() -> list[Any]:
    """Give what tells of torch's stack of modes, and changes it; without it nothing is recorded."""
    found = [find(loaded("torch")._C, name) for name in _STACK]
    if None in found:
        raise LookupError("this version of torch keeps its modes where they are not found")
    return found
