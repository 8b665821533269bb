"""Small arrays of NumPy, of which there may be many: read as copies, and told in few steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import prod
from operator import attrgetter
from typing import Any

from seedmagic.objects.memory.raw_memory import CHUNK

_SMALL = 1 << 14
_PLAIN_KINDS = "biufcmMSU"  # whose elements are nothing but bytes, one after the other

# What an array is beside its elements. Two dtypes are equal that differ in their metadata.
facts_of = attrgetter("dtype", "shape", "strides", "flags.writeable", "dtype.metadata")


def is_small(
    dtype: Any, shape: tuple[int, ...], steps: tuple[int, ...], writeable: bool, metadata: Any
) -> bool:
    """Whether an array is best read as a copy: few elements, which are nothing but bytes."""
    return (
        prod(shape) * dtype.itemsize <= _SMALL
        and dtype.kind in _PLAIN_KINDS
        and dtype.char not in "gG"
        and metadata is None
        and 0 not in steps
    )


def are_small(arrays: Iterable[Any]) -> bool:
    """Whether each of many arrays is best read as a copy."""
    try:
        return all(is_small(*facts) for facts in set(map(facts_of, arrays)))
    except TypeError:  # metadata has no hash
        return False


def bits_of_small(arrays: Sequence[Any]) -> Iterator[bytes]:
    """Give what each of many small arrays is beside its elements, and the elements of all."""
    texts = {facts: told(*facts) for facts in set(map(facts_of, arrays))}
    numbers = {text: number for number, text in enumerate(sorted(set(texts.values())))}
    yield "\n".join(numbers).encode()
    yield repr([numbers[texts[facts]] for facts in map(facts_of, arrays)]).encode()
    for at in range(0, len(arrays), CHUNK // _SMALL):
        yield b"".join([array.tobytes("A") for array in arrays[at : at + CHUNK // _SMALL]])


def told(
    dtype: Any, shape: tuple[int, ...], steps: tuple[int, ...], writeable: bool, metadata: Any
) -> str:
    """Say what a small array is beside its elements."""
    return f"{_text_of(dtype)} {shape} {_steps_that_matter(shape, steps)} {writeable}"


def strides(array: Any) -> tuple[int, ...]:
    """Give the strides that matter: none of an axis that is not walked along."""
    return _steps_that_matter(array.shape, array.strides)


def _steps_that_matter(shape: tuple[int, ...], steps: tuple[int, ...]) -> tuple[int, ...]:
    if prod(shape) <= 1:
        return ()
    if 1 not in shape:
        return steps
    return tuple(step for step, length in zip(steps, shape, strict=True) if length > 1)


@lru_cache(maxsize=256)
def _text_of(dtype: Any) -> str:
    return f"{dtype!r} {dtype.byteorder}"
