"""See which sources have moved since the last look, as cheaply as each source allows."""

from __future__ import annotations

import hashlib
import sys

from seedmagic.core import session
from seedmagic.core.sources.protocol import State, StatefulSource, given_seed, is_stateful, look
from seedmagic.core.sources.registry import present_sources
from seedmagic.core.state import RngState, is_same
from seedmagic.warn import warn
from seedmagic.watch.made import is_installed

_ABSENT = object()


def _differ(one: object, other: object) -> bool:
    try:
        return bool(one != other)
    except ValueError:  # a plug-in's state holds arrays, which say of no two whether they differ
        return not is_same(one, other)


class Looks:
    """What each source showed at the last look, and its whole state, taken once per movement."""

    def __init__(self) -> None:
        self._sources: dict[str, StatefulSource] = {}
        self._seen: dict[str, object] = {}
        self._states: dict[str, tuple[object, State]] = {}
        self._given: dict[str, int | None] = {}
        self._modules = 0
        self._failing: list[StatefulSource] = []

    def renew(self) -> None:
        """Forget what was seen and look at everything that is present by now."""
        former, self._seen, self._sources = self._seen, {}, {}
        for source in present_sources():
            if is_stateful(source) and not any(source is other for other in self._failing):
                now = self._look(source, None)
                if now is not _ABSENT:
                    self._sources[source.name] = source
                    # An equal look stays the same object, and with it the state that was taken.
                    seen = former.get(source.name, _ABSENT)
                    self._seen[source.name] = now if _differ(now, seen) else seen
        self._given = {name: given_seed(source) for name, source in self._sources.items()}

    def moved(self, names: set[str] | None = None) -> list[str]:
        """Name the sources, all or those of `names`, that have moved since the last look."""
        moved = []
        for name, source in list(self._sources.items()):
            if names is None or name in names:
                seen = self._seen[name]
                now = self._look(source, seen)
                if now is _ABSENT:
                    del self._sources[name]
                elif now is not seen and _differ(now, seen):
                    self._seen[name] = now
                    moved.append(name)
        return moved

    def _look(self, source: StatefulSource, last: object) -> object:
        """Look at a source; one that fails, a plug-in's, is left alone from then on."""
        try:
            return look(source, last)
        except Exception as error:
            self._failing.append(source)
            warn(f"{source.name} cannot be watched: {type(error).__name__}: {error}")
            return _ABSENT

    def was_seeded(self, name: str) -> bool:
        """Whether the library itself tells that its generator was seeded since the last look.

        So a call of the generator's own method is noticed, which no function of ours sees.
        """
        given = given_seed(self._sources[name])
        if given == self._given.get(name):
            return False
        self._given[name] = given
        session.note(name, session.Seeded(given, "its generator's own method", ours=False))
        return True

    def unseeded(self) -> set[str]:
        """Name the present sources that nobody gave a known seed."""
        return self._sources.keys() - session.current.seeded.keys()

    def names(self) -> set[str]:
        """Name the sources that are looked at."""
        return set(self._sources)

    def digest(self, name: str) -> str:
        """Hash what a source showed at the last look."""
        seen = repr(self._seen[name]).encode()
        return hashlib.blake2b(seen, digest_size=16).hexdigest()

    def note_modules(self) -> None:
        """Take the modules that are imported by now as known."""
        self._modules = len(sys.modules)

    def imported_only_installed(self) -> bool:
        """Whether modules were imported since the last such question, and none is the user's."""
        fresh = list(sys.modules)[self._modules :]
        self._modules = len(sys.modules)
        return bool(fresh) and all(is_installed(sys.modules.get(name)) for name in fresh)

    def states(self) -> RngState:
        """Give the whole states at the last look; an unmoved source's is not taken again."""
        for name, source in self._sources.items():
            if self._states.get(name, (_ABSENT, None))[0] is not self._seen[name]:
                self._states[name] = (self._seen[name], source.get_state())
        states = {name: self._states[name][1] for name in self._sources}
        return RngState(states, dict(self._sources), session.seedings(states))
