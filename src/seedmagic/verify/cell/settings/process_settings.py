"""Settings of the process that code may change, put back so that each run finds the same."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType
from typing import Any

from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.compare.difference import Difference, change, describe
from seedmagic.objects.kinds.atoms import PLAIN
from seedmagic.session import late_sources
from seedmagic.session.rng_state import RngState, take
from seedmagic.sources.known.registry import present_sources
from seedmagic.verify.cell.settings.array_settings import ARRAYS
from seedmagic.verify.cell.settings.interpreter_settings import AT_ONCE, INTERPRETER, warn_again
from seedmagic.verify.cell.settings.library_settings import LIBRARIES
from seedmagic.verify.cell.settings.logging_settings import LOGGING
from seedmagic.verify.cell.settings.named_attributes import NamedAttributes
from seedmagic.verify.cell.settings.plotting_settings import PLOTTING
from seedmagic.verify.cell.settings.setting import (
    ABSENT,
    ProcessSetting,
    at,
    is_it,
    is_same,
    ways,
    with_changes,
)
from seedmagic.verify.cell.settings.standard_settings import EXITS, STANDARD
from seedmagic.verify.cell.settings.torch_settings import TORCH

Taken = dict[ProcessSetting, Any]
_ALL = (*INTERPRETER, *STANDARD, *LOGGING, *ARRAYS, *TORCH, *PLOTTING, *LIBRARIES)
_FEW = 3
_TOLD = PLAIN - {str, bytes}  # a variable may be a secret


class Settings:
    """The settings that a piece of code starts from.

    What an import changes counts as there from the start: it comes once, and is never undone.

    Parameters
    ----------
    code : code or None
        The code itself, beside the functions that it can reach.
    reached : mapping of str to object
        What it can reach by name.

    Attributes
    ----------
    moved : set of str
        The sources of random numbers that an import drew from, which comes once.
    """

    def __init__(self, code: CodeType | None, reached: Mapping[str, Any]) -> None:
        named = NamedAttributes(code, reached)
        self._texts = named.texts
        exits = (EXITS,) if EXITS.module in named.names else ()
        self._all = (*_ALL, named.setting(), *exits)
        self._start = self.taken()
        self._depth = 0
        self._before: Taken = {}
        self._state: RngState | None = None
        self.moved: set[str] = set()
        warn_again()

    def taken(self) -> Taken:
        """Read all settings of what is loaded."""
        return self._taken(is_loaded)

    def _taken(self, is_here: Callable[[str], bool]) -> Taken:
        return {each: value for each in self._all if (value := _read(each, is_here)) is not ABSENT}

    def put_back(self, all_of_them: bool) -> dict[str, str]:
        """Put back those that are others now, and give what could not be, and why."""
        failures: dict[str, str] = {}
        for setting, start in self._start.items():
            now = _read(setting) if all_of_them or setting.name in AT_ONCE else ABSENT
            if now is not ABSENT and any(True for _ in _ways(start, now)):
                failures |= _put(setting, start)
        warn_again()
        return failures

    def settle(self, left: Taken, right: Taken) -> dict[str, str]:
        """Leave as the first run left it what that run alone has changed.

        A library that sets something at its first use does not set it again. What the code may have
        set itself is given, with the reason why nothing is known of it.

        Parameters
        ----------
        left, right : dict
            What the two runs left; `right` is brought up to date.
        """
        told = {}
        for setting, now in [*right.items()]:
            start, end = self._start.get(setting, ABSENT), left.get(setting, ABSENT)
            if start is ABSENT or end is ABSENT or not setting.put:
                continue
            alone = [way for way in _ways(start, end) if is_same(at(start, way), at(now, way))]
            if alone:
                right[setting] = _with(now, end, alone)
                _put(setting, right[setting])
                self._start[setting] = _with(start, end, alone)
                # What has a name of its own, a logger or a variable, code sets by that name.
                named = [way for way in alone if not way or way[-1] in self._texts]
                if named:
                    told[_label(setting, named)] = "only the first run changed it"
        return told

    def changed(self, left: Taken, among: Collection[str] = ()) -> list[str]:
        """Name what a run set otherwise than it was at the start, of all settings or of some."""
        return list(
            dict.fromkeys(
                _label(setting, [way])
                for setting, end in left.items()
                if not among or setting.name in among
                if (start := self._start.get(setting, ABSENT)) is not ABSENT
                for way in _ways(start, end)
            )
        )

    def differing(self, left: Taken, right: Taken) -> Iterator[Difference]:
        """Give what two runs did not leave alike."""
        told = set()
        for setting, now in right.items():
            end = left.get(setting, now)
            for way in _ways(end, now, setting.likeness):
                one, other = at(end, way), at(now, way)
                label = _label(setting, [way])
                if label in told:
                    continue
                told.add(label)
                if {type(one), type(other)} <= _TOLD:
                    yield change(label, "value", describe(one), describe(other))
                else:
                    yield change(label, "state", "not the same in both runs", "")

    @contextmanager
    def following_imports(self) -> Iterator[None]:
        """While entered, count what an import changes as there from the start."""
        thread = threading.get_ident()

        def take_import(package: bool | None) -> None:
            if threading.get_ident() == thread:
                self._take_import(begins=package is None)

        late_sources.followers.add(self)
        late_sources.importing.append(take_import)
        try:
            yield
        finally:
            late_sources.followers.discard(self)
            if take_import in late_sources.importing:
                late_sources.importing.remove(take_import)

    def _take_import(self, begins: bool) -> None:
        """Take the begin or the end of a module's execution; those inside count with it."""
        if begins:
            if self._depth == 0:
                self._before, self._state = self.taken(), take(present_sources())
            self._depth += 1
            return
        self._depth -= 1
        if self._depth == 0 and self._state is not None:
            self.moved.update(self._state.diff(take(present_sources())))
            # The module is there by now, though Python has yet to say so.
            for setting, after in self._taken(_is_executed).items():
                before = self._before.get(setting, ABSENT)
                start = self._start.get(setting, ABSENT)
                is_new = before is ABSENT or start is ABSENT
                self._start[setting] = after if is_new else with_changes(start, before, after)


