"""What a scope does for sources that can only be seeded, and so never be put back."""

from __future__ import annotations

from collections.abc import Iterable

from seedmagic.seeds import MAX_SEED, derive_seed, fresh_seed
from seedmagic.session import in_force
from seedmagic.session.session_terms import Seeded
from seedmagic.sources.known import drawing_calls
from seedmagic.sources.known.registry import present_of_known
from seedmagic.sources.protocol import Source, is_stateful
from seedmagic.warn import warn
from seedmagic.words import enumerate_names

_told: set[str] = set()  # it is said of each once in a process


class SeedOnly:
    """Such sources as they were when a scope was opened.

    Parameters
    ----------
    present : iterable of Source
        All sources that are present by then.
    """

    def __init__(self, present: Iterable[Source]) -> None:
        self._sources = [source for source in present if not is_stateful(source)]
        self._session = in_force.current
        self._counts = {source.name: _calls(source) for source in self._sources}

    def seed_alike(self) -> None:
        """Seed those that the seed in force covers, so that what comes now starts alike each time.

        With none in force nothing is done: `called` tells of which that matters.
        """
        with in_force.changing:
            for source in self._sources:
                seed = self._session.newcomers_seed(source.name)
                if seed is not None:
                    source.seed(seed)
                    in_force.note(source.name, Seeded(seed, "the start of a run"))

    def adrift(self) -> list[str]:
        """Name those that were called and that no seed in force starts alike."""
        return [
            source.name
            for source in self._sources
            if self._was_called(source) and self._session.newcomers_seed(source.name) is None
        ]

    def settle(self, inside: in_force.Session, what: str) -> dict[str, Exception]:
        """Seed anew what the scope `what` seeded or drew from, and name what failed.

        `inside` is the session that ends with it.
        """
        failures: dict[str, Exception] = {}
        touched = [source for source in self._sources if self._was_touched(source, inside)]
        if not touched:
            return failures
        in_force.replace(renewals=self._session.renewals + 1)
        with in_force.changing:
            for source in touched:
                try:
                    self._seed_anew(source)
                except Exception as error:
                    failures[source.name] = error
        if len(in_force.scopes) == 1:  # of those inside, the next outer one has the last word
            self._tell([source for source in touched if self._was_called(source)], what)
        return failures

    def _seed_anew(self, source: Source) -> None:
        outer = self._outer_seed(source.name)
        if outer is None:
            source.seed(fresh_seed())
            in_force.note(source.name, None)
        else:
            # Each time another, or what follows each of two scopes would draw the same numbers.
            # Without a seed in force, the seed that the last scope left is another already.
            is_in_force = self._session.newcomers_seed(source.name) is not None
            count = self._session.renewals if is_in_force else 0
            seed = derive_seed(outer, "after a scope", source.name, count)
            source.seed(seed)
            in_force.note(source.name, Seeded(seed, "the end of a scope"))

    def _outer_seed(self, name: str) -> int | None:
        """Give the seed in force outside, or the user's own."""
        seed = self._session.newcomers_seed(name)
        own = self._session.seeded.get(name)
        if seed is not None or own is None:
            return seed
        if own.seed is not None and 0 <= own.seed <= MAX_SEED:
            return own.seed
        # One that takes more bits than ours, or a number that nobody saw: the same each time too.
        return derive_seed(0, "a seed of the user's", "unseen" if own.seed is None else own.seed)

    def _was_touched(self, source: Source, inside: in_force.Session) -> bool:
        seeded = inside.seeded.get(source.name) is not self._session.seeded.get(source.name)
        return seeded or (drawing_calls.tells_calls(source) and self._was_called(source))

    def _was_called(self, source: Source) -> bool:
        """Whether it was drawn from since; where that cannot be known, it may have been."""
        return _calls(source) != self._counts[source.name] or not drawing_calls.tells_calls(source)

    def _tell(self, called: list[Source], what: str) -> None:
        fresh = [source.name for source in called if source.name not in _told]
        by_system = [name for name in fresh if self._outer_seed(name) is None]
        others = [name for name in fresh if name not in by_system]
        for names, origin in (
            (others, "from the seed outside"),
            (by_system, "by the operating system"),
        ):
            if names:
                it, was = ("it", "it was") if len(names) == 1 else ("them", "they were")
                warn(
                    f"{enumerate_names(names)} can only be seeded, so {what} could not put {it} "
                    f"back: {was} seeded anew, {origin}."
                )
                _told.update(names)  # only now: an interrupt has this taken again


def _calls(source: Source) -> int:
    return drawing_calls.counts[source.name]


class NameCounts:
    """What libraries count so as to give no name twice, as it is when code runs the first time."""

    def __init__(self) -> None:
        self._counts = {
            source.name: (source, source.names())
            for source in present_of_known()
            if hasattr(source, "names")
        }

    def put_back(self) -> None:
        """Let the code that is run once more give the same names."""
        for source, names in self._counts.values():
            source.set_names(names)  # type: ignore[attr-defined]
