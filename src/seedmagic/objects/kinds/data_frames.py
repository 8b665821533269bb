"""Frames and series of pandas and polars: values in columns, which both copy well themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from seedmagic.code.ownership import package_of
from seedmagic.imports import loaded
from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.aspects import Base, Edge, Fact
from seedmagic.objects.kinds.instances import Attributes
from seedmagic.private_names import find

_ATTRIBUTES = Attributes()
# Subclasses keep attributes of their own beside these.
# Before pandas 3 they are kept where they were asked for, with the columns as they were then.
_ACCESSORS = ("cat", "str", "dt", "sparse", "plot", "list", "struct")
_BESIDE_POLARS = Attributes("_df", "_s")
OTHERS = Attributes("_mgr", "_item_cache", "_cacher", "_is_copy", "_name", *_ACCESSORS)


class Columns(Base):
    """A frame or series. Copies of it are independent, so its memory is nobody else's."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give labels and columns."""
        yield from OTHERS.parts(value)
        yield Edge(value.index, "index")
        if value.ndim == 1:
            yield Edge(value.name, "name")
            yield from _column(_plain(value.array), "array", "=")
            return
        yield Edge(value.columns, "columns")
        for label, column in columns_of(value):
            yield from _column(column, label, "[")

    def take(self, value: Any) -> Any:
        """Let pandas copy it."""
        return OTHERS.take(value), value.copy(deep=True)

    def put(self, value: Any, saved: Any) -> None:
        """Give it the memory of a fresh copy."""
        attributes, copied = saved
        fresh = copied.copy(deep=True)
        OTHERS.put(value, attributes)
        blocks = find(fresh, "_mgr")
        if blocks is None:
            if value.equals(copied):
                return
            raise RuntimeError("this version of pandas keeps its columns where they are not found")
        for name in _ACCESSORS:
            if name in vars(value):
                object.__delattr__(value, name)
        for name in ("_item_cache", "_cacher"):  # before pandas 3: columns that were asked for
            if name in vars(value):
                object.__delattr__(value, name) if name == "_cacher" else vars(value)[name].clear()
        object.__setattr__(value, "_mgr", blocks)
        if value.ndim == 1:
            value.name = fresh.name


class Labels(Base):
    """An index: nothing but its names and, of dates, the frequency can change."""

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give the frequency."""
        yield Fact("freq", getattr(value, "freqstr", None))

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give names and values; those of a MultiIndex are tuples."""
        yield Edge(list(value.names), "names", only="compared")
        pd = loaded("pandas")
        if isinstance(value, pd.MultiIndex):
            for number, (level, codes) in enumerate(zip(value.levels, value.codes, strict=True)):
                yield Edge(level, number, "[", only="compared")
                yield Edge(codes, f"codes{number}", only="compared")
        elif isinstance(value, pd.RangeIndex):
            held = range(value.start, value.stop, value.step)
            yield Edge(held, "range", "=", only="compared")
        else:
            yield Edge(_plain(value.array), "array", "=", only="compared")

    def take(self, value: Any) -> tuple[list[Any], Any]:
        """Give both."""
        return list(value.names), getattr(value, "freq", None)

    def put(self, value: Any, saved: tuple[list[Any], Any]) -> None:
        """Set them."""
        names, freq = saved
        if list(value.names) != names:
            value.names = names
        if getattr(value, "freq", None) != freq:
            value.freq = freq


class PandasArray(Base):
    """A column's own array, which pandas has copied with the frame."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give what it is made of, nothing for what is missing."""
        held = vars(value) if hasattr(value, "__dict__") else {}
        plain, mask, data = (find(value, name) for name in ("_ndarray", "_mask", "_data"))
        if str(value.dtype) != str(getattr(plain, "dtype", "")):
            yield Edge(value.dtype, "dtype")
        if mask is not None and data is not None:
            # Under the mask may lie anything.
            yield Edge(mask, "_mask")
            yield Edge(data[~mask], "_data")
        elif plain is not None:
            yield Edge(plain, "_ndarray", "=")
        elif held and not any(map(_is_pyarrows, held.values())):
            yield from _ATTRIBUTES.parts(value)
        else:
            yield Edge(value.to_numpy(), "to_numpy()", "=")

    def take(self, value: Any) -> Any:
        """Copy it."""
        return value.copy()

    def put(self, value: Any, saved: Any) -> None:
        """Copy it back."""
        value[:] = saved


