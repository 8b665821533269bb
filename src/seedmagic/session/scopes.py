"""A scope: everything as it was at one moment, to be put back at its end."""

from __future__ import annotations

from seedmagic.errors import RestoreError
from seedmagic.seeds import fresh_seed
from seedmagic.session import algorithm_flags, in_force, late_sources
from seedmagic.session.entropy import system_entropy
from seedmagic.session.rng_state import take
from seedmagic.session.seed_only import SeedOnly
from seedmagic.session.session_terms import Seeded
from seedmagic.sources.known.registry import class_of, present_sources
from seedmagic.sources.protocol import Source


class Scope:
    """The RNG states, flags, variables and session of the moment it was opened, to be put back.

    Parameters
    ----------
    what : str
        What opened it, for messages.
    """

    def __init__(self, what: str) -> None:
        with in_force.lock:
            in_force.require_own_scope(what)
            present = present_sources()
            self.what = what
            self.owner = in_force.caller()
            self._state = take(present)
            self._known = {source.name: class_of(source) for source in present}
            self._seed_only = SeedOnly(present)
            self._settings = algorithm_flags.read()
            self._session = in_force.current
            self._inside: in_force.Session | None = None  # what its end found
            late_sources.start()
            in_force.scopes.append(self)

    def is_abandoned(self) -> bool:
        """Whether the thread or task that should have closed it is gone."""
        thread, task = self.owner
        return not thread.is_alive() or (task is not None and task.done())  # type: ignore[attr-defined]

    def close(self) -> None:
        """Put everything back, the scopes opened inside first; a second call does nothing.

        Raises
        ------
        RestoreError
            Some source or setting could not be put back; all others were.
        """
        interrupt: KeyboardInterrupt | None = None
        failures: dict[str, Exception] = {}
        with in_force.lock:
            is_open = True
            while is_open:
                try:
                    while self in in_force.scopes:
                        innermost = in_force.scopes[-1]
                        failures |= innermost.put_back()
                        in_force.scopes.remove(innermost)
                    is_open = False
                except KeyboardInterrupt as error:
                    interrupt = error  # finish first: each step can be taken again
        if failures:
            raise RestoreError(failures)
        if interrupt:
            raise interrupt

    def put_back(self) -> dict[str, Exception]:
        """Put back what was there at its start, and name what failed."""
        if self._inside is None:  # else this is taken again, and the session is put back already
            self._inside = in_force.current
        failures = self._state.put_back()
        in_force.reinstate(self._session)
        system_entropy.follow_session()
        failures |= algorithm_flags.put_back(self._settings)
        newcomers = [
            source
            for source in present_sources()
            if self._known.get(source.name) != class_of(source)
        ]
        for source in newcomers:
            failures.pop(source.name, None)  # of another class: the state was another source's
        failures |= self._settle(newcomers)
        failures |= self._state.put_back_replaced()  # last: others may share their generators
        failures |= self._seed_only.settle(self._inside, self.what)
        return failures

    def _settle(self, newcomers: list[Source]) -> dict[str, Exception]:
        """Leave what appeared inside as it would be had it appeared outside."""
        failures: dict[str, Exception] = {}
        with in_force.changing:
            for source in newcomers:
                seed = self._session.newcomers_seed(source.name)
                try:
                    source.seed(fresh_seed() if seed is None else seed)
                except Exception as error:
                    failures[source.name] = error
                else:
                    by = None if seed is None else Seeded(seed, "its import in a scope")
                    in_force.note(source.name, by)
        late_sources.set_new_flags()
        return failures
