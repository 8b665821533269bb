"""Run to its end, here and now, a coroutine that awaits nothing."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def finish(running: Coroutine[Any, Any, T]) -> T:
    """Give what it returns.

    Raises
    ------
    RuntimeError
        It awaited something.
    """
    __tracebackhide__ = True
    try:
        running.send(None)
    except StopIteration as ended:
        return ended.value  # type: ignore[no-any-return]
    running.close()
    raise RuntimeError("what awaits nothing was suspended")
