"""The record of the operations that ran: 50 bytes for each, however large its tensors."""

from __future__ import annotations

from array import array
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from seedmagic.verify.operations.operation_signature import Signature
from seedmagic.words import many

_COLUMNS = (
    "operations",
    "lines",
    "forward_lines",
    "inputs",
    "outputs",
    "threads",
    "numbers",
)


class Operation(NamedTuple):
    """An operation, and the kind of device that it ran on."""

    signature: Signature
    device: str


class Stream:
    """The operations of one thread, in their order.

    Attributes
    ----------
    stale : dict of int to int
        For each operation that read memory not filled as a whole, by its place in the stream, the
        line that made the memory.
    kinds : list of Operation
        Each operation that ran, once; the column `operations` holds places in it.
    """

    def __init__(self) -> None:
        self.stale: dict[int, int] = {}
        self.kinds: list[Operation] = []
        self._known: dict[Operation, int] = {}
        self.operations = array("i")
        self.lines = array("i")
        self.forward_lines = array("i")
        self.inputs = array("Q")
        self.outputs = array("Q")
        self.threads = array("H")
        self.numbers = array("Q")

    def __len__(self) -> int:
        return len(self.numbers)

    def add(
        self,
        operation: Operation,
        line: int,
        forward_line: int,
        inputs: int,
        outputs: int,
        threads: int,
        number: int,
    ) -> None:
        """Write down one operation."""
        if operation not in self._known:
            self._known[operation] = len(self.kinds)
            self.kinds.append(operation)
        self.operations.append(self._known[operation])
        self.lines.append(line)
        self.forward_lines.append(forward_line)
        self.inputs.append(inputs)
        self.outputs.append(outputs)
        self.threads.append(min(threads, 65535))
        self.numbers.append(number)

    def operation(self, place: int) -> Operation:
        """Give the operation at this place."""
        return self.kinds[self.operations[place]]


@dataclass
class Record:
    """What `record_operations` saw.

    Attributes
    ----------
    streams : dict of str to Stream
        The operations: under an empty name those of the recording thread, and under a device's
        those that autograd ran in a thread of the device. Those are left out that only make
        memory, or that got what could not be read.
    unread : dict of str to int
        For each kind of tensor, or of another argument, whose contents could not be read, the
        number of operations.
    may_hold_compiled : bool
        Whether ``torch.compile`` had compiled anything in this process. Compiled code is not seen
        into, and nothing tells whether it ran.
    is_cut : bool
        Whether more operations may have run than were written down.
    """

    streams: dict[str, Stream] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)
    may_hold_compiled: bool = False
    is_cut: bool = False
    _count: int = 0

    def count_one(self) -> int:
        """Count an operation, and give its number over all streams."""
        self._count += 1
        return self._count - 1

    def __len__(self) -> int:
        return self._count

    @property
    def summary(self) -> str:
        """Say in one line what was seen, and what was not."""
        parts = [many(self._count, "operation")]
        parts += [f"{what} in {count} of them were not read" for what, count in self.unread.items()]
        if self.may_hold_compiled:
            parts.append("torch.compile was used, and what it compiled is not seen into")
        if self.is_cut:
            parts.append("what ran after these was not recorded")
        return "; ".join(parts)


def to_plain(record: Record) -> dict[str, Any]:
    """Give a record as what JSON knows; of a signature, what two records are compared by."""
    return {
        "streams": {name: _plain_stream(stream) for name, stream in record.streams.items()},
        "unread": record.unread,
        "may_hold_compiled": record.may_hold_compiled,
        "is_cut": record.is_cut,
    }


def from_plain(plain: Any) -> Record | None:
    """Read what `to_plain` wrote; None for anything else, for it comes from another's process."""
    try:
        streams = {str(name): _stream(each) for name, each in plain["streams"].items()}
        unread = {str(what): int(count) for what, count in plain["unread"].items()}
        compiled, cut = bool(plain["may_hold_compiled"]), bool(plain["is_cut"])
        return Record(streams, unread, compiled, cut, sum(map(len, streams.values())))
    except (AttributeError, LookupError, OverflowError, TypeError, ValueError):
        return None


def _plain_stream(stream: Stream) -> dict[str, Any]:
    columns = {name: b64encode(getattr(stream, name)).decode("ascii") for name in _COLUMNS}
    kinds = [
        [signature.name, signature.overload, signature.is_random, device]
        for signature, device in stream.kinds
    ]
    return {"kinds": kinds, "stale": list(stream.stale.items()), **columns}


def _stream(plain: Any) -> Stream:
    stream = Stream()
    for name, overload, is_random, device in plain["kinds"]:
        signature = Signature(str(name), str(overload), is_random=bool(is_random))
        stream.kinds.append(Operation(signature, str(device)))
    for name in _COLUMNS:
        getattr(stream, name).frombytes(b64decode(plain[name], validate=True))
        if len(getattr(stream, name)) != len(stream.operations):
            raise ValueError(f"the columns differ in length: {name}")
    if not all(0 <= place < len(stream.kinds) for place in set(stream.operations)):
        raise ValueError("an operation that is not listed")
    stream.stale = {int(place): int(line) for place, line in plain["stale"]}
    return stream
