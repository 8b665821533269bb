"""Which sources there are: built-in ones, registered ones, and those of installed plug-ins."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib import import_module
from types import MappingProxyType

from seedmagic.errors import SourceError
from seedmagic.imports import is_loaded
from seedmagic.sources.devices import DeviceSource, device_kinds
from seedmagic.sources.known import plugins
from seedmagic.sources.libraries.cupy import CupySource
from seedmagic.sources.libraries.dask import DaskSource
from seedmagic.sources.libraries.duckdb import DuckDBSource
from seedmagic.sources.libraries.faker import FakerSource
from seedmagic.sources.libraries.keras import KerasSource
from seedmagic.sources.libraries.numba import NumbaSource
from seedmagic.sources.libraries.opencv import OpenCVSource
from seedmagic.sources.libraries.polars import PolarsSource
from seedmagic.sources.libraries.sympy import SympySource
from seedmagic.sources.libraries.tensorflow import TensorFlowSource
from seedmagic.sources.numpy import NumpySource
from seedmagic.sources.protocol import Source, is_present
from seedmagic.sources.python import PythonSource
from seedmagic.sources.torch import TorchSource
from seedmagic.warn import warn
from seedmagic.words import did_you_mean

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"  # compiled on first use, as importing seedmagic takes time
# Kinds of accelerator that this machine's torch may lack, and a notebook may name all the same.
_ELSEWHERE = ("torch.mps", "torch.xpu", "torch.mtia")

_sources: dict[str, Source] = {
    source.name: source
    for source in (
        PythonSource(),
        NumpySource(),
        TorchSource(),
        DeviceSource("cuda"),
        NumbaSource(),
        PolarsSource(),
        OpenCVSource(),
        TensorFlowSource(),
        KerasSource(),
        DuckDBSource(),
        FakerSource(),
        SympySource(),
        DaskSource(),
        CupySource(),
    )
}
_built_in = dict(_sources)
_kinds = {"cuda"}  # of accelerators, those that are built in by now


def sources() -> Mapping[str, Source]:
    """Give every source that is known, by name, whether its library is imported or not.

    Returns
    -------
    mapping of str to source
        A read-only view, in the order of registering.

    Examples
    --------
    >>> import seedmagic as sm
    >>> {"python", "numpy", "torch", "polars"} <= sm.sources().keys()
    True
    """
    take_in()
    return known_sources()


def known_sources() -> Mapping[str, Source]:
    """Give the same as far as they are known: nothing is imported."""
    return MappingProxyType(dict(_sources))


def present_sources() -> list[Source]:
    """Give the sources whose generators exist by now."""
    take_in()
    return present_of_known()


def present_of_known() -> list[Source]:
    """Give the same of the sources that are known so far: nothing is imported."""
    # Most are not imported at all, which is told fastest here.
    modules = sys.modules
    return [
        source for source in _sources.values() if source.module in modules and is_present(source)
    ]


def load_parts() -> None:
    """Load plug-ins, and the parts that hold the generators of libraries which are imported."""
    take_in()
    for source in _sources.values():
        if source.module not in sys.modules:
            package = getattr(source, "package", None)
            if package and is_loaded(package):
                # A file of the user's, a stand-in or an old version may lack it.
                with suppress(Exception):
                    import_module(source.module)


def put_in(source: Source) -> None:
    """Let a source be known under its name."""
    _sources[source.name] = source


def take_out(name: str) -> None:
    """Forget a source."""
    del _sources[name]


def registered_names() -> set[str]:
    """Name the sources that are known so far, without a look for new ones."""
    return set(_sources)


def registered_sources() -> list[Source]:
    """Give the sources that the user registered in this process."""
    found = plugins.loaded()
    return [
        source
        for name, source in _sources.items()
        if _built_in.get(name) is not source and source not in found
    ]


def awaited_modules() -> set[str]:
    """Name the modules whose import may bring generators."""
    return {source.module for source in _sources.values()} | plugins.waiting_so_far()


def check_names(names: Iterable[str]) -> tuple[str, ...]:
    """Give `names` as a tuple if each is a source, or the name of one that may come."""
    checked = tuple(names)
    for name in checked:
        if name in _sources or name in _ELSEWHERE:
            continue
        known = [*sources(), *sorted(plugins.waiting())]  # of which one may have just come
        if name not in known:
            hint = did_you_mean(str(name), known) or ":"
            raise SourceError(
                f"{name!r} is not a source{hint} {listed(known)} are accepted. Nothing was changed."
            )
    return checked


def take_in() -> None:
    """Take in what has come since the last time: plug-ins, and kinds of accelerator.

    What begins something does so, once: a seeding, a scope, a snapshot, a restore, a status. What
    follows of it asks for what is known.
    """
    if is_loaded("torch"):
        kinds = device_kinds()
        if not kinds <= _kinds:
            for kind in sorted(kinds - _kinds):
                _add(DeviceSource(kind))
            _kinds.update(kinds)
    for source in plugins.load_arrived():
        try:
            check(source)
        except SourceError as error:
            warn(f"The plug-in for {source.module} cannot be used: {error}")
        else:
            _add_plugin(source)


def _add_plugin(source: Source) -> None:
    """Add it, unless there is one of its name already; a package may bring one of its twice."""
    former = _built_in.get(source.name)
    if former is None:
        _add(source)
    elif class_of(former) != class_of(source):
        first = plugins.package_of(former) or "seedmagic"
        warn(
            f"The plug-in of the package {plugins.package_of(source)} cannot be used: its source "
            f"has the name {source.name!r}, as that of the package {first} has, which is kept. "
            "Uninstall one of the two, or ask for another name."
        )


def _add(source: Source) -> None:
    if source.name not in _built_in:
        _built_in[source.name] = source
        _sources.setdefault(source.name, source)


def check(source: Source) -> None:
    """Raise `SourceError` where `source` lacks what a source has."""
    for member in ("name", "module"):
        if not isinstance(getattr(source, member, None), str):
            raise SourceError(
                f"{source!r} is not a source: its {member!r} is not a str. Nothing was changed."
            )
    if isinstance(source, type):
        raise SourceError(f"{source!r} is a class: register an instance. Nothing was changed.")
    if not re.fullmatch(_NAME, source.name):
        raise SourceError(
            f"{source.name!r} is not a name for a source: letters, digits, '_', '-' and '.' are "
            "accepted. Nothing was changed."
        )
    if not callable(getattr(source, "seed", None)):
        raise SourceError(f"{source!r} is not a source: it has no seed(seed). Nothing was changed.")
    both = [callable(getattr(source, member, None)) for member in ("get_state", "set_state")]
    if both[0] != both[1]:
        raise SourceError(
            f"{source!r} has only one of get_state and set_state: give both, or neither if it "
            "cannot be put back. Nothing was changed."
        )


def class_of(source: Source) -> tuple[str, str]:
    """Name the class of a source: a cell that runs again defines another of the same name."""
    return type(source).__module__, type(source).__qualname__


def listed(names: Iterable[str]) -> str:
    """Write names beside each other."""
    return ", ".join(names)
