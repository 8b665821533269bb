"""Replace functions of libraries by ones that note the call, for as long as anybody wants them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from types import ModuleType
from typing import Any, NamedTuple


class _Replaced(NamedTuple):
    owner: Any
    name: str
    ours: Any
    original: Any


class Replacements:
    """What one hook of ours has replaced: of the process, not of whoever asked for it first."""

    def __init__(self) -> None:
        self._users: set[Hashable] = set()
        self._replaced: list[_Replaced] = []

    @property
    def in_use(self) -> bool:
        """Whether anybody wants them; somebody may hold one of ours after that, and call it."""
        return bool(self._users)

    def use(self, user: Hashable) -> None:
        """Count `user`; a second time changes nothing."""
        self._users.add(user)

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Put what `make` makes of the original in its place; a second time changes nothing."""
        if hasattr(owner, name) and not any(
            done.owner is owner and done.name == name for done in self._replaced
        ):
            original = vars(owner).get(name) if isinstance(owner, type) else None
            if isinstance(original, classmethod):
                ours: Any = classmethod(make(original.__func__))
            else:
                # A module may have been given what another one holds, and ours with it.
                original = self._bare(getattr(owner, name))
                ours = make(original)
            setattr(owner, name, ours)
            self._replaced.append(_Replaced(owner, name, ours, original))

    def _bare(self, function: Any) -> Any:
        """Give what a function of ours stands for; any other as it is."""
        return next((done.original for done in self._replaced if done.ours is function), function)

    def release(self, user: Hashable) -> None:
        """Count `user` no more; put the originals back once nobody is left."""
        self._users.discard(user)
        if self._users:
            return
        for done in self._replaced:
            # Somebody, such as torch's compiler, may have put a function of its own over ours.
            if vars(done.owner).get(done.name) is done.ours:
                setattr(done.owner, done.name, done.original)
        self._replaced.clear()


def dressed(ours: Callable[..., Any], original: Any, owner: Any, name: str) -> Callable[..., Any]:
    """Give a function the looks of the original, and its place, by which it also pickles."""
    for attribute in ("__doc__", "__name__", "__qualname__", "__module__", "__text_signature__"):
        if hasattr(original, attribute):
            setattr(ours, attribute, getattr(original, attribute))
    if isinstance(owner, ModuleType):
        # A method of a generator's, as random.seed is, says another place.
        ours.__qualname__, ours.__module__ = name, owner.__name__
    ours.__wrapped__ = original  # type: ignore[attr-defined]
    return ours
