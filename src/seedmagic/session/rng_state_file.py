"""RNG states as a file: JSON with a check sum, no pickle, nothing that is executed."""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from io import BufferedWriter
from itertools import count
from pathlib import Path
from stat import S_IMODE
from typing import Any

from seedmagic.errors import StateError
from seedmagic.sources.protocol import State

FORMAT = "seedmagic RNG state, version 1"
# All built-in sources together need 30 kB; the bound keeps a hostile file from filling memory.
LARGEST = 16 * 2**20
DEEPEST = 20
_numbers = count()


def write(states: Mapping[str, State], path: str | os.PathLike[str]) -> None:
    """Write `states` to `path`, whole or not at all; a former file keeps its mode.

    A symbolic link stays, and its target is written.
    """
    body = _dump({name: _encode(name, state) for name, state in states.items()})
    content = _dump({"format": FORMAT, "sha256": _digest(body), "states": body}).encode()
    if len(content) > LARGEST:
        raise StateError(f"the states need {len(content)} bytes, {LARGEST} can be loaded again")
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        Path(path).write_bytes(content)  # a pipe or a device, in whose place no file may come
        return
    file = _open_beside(target)
    try:
        with file:
            file.write(content)
        with suppress(FileNotFoundError):
            Path(file.name).chmod(S_IMODE(target.stat().st_mode))
        Path(file.name).replace(target)
    finally:
        Path(file.name).unlink(missing_ok=True)


def _open_beside(target: Path) -> BufferedWriter:
    """Make a file that no other thread or process writes, not even on another machine."""
    while True:
        with suppress(FileExistsError):
            return target.with_name(f".seedmagic-{os.getpid()}-{next(_numbers)}").open("xb")


def read(path: str | os.PathLike[str]) -> dict[str, State]:
    """Read what `write` wrote; types are checked here, what they mean by each source."""
    with Path(path).open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise _fault(path, f"it is larger than {LARGEST} bytes")
    try:
        whole = json.loads(content)
        if not isinstance(whole, dict) or whole.keys() != {"format", "sha256", "states"}:
            raise ValueError("it has other parts than a saved state")
        if whole["format"] != FORMAT:
            raise ValueError(f"its format is {str(whole['format'])[:60]!r}, not {FORMAT!r}")
        if _digest(whole["states"]) != whole["sha256"]:
            raise ValueError("its check sum is wrong: it was cut or changed")
        return {name: _decode(state) for name, state in json.loads(whole["states"]).items()}
    except Exception as error:  # a hostile file chooses it: OverflowError, SyntaxError of a dtype
        raise _fault(path, str(error) or type(error).__name__) from error


def fingerprint(name: str, state: State) -> str:
    """Give eight hexadecimal digits that differ where the state of the source `name` does."""
    return _digest(_dump(_encode(name, state)))[:8]


def _fault(path: str | os.PathLike[str], reason: str) -> StateError:
    return StateError(
        f"{os.fspath(path)!r} is not a state that seedmagic saved: {reason}. Nothing was changed."
    )


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _digest(body: str) -> str:
    return sha256(body.encode()).hexdigest()


def _encode(name: str, value: Any, depth: int = 0) -> Any:
    """Turn a state into JSON; what JSON lacks becomes a dict of one tagged entry."""
    if depth > DEEPEST:
        raise StateError(f"{name}: its state is nested more than {DEEPEST} deep")
    if value is None or type(value) in (bool, str):
        return value
    if type(value) is int:
        # Python writes no more than 4300 decimal digits.
        return value if abs(value) < 2**64 else {"int": hex(value)}
    if type(value) is float:
        return {"float": value.hex()}
    if type(value) is bytes:
        return {"bytes": b64encode(value).decode()}
    if type(value) in (list, tuple):
        return {type(value).__name__: [_encode(name, item, depth + 1) for item in value]}
    if type(value) is dict:
        if all(type(key) is str for key in value):
            return {"dict": {key: _encode(name, part, depth + 1) for key, part in value.items()}}
        pairs = [[_encode(name, part, depth + 1) for part in pair] for pair in value.items()]
        return {"pairs": pairs}
    if type(value).__name__ == "ndarray" and value.dtype.kind in "biufc":
        data = {"dtype": value.dtype.str, "shape": list(value.shape)}
        return {"ndarray": {**data, "data": b64encode(value.tobytes()).decode()}}
    raise StateError(
        f"{name}: a {type(value).__name__} in its state cannot be saved: bytes, str, int, float, "
        "bool, None, ndarray, and lists, tuples and dicts of them are accepted"
    )


def _decode(value: Any, depth: int = 0) -> Any:
    if depth > DEEPEST:
        raise ValueError(f"it is nested more than {DEEPEST} deep")
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError("it holds a value without its type")
    ((kind, content),) = value.items()
    if kind == "int":
        return int(content, 16)
    if kind == "float":
        return float.fromhex(content)
    if kind == "bytes":
        return b64decode(content, validate=True)
    if kind in ("list", "tuple") and isinstance(content, list):
        items = [_decode(item, depth + 1) for item in content]
        return items if kind == "list" else tuple(items)
    if kind == "dict":
        return {key: _decode(item, depth + 1) for key, item in content.items()}
    if kind == "pairs":
        return {_decode(key, depth + 1): _decode(item, depth + 1) for key, item in content}
    if kind == "ndarray":
        return _decode_array(**content)
    raise ValueError(f"it holds a value of the unknown type {kind[:60]!r}")


def _decode_array(dtype: str, shape: list[int], data: str) -> Any:
    # Only a plug-in's state holds arrays; those of the built-in sources are bytes.
    import numpy as np

    if not isinstance(dtype, str) or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError("it holds an array without a type or a shape")
    kind = np.dtype(dtype)
    if kind.kind not in "biufc":
        raise ValueError(f"it holds an array of {dtype}")
    return np.frombuffer(b64decode(data, validate=True), kind).reshape(shape).copy()