def _is_executed(module: str) -> bool:
    # To look at a lazy module's attributes would load it (importlib.util.LazyLoader).
    found = sys.modules.get(module)
    return found is not None and type(found).__name__ != "_LazyModule"


def _read(setting: ProcessSetting, is_here: Callable[[str], bool] = is_loaded) -> Any:
    if not is_here(setting.module):
        return ABSENT
    try:
        return setting.take(loaded(setting.module))
    except Exception:  # of a version without it, or where it cannot be read just now
        return ABSENT


def _put(setting: ProcessSetting, saved: Any) -> dict[str, str]:
    """Put one back, and see that it is; else give what is not, and why."""
    why = "cannot be put back"
    if setting.put is not None:
        try:
            setting.put(loaded(setting.module), saved)
        except Exception as error:
            why = str(error) or type(error).__name__
    left = [*_ways(saved, _read(setting))]
    return {_label(setting, left): why} if left else {}


def _with(copy: Any, other: Any, alone: Iterable[tuple[Any, ...]]) -> Any:
    """Give a copy which has at some ways what another one has there."""
    for way in alone:
        copy = _with_item(copy, way, at(other, way))
    return copy


def _with_item(copy: Any, way: tuple[Any, ...], item: Any) -> Any:
    if not way:
        return item
    key, *rest = way
    inner = _with_item(copy.get(key, ABSENT), tuple(rest), item)
    kept = {other: value for other, value in copy.items() if other != key}
    return kept if inner is ABSENT else {**kept, key: inner}


def _label(setting: ProcessSetting, found: list[tuple[Any, ...]]) -> str:
    """Name a setting, and of one that has many parts these."""
    parts = list(dict.fromkeys(".".join(map(str, way)) for way in found if way))
    told = ", ".join([*parts[:_FEW], *(["…"] if len(parts) > _FEW else [])])
    return f"{setting.name} ({told})" if setting.name and told else setting.name or told


def _ways(
    one: Any, other: Any, likeness: Callable[[Any, Any], bool] = is_it
) -> Iterator[tuple[Any, ...]]:
    """Give where two differ; a whole part that one alone has is of what was loaded since."""
    for way in ways(one, other, likeness):
        both = at(one, way), at(other, way)
        if not (any(each is ABSENT for each in both) and dict in map(type, both)):
            yield way
