"""Notice forked workers that draw from one copy of a state each, and so get the same numbers.

A fork copies the state of every generator. Python's `random` and numba's start anew in the child;
the others go on from the copy. What a worker drew is known in the worker alone: it writes that into
memory that it shares with us, when it hands back a result.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from seedmagic.code import running_cells
from seedmagic.code.cell_frames import calling_frame, module_of, outward
from seedmagic.code.source_lines import show_line
from seedmagic.imports import is_loaded, loaded
from seedmagic.replacements import Replacements, dressed
from seedmagic.session import in_force
from seedmagic.sources.known.registry import present_of_known
from seedmagic.sources.protocol import (
    Source,
    StatefulSource,
    given_seed,
    is_stateful,
    looker,
    stretch_of,
)
from seedmagic.words import enumerate_names

if TYPE_CHECKING:
    from mmap import mmap

# Of so many forks it is known what became of them; and of so many sources of each, in 8 bytes.
_MOST, _SOURCES, _WIDTH = 4096, 8, 8
_NEWS = _MOST * _SOURCES * _WIDTH  # a byte that is set where a child has written
_START_ANEW = {"python", "numba"}
_REMEDY = 'Give each task a seed of its own: sm.seeded(sm.derive_seed(42, "task", i))(f).'


class Alike(NamedTuple):
    """What is said of workers that drew the same numbers, and the line that started them."""

    text: str
    line: int | None


@dataclass(frozen=True)
class _Fork:
    """A fork: where the child writes, what led to it, and what its sources began with."""

    place: int
    cell: int
    line: int | None
    names: tuple[str, ...]
    began: tuple[object, ...]


class ForkedWorkers:
    """The forks of this process while somebody watches, and what the children told."""

    def __init__(self) -> None:
        self._users: set[Hashable] = set()
        self._process = os.getpid()
        self._marks: mmap | None = None
        self._forks: list[_Fork] = []
        self._count = 0
        self._cells = 0
        self._moment = 0
        self._is_registered = False
        self.last: Alike | None = None  # what the last call of `tell` gave

    def start(self, user: Hashable) -> None:
        """Watch for `user` too."""
        self._users.add(user)
        if not self._is_registered and hasattr(os, "register_at_fork"):
            self._is_registered = True
            # Once for ever: it cannot be taken back, and does nothing while nobody watches.
            os.register_at_fork(before=self._before, after_in_child=self._in_child)

    def stop(self, user: Hashable) -> None:
        """Watch for `user` no more."""
        self._users.discard(user)
        if not self._users:
            self._forks.clear()

    def begin_anew(self) -> None:
        """Take that a state is set, or set again: then the same numbers may be wanted."""
        self._moment += 1

    def tell(self, code: str) -> Alike | None:
        """Say, at the end of the cell `code`, which workers were found to have drawn the same."""
        self.last = None
        self._cells += 1
        if self._marks is None or not self._marks[_NEWS] or os.getpid() != self._process:
            return None
        self._marks[_NEWS] = 0
        drew: dict[tuple[object, ...], list[_Fork]] = {}
        for fork in self._forks:
            for number, name in enumerate(fork.names):
                drawn = self._read(fork, number)
                if drawn is not None:
                    drew.setdefault((name, fork.began[number], drawn), []).append(fork)
        alike = {key: forks for key, forks in drew.items() if len(forks) > 1}
        told = [fork for forks in alike.values() for fork in forks]
        self._forks = [fork for fork in self._forks if fork not in told][-_MOST:]
        if told:
            names = enumerate_names(list(dict.fromkeys(str(name) for name, *_ in alike)))
            lines = [fork.line for fork in told if fork.cell == self._cells - 1 and fork.line]
            line = max(lines, default=None)
            text = (
                f"{len(set(told))} forked workers each drew from a copy of {names}, and got the "
                f"same numbers{show_line(code, line)}. {_REMEDY}"
            )
            self.last = Alike(text, line)
        return self.last

    def _before(self) -> None:
        """Note what a child is about to begin with."""
        try:
            if self._users and os.getpid() == self._process:
                if self._marks is None:
                    from mmap import mmap

                    self._marks = mmap(-1, _NEWS + 1)
                line = running_cells.shown_line(calling_frame())
                sources = _sources()
                names = tuple(source.name for source in sources)
                began = tuple((self._moment, _digest(source)) for source in sources)
                place = self._count % _MOST * _SOURCES * _WIDTH
                self._marks[place : place + _SOURCES * _WIDTH] = bytes(_SOURCES * _WIDTH)
                fork = _Fork(place, self._cells, line, names, began)
                self._forks = [*self._forks[1 - _MOST :], fork]
                self._count += 1
        except Exception:  # nothing is known of this child
            return

    def _in_child(self) -> None:
        """Begin to look, in a child, whether what it hands back cost a draw."""
        users, self._users = self._users, set()
        try:
            connection = "multiprocessing.connection"
            # A loader seeds its workers itself.
            led = (module_of(each) or "" for each, _ in outward(calling_frame()))
            is_loaders = any(module.startswith("torch.utils.data") for module in led)
            if users and self._forks and is_loaded(connection) and not is_loaders:
                _ChildsLooks(self._forks[-1], self._mark).install(loaded(connection))
        except Exception:
            return

    def _mark(self, fork: _Fork, number: int, drawn: int) -> None:
        if self._marks is not None:
            place = fork.place + number * _WIDTH
            self._marks[place : place + _WIDTH] = (drawn % 2**63 + 1).to_bytes(_WIDTH, "little")
            self._marks[_NEWS] = 1

    def _read(self, fork: _Fork, number: int) -> int | None:
        place = fork.place + number * _WIDTH
        found = self._marks[place : place + _WIDTH] if self._marks is not None else b""
        return int.from_bytes(found, "little") or None


class _ChildsLooks:
    """In a child: what its sources showed when it was forked, and whether they have moved."""

    def __init__(self, fork: _Fork, mark: Callable[[_Fork, int, int], None]) -> None:
        self._fork = fork
        self._mark = mark
        self._session = in_force.current
        self._replacements = Replacements()
        known = {source.name: source for source in _sources()}
        self._looks = {
            number: (known[name], looker(known[name])(None), given_seed(known[name]))
            for number, name in enumerate(fork.names)
        }

    def install(self, connection: Any) -> None:
        """Look whenever this process sends something."""
        self._replacements.use("a worker")
        base = connection.Connection.__mro__[1]
        for name in ("send_bytes", "send"):
            self._replacements.replace(base, name, partial(self._looking, base, name))

    def _looking(self, owner: Any, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def sending(*args: Any, **kwargs: Any) -> Any:
            try:
                self._look()
            except Exception:
                self._looks.clear()
            return original(*args, **kwargs)

        return dressed(sending, original, owner, name)

    def _look(self) -> None:
        # What a worker has seeded itself is its own; a scope leaves things as they were.
        if in_force.current is not self._session:
            self._looks.clear()
        for number, (source, began, given) in list(self._looks.items()):
            now = looker(source)(None)
            if given_seed(source) != given:
                del self._looks[number]
            elif now != began:
                self._mark(self._fork, number, hash(stretch_of(source, now)))
                del self._looks[number]


def _sources() -> list[StatefulSource]:
    """Give the sources of which a fork makes copies that go on; devices cannot be forked."""
    return [source for source in present_of_known() if is_stateful(source) and _goes_on(source)][
        :_SOURCES
    ]


def _goes_on(source: Source) -> bool:
    return source.name not in _START_ANEW and "." not in source.name


def _digest(source: StatefulSource) -> int:
    return hash(repr(looker(source)(None)))


forked_workers = ForkedWorkers()
