"""What the kinds of objects have in common: aspects, which tell parts, facts and bits."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple, Protocol

from seedmagic.objects.memory.raw_memory import Raw


class Edge(NamedTuple):
    """How an object leads to another."""

    value: Any
    label: Any
    # "." an attribute, "[" an item, "key" a key of a dict, "closure" a variable that a function has
    # caught, "module" a variable of a module, "registry" a dict of a torch module whose entries are
    # read as attributes of the module itself, "=" what the object merely wraps, and is for people.
    kind: str = "."
    # "compared": what `take` gives holds a copy of it already. "taken": another edge tells as much.
    only: Literal["", "compared", "taken"] = ""


class Fact(NamedTuple):
    """Something short that an object is beside its parts: a dtype, a length."""

    name: str
    value: Any  # its text says all about it
    decides: bool = False  # where it differs, the rest cannot be compared


class Text(NamedTuple):
    """The value of a fact that people are told in other words than say all about it."""

    told: str
    whole: str


class Aspect(Protocol):
    """One way in which objects hold state. A subclass of `list` has two: items and attributes.

    Fingerprints, rewinds and comparisons ask nothing else. Two objects are equal in an aspect if,
    and only if, their facts, their bits and their parts are.
    """

    differs: str  # what is said of two objects whose bits differ, where no more can be told

    def parts(self, value: Any) -> Iterable[Edge]:
        """Give the objects that `value` holds, each of which is a value of its own."""

    def facts(self, value: Any) -> Iterable[Fact]:
        """Give what `value` is beside its parts, in few words."""

    def bits(self, value: Any) -> Iterable[bytes | Raw]:
        """Give what it is beside parts and facts."""

    def exact(self, value: Any) -> Iterable[bytes | Raw]:
        """Give facts and bits, as a fingerprint takes them: equal if, and only if, both are."""

    def take(self, value: Any) -> Any:
        """Give what `put` needs: copies of the bits, and the parts themselves."""

    def put(self, value: Any, saved: Any) -> None:
        """Make `value` hold again what it held; all may have happened to it meanwhile."""


class Base:
    """An aspect without parts, facts, bits or state; a start for others."""

    differs = "not the same in both runs"

    def parts(self, value: Any) -> Iterable[Edge]:
        """Give none."""
        return ()

    def facts(self, value: Any) -> Iterable[Fact]:
        """Give none."""
        return ()

    def bits(self, value: Any) -> Iterable[bytes | Raw]:
        """Give none."""
        return ()

    def exact(self, value: Any) -> Iterable[bytes | Raw]:
        """Give facts and bits."""
        for fact in self.facts(value):
            yield f"{fact.name}={fact.value!r}".encode("utf-8", "surrogatepass")
        yield from self.bits(value)

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
        # Long ways are written with a gap after the trunk.
        if parent is None:
            self.depth: int = 0
            self.trunk: Place | None = None
        else:
            self.depth = parent.depth + 1
            self.trunk = parent if parent.depth == _TRUNK else parent.trunk

    def __str__(self) -> str:
        if self._text is None:
            above = self.parent
            if above is None:
                self._text = str(self.label)
            elif above.edge_kind != "registry" and self.depth <= _LONGEST:
                self._text = f"{above}{self._step()}"
            else:
                self._text = self._write_steps()
        return self._text

    @property
    def told(self) -> str:
        """The same for people: what an object merely wraps stands for the object."""
        if self.depth > _LONGEST:
            return str(self)
        steps: list[str] = []
        place: Place = self
        while place.parent is not None:
            step, above = place._step_and_above()
            steps.append(step if place.edge_kind != "=" else "")
            place = above
        return "".join([str(place.label), *reversed(steps)])

    def _write_steps(self) -> str:
        steps: list[str] = []
        place: Place = self
        while place.parent is not None:
            if place.trunk and self.depth > _LONGEST and self.depth - place.depth == _TRUNK:
                return "".join([f"{place.trunk}…", *reversed(steps)])
            step, place = place._step_and_above()
            steps.append(step)
        return "".join([str(place.label), *reversed(steps)])

    def _step_and_above(self) -> tuple[str, Place]:
        above = self.parent
        assert above is not None
        if above.edge_kind == "registry" and self.edge_kind == "[" and above.parent is not None:
            label = str(self.label)
            return (f"[{label}]" if label.isdigit() else f".{label}"), above.parent
        return self._step(), above

    def _step(self) -> str:
        if self.edge_kind == "[":
            label = self.label
            return f"[{label}]" if type(label) is int else f"[{_key(label)}]"
        if self.edge_kind == "closure":
            return f".__closure__[{self.label!r}]"
        return f".<key {self.label}>" if self.edge_kind == "key" else f".{self.label}"


_TRUNK, _LONGEST = 12, 30


def _key(label: Any) -> str:
    # The member of an enumeration may have a text of the user's own.
    if isinstance(label, enum.Enum):
        return f"{type(label).__qualname__}.{label._name_}"
    return repr(label)


class Ordinal:
    """Stands in a path for a key that has no short form of its own."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __repr__(self) -> str:
        return f"<key {self.number}>"
