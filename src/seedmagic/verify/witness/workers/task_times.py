"""Part what workers give back from how long it took them, which scikit-learn's tasks tell too."""

from __future__ import annotations

from typing import Any

_TIMES = ("fit_time", "score_time")


def without_times(given: Any) -> tuple[Any, str]:
    """Give a result, or a list of them, without its times, and what these were."""
    if type(given) is list:
        parted = [_part(each) for each in given]
        # Where there are none, it stays the object that it is.
        times = "".join(taken for _, taken in parted)
        return ([left for left, _ in parted] if times else given), times
    return _part(given)


def _part(given: Any) -> tuple[Any, str]:
    if type(given) is not dict or not all(name in given for name in _TIMES):
        return given, ""
    left = {name: value for name, value in given.items() if name not in _TIMES}
    return left, repr([given[name] for name in _TIMES])
