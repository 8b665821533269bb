"""The session: the seed in force, who seeded each source, and the scopes that are open."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from seedmagic.errors import ScopeError
from seedmagic.session.session_terms import Seeded, Seeding
from seedmagic.warn import warn

if TYPE_CHECKING:
    from seedmagic.session.session_terms import Change, EntropyPin


class Session(NamedTuple):
    """All that a scope must put back besides RNG states and flags; never changed, only replaced."""

    seeding: Seeding | None = None
    # Replaced like the whole, never changed.
    seeded: dict[str, Seeded] = {}  # noqa: RUF012
    changes: dict[str, Change] = {}  # noqa: RUF012
    pin: EntropyPin | None = None
    cell_seed: int | None = None  # under --per-cell: what the running cell started from
    renewals: int = 0  # how often scopes inside have seeded anew what they could not put back

    def newcomers_seed(self, name: str) -> int | None:
        """Give the seed for the source `name` if it appears now; None: no seed reaches it."""
        if self.seeding is None or not self.seeding.modes.covers(name):
            return None
        return self.seeding.seed if self.cell_seed is None else self.cell_seed


class OpenScope(Protocol):
    """A scope that is open: whose it is, and how it is closed."""

    what: str
    owner: tuple[threading.Thread, object]

    def is_abandoned(self) -> bool:
        """Whether the thread or task that opened it has ended."""

    def close(self) -> None:
        """Put back what was there before, the scopes opened inside first."""

    def put_back(self) -> dict[str, Exception]:
        """Put back what was there before, and name what failed."""


class Observer(Protocol):
    """Wants to see what was drawn before generators are changed, and what they hold after."""

    def before_change(self) -> None:
        """Look: the generators are about to be seeded or restored."""

    def after_change(self) -> None:
        """Look again: what moved since was no draw."""


# Guards every change of a source, a flag or the session.
lock = threading.RLock()
current = Session()
scopes: list[OpenScope] = []
observers: list[Observer] = []


class _Changing:
    def __enter__(self) -> None:
        for observer in observers[:]:
            _tell(observer, observer.before_change)

    def __exit__(self, *error: object) -> None:
        for observer in observers[:]:
            _tell(observer, observer.after_change)


# Within it generators are changed: it lets the observers see both sides.
changing = _Changing()


def _tell(observer: Observer, happening: Callable[[], None]) -> None:
    """Tell an observer; one that fails must not break the user's seeding, and is told no more."""
    try:
        happening()
    except Exception as error:
        observers.remove(observer)
        warn(f"Seedings are not watched any more: {type(error).__name__}: {error}")


def replace(**changed: Any) -> None:
    """Put a session in force in which `changed` differs."""
    global current
    current = current._replace(**changed)


def reinstate(whole: Session) -> None:
    """Put a session in force, a former one or a new one."""
    global current
    current = whole


def note(name: str, seeded: Seeded | None) -> None:
    """Remember who seeded a source; None: nobody did."""
    note_all({name: seeded})


def note_all(noted: Mapping[str, Seeded | None]) -> None:
    """Remember who seeded each of several sources; None: nobody did."""
    both = {**current.seeded, **noted}
    replace(seeded={name: seeded for name, seeded in both.items() if seeded is not None})


def seedings(names: Iterable[str]) -> dict[str, Seeded]:
    """Give who seeded each of `names`, where somebody did."""
    return {name: current.seeded[name] for name in names if name in current.seeded}


def caller() -> tuple[threading.Thread, object]:
    """Name the thread and the asyncio task that run."""
    asyncio: Any = sys.modules.get("asyncio")
    # current_task() raises where no loop runs, which takes longer than all else here.
    loop = asyncio._get_running_loop() if hasattr(asyncio, "_get_running_loop") else None
    task = asyncio.current_task(loop) if asyncio and loop else None
    return threading.current_thread(), task


def require_own_scope(what: str) -> None:
    """Refuse `what` while another thread or task has a scope open.

    To wait would deadlock a cell that waits for its pool's worker; not to wait would mix streams.
    """
    while scopes and scopes[-1].is_abandoned():
        warn(f"{scopes[-1].what} was left open by {_describe(*scopes[-1].owner)}; closed now.")
        scopes[-1].close()
    if scopes and scopes[-1].owner != caller():
        raise ScopeError(
            f"{what} was called from {_describe(*caller())}, while {_describe(*scopes[-1].owner)} "
            f"has {scopes[-1].what} open, whose streams it would mix with. Nothing was changed. "
            "Wait until it has ended, or use seedmagic.generator(...) or "
            "seedmagic.torch_generator(...) for numbers of your own."
        )


def _describe(thread: threading.Thread, task: Any) -> str:
    named = f" in task {task.get_name()!r}" if task is not None else ""
    return f"thread {thread.name!r}{named}"


def _forget_parent() -> None:
    """Give a forked child no scopes and no held lock: it has none of its parent's threads."""
    global lock
    lock = threading.RLock()
    scopes.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parent)
