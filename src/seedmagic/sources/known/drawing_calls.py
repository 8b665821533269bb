"""Notice calls of what draws from sources that cannot be looked at.

Such a source names the functions of its library that draw. Each is replaced by one that notes the
call and then makes it; what a library draws by another way is not seen.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from seedmagic.code.cell_frames import calling_frame
from seedmagic.imports import is_loaded, loaded
from seedmagic.replacements import Replacements, dressed
from seedmagic.sources.known import lookups
from seedmagic.sources.known.registry import known_sources, present_of_known
from seedmagic.sources.protocol import Source, Told, is_stateful
from seedmagic.warn import warn

# Is told of each call the source, whether that seeded it and drew nothing, and who called.
Listener = Callable[[str, bool, FrameType], None]
# Gives what is called in place of a seeder: of the source, the seeder's path, its owner and itself.
Seeding = Callable[[Source, str, Any, Callable[..., Any]], Callable[..., Any]]

# How often each source was called, in this process, since it is watched.
counts: Counter[str] = Counter()
listeners: list[Listener] = []
# The last of these is asked at each call of a user's that seeds such a source.
seedings: list[Seeding] = []
# By owner and name of each function that draws: the sources that it draws from, and when.
_drawing: dict[tuple[int, str], list[tuple[Source, Any]]] = {}
_replacements = Replacements()
_process = os.getpid()


def start() -> None:
    """Watch the sources that are present by now.

    A further call takes in what came since, where another package finds modules before us.
    """
    _replacements.use(__name__)
    follow()


def stop() -> list[str]:
    """Leave no trace in any library, and name the sources that then remain unseeded."""
    _replacements.release(__name__)
    lookups.forget()
    dropped: list[str] = []
    for source in present_of_known():
        if getattr(source, "waiting", None) is not None:
            source.waiting = None  # type: ignore[attr-defined]  # nobody sees when its time comes
            if not getattr(source, "has_arrived", False):
                dropped.append(source.name)
    return dropped


def follow() -> None:
    """Watch the sources too that came since, and no more those that were taken out."""
    global _drawing
    drawing: dict[tuple[int, str], list[tuple[Source, Any]]] = {}
    for source in present_of_known() if _replacements.in_use else ():
        for path, draws in getattr(source, "draws", {}).items():
            owner, name = function_place(source, path)
            if owner is not None:
                drawing.setdefault((id(owner), name), []).append((source, draws))
                _replacements.replace(owner, name, _noting(owner, name))
        for path in getattr(source, "seeders", ()) if notes_seeders(source) else ():
            owner, name = function_place(source, path)
            if owner is not None:
                _replacements.replace(owner, name, _seeding(source.name, path, owner, name))
        if hasattr(source, "lookups"):
            note = partial(_note_lookup, source.name)
            lookups.watch(loaded(source.module), source.lookups, note)
    _drawing = drawing


def tells_calls(source: Source) -> bool:
    """Whether it is known of `source` when it is drawn from."""
    return hasattr(source, "draws") or hasattr(source, "lookups")


def notes_seeders(source: Source) -> bool:
    """Whether calls that seed `source` are noted here: those of the others leave a state behind."""
    return not is_stateful(source)


def function_place(source: Source, path: str) -> tuple[Any, str]:
    """Give the owner and the name of a function that `source` names; no owner: it is not there."""
    module, _, within = path.rpartition(":")
    owner = sys.modules.get(module or source.module) if is_loaded(source.module) else None
    *parts, name = within.split(".")
    for part in parts:
        owner = getattr(owner, part, None)
    return owner if hasattr(owner, name) else None, name


def _noting(owner: Any, name: str) -> Callable[[Any], Any]:
    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*args: Any, **kwargs: Any) -> Any:
            if _replacements.in_use:
                for source, draws in _drawing.get((id(owner), name), ()):
                    _note(source, draws, args, kwargs, calling_frame())
            return original(*args, **kwargs)

        return dressed(noting, original, owner, name)

    return make


def _seeding(source_name: str, path: str, owner: Any, name: str) -> Callable[[Any], Any]:
    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*args: Any, **kwargs: Any) -> Any:
            source = known_sources().get(source_name)
            if not _replacements.in_use or source is None or not seedings:
                return original(*args, **kwargs)
            return seedings[-1](source, path, owner, original)(*args, **kwargs)

        return dressed(noting, original, owner, name)

    return make


def _note(
    source: Source, draws: Any, args: tuple[Any, ...], kwargs: dict[str, Any], frame: FrameType
) -> None:
    """Take a call; what goes wrong here stays here."""
    try:
        if os.getpid() == _process:
            _arrive(source)
            _tell(source, draws is None or draws(args, kwargs), frame)
        else:  # there nobody is told of a draw, but of a seed that did not come
            _warn_unreached(source, draws, args, kwargs)
    except Exception:  # arguments unlike any known ones; the user's call goes on
        return


def _warn_unreached(source: Any, draws: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    why = getattr(source, "unreached", None)
    if why and (draws is None or draws(args, kwargs)):
        source.unreached = None
        warn(f"{source.name} draws numbers here that no seed controls: {why}.")


def _note_lookup(source_name: str, name: str, frame: FrameType) -> None:
    """Take that a function is looked up, most likely to be called; what goes wrong stays here."""
    source: Any = known_sources().get(source_name)
    if name not in getattr(source, "lookups", ()):
        return
    try:
        _arrive(source)
        told = source.lookups[name](frame)
        if os.getpid() == _process:  # in a forked worker there is nobody to tell
            _tell(source, told, frame)
    except Exception:  # code unlike any known one
        return


def _arrive(source: Any) -> None:
    if hasattr(source, "arrive"):
        source.arrive()


def _tell(source: Source, told: Told, frame: FrameType) -> None:
    if told:
        counts[source.name] += told is True
        for listener in listeners:
            listener(source.name, told == "seeds", frame)
