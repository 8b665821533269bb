"""The RNG states of all sources at one moment: take, restore, compare."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from seedmagic.errors import RestoreError, StateError
from seedmagic.session import in_force, session_terms
from seedmagic.sources.known.registry import known_sources, present_sources, sources, take_in
from seedmagic.sources.protocol import (
    Source,
    State,
    StatefulSource,
    check_state,
    is_present,
    is_stateful,
    state_of,
)
from seedmagic.sources.same_state import is_same


class RngState:
    """What every global generator held at one moment.

    `snapshot` makes one; nothing that happens later changes it.

    Attributes
    ----------
    states : mapping of str to state
        For each source that was loaded and can be put back, its name and what its generators held.
    """

    __slots__ = ("_owners", "_seedings", "_seen", "_states")

    def __init__(
        self,
        states: Mapping[str, State],
        _owners: Mapping[str, Source] | None = None,
        _seedings: Mapping[str, session_terms.Seeded] | None = None,
        _seen: Mapping[str, object] | None = None,
    ) -> None:
        self._states = dict(states)
        # Only of a snapshot of this session: who owned each state, and who had seeded it.
        self._owners = _owners or {}
        self._seedings = _seedings or {}
        # What looks gave in place of states, which are made of it when somebody asks: it takes a
        # third of the room, of which the ledger keeps one for each cell.
        self._seen = _seen or {}

    @property
    def states(self) -> Mapping[str, State]:
        """For each source its name, and what its generators held."""
        return {name: self._state(name) for name in self._names()}

    def _state(self, name: str) -> State:
        if name not in self._states:
            self._states[name] = state_of(self._owners[name], self._seen[name])
        return self._states[name]

    def _names(self) -> Iterable[str]:
        return self._owners or self._states

    def __repr__(self) -> str:
        return f"RngState of {', '.join(self._names()) or 'no source'}"

    def __eq__(self, other: object) -> bool:
        return not self.diff(other) if isinstance(other, RngState) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[type[RngState], tuple[Mapping[str, State]]]:
        # In another process it is a foreign state, whatever its status was here.
        return type(self), (self.states,)

    def restore(self) -> None:
        """Put every source back, and give it the status that it had.

        Sources that were not loaded at the time are left alone. A source of a state from another
        session counts as seeded.

        Raises
        ------
        RestoreError
            Some sources could not be put back; `RestoreError.failures` says which and why. All
            others were.
        ScopeError
            Another thread or asyncio task has a scope open. Nothing was changed.
        """
        take_in()
        with in_force.lock:
            in_force.require_own_scope("restore()")
            failures = self.put_back()
            names = set(self._names())
            known = self._seedings if self._owners else dict.fromkeys(names, session_terms.RESTORED)
            in_force.note_all({name: known.get(name) for name in names - failures.keys()})
        if failures:
            raise RestoreError(failures)

    def put_back(self) -> dict[str, Exception]:
        """Put back the states that can be, not who seeded them; give each failure by its source."""
        known, owners = known_sources(), self._owners
        # One that was registered anew goes before the one that it replaced.
        return self._give({name: known.get(name) or owners.get(name) for name in self._names()})

    def put_back_replaced(self) -> dict[str, Exception]:
        """Put back too the sources in whose place others were registered since."""
        known, owners = known_sources(), self._owners.items()
        replaced = {name: owner for name, owner in owners if known.get(name, owner) is not owner}
        return self._give(replaced) if replaced else {}

    def _give(self, sources: Mapping[str, Source | None]) -> dict[str, Exception]:
        failures: dict[str, Exception] = {}
        with in_force.changing:
            for name, source in sources.items():
                try:
                    _check_owner(source).set_state(self._state(name))
                except Exception as error:
                    failures[name] = error
        return failures

    def diff(self, other: RngState) -> list[str]:
        """Name the sources whose states differ.

        Parameters
        ----------
        other : RngState
            Another moment.

        Returns
        -------
        list of str
            Sources with different states, and those that only one of the two has.

        Examples
        --------
        >>> import random
        >>> import seedmagic as sm
        >>> before = sm.snapshot()
        >>> _ = random.random()
        >>> before.diff(sm.snapshot())
        ['python']
        """
        if not isinstance(other, RngState):
            raise TypeError(f"diff needs another RngState, not {type(other).__name__}")
        names = [*self.states, *(name for name in other.states if name not in self.states)]
        missing = object()
        return [
            name
            for name in names
            if not is_same(self.states.get(name, missing), other.states.get(name, missing))
        ]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the states to a file of JSON, which replaces a former one only when complete.

        Parameters
        ----------
        path : path-like
            Where to.

        Raises
        ------
        StateError
            A plug-in's state holds something else than bytes, str, int, float, bool, None,
            ndarray, and lists, tuples and dicts of them.
        """
        from seedmagic.session.rng_state_file import write

        write(self.states, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> RngState:
        """Read the states from a file that `save` wrote; nothing is executed or restored.

        Parameters
        ----------
        path : path-like
            Where from.

        Returns
        -------
        RngState
            Its `restore` puts the sources back.

        Raises
        ------
        StateError
            The file is empty, cut, no saved state, larger than 16 MiB, or holds a value that its
            source cannot take.
        OSError
            The file cannot be read.
        """
        from seedmagic.session.rng_state_file import read

        states = read(path)
        known = sources()
        for name, state in states.items():
            if name in known:
                try:
                    check_state(known[name], state)
                except Exception as error:  # a plug-in's own ValueError, or what junk makes of it
                    raise StateError(f"{os.fspath(path)!r}: {name}: {error}") from error
        return cls(states)


def snapshot() -> RngState:
    """Take the states of every loaded source that can be put back.

    Returns
    -------
    RngState
        With `restore`, `diff` and `save`. Nothing is drawn or changed, and no device is woken.

    Examples
    --------
    >>> import random
    >>> import seedmagic as sm
    >>> state = sm.snapshot()
    >>> first = random.random()
    >>> state.restore()
    >>> random.random() == first
    True
    """
    return take(present_sources())


def take(chosen: Iterable[Source]) -> RngState:
    """Take the states of those of `chosen` that can be put back."""
    owners = {source.name: source for source in chosen if is_stateful(source)}
    states = {}
    for name, source in owners.items():
        try:
            states[name] = source.get_state()
        except Exception as error:
            raise StateError(
                f"{name}: its state cannot be read: {error}. Nothing was changed. "
                f"seedmagic.unregister_source({name!r}) makes seedmagic leave it alone."
            ) from error
    return RngState(states, owners, in_force.seedings(owners))


def _check_owner(source: Source | None) -> StatefulSource:
    if source is None:
        raise StateError("no source of this name is registered")
    if not is_present(source):
        raise StateError(f"not loaded; import {source.module}, then restore")
    if not is_stateful(source):
        raise StateError("it can only be seeded")
    return source
