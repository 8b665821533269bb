"""Threads that run the user's own code on after the code that started them has ended."""

from __future__ import annotations

import sys
import threading
from collections.abc import Collection

from seedmagic.code.cell_frames import is_users, outward


def going_on(before: Collection[threading.Thread]) -> dict[str, str]:
    """Say of each thread that was not there `before` that it goes on with the user's code."""
    frames = sys._current_frames()
    return {
        f"thread {thread.name!r}": "goes on: what it does later is not compared"
        for thread in threading.enumerate()
        if thread not in before
        and (
            isinstance(thread, threading.Timer)  # it waits, to run what it was given
            or any(is_users(each) for each, _ in outward(frames.get(thread.ident or 0)))
        )
    }
