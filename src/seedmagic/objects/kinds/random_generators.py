"""Generators of random numbers that a notebook holds: Python's, NumPy's, torch's."""

from __future__ import annotations

import _random
import array
import gc
import sys
from collections.abc import Iterator
from typing import Any

from seedmagic.code.raw_attributes import own_dict
from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.kinds.aspects import Aspect, Base, Edge, Fact
from seedmagic.objects.kinds.atoms import PLAIN
from seedmagic.sources.torch_bytes import to_bytes


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


# What follows runs no code but Python's, NumPy's and torch's own, whatever class a user derives.


def is_generator_class(cls: type) -> bool:
    """Whether the instances of a class are generators that have a state."""
    if issubclass(cls, _random.Random):
        random = sys.modules.get("random")
        return random is None or not issubclass(cls, random.SystemRandom)
    if is_loaded("numpy.random"):
        numpy = loaded("numpy.random")
        if issubclass(cls, tuple(getattr(numpy, name) for name in _OF_NUMPY)):
            return True
    return is_loaded("torch") and issubclass(cls, loaded("torch").Generator)


def anchor_of(value: Any) -> Any:
    """Give what stands for a generator: the same for all that share its bits, and only for them.

    It can be referred to weakly, as NumPy's generators cannot: of those it is the lock.
    """
    bits = _bit_generator(value)
    if bits is None:
        return value
    lock = loaded("numpy.random").BitGenerator.lock.__get__(bits)
    return bits if lock is None else lock


def bare_state(value: Any) -> bytes:
    """Give what a generator holds, and the plain attributes that a class of the user's added."""
    cls = type(value)
    if issubclass(cls, _random.Random):
        words = array.array("Q", _random.Random.getstate(value)).tobytes()
        held = own_dict(value) or {}
        plain = [(name, item) for name, item in held.items() if type(item) in PLAIN]
        return words + repr(plain).encode()
    bits = _bit_generator(value)
    if bits is None:
        return to_bytes(loaded("torch").Generator.get_state(value))
    numpy = loaded("numpy.random")
    if issubclass(cls, numpy.RandomState):
        return _written(numpy.RandomState.get_state(value, legacy=False))
    kind: Any = next(base for base in type(bits).__mro__ if base.__module__.startswith("numpy."))
    sequence = getattr(numpy.BitGenerator, "seed_seq", None)
    children = getattr(sequence and sequence.__get__(bits), "n_children_spawned", None)
    return _written(kind.state.__get__(bits)) + repr(children).encode()


def _bit_generator(value: Any) -> Any:
    """Give the bit generator that NumPy's generators hold; None for those of others."""
    if not is_loaded("numpy.random"):
        return None
    bits = loaded("numpy.random").BitGenerator
    held = (value, *gc.get_referents(value))
    return next((part for part in held if issubclass(type(part), bits)), None)
