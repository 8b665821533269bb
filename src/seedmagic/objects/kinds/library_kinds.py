"""The kinds of objects that torch, NumPy, pandas and polars bring, where they are imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.kinds import (
    arrays,
    data_frames,
    instances,
    opaque_objects,
    random_generators,
    tensors,
)
from seedmagic.objects.kinds.aspects import Aspect, Base, Edge, Fact
from seedmagic.objects.kinds.language import functions
from seedmagic.objects.memory import tensor_memory
from seedmagic.private_names import find

_REGISTRIES = ("_parameters", "_buffers", "_modules")


class ModuleAttributes(instances.Attributes):
    """A `torch.nn.Module`, which keeps all that it is in its `__dict__`."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the attributes; parameters, buffers and submodules look like such."""
        for edge in super().parts(value):
            if edge.label in _REGISTRIES:
                yield Edge(edge.value, edge.label, "registry")
            else:
                yield edge


class OptimiserAttributes(instances.Attributes):
    """A `torch.optim.Optimizer`, whose state is kept by parameter: here by the number of each."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give the attributes; those of libraries that wrap `step` are functions of theirs."""
        for edge in super().parts(value):
            if edge.label != "state" or edge.only:
                yield edge
                continue
            parameters = [each for group in value.param_groups for each in group["params"]]
            numbers = {id(each): number for number, each in enumerate(parameters)}
            numbered = {numbers.get(id(key), key): held for key, held in edge.value.items()}
            yield Edge(numbered, "state", only="compared")
            yield Edge(edge.value, "state", only="taken")


