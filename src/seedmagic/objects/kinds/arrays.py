"""NumPy's arrays: elements, shape and memory order, in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from seedmagic.imports import loaded
from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.aspects import Base, Edge, Fact, Text
from seedmagic.objects.memory.array_elements import as_plain, bits_of, is_same
from seedmagic.objects.memory.raw_memory import Raw, require
from seedmagic.objects.memory.small_arrays import facts_of, is_small, strides, told


class Elements(Base):
    """The elements of an array, and how they lie in memory."""

    def parts(self, value: Any) -> Iterable[Edge]:
        """Give the elements that are Python objects."""
        plain = as_plain(value)
        if not plain.dtype.hasobject:
            return ()
        if plain.dtype.names:
            return (Edge(plain[name], name, "[") for name in plain.dtype.names)
        return (
            Edge(item, index[0] if len(index) == 1 else index, "[")
            for index, item in _numbered(plain)
        )

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give dtype, shape, memory order, and whether it can be written to."""
        plain = as_plain(value)
        whole = repr((plain.dtype, plain.dtype.byteorder))
        yield Fact("dtype", Text(str(plain.dtype), whole), decides=True)
        yield Fact("shape", plain.shape, decides=True)
        yield Fact("strides", strides(plain))
        yield Fact("writeable", plain.flags.writeable)

    def bits(self, value: Any) -> Iterator[bytes | Raw]:
        """Give the elements, whose memory is not copied."""
        plain = as_plain(value)
        if not plain.dtype.hasobject:
            yield from bits_of(plain)

    def exact(self, value: Any) -> Iterable[bytes | Raw]:
        """Give facts and bits; of small arrays in fewer steps, for there may be many."""
        plain = as_plain(value)
        if not is_small(*facts_of(plain)):
            return super().exact(value)
        return told(*facts_of(plain)).encode(), plain.tobytes("A")

    def take(self, value: Any) -> Any:
        """Copy the elements."""
        plain = as_plain(value)
        once = _once(plain)
        require(once.nbytes)
        copied = once.copy(order="K")
        # The copy has the very same dtype, in which names can be set.
        return copied, plain.shape, plain.strides, plain.flags.writeable, plain.dtype.names

    def put(self, value: Any, saved: Any) -> None:
        """Copy them back."""
        copied, shape, former_strides, writeable, names = saved
        if copied.dtype.names != names:
            copied.dtype.names = names
        plain = as_plain(value)
        if (plain.shape, plain.strides, plain.dtype) != (shape, former_strides, copied.dtype):
            _reshape(value, shape, former_strides, copied.dtype)
            plain = as_plain(value)
        target = _once(plain)
        if not target.flags.writeable:
            if is_same(target, copied):
                value.flags.writeable = writeable
                return
            # Raises where the memory belongs to one who does not want it written to.
            value.flags.writeable = True
            target = _once(as_plain(value))
        try:
            loaded("numpy").copyto(target, copied, casting="no")
        finally:
            if value.flags.writeable != writeable:
                value.flags.writeable = writeable


class Fields(Base):
    """The fields of a structured scalar, which may be a part of an array, and can be set."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give each."""
        return (Edge(value[name], name, "[") for name in value.dtype.names)

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give the dtype."""
        yield Fact("dtype", Text(str(value.dtype), repr(value.dtype)), decides=True)

    def take(self, value: Any) -> dict[str, Any]:
        """Give those that have no parts of their own, which write into the same memory."""
        np = loaded("numpy")
        held = {name: value[name] for name in value.dtype.names}
        return {
            name: item for name, item in held.items() if not isinstance(item, (np.void, np.ndarray))
        }

    def put(self, value: Any, saved: dict[str, Any]) -> None:
        """Set those that are others now; what is not to be written to has none."""
        for name, item in saved.items():
            if atoms.bits(value[name]) != atoms.bits(item) or atoms.bits(item) is None:
                value[name] = item


class JaxArray(Base):
    """An array of jax's, which never changes."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give it as an array of NumPy's, where it lies if it lies on the CPU."""
        jax = loaded("jax")
        is_key = jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key)
        held = jax.random.key_data(value) if is_key else value
        yield Edge(loaded("numpy").asarray(held), "asarray()", "=", only="compared")

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give its dtype, which may be weak, or a key's."""
        yield Fact("dtype", str(value.dtype), decides=True)
        yield Fact("weak_type", bool(getattr(value, "weak_type", False)))


def _once(plain: Any) -> Any:
    """Leave out repetitions of the same memory, as `broadcast_to` makes them."""
    if 0 not in plain.strides:
        return plain  # one without an axis would become a number
    return plain[tuple(slice(0, 1) if not step else slice(None) for step in plain.strides)]


def _numbered(plain: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    return ((index, plain[index]) for index in loaded("numpy").ndindex(plain.shape))


def _reshape(value: Any, shape: Any, former: Any, dtype: Any) -> None:
    np = loaded("numpy")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # setting these has no future, and no other way
        if value.dtype != dtype:
            value.dtype = dtype
        if value.size != np.prod(shape, dtype=int):
            value.resize(shape, refcheck=False)
        if value.shape != shape:
            value.shape = shape
        if value.strides != former:
            value.strides = former
