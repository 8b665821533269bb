"""Give a warning that points at the user's line and cannot become an error in a hook of ours."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

from seedmagic.errors import SeedmagicWarning


def warn(
    message: str,
    category: type[SeedmagicWarning] = SeedmagicWarning,
    place: tuple[str, int] | None = None,
) -> None:
    """Warn through the `warnings` module; where a filter raises, show it as a warning all the same.

    Parameters
    ----------
    message : str
        What happened, and what to do.
    category : type of SeedmagicWarning
        Which warning.
    place : tuple of str and int, optional
        The file and the line that it is about; else the user's line that led here.
    """
    level, frame = 2, sys._getframe(1)
    while _is_ours(frame) and frame.f_back is not None:
        level, frame = level + 1, frame.f_back
    if place is None and not _is_users(frame):
        place = ("<hook>", 1)  # after a cell has ended, no line of the user's led here
    try:
        if place:
            # A registry of its own: what was said of one cell is said of the next.
            warnings.warn_explicit(message, category, *place, registry={})
        else:
            warnings.warn(message, category, stacklevel=level)
    except SeedmagicWarning:
        print(f"{category.__name__}: {message}", file=sys.stderr)


def _is_users(frame: FrameType) -> bool:
    return not frame.f_globals.get("__name__", "").startswith("IPython.")


def _is_ours(frame: FrameType) -> bool:
    name = frame.f_globals.get("__name__", "")
    return name.partition(".")[0] in ("seedmagic", "contextlib")
