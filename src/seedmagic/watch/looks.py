"""See which sources have moved since the last look, as cheaply as each source allows."""

from __future__ import annotations

import hashlib
import sys

from seedmagic.core import session
from seedmagic.core.sources.protocol import State, StatefulSource, given_seed, is_stateful, look
from seedmagic.core.sources.registry import present_sources
from seedmagic.core.state import RngState
from seedmagic.watch.made import is_installed

_ABSENT = object()


class Looks:
    """What each source showed at the last look, and its whole state, taken once per movement."""

    def __init__(self) -> None:
        self._sources: dict[str, StatefulSource] = {}
        self._seen: dict[str, object] = {}
        self._states: dict[str, tuple[object, State]] = {}
        self._given: dict[str, int | None] = {}
        self._modules = 0

    def renew(self) -> None:
        """Forget what was seen and look at everything that is present by now."""
        self._sources = {source.name: source for source in present_sources() if is_stateful(source)}
        seen = {name: look(source, None) for name, source in self._sources.items()}
        # An equal look stays the same object, and with it the state that was taken.
        self._seen = {
            name: self._seen[name] if self._seen.get(name, _ABSENT) == now else now
            for name, now in seen.items()
        }
        self._given = {name: given_seed(source) for name, source in self._sources.items()}

    def moved(self, names: set[str] | None = None) -> list[str]:
        """Name the sources, all or those of `names`, that have moved since the last look."""
        moved = []
        for name, source in self._sources.items():
            if names is None or name in names:
                seen = self._seen[name]
                now = look(source, seen)
                if now is not seen and now != seen:
                    self._seen[name] = now
                    moved.append(name)
        return moved

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
