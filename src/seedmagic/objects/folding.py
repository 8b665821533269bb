"""What a walk need not take apart, since nothing but plain values is in it: one piece, and fast."""

from __future__ import annotations

import marshal
import sys
import types
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.folded_frames import FRAME, is_frame_of_numbers
from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.arrays import Elements
from seedmagic.objects.kinds.aspects import Aspect, Base, Edge, Place
from seedmagic.objects.kinds.classes import HeldClass, OwnClass
from seedmagic.objects.kinds.containers import DictItems, ListItems
from seedmagic.objects.kinds.data_frames import Columns
from seedmagic.objects.kinds.instances import Attributes
from seedmagic.objects.kinds.kinds import Kind
from seedmagic.objects.kinds.library_kinds import ModuleAttributes
from seedmagic.objects.memory.array_elements import as_plain
from seedmagic.objects.memory.small_arrays import are_small, bits_of_small
from seedmagic.objects.plain_trees import (
    PlainTree,
    Tree,
    are_plain,
    branches_of,
    is_leaf,
    place_in,
)
from seedmagic.objects.walk_bound import Meter

# How many items are written at once, so that many are not copied as a whole.
_AT_ONCE = 1 << 16


class FoldedAttributes(Base):
    """A `__dict__` whose plain values are no parts; the rest is as `attributes` has it.

    To put back an empty dict or list, it need not be a part either: it is emptied.
    """

    def __init__(self, attributes: Attributes, is_compared: bool, its_class: str = "") -> None:
        self.attributes = attributes
        self._is_compared = is_compared
        self._class = its_class.encode("utf-8", "surrogatepass")

    def parts(self, value: Any) -> list[Edge]:
        """Give what is not plain, nor a list made of what is empty."""
        edges = [
            edge for edge in self.attributes.parts(value) if type(edge.value) not in atoms.PLAIN
        ]
        if self._is_compared:
            return [edge for edge in edges if edge.only != "compared" or edge.value]
        return [edge for edge in edges if type(edge.value) not in _EMPTIED or edge.value]

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give names in order, with what is plain; and where the class was met before."""
        yield self._class
        yield atoms.together(
            [
                (name, item) if type(item) in atoms.PLAIN else name
                for name, item in self._named(value)
            ]
        )

    def plain(self, value: Any) -> dict[str, Any]:
        """Give what is plain, by name."""
        return {name: item for name, item in self._named(value) if type(item) in atoms.PLAIN}

    def _named(self, value: Any) -> Iterable[tuple[str, Any]]:
        held = self.attributes.held(value)
        if are_plain(held):
            return held.items()
        return [(name if type(name) is str else repr(name), held[name]) for name in held]

    def take(self, value: Any) -> Any:
        """Give the dict itself, and what it holds, and what of that is empty."""
        held, items = self.attributes.take(value)
        empty = [item for item in items.values() if type(item) in _EMPTIED and not item]
        return held, items, empty

    def put(self, value: Any, saved: Any) -> None:
        """Put the same dict in, holding the same."""
        held, items, empty = saved
        self.attributes.put(value, (held, items))
        for item in empty:
            if item:
                item.clear()
            if type(item) is OrderedDict and vars(item):
                vars(item).clear()


class PlainObjects(Elements):
    """An array of objects that are plain values."""

    def parts(self, value: Any) -> tuple[()]:
        """Give none."""
        return ()

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give all of them, in the order of its axes."""
        items = as_plain(value).flat
        while some := [*islice(items, _AT_ONCE)]:
            yield atoms.together(some)


