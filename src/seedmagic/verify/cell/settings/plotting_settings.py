"""Settings of matplotlib: its parameters, its backend, its colour maps."""

from __future__ import annotations

from typing import Any

from seedmagic.private_names import find
from seedmagic.verify.cell.settings.setting import ProcessSetting, copied

# To read these would choose a backend, and to set them would choose another.
_CHOICES = {"backend", "backend_fallback"}


def _parameters(matplotlib: Any) -> dict[str, Any]:
    names = dict.keys(matplotlib.rcParams) - _CHOICES
    return {name: copied(dict.__getitem__(matplotlib.rcParams, name)) for name in names}


def _put_parameters(matplotlib: Any, saved: dict[str, Any]) -> None:
    dict.update(matplotlib.rcParams, copied(saved))


def _backend(pyplot: Any) -> str | None:
    """Name the backend in use; None before the first figure, or where this is not known."""
    return getattr(find(pyplot, "_backend_mod"), "__name__", None)


def _put_maps(matplotlib: Any, saved: dict[str, Any]) -> None:
    for name in matplotlib.colormaps:
        if name not in saved:
            matplotlib.colormaps.unregister(name)


PLOTTING = (
    ProcessSetting("matplotlib's parameters", "matplotlib", _parameters, _put_parameters),
    ProcessSetting("matplotlib's backend", "matplotlib.pyplot", _backend, None),
    ProcessSetting(
        "matplotlib's colour maps",
        "matplotlib",
        lambda matplotlib: dict.fromkeys(matplotlib.colormaps, True),
        _put_maps,
    ),
)