class Scripted(Base):
    """A `torch.jit.ScriptModule`, which shows its tensors and modes, and keeps the rest in C."""

    def parts(self, value: Any) -> Iterator[Edge]:
        """Give parameters and buffers."""
        for name, item in (*value.named_parameters(), *value.named_buffers()):
            yield Edge(item, name)

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give the modes of all modules in it, and their code."""
        yield Fact("training", self.take(value))
        yield Fact("modules", [module.original_name for module in value.modules()])
        yield Fact("code", str(value.graph))

    def take(self, value: Any) -> list[bool]:
        """Give the modes of all modules in it."""
        return [module.training for module in value.modules()]

    def put(self, value: Any, saved: list[bool]) -> None:
        """Set them."""
        for module, training in zip(value.modules(), saved, strict=True):
            if module.training != training:
                module.training = training


_MODULE = ModuleAttributes()
_OPTIMISER = OptimiserAttributes()
_SCRIPTED = Scripted()
TENSOR = tensors.Tensor()
_STORAGE = tensors.Storage()
_ELEMENTS = arrays.Elements()
_FIELDS = arrays.Fields()
_UFUNC = functions.PythonUfunc()
_COLUMNS = data_frames.Columns()
_LABELS = data_frames.Labels()
_PANDAS_ARRAY = data_frames.PandasArray()
_PANDAS_DTYPE = data_frames.ExtensionDtype()
_POLARS_FRAME = data_frames.PolarsFrame()
_POLARS_SERIES = data_frames.PolarsSeries()
_POLARS_PLAN = opaque_objects.PolarsPlan()
_ARROW = opaque_objects.ArrowValue()
_JAX_ARRAY = arrays.JaxArray()
# They see to the attributes themselves.
_COMPLETE: tuple[Aspect, ...] = (
    _MODULE,
    _OPTIMISER,
    _SCRIPTED,
    _COLUMNS,
    _LABELS,
    _PANDAS_ARRAY,
    _PANDAS_DTYPE,
    _POLARS_FRAME,
    _POLARS_SERIES,
    _UFUNC,
    _POLARS_PLAN,
    _ARROW,
    _JAX_ARRAY,
    opaque_objects.GIVEN_AS_ARRAY,
    opaque_objects.KERAS_OBJECT,
)


def aspects(value: Any) -> tuple[Aspect, ...] | None:
    """Give the aspects of an object of a library; None where it is none."""
    found = random_generators.generator_aspect(value)
    for library, look in _LOOKS.items():
        if found is None and is_loaded(library):
            found = look(value)
    if found is None:
        return None
    if found in _COMPLETE:
        return instances.with_class(value, (found,))
    return instances.with_attributes(value, (found,))


def refusal(value: Any) -> str | None:
    """Say why an object of a library cannot be rewound."""
    if not is_loaded("torch"):
        return None
    torch = loaded("torch")
    if is_tensor(value):
        return _tensor_refusal(value)
    if is_loaded("torch.nn.modules.lazy"):
        lazy = loaded("torch.nn.modules.lazy").LazyModuleMixin
        if isinstance(value, lazy) and value.has_uninitialized_params():
            return "is a lazy module whose parameters do not exist yet: call it once with data"
    iterator = is_loaded("torch.utils.data") and find(
        torch.utils.data.dataloader, "_BaseDataLoaderIter"
    )
    if iterator and isinstance(value, iterator):
        if find(value, "_persistent_workers"):  # the loader keeps it
            return "is a DataLoader's iterator: make the loader without persistent_workers"
        return "is a DataLoader's iterator, which only goes forward: keep the DataLoader instead"
    return None


def unkept(value: Any) -> str | None:
    """Say why an object of a library can be compared, and not be put back."""
    if is_tensor(value) and (value.is_quantized or value.is_nested or value.is_mkldnn):
        return "is a quantised, nested or MKL-DNN tensor, whose memory torch does not show"
    if is_loaded("torch") and isinstance(value, loaded("torch").UntypedStorage):
        return "is the memory of a tensor, which cannot be set back by itself"
    return None


def is_tensor(value: Any) -> bool:
    """Whether `value` is a tensor of torch."""
    return is_loaded("torch") and issubclass(type(value), loaded("torch").Tensor)


def is_array(value: Any) -> bool:
    """Whether `value` is an array of NumPy."""
    return is_loaded("numpy") and issubclass(type(value), loaded("numpy").ndarray)


def is_numpy_number(value: Any) -> bool:
    """Whether `value` is a scalar of NumPy."""
    return is_loaded("numpy") and isinstance(value, loaded("numpy").generic)


def is_module(value: Any) -> bool:
    """Whether `value` is a module of torch."""
    return is_loaded("torch.nn") and isinstance(value, loaded("torch.nn").Module)


def is_optimiser(value: Any) -> bool:
    """Whether `value` is an optimiser of torch."""
    return is_loaded("torch.optim") and isinstance(value, loaded("torch.optim").Optimizer)


def _tensor_refusal(value: Any) -> str | None:
    torch = loaded("torch")
    if torch.nn.parameter.is_lazy(value):
        return "is a parameter that does not exist yet: call its module once with data"
    if tensors.is_wrapper(value):
        known = hasattr(value, "__tensor_flatten__")
        return None if known else "is a tensor of whose contents only its own class knows"
    if unkept(value):
        return None
    try:
        if tensor_memory.is_strided(value) and value.device.type != "meta":
            value.data_ptr()
            if tensor_memory.is_freed(value):
                return "is a tensor whose memory was freed"
    except RuntimeError as error:
        return f"is a tensor without memory of its own ({error})"
    return None


def _of_torch(value: Any) -> Aspect | None:
    torch = loaded("torch")
    if isinstance(value, torch.Tensor):
        return TENSOR
    if isinstance(value, torch.nn.Module) and not isinstance(value, torch.jit.ScriptModule):
        return _MODULE
    if isinstance(value, torch.jit.ScriptModule):
        return _SCRIPTED
    if is_optimiser(value):
        return _OPTIMISER
    if isinstance(value, torch.UntypedStorage):
        return _STORAGE
    return None


def _of_numpy(value: Any) -> Aspect | None:
    np = loaded("numpy")
    if isinstance(value, np.ndarray):
        return _ELEMENTS
    if isinstance(value, np.ufunc):
        return _UFUNC
    return _FIELDS if isinstance(value, np.void) and value.dtype.names else None


def _of_pandas(value: Any) -> Aspect | None:
    pd = loaded("pandas")
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return _COLUMNS
    if isinstance(value, pd.Index):
        return _LABELS
    if isinstance(value, pd.api.extensions.ExtensionArray):
        return _PANDAS_ARRAY
    if isinstance(value, pd.api.extensions.ExtensionDtype):
        return _PANDAS_DTYPE
    return None


def _of_polars(value: Any) -> Aspect | None:
    pl = loaded("polars")
    if isinstance(value, pl.DataFrame):
        return _POLARS_FRAME
    if isinstance(value, (pl.Expr, pl.LazyFrame)):
        return _POLARS_PLAN
    return _POLARS_SERIES if isinstance(value, pl.Series) else None


# On torch, a layer of Keras is a module of torch too.
_LOOKS: dict[str, Callable[[Any], Aspect | None]] = {
    "keras": opaque_objects.of_keras,
    "tensorflow": opaque_objects.of_tensorflow,
    "torch": _of_torch,
    "numpy": _of_numpy,
    "pandas": _of_pandas,
    "polars": _of_polars,
    "pyarrow": lambda value: _ARROW if opaque_objects.is_arrow(value) else None,
    "jax": lambda value: _JAX_ARRAY if isinstance(value, loaded("jax").Array) else None,
}
