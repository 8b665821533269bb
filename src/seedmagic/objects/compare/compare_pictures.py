"""Compare figures of matplotlib by what they look like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seedmagic.objects.compare.difference import Difference, Pair, Path, change
from seedmagic.objects.kinds.figures import aspects


def compare_pictures(path: Path, first: Any, second: Any) -> Iterator[Difference | Pair]:
    """Compare two figures, or axes by their figures; of other parts these tell."""
    drawn = [[[*aspect.bits(one)] for aspect in aspects(one) or ()] for one in (first, second)]
    if drawn[0] != drawn[1]:
        yield change(path, "picture", "other pixels in the second run", "")
