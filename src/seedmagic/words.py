"""Write names and flags as people do."""

from __future__ import annotations

from collections.abc import Sequence


def enumerate_names(names: Sequence[str]) -> str:
    """Write names as people do: a, b and c."""
    *first, last = names or [""]
    return f"{', '.join(first)} and {last}" if first else last


def on_or_off(value: object) -> str:
    """Write a flag's value."""
    return ("off", "on")[value] if isinstance(value, bool) else str(value)
