"""Settings of Python itself: folder, variables, paths, hooks, limits, signals, the collector."""

from __future__ import annotations

import gc
import os
import re
import sys
import warnings
from pathlib import Path
from typing import Any

from seedmagic.verify.cell.settings.setting import (
    Aside,
    ProcessSetting,
    of_attribute,
    of_calls,
    put_into,
)

# Not `meta_path` and its kin: what finds modules is no setting, and a finder of ours is among it.
_OF_SYS = (
    *("displayhook", "excepthook", "unraisablehook", "breakpointhook"),
    *("stdin", "stdout", "stderr", "dont_write_bytecode"),
)
# Runs are recorded by these; and a run in the folder that another went to makes files elsewhere.
AT_ONCE = ("the working folder", "sys.stdin", "sys.stdout", "sys.stderr")
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGPIPE")


def _folder(_: Any) -> Path | None:
    try:
        return Path.cwd()
    except OSError:  # it is deleted
        return None


def _put_folder(_: Any, saved: Path | None) -> None:
    if saved is not None:
        os.chdir(saved)


def _umask(_: Any) -> int | None:
    """Read it where that is possible without setting it, which would be seen by other threads."""
    try:
        status = Path("/proc/self/status").read_bytes()
    except OSError:
        return None
    found = re.search(rb"^Umask:\s*([0-7]+)$", status, re.M)
    return int(found[1], 8) if found else None


def _of_list(name: str) -> ProcessSetting:
    def put(_: Any, saved: list[Any]) -> None:
        getattr(sys, name)[:] = saved

    return ProcessSetting(f"sys.{name}", "sys", lambda _: [*getattr(sys, name)], put)


def _signals(signal: Any) -> dict[str, Any]:
    return {
        name: signal.getsignal(getattr(signal, name)) for name in _SIGNALS if hasattr(signal, name)
    }


def _put_signals(signal: Any, saved: dict[str, Any]) -> None:
    for name, handler in saved.items():
        if signal.getsignal(getattr(signal, name)) is not handler:
            signal.signal(getattr(signal, name), handler)


def _collector(_: Any) -> tuple[Any, ...]:
    return gc.isenabled(), gc.get_threshold(), gc.get_debug(), [*gc.callbacks]


def _put_collector(_: Any, saved: tuple[Any, ...]) -> None:
    is_enabled, thresholds, debug, callbacks = saved
    (gc.enable if is_enabled else gc.disable)()
    gc.set_threshold(*thresholds)
    gc.set_debug(debug)
    gc.callbacks[:] = callbacks


def _filters(_: Any) -> Aside:
    # Threads that suppress warnings at one time leave each other's.
    return Aside([*warnings.filters])


def _put_filters(_: Any, saved: Aside) -> None:
    warnings.filters[:] = saved.value  # type: ignore[index]


def warn_again() -> None:
    """Have each place warn again, though it has warned before; and let the filters take effect."""
    # Python forgets the places, and looks at the filters anew, where it is told of a change.
    with warnings.catch_warnings():
        pass


INTERPRETER = (
    ProcessSetting("the working folder", "os", _folder, _put_folder),
    ProcessSetting(
        "os.environ",
        "os",
        lambda _: dict(os.environ),
        lambda _, saved: put_into(os.environ, saved),
    ),
    ProcessSetting(
        "the time zone",
        "time",
        lambda time: (*time.tzname, time.timezone),
        lambda time, _: time.tzset(),
    ),
    ProcessSetting("the umask", "os", _umask, lambda _, saved: os.umask(saved)),
    *(_of_list(name) for name in ("path", "argv")),
    *(of_attribute(f"sys.{name}", "sys", name) for name in _OF_SYS),
    of_calls("the recursion limit", "sys", "getrecursionlimit", "setrecursionlimit"),
    of_calls("the switch interval", "sys", "getswitchinterval", "setswitchinterval"),
    of_calls("the largest int as text", "sys", "get_int_max_str_digits", "set_int_max_str_digits"),
    of_calls("the trace function", "sys", "gettrace", "settrace"),
    of_calls("the profile function", "sys", "getprofile", "setprofile"),
    of_attribute("threading.excepthook", "threading", "excepthook"),
    ProcessSetting("warning filters", "warnings", _filters, _put_filters),
    of_attribute("warnings.showwarning", "warnings", "showwarning"),
    of_attribute("warnings.formatwarning", "warnings", "formatwarning"),
    ProcessSetting("signal handlers", "signal", _signals, _put_signals),
    ProcessSetting("the garbage collector", "gc", _collector, _put_collector),
)
