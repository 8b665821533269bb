"""Generators of random numbers that a notebook holds: Python's, NumPy's, torch's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seedmagic.objects.kinds.aspects import Base, Edge


class PythonGenerator(Base):
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


class BitGenerator(Base):
    """A bit generator of NumPy, and the seed sequence that its children come from."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the state, and the seed sequence."""
        yield Edge(value.state, "state", only="compared")
        sequence = _sequence(value)
        if sequence is not None:
            yield Edge(sequence, "seed_seq")

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
        yield Edge(value.bit_generator, "bit_generator")


class RandomState(Base):
    """A `numpy.random.RandomState`, with the cached half of a Gaussian pair."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give its state."""
        yield Edge(value.get_state(legacy=False), "get_state()", only="compared")

    def take(self, value: Any) -> Any:
        """Give its state."""
        return value.get_state(legacy=False)

    def put(self, value: Any, saved: Any) -> None:
        """Set it."""
        value.set_state(saved)


class TorchGenerator(Base):
    """A `torch.Generator` of any device; its state is read without waiting for the device."""

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give its state."""
        yield str(value.device).encode()
        yield value.get_state().numpy().tobytes()

    def take(self, value: Any) -> Any:
        """Copy its state."""
        return value.get_state()

    def put(self, value: Any, saved: Any) -> None:
        """Set it."""
        value.set_state(saved)


def _sequence(value: Any) -> Any | None:
    # The one of RandomState's old seeding has none.
    return getattr(value, "seed_seq", None)
