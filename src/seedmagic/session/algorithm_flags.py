"""Flags and environment variables that decide which algorithms run: read, set, put back."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from seedmagic.imports import is_loaded, loaded
from seedmagic.session.session_terms import Change, Deterministic, Modes, Value

CUBLAS = "CUBLAS_WORKSPACE_CONFIG"
HASH_SEED = "PYTHONHASHSEED"
VARIABLES = (CUBLAS, HASH_SEED)
# torch.use_deterministic_algorithms sets this beside its own flag, and imports 800 modules for it.
INDUCTOR = "torch._inductor.config"


class _Flag(NamedTuple):
    module: str
    initial: Value
    read: Callable[[], Value]
    write: Callable[[Any], None]


def _attribute(holder: str, name: str, initial: bool) -> _Flag:
    """Give the flag that is an attribute of a module which torch brings."""

    def read() -> Value:
        return getattr(sys.modules[holder], name)  # type: ignore[no-any-return]

    def write(value: bool) -> None:
        setattr(sys.modules[holder], name, value)

    return _Flag("torch", initial, read, write)


def _read_algorithms() -> Value:
    torch = loaded("torch")
    return (False, "warn", True)[torch.get_deterministic_debug_mode()]


def _write_algorithms(value: Value) -> None:
    torch = loaded("torch")
    torch.set_deterministic_debug_mode({False: "default", "warn": "warn", True: "error"}[value])


def _read_inductor() -> Value:
    return bool(getattr(sys.modules[INDUCTOR], "deterministic", False))


def _write_inductor(value: bool) -> None:
    if hasattr(sys.modules[INDUCTOR], "deterministic"):
        sys.modules[INDUCTOR].deterministic = value  # type: ignore[attr-defined]


FLAGS: dict[str, _Flag] = {
    "cudnn.deterministic": _attribute("torch.backends.cudnn", "deterministic", False),
    "cudnn.benchmark": _attribute("torch.backends.cudnn", "benchmark", False),
    "cudnn.enabled": _attribute("torch.backends.cudnn", "enabled", True),
    "deterministic_algorithms": _Flag("torch", False, _read_algorithms, _write_algorithms),
    "fill_uninitialized_memory": _attribute(
        "torch.utils.deterministic", "fill_uninitialized_memory", True
    ),
    "inductor.deterministic": _Flag(INDUCTOR, False, _read_inductor, _write_inductor),
}
CUDNN_SETTINGS: dict[str, Value] = {"cudnn.deterministic": True, "cudnn.benchmark": False}
MODULES = {flag.module for flag in FLAGS.values()}
SETTINGS = (*FLAGS, *VARIABLES)
_ABSENT = object()


def read(names: Iterable[str] = SETTINGS) -> dict[str, Value]:
    """Read the settings, all or those of `names`, that exist by now; a missing variable is None."""
    held = {name: _held(name) for name in names}
    return {name: value for name, value in held.items() if value is not _ABSENT}


def put_back(
    former: Mapping[str, Value], changes: Mapping[str, Change] | None = None
) -> dict[str, Exception]:
    """Give every setting its value in `former`, and name what failed.

    A flag of a module that was not imported then gets what `changes` says, else its initial value.
    """
    newcomers = {
        name: changes[name].ours if changes and name in changes else flag.initial
        for name, flag in FLAGS.items()
        if name not in former and is_loaded(flag.module)
    }
    return write({**newcomers, **former})


def write(settings: Mapping[str, Value]) -> dict[str, Exception]:
    """Give each of `settings` that exists its value there, and name what failed."""
    failures: dict[str, Exception] = {}
    for name, value in read(settings).items():
        if value != settings[name]:
            try:
                _write(name, settings[name])
            except Exception as error:
                failures[name] = error
    return failures


def wanted(seed: int, modes: Modes) -> dict[str, Value]:
    """Say which settings a seeding asks for."""
    settings: dict[str, Value] = {}
    if modes.cudnn and modes.covers("torch"):
        settings |= CUDNN_SETTINGS
    if modes.deterministic:
        settings |= deterministic_settings(modes.deterministic)
    if modes.covers("python"):
        settings[HASH_SEED] = str(seed)
    return settings


def apply(
    settings: Mapping[str, Value],
    changes: Mapping[str, Change],
    former: dict[str, Value] | None = None,
) -> tuple[dict[str, Change], list[str]]:
    """Set `settings`, and put back what an earlier call changed and that holds its value yet.

    Parameters
    ----------
    settings : mapping
        What is to hold. Settings of modules that are not imported are passed over.
    changes : mapping
        What the earlier call gave.
    former : dict, optional
        Takes what all these settings held before, for `write`.

    Returns
    -------
    changes : dict of str to Change
        What to give to the next call.
    caveats : list of str
        What could not be set, or has no effect any more.
    """
    after: dict[str, Change] = {}
    caveats: list[str] = []
    former = {} if former is None else former
    for name, change in changes.items():
        if name in settings or (held := _held(name)) is _ABSENT:
            continue
        former[name] = held
        if held == change.ours != change.before:
            _write_if_allowed(name, change.before, caveats)
    for name, value in settings.items():
        held, known = _held(name), changes.get(name)
        if held is _ABSENT:
            continue
        former[name] = held
        is_ours = known is not None and held == known.ours
        if known is not None and is_ours and held == value:
            after[name] = known
        elif name in VARIABLES and not is_ours and held is not None:
            caveats.append(f"{name} keeps your value {held}")
        elif held == value or _write_if_allowed(name, value, caveats):
            after[name] = Change(known.before if known and is_ours else held, value)
    return after, caveats


def deterministic_settings(mode: Deterministic) -> dict[str, Value]:
    """Say which settings deterministic algorithms need, cuDNN's flags aside."""
    return {
        "deterministic_algorithms": mode,
        "fill_uninitialized_memory": True,
        "inductor.deterministic": True,
        CUBLAS: ":4096:8",
    }


def _held(name: str) -> Any:
    """Give what the setting `name` holds; `_ABSENT` where its module is not imported."""
    flag = FLAGS.get(name)
    if flag is None:
        return os.environ.get(name)
    return flag.read() if is_loaded(flag.module) else _ABSENT


def _write_if_allowed(name: str, value: Value, caveats: list[str]) -> bool:
    """Write a setting; False: torch forbids it, which a caveat says."""
    if _is_frozen(name):
        caveats.append(f"{name} is frozen by torch.backends.disable_global_flags()")
        return False
    if name == CUBLAS and value is not None and _cuda_runs():
        caveats.append(
            f"{name} may come too late: CUDA has started, and cuBLAS reads it when it starts; "
            "set it before, in a new kernel"
        )
    _write(name, value)
    return True


def _write(name: str, value: Value) -> None:
    if name in FLAGS:
        FLAGS[name].write(value)
    elif value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = str(value)


def _is_frozen(name: str) -> bool:
    if not name.startswith("cudnn."):
        return False
    torch = loaded("torch")
    return bool(torch.backends.flags_frozen())


def _cuda_runs() -> bool:
    return is_loaded("torch") and bool(loaded("torch").cuda.is_initialized())
