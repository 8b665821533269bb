"""What `--rewind` keeps of a cell: how its names started, and how its last run left them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seedmagic.ipython.cells.rewind_notes import Room

if TYPE_CHECKING:
    from seedmagic.objects.rewind.rewind import rewind

# What a name holds that is not there, and what a start holds whose copies were dropped.
ABSENT, DROPPED = object(), object()


@dataclass(eq=False)
class Group:
    """Objects that share parts, and so go back together: a model, and an optimiser of its."""

    cell: KnownCell
    names: tuple[str, ...]
    copies: rewind

    @property
    def starts(self) -> dict[str, NameStart]:
        """Give the starts that it is for."""
        found = self.cell.starts
        return {
            name: found[name] for name in self.names if name in found and found[name].group is self
        }


@dataclass(eq=False)
class NameStart:
    """How a name starts each run of its cell.

    Attributes
    ----------
    value : object
        What it held at first.
    group : Group or None
        The copies of that object; None where they were dropped.
    left : object
        What the cell's last run left under the name.
    bound_by : str or None
        Where another cell has bound it since, so that it starts anew.
    dropped : Room or None
        What is known of the copies, where they had to make room.
    """

    value: Any
    group: Group | None
    left: Any
    bound_by: str | None = None
    dropped: Room | None = None

    def is_bound_anew(self, now: Any) -> bool:
        """Whether another cell bound the name, which holds `now`."""
        return self.bound_by is not None or (now is not self.left and now is not self.value)

    def forget(self, bound_by: str) -> None:
        """Let go of it: another cell has bound the name."""
        self.bound_by, self.left = bound_by, DROPPED
        self.drop(None)

    def drop(self, room: Room | None) -> None:
        """Free the copies."""
        self.group, self.value, self.dropped = None, DROPPED, room


@dataclass(eq=False)
class KnownCell:
    """A cell that has run with ``--rewind``.

    Attributes
    ----------
    number : int or None
        That of its first run.
    starts : dict of str to NameStart
        By name, also of names that its header names no more.
    """

    number: int | None
    starts: dict[str, NameStart] = field(default_factory=dict)

    def groups(self, names: Iterable[str]) -> list[Group]:
        """Give the copies that these names need, each once."""
        found = (self.starts[name].group for name in names)
        return [*dict.fromkeys(group for group in found if group is not None)]

    def take(self, objects: Mapping[str, Any]) -> list[Group]:
        """Copy objects, in groups that share no part; the starts stay as they are."""
        from seedmagic.objects.object_walk import walk
        from seedmagic.objects.rewind.rewind import rewind
        from seedmagic.objects.walk_bound import Bound

        if len(objects) == 1:  # which shares with none
            return [Group(self, tuple(objects), rewind(objects))]
        groups: list[tuple[dict[str, Any], set[int]]] = []
        with Bound().in_force():
            for name, value in objects.items():
                names = {name: value}
                parts = {id(node.value) for node in walk(names, compared=False)}
                apart = []
                for group in groups:
                    if parts.isdisjoint(group[1]):
                        apart.append(group)
                    else:
                        names, parts = {**group[0], **names}, parts | group[1]
                groups = [*apart, (names, parts)]
            return [Group(self, tuple(names), rewind(names)) for names, _ in groups]
