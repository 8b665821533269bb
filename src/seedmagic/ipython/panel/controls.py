"""The small parts that the panel is made of, under ipywidgets 7 and 8."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

ROW = {"flex_flow": "row wrap", "align_items": "center", "grid_gap": "2px 8px"}


def row(*children: widgets.Widget) -> widgets.HBox:
    """Put widgets beside each other, in further rows where one is too narrow."""
    return widgets.HBox(children, layout=ROW)


def labelled(widget: Any, label: str, tooltip: str, width: int) -> Any:
    """Give a widget its label, the words that explain it, and a greatest width in pixels."""
    widget.description = label
    # ipywidgets 7 has another name for it where the widget is no button.
    name = "tooltip" if widget.has_trait("tooltip") else "description_tooltip"
    setattr(widget, name, tooltip)
    widget.style.description_width = "initial"
    widget.layout.width = "auto"
    widget.layout.max_width = f"{width}px"
    return widget


def offer(choice: widgets.Dropdown, button: Any, options: dict[str, Any]) -> None:
    """Offer other options, and keep what was chosen if it is still among them."""
    if dict(choice.options) != options:
        chosen = choice.value
        choice.options = list(options.items())
        choice.value = chosen if chosen in options.values() else next(iter(options.values()), None)
    choice.disabled = button.disabled = not options


def all_of(widget: widgets.Widget) -> list[widgets.Widget]:
    """Give a widget and all that belongs to it, its layout and style too: each has a model."""
    children = getattr(widget, "children", ())
    beside = [getattr(widget, name) for name in ("layout", "style") if hasattr(widget, name)]
    return [part for child in children for part in all_of(child)] + [widget, *beside]
