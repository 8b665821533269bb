"""Settings of the process that code may change, put back so that each run finds the same."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from seedmagic.imports import is_loaded, loaded
from seedmagic.private_names import find


class _Setting(NamedTuple):
    """One setting: the module that has it, how it is read, and how it is put back."""

    module: str
    take: Callable[[Any], Any]
    put: Callable[[Any, Any], object]


def take() -> list[tuple[_Setting, Any]]:
    """Read all settings of what is loaded."""
    # As a side effect, each place warns again, though it has warned before.
    with warnings.catch_warnings():
        pass
    return [(each, each.take(loaded(each.module))) for each in _SETTINGS if is_loaded(each.module)]


@contextmanager
def warning_always() -> Iterator[None]:
    """Have torch give each run the warnings that it else gives once a process."""
    if not is_loaded("torch"):
        yield
        return
    torch = loaded("torch")
    former = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    try:
        yield
    finally:
        torch.set_warn_always(former)


def put_back(taken: list[tuple[_Setting, Any]]) -> dict[str, str]:
    """Put back those that are others now, and give what could not be, and why."""
    failures = {}
    for setting, saved in taken:
        module = loaded(setting.module)
        try:
            if setting.take(module) != saved:
                setting.put(module, saved)
        except Exception as error:
            failures[f"settings of {setting.module}"] = str(error) or type(error).__name__
    with warnings.catch_warnings():
        pass
    return failures


def differing(one: list[tuple[_Setting, Any]], other: list[tuple[_Setting, Any]]) -> list[str]:
    """Name the modules of which `take` has given other settings."""
    values = {id(setting): value for setting, value in one}
    return list(
        dict.fromkeys(
            setting.module
            for setting, value in other
            if id(setting) in values and values[id(setting)] != value
        )
    )


def _put_environment(_: Any, saved: dict[str, str]) -> None:
    for name in os.environ.keys() - saved.keys():
        del os.environ[name]
    os.environ.update(saved)


def _put_path(_: Any, saved: list[str]) -> None:
    sys.path[:] = saved


def _put_filters(_: Any, saved: list[Any]) -> None:
    warnings.filters[:] = saved  # type: ignore[index]


def _folder(_: Any) -> Path | None:
    try:
        return Path.cwd()
    except OSError:  # it is deleted
        return None


def _put_folder(_: Any, saved: Path | None) -> None:
    if saved is not None:
        os.chdir(saved)


def _pandas_options(pandas: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    todo = [("", pandas.options.d)]
    while todo:
        prefix, options = todo.pop()
        for name, value in options.items():
            if isinstance(value, dict):
                todo.append((f"{prefix}{name}.", value))
            else:
                found[prefix + name] = value
    return found


def _put_pandas_options(pandas: Any, saved: dict[str, Any]) -> None:
    for name, value in _pandas_options(pandas).items():
        if name in saved and saved[name] != value:
            pandas.set_option(name, saved[name])


def _matplotlib_settings(matplotlib: Any) -> dict[str, Any]:
    # To read the backend would choose one.
    names = dict.keys(matplotlib.rcParams) - {"backend", "backend_fallback"}
    return {name: dict.__getitem__(matplotlib.rcParams, name) for name in names}


def _put_matplotlib_settings(matplotlib: Any, saved: dict[str, Any]) -> None:
    dict.update(matplotlib.rcParams, saved)


def _torch_text(text: Any) -> dict[str, Any]:
    options = find(text, "PRINT_OPTS", "how torch prints tensors")
    return {} if options is None else dict(vars(options))


def _put_torch_text(text: Any, saved: dict[str, Any]) -> None:
    vars(text.PRINT_OPTS).update(saved)


_SETTINGS = (
    _Setting("os", _folder, _put_folder),
    _Setting("os", lambda _: dict(os.environ), _put_environment),
    _Setting("sys", lambda _: list(sys.path), _put_path),
    _Setting("warnings", lambda _: list(warnings.filters), _put_filters),
    _Setting(
        "numpy", lambda np: np.get_printoptions(), lambda np, saved: np.set_printoptions(**saved)
    ),
    _Setting("numpy", lambda np: np.geterr(), lambda np, saved: np.seterr(**saved)),
    _Setting("pandas", _pandas_options, _put_pandas_options),
    _Setting("matplotlib", _matplotlib_settings, _put_matplotlib_settings),
    _Setting(
        "torch",
        lambda torch: torch.get_default_dtype(),
        lambda torch, saved: torch.set_default_dtype(saved),
    ),
    _Setting(
        "torch",
        lambda torch: torch.get_num_threads(),
        lambda torch, saved: torch.set_num_threads(saved),
    ),
    _Setting(
        "torch",
        lambda torch: torch.is_grad_enabled(),
        lambda torch, saved: torch.set_grad_enabled(saved),
    ),
    _Setting("torch._tensor_str", _torch_text, _put_torch_text),
)
