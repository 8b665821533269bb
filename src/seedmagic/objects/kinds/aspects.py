"""What the kinds of objects have in common: an aspect tells parts and bits, takes and puts back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple, Protocol

from seedmagic.objects.memory.raw_memory import Raw


class Edge(NamedTuple):
    """How an object leads to another."""

    value: Any
    label: Any
    # "." an attribute, "[" an item, "key" a key of a dict, "registry" a dict of a torch module
    # whose entries are read as attributes of the module itself.
    kind: str = "."
    # "compared": what `take` gives holds a copy of it already. "taken": another edge tells as much.
    only: Literal["", "compared", "taken"] = ""


class Aspect(Protocol):
    """One way in which objects hold state. A subclass of `list` has two: items and attributes."""

    def parts(self, value: Any) -> Iterable[Edge]:
        """Give the objects that `value` holds, each of which is a value of its own."""

    def bits(self, value: Any) -> Iterable[bytes | Raw]:
        """Give what `value` is beside its parts."""

    def take(self, value: Any) -> Any:
        """Give what `put` needs: copies of the bits, and the parts themselves."""

    def put(self, value: Any, saved: Any) -> None:
        """Make `value` hold again what it held; all may have happened to it meanwhile."""


class Base:
    """An aspect without parts, bits or state; a start for others."""

    def parts(self, value: Any) -> Iterable[Edge]:
        """Give none."""
        return ()

    def bits(self, value: Any) -> Iterable[bytes | Raw]:
        """Give none."""
        return ()

    def take(self, value: Any) -> Any:
        """Give nothing."""
        return None

    def put(self, value: Any, saved: Any) -> None:
        """Do nothing."""


class Place:
    """Where an object was found: the way from a name to it, written out only where it is shown."""

    __slots__ = ("_text", "depth", "edge_kind", "label", "parent", "trunk")

    def __init__(self, label: Any, edge_kind: str = ".", parent: Place | None = None) -> None:
        self.label = label
        self.edge_kind = edge_kind
        self.parent = parent
        self._text: str | None = None
        self.depth: int = parent.depth + 1 if parent else 0
        # Long ways are written with a gap after this one.
        self.trunk: Place | None = None
        if parent:
            self.trunk = parent if parent.depth == _TRUNK else parent.trunk

    def __str__(self) -> str:
        if self._text is None:
            self._text = self._write()
        return self._text

    def _write(self) -> str:
        above = self.parent
        if above is not None and above.edge_kind != "registry" and self.depth <= _LONGEST:
            return f"{above}{self._step()}"
        steps: list[str] = []
        place: Place | None = self
        while place is not None:
            parent = place.parent
            if place.trunk and self.depth > _LONGEST and self.depth - place.depth == _TRUNK:
                steps.append(f"{place.trunk}…")
                break
            if parent is None:
                steps.append(str(place.label))
            elif parent.edge_kind == "registry" and place.edge_kind == "[":
                label = str(place.label)
                steps.append(f"[{label}]" if label.isdigit() else f".{label}")
                parent = parent.parent
            else:
                steps.append(place._step())
            place = parent
        return "".join(reversed(steps))

    def _step(self) -> str:
        if self.edge_kind == "[":
            return f"[{self.label!r}]"
        return f".<key {self.label}>" if self.edge_kind == "key" else f".{self.label}"


_TRUNK, _LONGEST = 12, 30


class Ordinal:
    """Stands in a path for a key that has no short form of its own."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __repr__(self) -> str:
        return f"<key {self.number}>"


def numbered(values: Iterable[Any]) -> Iterator[Edge]:
    """Give an edge for each item of a sequence."""
    return (Edge(value, index, "[") for index, value in enumerate(values))
