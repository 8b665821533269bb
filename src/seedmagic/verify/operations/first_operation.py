"""Name the first operation by which two recorded runs differ."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Literal

from seedmagic.verify.operations.operation_record import Record, Stream
from seedmagic.verify.operations.operation_remedies import RANDOM, remedy_for
from seedmagic.verify.operations.operation_words import in_words

Cause = Literal["operation", "inputs", "unfilled", "sequence"]

_AT_ONCE = 1 << 16
_DID_IT = "got equal inputs and gave other outputs"


@dataclass(frozen=True)
class OperationDifference:
    """Where two runs part.

    `str` gives it as a line for people.

    Attributes
    ----------
    cause : str
        ``operation``: equal tensors went in, others came out. ``inputs``: other values went in,
        and no operation that was seen made them. ``unfilled``: other values went in, from memory
        that no operation had filled as a whole. ``sequence``: the runs called other operations.
    name : str
        The operation: ``aten::index_add_``. Empty where the first run had ended.
    line : int
        Of the cell, from 1; of a backward pass the line that started it. 0: not in the cell.
    forward_line : int
        In a backward pass, the line of the operation that it is the backward of. 0: not known.
    number : int
        How many operations came before.
    device : str
        The kind of device, ``cpu``.
    remedy : str
        What helps, if torch's documentation or the record tells; else empty.
    detail : str
        What goes beside the cause: the other run's operation, the line that made unfilled memory.
    code : str
        What stands at `line`, where that is known.
    """

    cause: Cause
    name: str
    line: int
    forward_line: int
    number: int
    device: str = ""
    remedy: str = ""
    detail: str = ""
    code: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line else "outside the cell's lines"
        where += f": `{self.code}`" if self.code else ""
        text = f"{where}: {self.told}"
        return f"{text}: {self.remedy}" if self.remedy else text

    @property
    def did_it(self) -> bool:
        """Whether the operation made the difference, and no generator that it drew from did."""
        return self.cause in ("operation", "unfilled") and self.remedy != RANDOM

    @property
    def told(self) -> str:
        """What happened there."""
        if self.cause == "inputs":
            return f"the values came {self.detail}, not from torch"
        if not self.name:
            return f"one run had ended, {self.detail}"
        backward = f", the backward of line {self.forward_line}," if self.forward_line else ""
        did = {
            "operation": "got equal inputs and gave other outputs",
            "sequence": "ran in one run,",
        }
        return f"{in_words(self.name)}{backward} {did.get(self.cause, '')}{self.detail}"


def first_difference(first: Record, second: Record) -> OperationDifference | None:
    """Find the first operation that got equal inputs and gave other outputs.

    Parameters
    ----------
    first, second : Record
        Of two runs of the same code.

    Returns
    -------
    OperationDifference or None
        None if all that was seen was equal. Where the runs part in another way before any
        operation did it, `OperationDifference.cause` says in which.

    Examples
    --------
    >>> import torch
    >>> from seedmagic.verify.operations.first_operation import first_difference
    >>> from seedmagic.verify.operations.operation_recorder import record_operations
    >>> runs = []
    >>> for _ in range(2):
    ...     with record_operations("<cell>") as record:
    ...         _ = torch.rand(3) * 2
    ...     runs.append(record)
    >>> print(first_difference(*runs).name)
    aten::rand
    """
    found = []
    for name in dict.fromkeys((*first.streams, *second.streams)):
        ours, theirs = (each.streams.get(name) or Stream() for each in (first, second))
        place = _first_place(ours, theirs, first.is_cut or second.is_cut)
        if place is not None:
            compiled = first.may_hold_compiled or second.may_hold_compiled
            found.append(_judge(ours, theirs, place, compiled))
    # A stream that only received what another one got wrong says nothing of its own.
    return min(found, key=lambda each: (each.cause != "operation", each.number), default=None)


def _first_place(ours: Stream, theirs: Stream, is_cut: bool) -> int | None:
    # Where a record was cut, that one stream is longer says nothing.
    end = (min if is_cut else max)(len(ours), len(theirs))
    for start in range(0, end, _AT_ONCE):
        stop = min(start + _AT_ONCE, end)
        if all(one[start:stop] == other[start:stop] for one, other in _columns(ours, theirs)):
            continue
        for place in range(start, stop):
            if min(len(ours), len(theirs)) == place or _is_other(ours, theirs, place):
                return place
    return None


def _columns(ours: Stream, theirs: Stream) -> list[tuple[array[int], array[int]]]:
    return [
        (ours.operations, theirs.operations),
        (ours.inputs, theirs.inputs),
        (ours.outputs, theirs.outputs),
    ]


def _is_other(ours: Stream, theirs: Stream, place: int) -> bool:
    numbers = any(one[place] != other[place] for one, other in _columns(ours, theirs))
    # Operations are numbered as each stream meets them: alike up to the first that differs.
    return numbers or ours.operation(place) != theirs.operation(place)


def _judge(ours: Stream, theirs: Stream, place: int, compiled: bool) -> OperationDifference:
    names = [_name(each, place) for each in (ours, theirs)]
    stream = ours if place < len(ours) else theirs
    line, forward = stream.lines[place], stream.forward_lines[place]
    number, device = stream.numbers[place], stream.operation(place).device
    if min(len(ours), len(theirs)) == place or ours.operation(place) != theirs.operation(place):
        other = f" {in_words(names[1])} in the other" if names[1] else " and the other had ended"
        other = other if names[0] else f"the other went on with {in_words(names[1])}"
        return OperationDifference(
            "sequence", names[0], line, forward, number, device, detail=other
        )
    if ours.inputs[place] != theirs.inputs[place]:
        stale = ours.stale.get(place, theirs.stale.get(place))
        if stale is not None:
            return OperationDifference(
                "unfilled", names[0], line, forward, number, device,
                "fill it: torch.zeros, or write to all of it",
                f"read memory that torch.empty or its like made (line {stale}) and that nothing "
                "had filled as a whole",
            )  # fmt: skip
        outside = ", or out of compiled code" if compiled else ""
        return OperationDifference(
            "inputs", names[0], line, forward, number, device,
            detail=f"from NumPy or Python{outside}",
        )  # fmt: skip
    threads = ours.threads[place], theirs.threads[place]
    operation = ours.operation(place)
    remedy = remedy_for(operation.signature, operation.device, threads)
    return OperationDifference("operation", names[0], line, forward, number, device, remedy)


def _name(stream: Stream, place: int) -> str:
    return stream.operation(place).signature.name if place < len(stream) else ""
