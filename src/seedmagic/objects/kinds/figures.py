"""Figures of matplotlib, which are compared by what they look like."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.kinds.aspects import Base

# A figure holds counters, and dictionaries by the addresses of its parts: in each run others.
UNKEPT = "is a figure of matplotlib, or a part of one, which can be compared but not put back"


class Picture(Base):
    """The picture that a figure draws; of axes, that of their figure."""

    def bits(self, value: Any) -> Iterator[bytes]:
        """Give its pixels."""
        figure = value if hasattr(value, "savefig") else value.get_figure()
        if figure is not None:
            content = io.BytesIO()
            figure.savefig(content, format="rgba", dpi="figure")
            yield repr(figure.get_size_inches().tolist()).encode()
            yield content.getvalue()


_PICTURE = Picture()


def aspects(value: Any) -> tuple[Picture, ...] | None:
    """Give what is compared of a figure or its axes, nothing of another part; None of others."""
    if not is_loaded("matplotlib.figure"):
        return None
    matplotlib = loaded("matplotlib")
    if isinstance(value, (matplotlib.figure.FigureBase, matplotlib.axes.Axes)):
        return (_PICTURE,)
    return () if isinstance(value, matplotlib.artist.Artist) else None
