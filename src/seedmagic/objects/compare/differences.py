"""Compare two values bit for bit, whatever they are, and say where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.compare import (
    compare_arrays,
    compare_containers,
    compare_definitions,
    compare_instances,
    compare_tensors,
    scalars,
)
from seedmagic.objects.compare.compare_pictures import compare_pictures
from seedmagic.objects.compare.difference import (
    UNCOMPARED,
    Difference,
    Pair,
    Path,
    change,
    uncompared,
)

Comparer = Callable[[Path, Any, Any], Iterator[Difference | Pair]]

# A list of a million texts can have a million differences, which nobody reads.
_MOST = 1000


def differences(first: object, second: object, name: str) -> list[Difference]:
    """Compare two values, kept from two runs, bit for bit.

    NaNs are compared by their bits, −0.0 and 0.0 differ, and so do dictionaries and sets that give
    the same in another order. No code of the values' own classes is called, but for what pickling
    calls where an object's contents cannot be seen otherwise.

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
    >>> from seedmagic.objects.compare.differences import differences
    >>> print(*differences({"loss": [0.5, 0.25]}, {"loss": [0.5, 0.125]}, "history"))
    history['loss'][1]: 0.25 → 0.125: |Δ| 0.125 (4.5e+15 ulps)
    >>> differences(float("nan"), float("nan"), "x")
    []
    >>> print(*differences(0.0, -0.0, "x"))
    x: 0.0 → -0.0
    """
    found: list[Difference] = []
    seen: dict[tuple[int, int], Pair] = {}
    start = Pair(Path(name), first, second)
    # A stack of our own: Python's would overflow on a linked list.
    stack = [(start, _compare(start, seen))]
    while stack:
        pair, comparing = stack[-1]
        try:
            item = next(comparing, None)
        except Exception as error:  # a broken object of the user's
            item = uncompared(pair.path, pair.first, f"which raised {type(error).__name__}")
        if item is None:
            stack.pop()
        elif isinstance(item, Pair):
            stack.append((item, _compare(item, seen)))
        elif len(found) == _MOST:
            more = f"more than {_MOST} differences; the rest was left out"
            return [*found, Difference(name, UNCOMPARED, more)]
        else:
            found.append(item)
    return found


def _compare(pair: Pair, seen: dict[tuple[int, int], Pair]) -> Iterator[Difference | Pair]:
    path, first, second = pair
    if not compare_instances.is_same_type(type(first), type(second)):
        yield change(path, "type", *compare_instances.type_names(type(first), type(second)))
        return
    if scalars.is_atom(first):
        yield from scalars.compare_atoms(path, first, second)
        return
    if compare_instances.is_opaque(first) or compare_instances.is_opaque(second):
        yield uncompared(path, first)
        return
    identities = id(first), id(second)
    comparer = _comparer(first)
    # Of a lock it must be found out that nobody can see into it, though it is the same lock.
    is_whole = comparer is not compare_instances.compare_instances
    is_clear = is_whole or compare_instances.is_plain(type(first))
    if identities in seen or (first is second and is_clear):
        return
    # Kept, so that no other object gets the same identities meanwhile.
    seen[identities] = pair
    yield from comparer(path, first, second)


def _comparer(value: object) -> Comparer:
    for library, find in _LIBRARIES.items():
        if is_loaded(library):
            for kind, comparer in find(loaded(library)):
                if isinstance(value, kind):
                    return comparer
    for kind, comparer in _PYTHON:
        if isinstance(value, kind):
            return comparer
    return compare_instances.compare_instances


_Kinds = list[tuple[Any, Comparer]]


def _torch(torch: Any) -> _Kinds:
    named = (torch.dtype, torch.device, torch.layout, torch.memory_format)
    return [
        (torch.Tensor, compare_tensors.compare_tensors),
        (torch.nn.Module, compare_tensors.compare_modules),
        (torch.optim.Optimizer, compare_tensors.compare_optimizers),
        (torch.amp.GradScaler, compare_tensors.compare_scalers),
        (torch.Generator, compare_tensors.compare_torch_generators),
        (named, scalars.compare_texts_of),
    ]


def _numpy(numpy: Any) -> _Kinds:
    found: _Kinds = [
        (numpy.ndarray, compare_arrays.compare_arrays),
        (numpy.generic, compare_arrays.compare_scalars),
        (numpy.dtype, scalars.compare_texts_of),
    ]
    if is_loaded("numpy.random"):
        random = loaded("numpy.random")
        kinds = (random.Generator, random.RandomState, random.BitGenerator)
        found.append((kinds, compare_arrays.compare_generators))
    return found


def _pandas(pandas: Any) -> _Kinds:
    return [
        ((pandas.DataFrame, pandas.Series), compare_arrays.compare_frames),
        (pandas.Index, compare_arrays.compare_indexes),
        (pandas.api.extensions.ExtensionArray, compare_arrays.compare_columns),
    ]


def _matplotlib(matplotlib: Any) -> _Kinds:
    is_in = is_loaded("matplotlib.figure")
    return [(matplotlib.artist.Artist, compare_pictures)] if is_in else []


def _ipywidgets(ipywidgets: Any) -> _Kinds:
    return [(ipywidgets.Widget, compare_instances.compare_widgets)]


_LIBRARIES: dict[str, Callable[[Any], _Kinds]] = {
    "torch": _torch,
    "numpy": _numpy,
    "pandas": _pandas,
    "matplotlib": _matplotlib,
    "ipywidgets": _ipywidgets,
}
_PYTHON: _Kinds = [
    *compare_containers.COMPARERS,
    *compare_instances.COMPARERS,
    *compare_definitions.COMPARERS,
]