class SmallArrays(Base):
    """A list, or a dict with plain keys, of small arrays."""

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give keys, what each array is beside its elements, and the elements."""
        arrays = _arrays_in(value)
        if type(value) is dict:
            yield atoms.together([*value])
        yield from bits_of_small(arrays)

    def take(self, value: Any) -> Any:
        """Copy the arrays, and note which they are."""
        arrays = [*_arrays_in(value)]
        return value.copy(), arrays, tuple(map(_ELEMENTS.take, arrays))

    def put(self, value: Any, saved: Any) -> None:
        """Put the same arrays in, holding what they held."""
        held, arrays, taken = saved
        _HOLDING[type(value)].put(value, held)
        for array, each in zip(arrays, taken, strict=True):
            _ELEMENTS.put(array, each)


_HELD_CLASS = HeldClass()
_EMPTIED = {list, dict, OrderedDict}
_ELEMENTS = Elements()
_HOLDING: dict[type, Any] = {list: ListItems(list), dict: DictItems(dict)}


def _arrays_in(value: Any) -> list[Any]:
    return [*value.values()] if type(value) is dict else value


def _are_small_arrays(value: Any) -> bool:
    """Whether a list or dict holds nothing but small arrays, none of them twice."""
    arrays = _arrays_in(value)
    if not arrays or set(map(type, arrays)) != {loaded("numpy").ndarray}:
        return False
    if len(set(map(id, arrays))) < len(arrays) or (type(value) is dict and not are_plain(value)):
        return False
    return are_small(arrays)


_TREE, _OBJECTS, _ARRAYS = Kind((PlainTree(),)), Kind((PlainObjects(),)), Kind((SmallArrays(),))


class Folding:
    """Finds what a walk need not take apart.

    Parameters
    ----------
    met : dict
        Where each object was met, by its `id`. What is found in a tree is added.
    meter : Meter
        Counts it.
    is_compared : bool
        Whether the walk is for a comparison, and not to put back.
    """

    def __init__(self, met: dict[int, Place | Tree], meter: Meter, is_compared: bool) -> None:
        self._met = met
        self._meter = meter
        self._is_compared = is_compared
        self._too_deep: set[int] = set()
        self._folded: dict[Any, Kind] = {}

    def fold(self, value: Any, found: Kind, place: Place) -> Kind:
        """Give the kind of a value as one, if it can be; else the kind that was found."""
        cls = type(value)
        if cls is list or cls is dict:
            return self._of_branch(value, place) or found
        own = found.aspects
        if not own or found != Kind(own):
            return found
        if type(own[0]) in (Attributes, ModuleAttributes) and _holds_by_name(value):
            return self._of_attributes(cls, own)
        if type(own[0]) is Elements and len(own) == 1 and _are_plain_objects(value):
            return _OBJECTS
        if type(own[0]) is Columns and is_frame_of_numbers(value):
            return FRAME
        return found

    def _of_branch(self, value: Any, place: Place) -> Kind | None:
        if is_leaf(value):
            return _TREE
        if is_loaded("numpy") and _are_small_arrays(value):
            return _ARRAYS if self._are_own(value, map(id, _arrays_in(value)), place) else None
        if id(value) in self._too_deep:
            return None
        branches = branches_of(value)
        if branches is None:
            return None
        if not branches.is_whole:
            # Each is looked through once, however deep it goes on.
            self._too_deep.update(branches.ids())
            return None
        return _TREE if self._are_own(value, branches.ids(), place) else None

    def _are_own(self, value: Any, numbers: Iterable[int], place: Place) -> bool:
        """Whether all that a value holds is nobody else's; it is met with it then."""
        ids = [*numbers]
        if len(set(ids)) < len(ids) or not self._met.keys().isdisjoint(ids):
            return False  # something is shared, and told as that
        self._meter.left -= len(ids) - 1
        self._met.update(dict.fromkeys(ids, Tree(value, place, {})))
        return True

    def _of_attributes(self, cls: type, aspects: tuple[Aspect, ...]) -> Kind:
        first = self._met.get(id(cls)) if type(aspects[-1]) is OwnClass else None
        known = self._folded.get((cls, aspects, first is None))
        if known is None:
            rest = aspects[1:] if first is None else (*aspects[1:-1], _HELD_CLASS)
            its_class = "" if first is None else str(place_in(first, cls))
            own = FoldedAttributes(aspects[0], self._is_compared, its_class)  # type: ignore[arg-type]
            known = Kind((own, *rest))
            self._folded[cls, aspects, first is None] = known
        return known


def _holds_by_name(value: Any) -> bool:
    try:
        return type(vars(value)) is dict
    except Exception:  # of a property of that name
        return False


def _are_plain_objects(value: Any) -> bool:
    """Whether an array is one of objects, all of them plain values."""
    plain = as_plain(value)
    return bool(plain.dtype.char == "O") and are_plain(plain.flat)


def is_folded(found: Kind) -> bool:
    """Whether what is of a kind came as one."""
    own = found.aspects[:1]
    return found in (_TREE, _OBJECTS, _ARRAYS, FRAME) or (
        bool(own) and isinstance(own[0], FoldedAttributes)
    )


def copy_of(value: Any, found: Kind, most: int) -> tuple[Any, int]:
    """Copy what came as one, and give its size; None where it takes more than so many bytes."""
    if found is _TREE and len(value) <= most // 2:
        content = atoms.together(value)
        return (marshal.loads(content) if len(content) <= most else None), len(content)
    if found is _ARRAYS and sum(array.nbytes for array in _arrays_in(value)) <= most:
        copied = value.copy()
        for key, array in copied.items() if type(copied) is dict else enumerate(copied):
            copied[key] = array.copy()
        return copied, sum(array.nbytes for array in _arrays_in(value))
    if found is FRAME and (size := int(value.memory_usage().sum())) <= most:
        return value.copy(), size
    if found.aspects and isinstance(found.aspects[0], FoldedAttributes):
        plain = found.aspects[0].plain(value)
        return types.SimpleNamespace(**plain), sys.getsizeof(plain)
    return None, 0
