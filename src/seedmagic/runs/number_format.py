"""How numbers are written in tables and pictures of runs."""

from __future__ import annotations

import math

from seedmagic.runs.run_statistics import Statistics

NONE = "–"


def number(value: float, of: Statistics) -> str:
    """Write a number with as many decimals as give the deviation three digits."""
    if math.isnan(value):
        return NONE
    spread = of.sd if math.isfinite(of.sd) else 0.0
    if not spread or not math.isfinite(value):
        return f"{value:.6g}"
    decimals = max(0, 2 - math.floor(math.log10(spread)))
    if decimals <= 8 and abs(value) < 1e9:
        return f"{value:.{decimals}f}"
    digits = decimals + math.floor(math.log10(abs(value) or 1)) + 1
    return f"{value:.{min(max(digits, 3), 15)}g}"
