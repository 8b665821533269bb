"""See which sources have moved since the last look, as cheaply as each source allows."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from typing import NamedTuple

from seedmagic.code.ownership import comes_as_package
from seedmagic.session import in_force, session_terms
from seedmagic.session.rng_state import RngState
from seedmagic.sources.known.registry import present_of_known
from seedmagic.sources.protocol import (
    State,
    StatefulSource,
    begins,
    given_seed,
    is_stateful,
    looker,
    only_arrived,
    tells_states,
)
from seedmagic.sources.same_state import is_same
from seedmagic.warn import warn

_ABSENT = object()
_TORCHS_FIRST = 67280421310721  # what torch begins with, and a state from there still tells


def _differ(one: object, other: object) -> bool:
    try:
        return bool(one != other)
    except ValueError:  # a plug-in's state holds arrays, which say of no two whether they differ
        return not is_same(one, other)


class _LookedAt(NamedTuple):
    """The sources that are looked at by name, how, and what each showed; replaced as one."""

    sources: dict[str, StatefulSource]
    lookers: dict[str, Callable[[object], object]]
    seen: dict[str, object]


class Looks:
    """What each source showed at the last look."""

    def __init__(self) -> None:
        self._now = _LookedAt({}, {}, {})
        self._told: dict[str, tuple[object, State]] = {}  # a look, and the state at that moment
        self._moment: RngState | None = None
        self._seeded: object = None
        self._given: dict[str, int | None] = {}
        self._modules = 0
        self._failing: list[StatefulSource] = []
        self._unseeded: set[str] = set()
        self._judged: object = None  # of which time that is

    def renew(self) -> None:
        """Forget what was seen and look at everything that is present by now."""
        # Another thread, which imports, may look meanwhile: it finds the former or the new whole.
        former, fresh = self._now.seen, _LookedAt({}, {}, {})
        for source in present_of_known():
            if is_stateful(source) and not any(source is other for other in self._failing):
                name, look = source.name, looker(source)
                try:
                    now = look(None)
                except Exception as error:
                    self._leave_alone(source, error)
                    continue
                seen = former.get(name, _ABSENT)
                if now is None and seen is _ABSENT:  # it cannot look yet: at the next renewal
                    continue
                fresh.sources[name], fresh.lookers[name] = source, look
                # An equal look stays the same object, and with it the state that was taken.
                fresh.seen[name] = seen if now is None or not _differ(now, seen) else now
        given = {name: given_seed(source) for name, source in fresh.sources.items()}
        self._now, self._given = fresh, given
        self._moment = self._judged = None

    def moved(self, names: set[str] | None = None) -> list[str]:
        """Name the sources, all or those of `names`, that have moved since the last look."""
        moved: list[str] = []
        looked = self._now
        for name, look in [*looked.lookers.items()]:
            if names is None or name in names:
                seen = looked.seen[name]
                try:
                    now = look(seen)
                except Exception as error:
                    self._leave_alone(looked.sources[name], error)
                    looked.lookers.pop(name, None)
                    looked.sources.pop(name, None)
                    continue
                if now is not seen and _differ(now, seen):
                    looked.seen[name] = now
                    self._moment = None
                    if not only_arrived(looked.sources[name], seen, now):
                        moved.append(name)
        return moved

    def _leave_alone(self, source: StatefulSource, error: Exception) -> None:
        """Look no more at a source, a plug-in's, that failed."""
        self._moment = self._judged = None
        self._failing.append(source)
        warn(f"{source.name} cannot be watched: {type(error).__name__}: {error}")

    def was_seeded(self, name: str) -> bool:
        """Whether the generator itself tells that it was seeded since the last look.

        So a function that was imported by name before us is noticed, and the generator's own
        method, which no function of ours sees.
        """
        source = self._now.sources.get(name)
        if source is None:  # forgotten in another thread
            return False
        given = given_seed(source)
        if given == self._given.get(name) and not begins(source, self._now.seen[name]):
            return False
        self._given[name] = given
        in_force.note(name, session_terms.Seeded(given, "a call that was not seen", ours=False))
        return True

    def has_long_seed(self, name: str) -> bool:
        """Whether a source was last seeded with more than 32 bits, as by the operating system."""
        given = self._given.get(name) or 0
        return given >> 32 > 0 and given != _TORCHS_FIRST

    def unseeded(self) -> set[str]:
        """Name the present sources that nobody gave a known seed."""
        if self._judged is not in_force.current.seeded:
            self._judged = in_force.current.seeded
            self._unseeded = self._now.sources.keys() - in_force.current.seeded.keys()
        return self._unseeded

    def names(self) -> set[str]:
        """Name the sources that are looked at."""
        return set(self._now.sources)

    def digest(self, name: str) -> str:
        """Hash what a source showed at the last look."""
        seen = repr(self._now.seen[name]).encode()
        return hashlib.blake2b(seen, digest_size=16).hexdigest()

    def note_modules(self) -> None:
        """Take the modules that are imported by now as known."""
        self._modules = len(sys.modules)

    def imported_only_installed(self) -> bool:
        """Whether modules were imported since the last such question, and none is the user's."""
        fresh = list(sys.modules)[self._modules :]
        self._modules = len(sys.modules)
        modules = [sys.modules.get(name) for name in fresh]
        return bool(fresh) and all(map(comes_as_package, modules))

    def moment(self) -> RngState:
        """Give what the sources showed at the last look; the same object where nothing moved."""
        if self._moment is None or self._seeded is not in_force.current.seeded:
            self._seeded = in_force.current.seeded
            sources, seen = dict(self._now.sources), self._now.seen
            for name, source in sources.items():
                told_of = self._told.get(name, (_ABSENT, None))[0]
                if not tells_states(source) and told_of is not seen[name]:
                    self._told[name] = seen[name], source.get_state()
            told = {name: state for name, (_, state) in self._told.items() if name in sources}
            others = {name: seen[name] for name in sources if name not in told}
            self._moment = RngState(told, sources, in_force.seedings(sources), others)
        return self._moment
