"""Fingerprints of values that are equal if, and only if, every bit is; at memory speed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seedmagic.objects.kinds import atoms, process_tools
from seedmagic.objects.kinds.containers import SetItems
from seedmagic.objects.kinds.kinds import ATOM, TOOL
from seedmagic.objects.memory.raw_memory import Digest, Hashing, Raw, value_of
from seedmagic.objects.object_walk import Node, uncollected, walk

ORDER = " (order)"  # after the place of a set, in whose fingerprint the order does not count


@dataclass(frozen=True, eq=False)
class Fingerprints:
    """What values were at one moment, piece by piece.

    Attributes
    ----------
    pieces : mapping of str to str
        For each place, as ``model.layers[0].weight`` or ``history['loss'][3]``, 32 hexadecimal
        digits for what stands there: of an array the elements, of an object its class and the names
        of what it holds. Where an object is met again, its piece says so.
    unknown : mapping of str to str
        Places that could not be looked into, and why. They are never equal to anything.
    """

    pieces: Mapping[str, str]
    unknown: Mapping[str, str]

    def differing(self, other: Fingerprints) -> list[str]:
        """Name the places of this or the other where the bits differ, in order."""
        places = [*self.pieces, *(place for place in other.pieces if place not in self.pieces)]
        return [place for place in places if self.pieces.get(place) != other.pieces.get(place)]


def fingerprints(
    objects: Mapping[str, Any], see: Callable[[str, Node], None] | None = None
) -> Fingerprints:
    """Take the fingerprint of each piece of some values, by name.

    Compared are the class of every value, the bits of every number (NaNs and zeros by their bits),
    and the order of elements, keys and sets; of tensors and arrays also dtype, shape, device,
    byte order, and the stride of each axis of more than one element, since sums depend on
    the order in which memory is walked through. Which objects are the same object is compared, for
    all that can change. Not compared: where in memory things lie, tuples that are equal and
    not the same, what a weak reference refers to, and tools, which only their class tells.

    Parameters
    ----------
    objects : mapping of str to object
        The values.
    see : callable, optional
        Is called for each piece with its place and what was met there.

    Returns
    -------
    Fingerprints
        No memory of tensors or arrays is copied; where their elements lie apart, block by block.
    """
    found: dict[str, Digest] = {}
    unknown: dict[str, str] = {}
    met: Counter[str] = Counter()
    with Hashing() as hashing, uncollected():
        for node in walk(objects, compared=True):
            place = _own(str(node.place), met)
            if see is not None:
                see(place, node)
            unseen = process_tools.unseen(node.value) if node.kind is TOOL else node.kind.unseen
            if node.kind.refusal or unseen:
                unknown[place] = node.kind.refusal or str(unseen)
                continue
            try:
                found[place] = hashing.digest(_contents(node))
                if isinstance(node.value, (set, frozenset)) and node.kind is not ATOM:
                    orders = [each for each in node.kind.aspects if isinstance(each, SetItems)]
                    found[f"{place}{ORDER}"] = hashing.digest(
                        each.order(node.value) for each in orders
                    )
            except Exception as error:
                unknown[place] = f"cannot be read: {error}"
        return Fingerprints({place: value_of(one) for place, one in found.items()}, unknown)


def fingerprint(value: Any) -> str:
    """Take the fingerprint of one value as a whole.

    Parameters
    ----------
    value : object
        Anything that `seedmagic.rewind` takes, or that is immutable.

    Returns
    -------
    str
        32 hexadecimal digits, equal for two values if, and only if, all their bits are.

    Raises
    ------
    TypeError
        It holds something that cannot be looked into, as an iterator.

    Examples
    --------
    >>> from seedmagic.objects.fingerprints.fingerprint import fingerprint
    >>> fingerprint([0.0, 1]) == fingerprint([0.0, 1])
    True
    >>> fingerprint(0.0) == fingerprint(-0.0)
    False
    """
    found = fingerprints({"value": value})
    if found.unknown:
        told = "; ".join(f"{place} {reason}" for place, reason in found.unknown.items())
        raise TypeError(f"no fingerprint can be taken: {told}.")
    with Hashing() as hashing:
        return value_of(
            hashing.digest(
                f"{place}\n{digest}\n".encode("utf-8", "surrogatepass")
                for place, digest in found.pieces.items()
            )
        )


_PLAIN_KINDS = {cls: f"{cls.__module__}.{cls.__qualname__}".encode() for cls in atoms.PLAIN}


def _contents(node: Node) -> Iterator[bytes | Raw]:
    if node.first is not None:
        yield f"the same as {node.first}".encode("utf-8", "surrogatepass")
        return
    plain = _PLAIN_KINDS.get(type(node.value))
    if plain is not None:
        yield plain
        yield atoms.together(node.value)
        return
    yield atoms.kind_of(node.value).encode()
    if node.kind is ATOM:
        yield atoms.bits(node.value) or b""
    elif node.kind is TOOL:
        yield b"tool"
        yield process_tools.bits(node.value)
    for aspect in node.kind.aspects:
        yield type(aspect).__name__.encode()
        for fact in aspect.facts(node.value):
            yield f"{fact.name}={fact.value!r}".encode("utf-8", "surrogatepass")
        yield from aspect.bits(node.value)


def _own(place: str, met: Counter[str]) -> str:
    """Give a place of its own to what has the same path as another."""
    met[place] += 1
    return place if met[place] == 1 else f"{place} ({met[place]})"
