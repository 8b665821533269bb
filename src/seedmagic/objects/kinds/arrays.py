"""NumPy's arrays: elements, shape and memory order, in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import prod
from operator import attrgetter
from typing import Any

from seedmagic.imports import loaded
from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.aspects import Base, Edge, Fact, Text
from seedmagic.objects.memory.array_elements import as_plain, bits_of, is_same
from seedmagic.objects.memory.raw_memory import CHUNK, Raw, require

_SMALL = 1 << 14
_PLAIN_KINDS = "biufcmMSU"  # whose elements are nothing but bytes, one after the other


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
        if not is_small(plain.dtype, plain.shape, plain.strides):
            return super().exact(value)
        return _told(*facts_of(plain)).encode(), plain.tobytes("A")

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


facts_of = attrgetter("dtype", "shape", "strides", "flags.writeable")


def are_small(arrays: Iterable[Any]) -> bool:
    """Whether each of many arrays is best read as a copy."""
    return all(is_small(*facts[:3]) for facts in set(map(facts_of, arrays)))


def bits_of_small(arrays: Sequence[Any]) -> Iterator[bytes]:
    """Give what each of many small arrays is beside its elements, and the elements of all."""
    told = {facts: _told(*facts) for facts in set(map(facts_of, arrays))}
    numbers = {text: number for number, text in enumerate(sorted(set(told.values())))}
    yield "\n".join(numbers).encode()
    yield repr([numbers[told[facts]] for facts in map(facts_of, arrays)]).encode()
    for at in range(0, len(arrays), CHUNK // _SMALL):
        yield b"".join([array.tobytes("A") for array in arrays[at : at + CHUNK // _SMALL]])


def _told(dtype: Any, shape: tuple[int, ...], steps: tuple[int, ...], writeable: bool) -> str:
    return f"{_text_of(dtype)} {shape} {_steps_that_matter(shape, steps)} {writeable}"


@lru_cache(maxsize=256)
def _text_of(dtype: Any) -> str:
    """Give the text of a dtype without metadata, in which alone equal ones may differ."""
    return f"{dtype!r} {dtype.byteorder}"


def strides(array: Any) -> tuple[int, ...]:
    """Give the strides that matter: none of an axis that is not walked along."""
    return _steps_that_matter(array.shape, array.strides)


def _steps_that_matter(shape: tuple[int, ...], steps: tuple[int, ...]) -> tuple[int, ...]:
    """Give the same of an array of that shape."""
    if prod(shape) <= 1:
        return ()
    if 1 not in shape:
        return steps
    return tuple(step for step, length in zip(steps, shape, strict=True) if length > 1)


def is_small(dtype: Any, shape: tuple[int, ...], steps: tuple[int, ...]) -> bool:
    """Whether an array is best read as a copy: few elements, which are nothing but bytes."""
    return (
        prod(shape) * dtype.itemsize <= _SMALL
        and dtype.kind in _PLAIN_KINDS
        and dtype.char not in "gG"
        and dtype.metadata is None
        and 0 not in steps
    )


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
