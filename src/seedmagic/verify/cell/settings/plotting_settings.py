"""Settings of matplotlib: its backend, its parameters, the figures of pyplot, colour maps."""

from __future__ import annotations

from typing import Any

from seedmagic.imports import loaded
from seedmagic.private_names import find
from seedmagic.verify.cell.settings.setting import ABSENT, ProcessSetting, copied, quietly

# To read these would choose a backend, and to set them would choose another.
_FIGURES = "matplotlib._pylab_helpers"
_CHOICES = {"backend", "backend_fallback"}


def _parameters(matplotlib: Any) -> dict[str, Any]:
    names = dict.keys(matplotlib.rcParams) - _CHOICES
    return {name: copied(dict.__getitem__(matplotlib.rcParams, name)) for name in names}


def _put_parameters(matplotlib: Any, saved: dict[str, Any]) -> None:
    dict.update(matplotlib.rcParams, copied(saved))


def _backend(pyplot: Any) -> Any:
    """Name the backend in use. Before the first figure there is none: matplotlib settles it."""
    is_settled = find(pyplot, "_backend_mod") is not None
    return dict.__getitem__(pyplot.rcParams, "backend") if is_settled else ABSENT


def _put_backend(pyplot: Any, saved: str) -> None:
    figures = loaded(_FIGURES).Gcf.figs
    kept = dict(figures)
    figures.clear()  # matplotlib before 3.10 would close them
    try:
        pyplot.switch_backend(saved)
    finally:
        figures.update(kept)


def _figures(helpers: Any) -> list[tuple[Any, Any]]:
    """Give the figures that pyplot holds, in its order, less those that people see in a window."""
    return [
        (number, manager)
        for number, manager in helpers.Gcf.figs.items()
        if type(manager).__name__ == "FigureManagerBase"
    ]


def _put_figures(helpers: Any, saved: list[tuple[Any, Any]]) -> None:
    figures = helpers.Gcf.figs
    now = _figures(helpers)
    shown = [item for item in figures.items() if item not in now]
    figures.clear()
    figures.update([*shown, *saved])


def _put_maps(matplotlib: Any, saved: dict[str, Any]) -> None:
    for name in matplotlib.colormaps:
        if name not in saved:
            matplotlib.colormaps.unregister(name)


PLOTTING = (
    ProcessSetting("matplotlib's backend", "matplotlib.pyplot", _backend, quietly(_put_backend)),
    ProcessSetting("matplotlib's parameters", "matplotlib", _parameters, _put_parameters),
    ProcessSetting("pyplot's figures", _FIGURES, _figures, _put_figures),
    ProcessSetting(
        "matplotlib's colour maps",
        "matplotlib",
        lambda matplotlib: dict.fromkeys(matplotlib.colormaps, True),
        _put_maps,
    ),
)
