"""Compare two values bit for bit, whatever they are, and say where they differ."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from weakref import ProxyTypes

from seedmagic.objects.compare import kind_differences
from seedmagic.objects.compare.difference import UNCOMPARED, Difference, change, uncompared
from seedmagic.objects.fingerprints.fingerprint import ORDER, fingerprints
from seedmagic.objects.kinds.aspects import Place
from seedmagic.objects.kinds.kinds import TOOL
from seedmagic.objects.object_walk import Node

# A list of a million texts can have a million differences, which nobody reads.
_MOST = 1000


def differences(first: object, second: object, name: str) -> list[Difference]:
    """Compare two values, kept from two runs, bit for bit.

    They differ if, and only if, their fingerprints do: NaNs are compared by their bits, −0.0 and
    0.0 differ, and so do dictionaries and sets that give the same in another order. No code of the
    values' own classes is called, but for what pickling calls where an object's contents cannot be
    seen otherwise.

    Parameters
    ----------
    first, second : object
        The values. Where both hold the very same object, it counts as the same: keep a copy of
        what the second run may change.
    name : str
        What they are called; paths start with it.

    Returns
    -------
    list of Difference
        In the order in which they are met; at most 1000, then one that says so. What could not be
        compared, an iterator or a file, stands among them with `Difference.is_compared` False.

    Examples
    --------
    >>> from seedmagic.objects.compare.value_comparison import differences
    >>> print(*differences({"loss": [0.5, 0.25]}, {"loss": [0.5, 0.125]}, "history"))
    history['loss'][1]: 0.25 → 0.125: |Δ| 0.125 (4.5e+15 ulps)
    >>> differences(float("nan"), float("nan"), "x")
    []
    >>> print(*differences(0.0, -0.0, "x"))
    x: 0.0 → -0.0
    """
    one, other = _Looked(first, name), _Looked(second, name)
    found: list[Difference] = []
    for difference in _all(one, other):
        if len(found) == _MOST:
            more = f"more than {_MOST} differences; the rest was left out"
            return [*found, Difference(name, UNCOMPARED, more)]
        found.append(difference)
    return found


class _Looked:
    """A value, and all that was met in it."""

    def __init__(self, value: object, name: str) -> None:
        self.nodes: dict[str, Node] = {}
        self.prints = fingerprints({name: value}, self.nodes.__setitem__)

    def unseen(self) -> dict[str, str]:
        """Give the places of which not everything is compared, and why."""
        found = {
            key: "of which only the class is compared"
            for key, node in self.nodes.items()
            if node.kind is TOOL or issubclass(type(node.value), ProxyTypes)
        }
        return {**found, **self.prints.unknown}


def _all(one: _Looked, other: _Looked) -> Iterator[Difference]:
    differing = one.prints.differing(other.prints)
    is_told = False
    for difference in _told(one, other, differing):
        is_told |= difference.is_compared
        yield difference
    unknown = {*one.prints.unknown, *other.prints.unknown}
    rest = [place for place in differing if place not in unknown]
    if rest and not is_told:
        yield change(rest[0], "state", "not the same in both runs", "")
    for key, why in {**one.unseen(), **other.unseen()}.items():
        node = one.nodes.get(key) or other.nodes[key]
        yield uncompared(node.place.told, node.value, why)


def _told(one: _Looked, other: _Looked, differing: list[str]) -> Iterator[Difference]:
    """Say what differs at each place that both have; of others the place above tells."""
    numbers = _Numbers(one, other, differing)
    closed: set[int] = set()
    for key in differing:
        place = key.removesuffix(ORDER)
        node, another = one.nodes.get(place), other.nodes.get(place)
        if node is None or another is None or _is_below(node.place, closed):
            continue
        if key != place:
            if place not in differing:
                yield kind_differences.tell_order(node.place, node.value, another.value)
        elif numbers.holds(key):
            yield from numbers.told_at(key)
        else:
            try:
                if _closes(node, another):
                    closed.add(id(node.place))
                yield from _tell(node, another)
            except Exception as error:  # a broken object of the user's
                why = f"which raised {type(error).__name__}"
                yield uncompared(node.place.told, node.value, why)


def _tell(node: Node, other: Node) -> Iterator[Difference]:
    path = node.place.told
    if _class(node) != _class(other):
        names = kind_differences.type_names(type(node.value), type(other.value))
        yield change(path, "type", *names)
    elif node.first is not None or other.first is not None:
        yield change(path, "object", _shared(node), _shared(other))
    elif node.kind.aspects and other.kind.aspects:
        yield from kind_differences.tell(node, other)
    elif isinstance(node.value, tuple) and node.kind.aspects != other.kind.aspects:
        # One holds only what never changes.
        for number, pair in enumerate(zip(node.value, other.value, strict=False)):
            yield from differences(*pair, f"{path}[{number}]")
    elif not (node.kind.refusal or other.kind.refusal):
        yield from kind_differences.tell_value(node.place, node.value, other.value)


def _class(node: Node) -> tuple[str, str]:
    # A cell that ran twice has defined its classes anew.
    return type(node.value).__module__, type(node.value).__qualname__


def _shared(node: Node) -> str:
    return "one of its own" if node.first is None else f"the same as {node.first.told}"


def _closes(node: Node, other: Node) -> bool:
    """Whether nothing below two values has a meaning for the other."""
    if _class(node) != _class(other) or bool(node.kind.aspects) != bool(other.kind.aspects):
        return True
    return kind_differences.is_decided(node, other)


def _is_below(place: Place, closed: set[int]) -> bool:
    above = place.parent if closed else None
    while above is not None:
        if id(above) in closed:
            return True
        above = above.parent
    return False


class _Numbers:
    """Numbers of one list or tuple that differ: of many, one line says all."""

    def __init__(self, one: _Looked, other: _Looked, differing: list[str]) -> None:
        self._pairs: dict[str, tuple[Node, Node]] = {}
        groups: dict[int, list[str]] = {}
        for key in differing:
            node, another = one.nodes.get(key), other.nodes.get(key)
            if node and another and kind_differences.are_numbers(node.value, another.value):
                self._pairs[key] = node, another
                groups.setdefault(id(node.place.parent), []).append(key)
        wanted = {place for place, keys in groups.items() if len(keys) > 1}
        self._totals = {
            id(node.place): len(node.value)
            for node in one.nodes.values()
            if id(node.place) in wanted and isinstance(node.value, (list, tuple, deque))
        }
        self._groups = {place: groups[place] for place in self._totals}

    def holds(self, key: str) -> bool:
        """Whether the place is one of several numbers."""
        return key in self._pairs and id(self._pairs[key][0].place.parent) in self._groups

    def told_at(self, key: str) -> Iterator[Difference]:
        """Say all at the first of them."""
        parent = self._pairs[key][0].place.parent
        group = self._groups[id(parent)]
        if key == group[0] and parent is not None:
            pairs = [self._pairs[each] for each in group]
            places = [node.place.label for node, _ in pairs]
            values = [(node.value, other.value) for node, other in pairs]
            yield kind_differences.tell_numbers(parent, places, values, self._totals[id(parent)])