class ExtensionDtype(Base):
    """A dtype of pandas' own, which beside what tells it from others holds caches."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give what tells it from others, as pandas has every such dtype say."""
        for name in type(value)._metadata:
            yield Edge(getattr(value, name, None), name)


class PolarsFrame(Base):
    """A frame of polars. A clone shares its columns, which polars never changes in place."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the columns."""
        yield from _BESIDE_POLARS.parts(value)
        for column in value.get_columns():
            yield Edge(column, column.name, "[", only="compared")

    def take(self, value: Any) -> Any:
        """Let polars clone it."""
        return _BESIDE_POLARS.take(value), value.clone()

    def put(self, value: Any, saved: Any) -> None:
        """Give it the columns of a further clone."""
        attributes, cloned = saved
        _BESIDE_POLARS.put(value, attributes)
        _give(value, cloned.clone(), "_df")


class PolarsSeries(PolarsFrame):
    """A series of polars."""

    differs = "other values in the second run"

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the numbers where all are there, so that the size of a difference can be told."""
        yield from _BESIDE_POLARS.parts(value)
        if _is_numbers(value):
            yield Edge(value.to_numpy(), "to_numpy()", "=", only="compared")
        elif value.dtype == loaded("polars").Object:
            yield Edge(value.to_list(), "to_list()", "=")

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give its name and type."""
        yield Fact("name", value.name)
        yield Fact("dtype", str(value.dtype), decides=True)

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give all other values as polars writes them to a file."""
        if not _is_numbers(value) and value.dtype != loaded("polars").Object:
            yield value.rechunk().to_frame().write_ipc(None).getvalue()

    def put(self, value: Any, saved: Any) -> None:
        """Give it the values of a further clone."""
        attributes, cloned = saved
        _BESIDE_POLARS.put(value, attributes)
        _give(value, cloned.clone(), "_s")


def _is_numbers(series: Any) -> bool:
    dtype = series.dtype
    return bool(dtype.is_numeric() and not dtype.is_decimal() and series.null_count() == 0)


def _give(value: Any, fresh: Any, name: str) -> None:
    """Let `value` hold what `fresh` holds, if it is where polars has it today."""
    held = find(fresh, name)
    if held is None:
        raise RuntimeError("this version of polars keeps its columns where they are not found")
    setattr(value, name, held)


def _is_pyarrows(value: Any) -> bool:
    """Whether pyarrow made it, which alone can read it; pandas 3 so keeps strings, where it can."""
    return package_of(type(value)) == "pyarrow"


def columns_of(frame: Any) -> Iterable[tuple[Any, Any]]:
    """Give labels and columns, by place: labels may come twice."""
    get = find(frame, "_get_column_array")
    if get is not None:
        return ((label, get(number)) for number, label in enumerate(frame.columns))
    return (
        (label, _plain(frame.iloc[:, number].array)) for number, label in enumerate(frame.columns)
    )


def _plain(array: Any) -> Any:
    """Give NumPy's own array where pandas only wraps one, whose class has had two names."""
    is_wrapper = type(array).__name__ in ("NumpyExtensionArray", "PandasArray")
    return array.to_numpy() if is_wrapper else array


def _column(plain: Any, label: Any, kind: str) -> Iterator[Edge]:
    yield Edge(plain, label, kind, only="compared")
    if plain.dtype == object and not atoms.is_plain(plain):
        # Pandas copies references to them.
        for number, item in enumerate(plain):
            if atoms.bits(item) is None:
                yield Edge(item, f"{label}[{number}]")
