"""Give a warning that cannot become an error in a hook of ours."""

from __future__ import annotations

import sys
import warnings

from seedmagic.errors import SeedmagicWarning


def warn(message: str, category: type[SeedmagicWarning] = SeedmagicWarning) -> None:
    """Warn through the `warnings` module; where a filter raises, show it as a warning all the same.

    Parameters
    ----------
    message : str
        What happened, and what to do.
    category : type of SeedmagicWarning
        Which warning.
    """
    try:
        warnings.warn(message, category, stacklevel=2)
    except SeedmagicWarning:
        print(f"{category.__name__}: {message}", file=sys.stderr)
