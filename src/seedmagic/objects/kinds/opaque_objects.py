"""Objects that do not show what they hold, but give it away: as pickle, buffers or picture."""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator
from typing import Any

from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.aspects import Aspect, Base, Edge, Fact
from seedmagic.objects.kinds.instances import Attributes
from seedmagic.objects.memory.raw_memory import Raw


class Reduced(Base):
    """An object written in C, as pickle sees it: how it is made, and the state set after that."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the function that makes it, its arguments, and the state."""
        reduced = value.__reduce_ex__(4)
        if isinstance(reduced, str):
            return
        for label, item in zip(("<made by>", "<made from>", "<state>"), reduced, strict=False):
            if item is not None:
                yield Edge(item, label)

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give the name that stands for it, if one does."""
        reduced = value.__reduce_ex__(4)
        if isinstance(reduced, str):
            yield reduced.encode()

    def take(self, value: Any) -> Any:
        """Give the state."""
        reduced = value.__reduce_ex__(4)
        return None if isinstance(reduced, str) or len(reduced) < 3 else reduced[2]

    def put(self, value: Any, saved: Any) -> None:
        """Set the state, if it is another now: some that never change cannot set it at all."""
        has_changed = saved is not None and not _is_same(self.take(value), saved)
        if has_changed and hasattr(value, "__setstate__"):
            value.__setstate__(saved)


def _is_same(one: Any, other: Any) -> bool:
    """Whether two states hold the same objects and immutable values."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if type(one) is dict:
        return _is_same([*one.items()], [*other.items()])
    if type(one) in (list, tuple):
        return len(one) == len(other) and all(map(_is_same, one, other))
    known = atoms.bits(one)
    return known is not None and known == atoms.bits(other)


class PolarsPlan(Base):
    """An expression or a lazy frame of polars, which never changes."""

    differs = "another plan in the second run"

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give it as polars writes it to a file."""
        yield value.serialize() if hasattr(value, "serialize") else value.meta.serialize()


class ArrowValue(Base):
    """A scalar, array or table of pyarrow's, which never changes."""

    differs = "other values in the second run"

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give a table's columns, and numbers where all are there, to tell how much they differ."""
        pa = loaded("pyarrow")
        if isinstance(value, (pa.Table, pa.RecordBatch)):
            for name, column in zip(value.schema.names, value.columns, strict=True):
                yield Edge(column, name, "[", only="compared")
        elif _is_arrow_numbers(value):
            yield Edge(value.to_numpy(), "to_numpy()", "=", only="compared")

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give its type; a table's schema."""
        pa = loaded("pyarrow")
        if isinstance(value, (pa.Table, pa.RecordBatch)):
            yield Fact("rows", value.num_rows, decides=True)
            yield Fact("schema", value.schema.to_string(show_schema_metadata=True), decides=True)
        else:
            yield Fact("type", str(value.type), decides=True)

    def bits(self, value: Any) -> Iterator[Raw]:
        """Give all other values as pyarrow writes them to a file, less what lies below nulls."""
        pa = loaded("pyarrow")
        if isinstance(value, (pa.Table, pa.RecordBatch)) or _is_arrow_numbers(value):
            return
        column = pa.repeat(value, 1) if isinstance(value, pa.Scalar) else value
        whole = column.null_count == 0 or pa.types.is_nested(column.type)
        for part in (column,) if whole else (column.is_null(), column.drop_null()):
            table = pa.table({"": part}).combine_chunks()
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
            written = sink.getvalue()
            yield Raw(written, written.address, written.size)


def is_arrow(value: Any) -> bool:
    """Whether it is a scalar, array or table of pyarrow's."""
    pa = loaded("pyarrow")
    return isinstance(value, (pa.Array, pa.ChunkedArray, pa.Scalar, pa.Table, pa.RecordBatch))


def _is_arrow_numbers(value: Any) -> bool:
    pa = loaded("pyarrow")
    is_array = isinstance(value, (pa.Array, pa.ChunkedArray)) and value.null_count == 0
    return is_array and (pa.types.is_integer(value.type) or pa.types.is_floating(value.type))


class StateDict(Base):
    """Any object, as its own `state_dict` sees it."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the dict, whose tensors lie where the object's own do."""
        yield Edge(value.state_dict(), "state_dict()", only="compared")

    def take(self, value: Any) -> Any:
        """Give the dict, apart from the object."""
        return copy.deepcopy(value.state_dict())

    def put(self, value: Any, saved: Any) -> None:
        """Load it."""
        value.load_state_dict(copy.deepcopy(saved))


