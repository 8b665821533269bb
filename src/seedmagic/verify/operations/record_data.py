"""A record of operations as plain data, in which it leaves the kernel that made it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from seedmagic.verify.operations.operation_record import Operation, Record, Stream
from seedmagic.verify.operations.signature import Signature

_COLUMNS = (
    "operations",
    "lines",
    "forward_lines",
    "inputs",
    "outputs",
    "threads",
    "numbers",
)


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
