"""Pictures of many runs: points beside their interval, curves with a band."""

from __future__ import annotations

import math
import warnings
from io import BytesIO
from typing import Any

from seedmagic.code.source_lines import cut
from seedmagic.runs.number_format import number
from seedmagic.runs.run_statistics import INTERVAL, Curve, describe_values, mean_curve
from seedmagic.runs.tracked_runs import TrackedRuns

# The paper is the page's own, which is white or nearly black (#111 in JupyterLab, #1f1f1f in VS
# Code): these inks stand out from both, by 4 to 1 for words and 3 to 1 for marks.
_INK, _LINE, _RUN = "#7e7e7e", "#3d85cf", "#7397be"
_CLEAR, _GRID = "none", "#80808040"
_WIDTH = 7.2  # inches, as wide as a notebook's column at 100 dots an inch
_HEIGHTS = {"points": 1.35, "curve": 2.7}
_FAR = 1e300  # is not drawn, as infinity is not: no axis spans it
_CROWD = 60  # points, which from there on lie on one another
_LONGEST = 40  # letters of a name
_MOST = 12  # panels; the others are in the table
_STYLE = {
    "font.family": ["sans-serif"],
    "font.size": 9,
    "text.color": _INK,
    "axes.facecolor": _CLEAR,
    "axes.edgecolor": "#80808099",
    "axes.labelcolor": _INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.xmargin": 0.03,
    "grid.color": _GRID,
    "grid.linewidth": 0.8,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "text.parse_math": False,  # names are the user's: a $ in one is a $
}


def draw(result: TrackedRuns) -> bytes:
    """Draw a result, a panel for each name, and give the PNG.

    matplotlib's settings are replaced while it draws, so that the picture does not depend on the
    user's, and put back; its backend is not touched, and pyplot not used.
    """
    from matplotlib import style
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    names = result.names[:_MOST]
    kinds = ["curve" if result.is_sequence(name) else "points" for name in names]
    heights = [_HEIGHTS[kind] for kind in kinds]
    with style.context(["default", _STYLE]), warnings.catch_warnings():
        # A name may have letters that the font lacks; they become boxes.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        size = (_WIDTH, max(sum(heights), 1.0))
        # Twice as fine as it is shown.
        layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08)
        figure = Figure(size, dpi=200, facecolor=_CLEAR, layout=layout)
        canvas = FigureCanvasAgg(figure)
        if not names:
            figure.text(0.5, 0.5, "no run gave a number", ha="center", color=_INK)
        panels = figure.subplots(len(names) or 1, height_ratios=heights or [1], squeeze=False)
        for name, kind, axes in zip(names, kinds, panels[: len(names), 0], strict=True):
            (_draw_curve if kind == "curve" else _draw_points)(axes, result, name)
        if not names:
            panels[0, 0].set_axis_off()
        file = BytesIO()
        canvas.print_png(file)
    return file.getvalue()


def _draw_points(axes: Any, result: TrackedRuns, name: str) -> None:
    """Draw one number per run along a line, and below it the mean with its interval."""
    values = result.values(name)
    told = describe_values(name, values, result.seeds)
    shown = values[abs(values) < _FAR]
    edge, alpha = (0.6, 0.9) if len(shown) <= _CROWD else (0, 0.35)
    axes.plot(
        shown, _spread(shown), "o", ms=5, color=_RUN, mec=_CLEAR, mew=edge, alpha=alpha,
        clip_on=False,
    )  # fmt: skip
    if abs(told.mean) < _FAR:
        if math.isfinite(told.low):
            axes.plot([told.low, told.high], [-1, -1], color=_LINE, lw=2.4, solid_capstyle="round")
        axes.plot(told.mean, -1, "o", ms=6.5, color=_LINE, mec=_CLEAR, mew=0.9)
    axes.set_ylim(-1.6, 1.2)
    axes.set_yticks([0, -1], ["each run", "mean"])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    _title(axes, name, _caption(told))


def _title(axes: Any, name: str, caption: str) -> None:
    """Write the name above a panel, and beside it what is drawn."""
    shown = cut(name, _LONGEST)
    title = axes.set_title(shown, fontsize=10, fontweight="bold", loc="left", pad=7)
    axes.annotate(
        caption, (1, 0), (9, 0.5), xycoords=title, textcoords="offset points", fontsize=8.5,
        color=_INK, va="bottom", annotation_clip=False,
    )  # fmt: skip


def _caption(told: Any) -> str:
    n = f"n = {told.n}" if told.n == told.runs else f"n = {told.n} of {told.runs}"
    if not told.n:
        return n
    mean = f"mean {number(told.mean, told)}"
    if not told.low <= told.high:  # NaN
        return f"{mean}, {n}"
    return f"{mean}, {INTERVAL} {number(told.low, told)} to {number(told.high, told)}, {n}"


def _spread(values: Any) -> Any:
    """Give heights that keep equal and close points apart, the same each time."""
    import numpy as np

    heights = np.zeros(len(values))
    span = np.ptp(values) if len(values) else 0.0
    place = np.round((values - values.min()) / span * 60) if span else heights.copy()
    for slot in np.unique(place):
        here = np.flatnonzero(place == slot)
        step = min(0.3, 1.2 / len(here))
        heights[here] = (np.arange(len(here)) - (len(here) - 1) / 2) * step
    return heights


def _draw_curve(axes: Any, result: TrackedRuns, name: str) -> None:
    """Draw each run's sequence faintly, and the mean with its interval as a band."""
    import numpy as np

    rows = result.values(name)
    rows = np.where(abs(rows) < _FAR, rows, np.nan)
    steps = np.arange(rows.shape[1])
    curve = mean_curve(rows)
    marker = "o" if len(steps) == 1 else None
    faint = min(0.6, max(0.12, 6 / len(rows)))
    for row in rows:
        axes.plot(steps, row, color=_RUN, lw=0.8, alpha=faint, marker=marker, ms=4)
    within = np.isfinite(curve.low)
    band = steps[within], curve.low[within], curve.high[within]
    # Above the single runs, for many of them would hide it.
    axes.fill_between(
        *band, color=_LINE, alpha=0.28, lw=0, zorder=3, label=f"{INTERVAL} of the mean"
    )
    axes.plot(steps, curve.mean, color=_LINE, lw=1.8, marker=marker, zorder=4, label="mean")
    axes.plot([], [], color=_RUN, lw=0.8, label="each run")
    axes.grid()
    axes.set_xlabel("step")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(*_ordered(axes), loc="best")
    _title(axes, name, _reach(curve))


def _ordered(axes: Any) -> tuple[list[Any], list[str]]:
    handles, labels = axes.get_legend_handles_labels()
    found = dict(zip(labels, handles, strict=True))
    order = ["mean", f"{INTERVAL} of the mean", "each run"]
    return [found[label] for label in order], order


def _reach(curve: Curve) -> str:
    """Say how many runs a curve is of: the same at each step, or fewer later on."""
    least, most = (int(curve.n.min()), int(curve.n.max())) if len(curve.n) else (0, 0)
    n = f"n = {most}" if least == most else f"n = {least} to {most}, by step"
    return f"mean and {INTERVAL} over the runs, {n}"
