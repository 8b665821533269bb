"""Settings of NumPy and pandas: how numbers are printed, what is an error, options, accessors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seedmagic.verify.cell.settings.setting import ProcessSetting, copied, of_calls, quietly

_HOLDERS = ("DataFrame", "Series", "Index")


def _options(pandas: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    todo = [("", pandas.options.d)]
    while todo:
        prefix, options = todo.pop()
        for name, value in options.items():
            if isinstance(value, dict):
                todo.append((f"{prefix}{name}.", value))
            else:
                found[prefix + name] = copied(value)
    return found


def _put_options(pandas: Any, saved: dict[str, Any]) -> None:
    for name, value in _options(pandas).items():
        if name in saved and saved[name] != value:
            pandas.set_option(name, saved[name])


def _accessors(pandas: Any) -> dict[str, Any]:
    """Give those that were registered: what a class has of its own, under their names."""
    return {
        f"{name}.{accessor}": vars(cls)[accessor]
        for name, cls in _holders(pandas)
        for accessor in getattr(cls, "_accessors", ())
        if accessor in vars(cls)
    }


def _put_accessors(pandas: Any, saved: dict[str, Any]) -> None:
    for name, cls in _holders(pandas):
        for accessor in [*getattr(cls, "_accessors", ())]:
            place = f"{name}.{accessor}"
            if place in saved:
                setattr(cls, accessor, saved[place])
            elif accessor in vars(cls):
                delattr(cls, accessor)
                cls._accessors.discard(accessor)


def _holders(pandas: Any) -> Iterator[tuple[str, Any]]:
    for name in _HOLDERS:
        yield name, getattr(pandas, name)


ARRAYS = (
    ProcessSetting(
        "NumPy's print options",
        "numpy",
        lambda np: np.get_printoptions(),
        lambda np, saved: np.set_printoptions(**saved),
    ),
    ProcessSetting(
        "NumPy's errors",
        "numpy",
        lambda np: np.geterr(),
        lambda np, saved: np.seterr(**saved),
    ),
    of_calls("NumPy's error function", "numpy", "geterrcall", "seterrcall"),
    of_calls("NumPy's buffer size", "numpy", "getbufsize", "setbufsize"),
    ProcessSetting("pandas' options", "pandas", _options, quietly(_put_options)),
    ProcessSetting("pandas' accessors", "pandas", _accessors, _put_accessors),
)
