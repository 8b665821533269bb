"""Frames of pandas whose columns are NumPy's numbers, and whose labels are plain: one piece."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seedmagic.imports import loaded
from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.arrays import Elements
from seedmagic.objects.kinds.aspects import Edge
from seedmagic.objects.kinds.classes import HeldClass
from seedmagic.objects.kinds.data_frames import OTHERS, Columns, columns_of
from seedmagic.objects.kinds.kinds import Kind
from seedmagic.objects.memory.raw_memory import Raw
from seedmagic.objects.memory.small_arrays import are_small, bits_of_small
from seedmagic.private_names import find

_ELEMENTS = Elements()
_IN_ARRAY = ()


class FrameOfNumbers(Columns):
    """A frame whose labels and columns are read at once."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give what a comparison need not ask, and a rewind puts back: names, attributes."""
        yield from (edge._replace(only="taken") for edge in OTHERS.parts(value))
        yield Edge(value.index, "index", only="taken")
        yield Edge(value.columns, "columns", only="taken")

    def bits(self, value: Any) -> Iterator[bytes | Raw]:
        """Give labels, and the columns with what each is beside its elements."""
        for labels in (value.columns, value.index):
            told = f"{type(labels).__name__} {labels.dtype!r} {type(labels.array).__name__}"
            yield told.encode()
            plain = _plain_labels(labels)
            yield atoms.together((labels.name, plain))
            if plain is _IN_ARRAY:
                yield from _ELEMENTS.exact(labels.to_numpy())
        columns = [column for _, column in columns_of(value)]
        if are_small(columns):
            yield from bits_of_small(columns)
            return
        for column in columns:
            yield from _ELEMENTS.exact(column)


FRAME = Kind((FrameOfNumbers(), HeldClass()))


def is_frame_of_numbers(value: Any) -> bool:
    """Whether a frame is one: with no other attributes, and labels of the most common classes."""
    pd, np = loaded("pandas"), loaded("numpy")
    if type(value) is not pd.DataFrame or find(value, "_get_column_array") is None:
        return False
    held = vars(value)
    if held.get("_attrs") or not value.flags.allows_duplicate_labels:
        return False
    if not held.keys() <= {"_mgr", "_attrs", "_flags", "_item_cache"}:
        return False
    return all(
        type(labels) in (pd.Index, pd.RangeIndex)
        and type(labels.name) in atoms.PLAIN
        and _plain_labels(labels) is not None
        for labels in (value.columns, value.index)
    ) and all(
        type(column) is np.ndarray and column.dtype.kind in "biufc"
        for _, column in columns_of(value)
    )


def _plain_labels(labels: Any) -> Any:
    """Give labels as plain values, or say that they are in an array; None: they are others."""
    if type(labels) is loaded("pandas").RangeIndex:
        return labels.start, labels.stop, labels.step
    if labels.dtype.kind in "biufc":
        return _IN_ARRAY
    given = labels.tolist()
    return given if atoms.is_plain(given) else None