class GivenAsArray(Base):
    """A tensor of TensorFlow's, which never changes; or a variable, which is assigned to."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give it as an array."""
        yield Edge(value.numpy(), "numpy()", "=", only="compared")

    def take(self, value: Any) -> Any:
        """Copy a variable."""
        return value.numpy().copy() if hasattr(value, "assign") else None

    def put(self, value: Any, saved: Any) -> None:
        """Assign the copy."""
        if saved is not None:
            value.assign(saved)


class KerasObject(Base):
    """A layer, model, optimiser, metric or seed generator of Keras: its settings and variables.

    What it keeps beside them counts objects and refers to others by numbers that never come twice:
    it is not compared. On torch all of it goes back: a model that `fit` has built is unbuilt again.
    """

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give its name and its settings, as it would save them."""
        yield Fact("name", value.name)
        try:
            yield Fact("settings", value.get_config())
        except Exception:  # a class of the user's that cannot be saved
            return

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give its variables as the backend's tensors, and a model's optimiser."""
        for variable in value.variables:
            yield Edge(variable.value, variable.path, "[", only="compared")
        if getattr(value, "optimizer", None) is not None:
            yield Edge(value.optimizer, "optimizer")
        if _is_keras_on_torch():
            for edge in _BESIDE_KERAS.parts(value):
                if not edge.only:
                    yield edge._replace(only="taken")

    def take(self, value: Any) -> Any:
        """Copy the variables, or give the attributes that hold them."""
        if _is_keras_on_torch():
            return _BESIDE_KERAS.take(value)
        ops = loaded("keras").ops
        return [ops.copy(ops.stop_gradient(variable.value)) for variable in value.variables]

    def put(self, value: Any, saved: Any) -> None:
        """Assign the copies, or put the attributes in."""
        if _is_keras_on_torch():
            _BESIDE_KERAS.put(value, saved)
            return
        if len(saved) != len(value.variables):
            raise RuntimeError("its variables were made since, or are others")
        for variable, copied in zip(value.variables, saved, strict=True):
            variable.assign(copied)


def _is_keras_on_torch() -> bool:
    return bool(loaded("keras").backend.backend() == "torch")


_BESIDE_KERAS = Attributes()
GIVEN_AS_ARRAY, KERAS_OBJECT = GivenAsArray(), KerasObject()


def of_tensorflow(value: Any) -> Aspect | None:
    """Give what a tensor or variable of TensorFlow's consists of."""
    tf = loaded("tensorflow")
    if isinstance(value, tf.Variable):
        return GIVEN_AS_ARRAY
    if not isinstance(value, tf.Tensor) or not hasattr(value, "numpy"):  # of a graph
        return None
    return None if value.dtype in (tf.resource, tf.variant) else GIVEN_AS_ARRAY


def of_keras(value: Any) -> Aspect | None:
    """Give what an object of Keras consists of that has variables."""
    keras = loaded("keras")
    if not hasattr(keras, "random"):  # Keras 2
        return None
    kinds = keras.Layer, keras.optimizers.Optimizer, keras.metrics.Metric
    return KERAS_OBJECT if isinstance(value, kinds) else None


# A figure holds counters, and dictionaries by the addresses of its parts: in each run others.
FIGURE_UNKEPT = "is a figure of matplotlib, or part of one, which can be compared but not put back"


class Picture(Base):
    """The picture that a figure draws; of axes, that of their figure."""

    differs = "other pixels in the second run"

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give its pixels."""
        figure = value if hasattr(value, "savefig") else value.get_figure()
        if figure is not None:
            content = io.BytesIO()
            figure.savefig(content, format="rgba", dpi="figure")
            yield repr(figure.get_size_inches().tolist()).encode()
            yield content.getvalue()


class DrawnOn(Base):
    """A part of a figure, of which the figure's picture tells."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the figure."""
        yield Edge(value.get_figure(), "get_figure()", only="compared")


_PICTURE, _DRAWN_ON = Picture(), DrawnOn()


def of_figure(value: Any) -> Aspect | None:
    """Give what is compared of a figure, its axes, or another part of it; None of others."""
    if not is_loaded("matplotlib.figure"):
        return None
    matplotlib = loaded("matplotlib")
    if isinstance(value, (matplotlib.figure.FigureBase, matplotlib.axes.Axes)):
        return _PICTURE
    return _DRAWN_ON if isinstance(value, matplotlib.artist.Artist) else None


def without_figure(value: Any) -> str | None:
    """Say why a part of no figure cannot be compared."""
    if of_figure(value) is _DRAWN_ON and value.get_figure() is None:
        return "is drawn on no figure, which alone could be compared"
    return None
