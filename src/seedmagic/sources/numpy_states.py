"""The state of one of NumPy's generators as plain data: made, checked, and given back."""

from __future__ import annotations

import math
import struct
from typing import Any

from seedmagic.errors import StateError
from seedmagic.sources.protocol import State

# For each of NumPy's bit generators, the parts of its state: an int below 2**bits, or an array of
# n words of so many bits, which a saved state holds as bytes.
_LAYOUTS: dict[str, dict[str, tuple[int, int]]] = {
    "MT19937": {"key": (624, 32), "pos": (0, 0)},
    "PCG64": {"state": (0, 128), "inc": (0, 128)},
    "PCG64DXSM": {"state": (0, 128), "inc": (0, 128)},
    "Philox": {"counter": (4, 64), "key": (2, 64)},
    "SFC64": {"state": (4, 64)},
}
# What stands beside "state" in the dict of each; `None` stands for "no such entry".
_BUFFERS = {"has_uint32": 2, "uinteger": 2**32}
_LIMITS = {"pos": 625, "buffer_pos": 5, "has_gauss": 2, **_BUFFERS}


def from_numpy(state: Any) -> State:
    """Make of what ``get_state(legacy=False)`` gave a state in which each array is bytes."""
    if state["bit_generator"] not in _LAYOUTS:
        raise StateError(f"its bit generator, {state['bit_generator']}, is not one of NumPy's")
    state["state"] = {part: _to_bytes(value) for part, value in state["state"].items()}
    if "buffer" in state:
        state["buffer"] = _to_bytes(state["buffer"])
    return state


def to_numpy(state: State) -> Any:
    """Make of such a state, which was checked, what ``set_state`` takes."""
    kind, parts = state["bit_generator"], state["state"]
    whole = dict(state, state={part: _to_words(kind, part, parts[part]) for part in parts})
    if "buffer" in state:
        whole["buffer"] = struct.unpack("=4Q", state["buffer"])
    return whole


def check(state: State, whose: str) -> None:
    """Check each type, size and index, without NumPy.

    ``set_state`` takes positions that crash the process at the next draw.
    """
    try:
        wrong = _fault(state)
    except (KeyError, TypeError, AttributeError):
        wrong = "its parts are not those of np.random.get_state(legacy=False)"
    if wrong:
        raise StateError(f"not a state of {whose}: {wrong}")


def _to_bytes(value: Any) -> Any:
    return value.tobytes() if hasattr(value, "tobytes") else value


def _to_words(kind: str, part: str, value: Any) -> Any:
    """Give an array as a tuple: of an array NumPy makes a number for each word, in 25 µs."""
    words, bits = _LAYOUTS[kind][part]
    return struct.unpack(f"={words}{'Q' if bits == 64 else 'I'}", value) if words else value


def _fault(state: Any) -> str | None:
    """Say what is wrong with `state`, if anything is."""
    layout = _LAYOUTS[state["bit_generator"]]
    extra = {"bit_generator", "state", "has_gauss", "gauss"}
    if state["bit_generator"] == "Philox":
        extra |= {"buffer", "buffer_pos"}
    if state["bit_generator"] != "MT19937":
        extra |= _BUFFERS.keys()
    if state.keys() != extra or state["state"].keys() != layout.keys():
        return f"its parts are {sorted(state)}"
    for part, (words, bits) in layout.items():
        value = state["state"][part]
        if words and not _is_words(value, words, bits):
            return f"{part} is not {words} words of {bits} bits"
        if bits and not words and not _is_below(value, 2**bits):
            return f"{part} is not an integer of {bits} bits"
    if "buffer" in state and not _is_words(state["buffer"], 4, 64):
        return "buffer is not 4 words of 64 bits"
    for part, limit in _LIMITS.items():
        value = state.get(part, state["state"].get(part, 0))
        if not _is_below(value, limit):
            return f"{part} is not an integer from 0 to {limit - 1}"
    if not isinstance(state["gauss"], float) or not math.isfinite(state["gauss"]):
        return "gauss is not a finite number"
    return None


def _is_words(value: object, words: int, bits: int) -> bool:
    return isinstance(value, bytes) and len(value) == words * bits // 8


def _is_below(value: object, limit: int) -> bool:
    return type(value) is int and 0 <= value < limit
