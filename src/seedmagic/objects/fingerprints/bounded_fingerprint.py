"""Fingerprint the values of a notebook's variables: only by reading, and never by their own code.

Exact types alone are read, so that no method of the user's runs; of any other object the instance's
dict. Sets count as equal whatever their order: who iterates one is the first to depend on it.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

from seedmagic.code.ownership import package_of
from seedmagic.objects.kinds.process_tools import is_of_workers
from seedmagic.objects.kinds.random_generators import generator_state
from seedmagic.objects.memory.tensor_memory import is_freed, memory

# What one cell may cost: some tenths of a second at most.
NODES = 200_000
BYTES = 256 * 2**20

_PLAIN = (type(None), bool, int, float, complex, str, bytes, bytearray, range, slice)


@dataclass(frozen=True)
class Fingerprint:
    """A digest, and whether everything in the value went into it."""

    digest: str
    complete: bool


class BoundedFingerprints:
    """Takes fingerprints until the cell's allowance is used up."""

    def __init__(self) -> None:
        self._nodes = NODES
        self._bytes = BYTES

    def take(self, value: Any) -> Fingerprint:
        """Take the fingerprint of `value`."""
        reading = _Reading(self._nodes, self._bytes)
        try:
            reading.add(value)
        except _TooLargeError:
            reading.complete = False
        except Exception:  # an object that cannot be read; what was read by now counts
            reading.complete = False
        self._nodes, self._bytes = reading.nodes, reading.bytes
        return Fingerprint(reading.hash.hexdigest(), reading.complete)


class _TooLargeError(Exception):
    """The allowance is used up."""


class _Reading:
    """One value, read from its outside inwards."""

    def __init__(self, nodes: int, size: int) -> None:
        self.hash = hashlib.blake2b(digest_size=16)
        self.complete = True
        self.nodes = nodes
        self.bytes = size
        self._seen: dict[int, int] = {}
        self._keep: list[Any] = []  # so that no number of a former object is met again

    def add(self, value: Any) -> None:
        kind = type(value)
        self.nodes -= 1
        if self.nodes < 0:
            raise _TooLargeError
        self._text(f"{kind.__module__}.{kind.__qualname__}")
        if kind in (bytes, bytearray):
            self._use(len(value))
            self.hash.update(b"%d:" % len(value) + value)
            return
        if kind in _PLAIN:
            self._text(value if kind is str else repr(value))
            return
        if id(value) in self._seen:
            self._text(f"seen {self._seen[id(value)]}")
            return
        self._seen[id(value)] = len(self._seen)
        self._keep.append(value)
        if not (self._add_container(value) or self._add_array(value)):
            self._add_object(value)

    def _text(self, text: str) -> None:
        self._use(len(text))
        content = text.encode("utf-8", "surrogatepass")
        self.hash.update(b"%d:" % len(content) + content)

    def _use(self, size: int) -> None:
        self.bytes -= size
        if self.bytes < 0:
            raise _TooLargeError

    def _add_container(self, value: Any) -> bool:
        kind = type(value)
        if kind in (list, tuple):
            self._text(str(len(value)))
            for item in value:
                self.add(item)
        elif kind is dict:
            self._text(str(len(value)))
            for key, item in list(value.items()):
                self.add(key)
                self.add(item)
        elif kind in (set, frozenset):
            parts = []
            for item in value:
                part = _Reading(self.nodes, self.bytes)
                part.add(item)
                self.nodes, self.bytes = part.nodes, part.bytes
                self.complete &= part.complete
                parts.append(part.hash.hexdigest())
            self._text(" ".join(sorted(parts)))
        else:
            return False
        return True

    def _add_array(self, value: Any) -> bool:
        """Add what NumPy, pandas and torch hold; they are read only where they are loaded."""
        kind, top = type(value), package_of(type(value))
        numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
        # A subclass's methods may be the user's.
        state = generator_state(value) if top in ("random", "numpy", "torch") else None
        if state is not None:
            self.add(state)
            return True
        if top == "numpy" and numpy is not None:
            return self._add_numpy(numpy, value)
        if torch is not None and kind in (torch.Tensor, torch.nn.Parameter):
            self._add_tensor(torch, value)
            return True
        if top == "pandas" and kind.__name__ in ("DataFrame", "Series", "Index", "RangeIndex"):
            self._add_table(value)
            return True
        return False

    def _add_numpy(self, numpy: Any, value: Any) -> bool:
        kind = type(value)
        if kind is numpy.ndarray:
            self._text(f"{value.dtype.str} {value.shape}")
            if value.dtype.hasobject:
                self.add(value.ravel().tolist())
            else:
                self._use(value.nbytes)
                flat = numpy.ascontiguousarray(value).reshape(-1)
                self.hash.update(flat.view(numpy.uint8))
        elif isinstance(value, numpy.generic):
            self.add(value.tobytes())
        elif isinstance(value, numpy.dtype):
            self._text(value.str)
        else:
            return False
        return True

    def _add_tensor(self, torch: Any, value: Any) -> None:
        self._text(f"{value.dtype} {tuple(value.shape)} {value.device.type}")
        is_dense = value.layout is torch.strided and value.device.type != "meta"
        if not is_dense or value.is_quantized or is_freed(value):
            self.complete = False
            return
        self._use(value.numel() * value.element_size())
        # Tensor.numpy() knows no bfloat16, and would import NumPy.
        flat = value.detach().cpu().resolve_conj().resolve_neg().contiguous()
        raw = memory(flat)
        if raw is None:
            self.complete = False
        elif raw.nbytes:
            self.hash.update(raw.view())
        if value.grad_fn is None and value.is_leaf and value.grad is not None:
            self.add(value.grad)

    def _add_table(self, value: Any) -> None:
        if type(value).__name__ == "DataFrame":
            self.add(value.columns.tolist())
            self.add(value.index.to_numpy())
            for place in range(value.shape[1]):
                self.add(value.iloc[:, place].to_numpy())
        else:
            self._text(str(value.name))
            self.add(value.to_numpy())
            if type(value).__name__ == "Series":
                self.add(value.index.to_numpy())

    def _add_object(self, value: Any) -> None:
        if issubclass(type(value), (type, ModuleType)):
            self._text(value.__name__)
            return
        if type(value) is FunctionType:
            self._text(value.__qualname__)
            self.add(list(value.__defaults__ or ()))
            self.add([cell.cell_contents for cell in value.__closure__ or ()])
            return
        if is_of_workers(value):
            self.complete = False
            return
        try:
            inside = object.__getattribute__(value, "__dict__")
        except AttributeError:
            inside = None
        if type(inside) is dict:
            self.add(inside)
        # What else it holds, in slots or in C, is not seen.
        if inside is None or type(value).__flags__ & _HOLDS_MORE == 0:
            self.complete = False


_HOLDS_MORE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: a class that Python code made
