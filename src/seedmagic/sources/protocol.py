"""What an object must have to be a source, and which parts of it are optional."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import BuiltinFunctionType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any, Literal, Protocol, TypeGuard, runtime_checkable

from seedmagic.imports import is_loaded, loaded

# bytes, str, int, float, bool, None, ndarray, and lists, tuples and dicts (str → State) of them.
State = Any
# Of each function that draws, as ``Series.shuffle`` of the source's module or ``module:function``,
# whether a call with these arguments does, or seeds; None: every call draws.
Told = bool | Literal["seeds"]
Draws = Mapping[str, "Callable[[tuple[Any, ...], dict[str, Any]], Told] | None"]
_MADE_BY_CODE = (FunctionType, BuiltinFunctionType, MethodType, ModuleType, type)
Lookups = Mapping[str, Callable[[FrameType], Told]]


@runtime_checkable
class Source(Protocol):
    """A named owner of global RNG state.

    These three members are enough. A source may also have

    ``get_state()`` and ``set_state(state)``
        both or neither; without them it is "seed only": nothing can put it back;
    ``check_state(state)``
        raises `ValueError` if `state` is none of its states, and changes nothing;
    ``is_loaded()``
        whether its generators exist; without it, whether `module` is imported;
    ``package``
        the library, where `module` is a part that the library loads on first use: a seeding
        loads it once the library is imported;
    ``look(last)``
        something cheap that differs when the generators have moved since it gave `last`, or
        `last` where it cannot look just now; without it, whole states are compared;
    ``given_seed()``
        the number that its generators were last seeded with, if the library tells;
    ``state_of(seen)``
        the state that ``get_state`` would have given when ``look`` gave `seen`;
    ``begins(seen)``
        whether `seen`, which ``look`` gave, is what only a seeding leaves behind;
    ``only_arrived(before, seen)``
        whether what differs between two looks is that the generators came into being, undrawn;
    ``is_awake()`` and ``count()``
        of generators on devices: whether these are initialised, and how many there are, or None
        where only waking them would tell;
    ``seeders``
        the functions of the library, named as in ``draws``, with which users seed it themselves;
    ``draws``
        of a source that is seed only, the functions that draw: a `Draws`. So it is known when it
        was drawn from, although nothing can be read;
    ``lookups``
        names of functions of the module that draw and in whose place no function of ours may
        stand, each with what tells so of the frame that looks it up;
    ``arrive()``, ``waiting`` and ``has_arrived``
        called before any of these functions runs: seeds what could not be seeded until now; the
        seed for what comes later, or None; and whether anything has it by now;
    ``unreached``
        why a seed that was given did not come, or None: a draw in a forked process warns of it;
    ``names()`` and ``set_names(names)``
        what the library counts so as to give no name twice. A seeding leaves it alone, for a model
        may refuse two layers of one name; where code is run once more, it starts where it did;
    ``owned()``
        the generator objects that the library makes for it when it is first used;
    ``part``
        what is in reach, where that is not all of the library: ``"main thread"``;
    ``infallible``
        true if seeding cannot fail once the seed is checked, which saves a copy of every state.

    Attributes
    ----------
    name : str
        How users call it, as in ``--skip NAME``: letters, digits, ``_``, ``-`` and ``.``.
    module : str
        The module whose import brings the generators; nothing is called before that.
    """

    name: str
    module: str

    def seed(self, seed: int) -> None:
        """Start every generator of this source from `seed`, 0 ≤ seed ≤ 4294967295."""


class StatefulSource(Source, Protocol):
    """A source that can be put back."""

    def get_state(self) -> State:
        """Return what its generators hold, as a copy."""

    def set_state(self, state: State) -> None:
        """Put back what `get_state` returned."""


def is_stateful(source: Source) -> TypeGuard[StatefulSource]:
    """Whether `source` can be put back."""
    return hasattr(source, "get_state")


def is_present(source: Source) -> bool:
    """Whether the generators of `source` exist by now."""
    if not is_loaded(source.module):
        return False
    asks = getattr(source, "is_loaded", None)
    return bool(asks()) if asks else True


def own_parts(module: str, *names: str) -> bool:
    """Whether what is loaded as `module` is a module that holds functions or classes of `names`.

    A file of the user's, a stub or a mock may stand there in the library's place.
    """
    found = loaded(module)
    # A stand-in may give anything that it is asked for; so what it holds is looked at.
    held = vars(found) if isinstance(found, ModuleType) else {}
    return all(isinstance(held.get(name), _MADE_BY_CODE) for name in names)


def are_infallible(sources: Iterable[Source]) -> bool:
    """Whether seeding `sources` needs no states to go back to."""
    return all(getattr(source, "infallible", False) for source in sources)


def looker(source: StatefulSource) -> Callable[[object], object]:
    """Give what tells whether the generators of `source` have moved: its ``look``, or the state."""
    looks: Callable[[object], object] | None = getattr(source, "look", None)
    return looks or (lambda last: source.get_state())


def tells_states(source: Source) -> bool:
    """Whether a state of `source` can be made at any time of what a look at it gave."""
    return hasattr(source, "state_of")


def state_of(source: Source, seen: object) -> State:
    """Make a state of what a look at `source`, which tells states, gave."""
    return source.state_of(seen)  # type: ignore[attr-defined]


def begins(source: Source, seen: object) -> bool:
    """Whether `seen` is what only a seeding leaves behind, where the source can tell."""
    tells = getattr(source, "begins", None)
    return bool(tells and tells(seen))


def only_arrived(source: Source, before: object, seen: object) -> bool:
    """Whether nothing but the arrival of its generators lies between two looks at `source`."""
    tells = getattr(source, "only_arrived", None)
    return bool(tells and tells(before, seen))


def owned_by(source: Source) -> Iterable[Any]:
    """Give the generator objects that a library made for `source`."""
    owned = getattr(source, "owned", None)
    return owned() if owned else ()


def given_seed(source: Source) -> int | None:
    """Give the number that `source` was last seeded with, where its library tells."""
    tells = getattr(source, "given_seed", None)
    return tells() if tells else None


def stretch_of(source: Source, seen: object) -> object:
    """Give that part of `seen` which two generators share whose next draws overlap.

    None: the source cannot tell.
    """
    tells = getattr(source, "stretch_of", None)
    return tells(seen) if tells else None


def original(function: Any) -> Any:
    """Give a library's own function, where the watcher has put one around it that notes calls."""
    # A method is none of ours, and takes ten times as long to say that it lacks an attribute.
    return function if type(function) is MethodType else getattr(function, "__wrapped__", function)


def check_state(source: Source, state: State) -> None:
    """Let `source` refuse `state`, where it knows how to."""
    checks = getattr(source, "check_state", None)
    if checks:
        checks(state)
