"""See whether the tasks of threads move a global generator, which all threads share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seedmagic.sources.known.registry import present_of_known
from seedmagic.sources.protocol import is_stateful, looker


def quiet_glance() -> list[int] | None:
    """Digest what the global generators hold, those of devices apart; None: one cannot be read."""
    try:
        known = [each for each in present_of_known() if is_stateful(each) and "." not in each.name]
        return [hash(repr(looker(source)(None))) for source in known]
    except Exception:  # of a plug-in's
        return None


def watched_task(task: Callable[..., Any], moved: Callable[[], None]) -> Callable[..., Any]:
    """Give what does the same as `task`, and tells where a generator moved meanwhile."""

    def run(*args: Any, **kwargs: Any) -> Any:
        before = quiet_glance()
        try:
            return task(*args, **kwargs)
        finally:
            if quiet_glance() != before:
                moved()

    return run
