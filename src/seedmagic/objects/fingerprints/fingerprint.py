"""Fingerprints of values that are equal if, and only if, every bit is; at memory speed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seedmagic.objects.kinds import atoms, process_tools
from seedmagic.objects.kinds.classes import HeldClass
from seedmagic.objects.kinds.containers import SetItems
from seedmagic.objects.kinds.kinds import ATOM, TOOL, NotReached
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
    is_whole : bool
        Whether the walk came to its end. Else what one has and the other has not is no difference.
    """

    pieces: Mapping[str, str]
    unknown: Mapping[str, str]
    is_whole: bool = True

    def differing(self, other: Fingerprints) -> list[str]:
        """Name the places of this or the other where the bits differ, in order."""
        places = [*self.pieces, *(place for place in other.pieces if place not in self.pieces)]
        if not (self.is_whole and other.is_whole):
            places = [place for place in self.pieces if place in other.pieces]
        return [place for place in places if self.pieces.get(place) != other.pieces.get(place)]


def fingerprints(
    objects: Mapping[str, Any],
    see: Callable[[str, Node], None] | None = None,
    *,
    folded: bool = False,
    known: Callable[[str, Node], str | None] = lambda place, node: None,
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
    folded : bool
        Whether what holds plain values alone is one piece, as `object_walk.walk` has it.
    known : callable, optional
        Gives the digits of a piece that need not be read once more.

    Returns
    -------
    Fingerprints
        No memory of tensors or arrays is copied; where their elements lie apart, block by block.
    """
    found: dict[str, Digest] = {}
    unknown: dict[str, str] = {}
    met: Counter[str] = Counter()
    is_whole = True
    with Hashing() as hashing, uncollected():
        for node in walk(objects, compared=True, folded=folded):
            place = str(node.place)
            if place in found or place in unknown:  # another has the same path
                met[place] += 1
                place = f"{place} ({met[place] + 1})"
            if see is not None:
                see(place, node)
            unseen = process_tools.unseen(node.value) if node.kind is TOOL else node.kind.unseen
            if node.kind.refusal or unseen:
                unknown[place] = node.kind.refusal or str(unseen)
                is_whole &= type(node.kind) is not NotReached
                continue
            try:
                found[place] = known(place, node) or hashing.digest(_contents(node))
                if node.kind.aspects and isinstance(node.value, (set, frozenset)):
                    orders = [each for each in node.kind.aspects if isinstance(each, SetItems)]
                    found[f"{place}{ORDER}"] = hashing.digest(
                        each.order(node.value) for each in orders
                    )
            except Exception as error:
                unknown[place] = f"cannot be read: {error}"
        pieces = {place: value_of(one) for place, one in found.items()}
        return Fingerprints(pieces, unknown, is_whole)


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
    found = fingerprints({"value": value}, folded=True)
    if found.unknown:
        told = "; ".join(f"{place} {reason}" for place, reason in found.unknown.items())
        raise TypeError(f"no fingerprint can be taken: {told}.")
    with Hashing() as hashing:
        told = "\n".join(map(" ".join, found.pieces.items()))
        return value_of(hashing.digest([told.encode("utf-8", "surrogatepass")]))


def _contents(node: Node) -> Iterable[bytes | Raw]:
    if node.first is not None:
        return (f"the same as {node.first}".encode("utf-8", "surrogatepass"),)
    if type(node.value) in atoms.PLAIN:
        return (atoms.together(node.value),)  # its type is in it
    return _contents_of_object(node)


def _contents_of_object(node: Node) -> Iterator[bytes | Raw]:
    yield atoms.kind_of(node.value).encode()
    if node.kind is ATOM:
        yield atoms.bits(node.value) or b""
    elif node.kind is TOOL:
        yield b"tool"
        yield process_tools.bits(node.value)
    for aspect in node.kind.aspects:
        if not isinstance(aspect, HeldClass):  # which its name and its parts tell
            yield type(aspect).__name__.encode()
            yield from aspect.exact(node.value)
