"""What happens when a library with randomness is imported: it gets the seed in force."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Hashable
from functools import partial
from types import FrameType, ModuleType
from typing import Any

from seedmagic.code.cell_frames import is_installed_import
from seedmagic.code.ownership import comes_as_package
from seedmagic.imports import ImportWatch
from seedmagic.requirements import NEEDED, told, too_old
from seedmagic.session import algorithm_flags, in_force
from seedmagic.session.entropy import system_entropy
from seedmagic.session.session_terms import Seeded
from seedmagic.sources.known import drawing_calls
from seedmagic.sources.known.registry import awaited_modules, present_sources, registered_names
from seedmagic.sources.protocol import Source
from seedmagic.warn import warn

# Called with None before such a module is executed; after, with whether it comes as a package.
importing: list[Callable[[bool | None], object]] = []
followers: set[Hashable] = set()  # who wants that of every module
_refused: set[str] = set()
_others: list[tuple[Collection[str], Callable[[], object]]] = []


def start() -> None:
    """Begin to watch imports, and the calls of what cannot be looked at."""
    _watch.start()
    drawing_calls.start()


def stop() -> None:
    """Leave imports alone."""
    _watch.stop()
    in_force.note_all(dict.fromkeys(drawing_calls.stop()))


def _users_seeding(
    source: Source, path: str, owner: object, original: Callable[..., Any]
) -> Callable[..., Any]:
    """Note that the user seeds a source, where no watcher does."""

    def noting(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        given = next(iter((*args, *kwargs.values())), None)
        try:
            number = operator.index(given)  # type: ignore[arg-type]
        except Exception:  # a text, or nothing that has a number
            number = None
        in_force.note(source.name, Seeded(number, f"{source.module}.{path}", ours=False))
        return result

    return noting


def _take_call(name: str, seeds: bool, frame: FrameType) -> None:
    """Note that a call of the user's, whose number is not known, seeds a source."""
    if seeds and not is_installed_import(frame):
        in_force.note(name, Seeded(None, "a call of the user's", ours=False))


def also(modules: Collection[str], call: Callable[[], object]) -> Callable[[], None]:
    """Call `call` too when one of `modules` arrives, until the returned function is called."""
    entry = (modules, call)
    _others.append(entry)
    start()
    return lambda: _others.remove(entry)


def set_new_flags() -> None:
    """Set what the seed in force asks of modules that were not imported when it came into force.

    The other flags are left alone: the user may have changed them since. Setting one may import
    more: torch's compiler, and with it `random`. What comes in the middle finds nothing to set.
    """
    global _is_setting
    if _is_setting:
        return
    _is_setting = True
    try:
        _set_new_flags()
    finally:
        _is_setting = False


_is_setting = False


def _set_new_flags() -> None:
    seeding, changes = in_force.current.seeding, in_force.current.changes
    if seeding is not None:
        wanted = algorithm_flags.wanted(seeding.seed, seeding.modes)
        new = {
            name: value
            for name, value in wanted.items()
            if name in algorithm_flags.FLAGS and name not in changes
        }
        if new:
            in_force.replace(changes={**changes, **algorithm_flags.apply(new, {})[0]})


def _awaited() -> set[str]:
    return awaited_modules().union(algorithm_flags.MODULES, *(modules for modules, _ in _others))


def _tell_import(package: bool | None) -> None:
    """Tell that a module is about to be executed, or was; raise nothing."""
    for call in importing[:]:
        try:
            call(package)
        except Exception as error:
            importing.remove(call)
            warn(f"Imports are not watched any more: {type(error).__name__}: {error}")


def _is_package(module: ModuleType) -> bool:
    """Whether what `module` draws is nobody's; raise nothing, for the user imports it."""
    try:
        return comes_as_package(module)
    except Exception:  # a file's name unlike any known one
        return False


def _arrived(module: str) -> None:
    """Seed what `module` brought. Nothing that goes wrong here may break the user's import."""
    try:
        if _is_too_old(module):
            return
        with in_force.lock:
            _seed_what_came(module)
            for modules, call in _others:
                if module in modules:
                    call()
    except Exception as error:
        warn(f"{module} was imported, and could not be seeded: {error}")


def _is_too_old(module: str) -> bool:
    """Whether it cannot be worked with; the first time, say so.

    Mostly `%load_ext` has looked, but nothing need tell the version of what is not imported yet.
    """
    package = module.partition(".")[0]
    found = too_old([package]) if package in NEEDED else []
    if found and package not in _refused:
        _refused.add(package)
        warn(f"{package} is not seeded: seedmagic needs {told(found)}")
    return bool(found)


def _seed_what_came(module: str) -> None:
    known = registered_names()
    present = present_sources()  # takes in the plug-ins that waited for this module
    with in_force.changing:
        for source in present:
            came = source.module == module or source.name not in known
            seed = in_force.current.newcomers_seed(source.name)
            if came and seed is not None:
                source.seed(seed)
                in_force.note(source.name, Seeded(seed, f"the import of {module}"))
    drawing_calls.follow()
    set_new_flags()
    system_entropy.follow_session()


drawing_calls.seedings.append(_users_seeding)
drawing_calls.listeners.append(_take_call)
_watch = ImportWatch(
    partial(_tell_import, None),
    _tell_import,
    _arrived,
    _awaited,
    lambda: bool(followers),
    _is_package,
)
