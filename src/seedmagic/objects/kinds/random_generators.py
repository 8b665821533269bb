"""Generators of random numbers that a notebook holds: Python's, NumPy's, torch's."""

from __future__ import annotations

import _random
import sys
from collections.abc import Iterator
from typing import Any

from seedmagic.imports import is_loaded
from seedmagic.objects.kinds.aspects import Aspect, Base, Edge, Fact


class GeneratorState(Base):
    """What a generator of random numbers holds."""

    differs = "the generators are in different states"


class PythonGenerator(GeneratorState):
    """A `random.Random`."""

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give its state."""
        yield repr(value.getstate()).encode()

    def take(self, value: Any) -> Any:
        """Give its state."""
        return value.getstate()

    def put(self, value: Any, saved: Any) -> None:
        """Set it."""
        value.setstate(saved)


class BitGenerator(GeneratorState):
    """A bit generator of NumPy, and the seed sequence that its children come from."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the seed sequence."""
        # The one of RandomState's old seeding has none.
        sequence = getattr(value, "seed_seq", None)
        if sequence is not None:
            yield Edge(sequence, "seed_seq", only="taken")

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give the state, and what the seed sequence would give next."""
        yield _written(value.state)
        sequence = getattr(value, "seed_seq", None)
        told = ("entropy", "spawn_key", "pool_size", "n_children_spawned")
        yield repr([getattr(sequence, name, None) for name in told]).encode()

    def take(self, value: Any) -> Any:
        """Give its state."""
        return value.state

    def put(self, value: Any, saved: Any) -> None:
        """Set it."""
        value.state = saved


class NumpyGenerator(Base):
    """A `numpy.random.Generator`, which holds nothing but a bit generator."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give that."""
        yield Edge(value.bit_generator, "bit_generator", "=")


class RandomState(GeneratorState):
    """A `numpy.random.RandomState`, with the cached half of a Gaussian pair."""

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give its state."""
        yield _written(value.get_state(legacy=False))

    def take(self, value: Any) -> Any:
        """Give its state."""
        return value.get_state(legacy=False)

    def put(self, value: Any, saved: Any) -> None:
        """Set it."""
        value.set_state(saved)


class TorchGenerator(GeneratorState):
    """A `torch.Generator` of any device; its state is read without waiting for the device."""

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give its device."""
        yield Fact("device", str(value.device), decides=True)

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give its state."""
        yield bytes(value.get_state().tolist())  # Tensor.numpy() would import NumPy

    def take(self, value: Any) -> Any:
        """Copy its state."""
        return value.get_state()

    def put(self, value: Any, saved: Any) -> None:
        """Set it."""
        value.set_state(saved)


_PYTHON, _NUMPY, _LEGACY = PythonGenerator(), NumpyGenerator(), RandomState()
_BITS, _TORCH = BitGenerator(), TorchGenerator()


def generator_aspect(value: Any) -> Aspect | None:
    """Give the aspect of a generator object of whatever library; None where it is none."""
    numpy, torch = sys.modules.get("numpy.random"), sys.modules.get("torch")
    if isinstance(value, _random.Random):
        # One that asks the operating system has no state.
        random = sys.modules.get("random")
        return None if random and isinstance(value, random.SystemRandom) else _PYTHON
    if is_loaded("numpy.random") and numpy is not None:
        for name, aspect in _OF_NUMPY.items():
            if isinstance(value, getattr(numpy, name)):
                return aspect
    if is_loaded("torch") and torch is not None and isinstance(value, torch.Generator):
        return _TORCH
    return None


_OF_NUMPY: dict[str, Aspect] = {
    "Generator": _NUMPY,
    "RandomState": _LEGACY,
    "BitGenerator": _BITS,
}


def generator_state(value: Any) -> bytes | None:
    """Give what a generator object holds, bit for bit; None where `value` is none."""
    aspect = generator_aspect(value)
    if aspect is None:
        return None
    if aspect is _NUMPY:
        return generator_state(value.bit_generator)
    return b"".join(bytes(bits) for bits in aspect.bits(value))  # type: ignore[arg-type]


def _written(state: Any) -> bytes:
    """Write a state as NumPy gives it: numbers and arrays of words, in dicts."""
    if isinstance(state, dict):
        written = [f"{name}:".encode() + _written(item) for name, item in state.items()]
        return b"{" + b",".join(written) + b"}"
    if hasattr(state, "tobytes"):
        return bytes(state.tobytes())
    return repr(state).encode()
