"""Notice calls of what draws from sources that cannot be looked at.

Such a source names the functions of its library that draw. Each is replaced by one that notes the
call and then makes it; what a library draws by another way is not seen.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any

from seedmagic.code.callers_frame import call_from
from seedmagic.imports import is_loaded
from seedmagic.replacements import Replacements, dressed
from seedmagic.sources.known.registry import present_of_known
from seedmagic.sources.protocol import Source

# Is told of each call the source, whether that seeded it and drew nothing, and who called.
Listener = Callable[[str, bool, FrameType], None]

# How often each source was called, in this process, since it is watched.
counts: Counter[str] = Counter()
listeners: list[Listener] = []
_replacements = Replacements()
_process = os.getpid()


def start() -> None:
    """Watch the sources that are present by now; a further call changes nothing."""
    if not _replacements.in_use:
        _replacements.use(__name__)
        follow()


def stop() -> None:
    """Leave no trace in any library."""
    _replacements.release(__name__)


def follow() -> None:
    """Watch the sources too that came since."""
    for source in present_of_known() if _replacements.in_use else ():
        for path, draws in getattr(source, "draws", {}).items():
            owner, name = function_place(source, path)
            if owner is not None:
                _replacements.replace(owner, name, _noting(source, owner, name, draws))


def tells_calls(source: Source) -> bool:
    """Whether it is known of `source` when it is drawn from."""
    return bool(getattr(source, "draws", None))


def function_place(source: Source, path: str) -> tuple[Any, str]:
    """Give the owner and the name of a function that `source` names; no owner: it is not there."""
    module, _, within = path.rpartition(":")
    owner = sys.modules.get(module or source.module) if is_loaded(source.module) else None
    *parts, name = within.split(".")
    for part in parts:
        owner = getattr(owner, part, None)
    return owner if hasattr(owner, name) else None, name


def _noting(source: Source, owner: Any, name: str, draws: Any) -> Callable[[Any], Any]:
    reads_caller = getattr(source, "reads_caller", False)

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*args: Any, **kwargs: Any) -> Any:
            frame = sys._getframe(1)
            # In a forked worker there is nobody to tell.
            if _replacements.in_use and os.getpid() == _process:
                _note(source, draws, args, kwargs, frame)
            if reads_caller:
                return call_from(frame, original, args, kwargs)
            return original(*args, **kwargs)

        return dressed(noting, original, owner, name)

    return make


def _note(
    source: Source, draws: Any, args: tuple[Any, ...], kwargs: dict[str, Any], frame: FrameType
) -> None:
    """Take a call; what goes wrong here stays here."""
    try:
        if hasattr(source, "arrive"):
            source.arrive()
        told = draws is None or draws(args, kwargs)
        if told:
            counts[source.name] += told is True
            for listener in listeners:
                listener(source.name, told == "seeds", frame)
    except Exception:  # arguments unlike any known ones; the user's call goes on
        return
