"""The start of a run, which is put back before the next: RNG states, settings, names, objects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping, MutableMapping
from time import perf_counter
from types import CodeType, ModuleType
from typing import Any

from seedmagic.code.ownership import is_own_module
from seedmagic.errors import RewindError
from seedmagic.objects.kinds.kinds import ATOM, TOOL, kind
from seedmagic.objects.rewind.capture import Capture, capture
from seedmagic.objects.rewind.namespace import NamespaceNames
from seedmagic.objects.walk_bound import Bound
from seedmagic.session import in_force
from seedmagic.session.scopes import Scope
from seedmagic.session.seed_only import NameCounts, SeedOnly
from seedmagic.sources.known.registry import present_of_known
from seedmagic.verify.cell.own_modules import is_variable, own_modules, variables
from seedmagic.verify.cell.settings.process_settings import Settings

# Why a source that can only be seeded did not start alike.
ADRIFT = "can only be seeded, and no seed is in force"


class Start:
    """Everything that a piece of code can reach, as it is before the code runs.

    The user's own modules that it reaches are part of that, whichever way it changes them.

    Parameters
    ----------
    namespace : mutable mapping of str to object
        Where the code runs.
    reached : mapping of str to object
        The objects that it can reach by name.
    is_users : callable
        Whether a name of the namespace is the user's.
    reads : collection of str
        The names that the code reads before it binds them.
    rewound : collection of str
        The names that start each re-run of the code as they start this one.
    code : code, optional
        The code, where it is none of the functions that are reached.

    Attributes
    ----------
    kept : dict of str to object
        The objects that are put back, by name.
    refused : dict of str to str
        What cannot be, and why.
    names : set of str
        All names that lead to something.
    reads, rewound : frozenset of str
        As they were given.
    settings : Settings
        The process's.
    """

    def __init__(
        self,
        namespace: MutableMapping[str, Any],
        reached: Mapping[str, Any],
        is_users: Callable[[str], bool],
        reads: Collection[str],
        rewound: Collection[str] = (),
        code: CodeType | None = None,
    ) -> None:
        # What one name shares with another that is rewound counts as that one's.
        given = {name: namespace[name] for name in rewound if name in namespace}
        self.reached = reached = {**given, **reached}
        self.rewound = frozenset(rewound)
        self.reads = frozenset(reads)
        self._modules = modules = own_modules(reached.values())
        self._names = {"": NamespaceNames(namespace, is_users)}
        self._names |= {
            f"{name}.": NamespaceNames(vars(modules[name]), is_variable) for name in modules
        }
        self.refused: dict[str, str] = {}
        # Libraries, numbers and texts never change, and a lock or a stream is left as it is.
        self.kept = {
            name: value
            for name, value in reached.items()
            if is_users(name) and not _is_still(value)
        }
        self.names = {
            owner + name for owner, names in self._names.items() for name in names.held
        } | {*reached}
        in_modules = variables(modules)
        self.kept |= {place: value for place, value in in_modules if not _is_still(value)}
        self.looks = Bound()
        began = perf_counter()
        with self.looks.in_force():
            self._capture = self._captured()
        self.seconds = perf_counter() - began  # that a copy takes
        self._names_given = NameCounts()
        self._renewals = in_force.current.renewals
        self._open()
        self.settings = Settings(code, reached)

    def _open(self) -> None:
        # What scopes inside left behind is to be the same after each run.
        in_force.replace(renewals=self._renewals)
        self._scope = Scope("--verify")
        self._seed_only = SeedOnly(present_of_known())
        self._seed_only.seed_alike()

    def _captured(self) -> Capture:
        """Take what can be taken, and leave out what turns out to be unreadable."""
        while True:
            try:
                return capture(self.kept)
            except RewindError as error:
                holders = {
                    name
                    for name in self.kept
                    if any(is_in(place, name) for place in error.failures)
                }
                if not holders:
                    raise
                self.refused |= {place: str(why) for place, why in error.failures.items()}
                for name in holders:
                    del self.kept[name]

    @property
    def nbytes(self) -> int:
        """Give the bytes that the copies take."""
        return self._capture.nbytes

    def unmoved(self) -> set[int]:
        """Give the ids of tensors whose elements were found as at the start."""
        return self._capture.unmoved()

    def values(self, names: Collection[str]) -> dict[str, Any]:
        """Give what can be compared with the end of a run, and last what these names hold."""
        held = {
            owner + name: value
            for owner, each in self._names.items()
            for name, value in each.held.items()
            if owner + name in names
        }
        return {name: value for name, value in self.kept.items() if name not in held} | held

    def name_of(self, place: str) -> str | None:
        """Give the name that leads to a place; None where the place is new since the start."""
        return root_of(place, self.names)

    def rewound_as(self, name: str) -> str:
        """Give the user's name whose `--rewind` goes as far: a module's, of a variable in it."""
        module = self._modules.get(name.rpartition(".")[0])
        users = (each for each, held in self._names[""].held.items() if held is module)
        return name if module is None else next(users, name)

    def can_rewind(self, name: str) -> bool:
        """Whether a `--rewind` of this name can be asked for, and puts it back."""
        held = self._names[""].held
        return name in held and (name in self.kept or not _is_tool(held[name]))

    def bound(self) -> dict[str, Any]:
        """Give the user's names that hold another object than at the start."""
        return {
            owner + name: value
            for owner, names in self._names.items()
            for name, value in names.bound().items()
        }

    def deleted(self) -> set[str]:
        """Name what the code has deleted."""
        return {owner + name for owner, names in self._names.items() for name in names.deleted()}

    def put_back(self, with_settings: bool = True) -> dict[str, str]:
        """Put everything back, and give what could not be, and why.

        Without the settings of the process, only what runs are seen by, and the folder, go back.
        """
        adrift = dict.fromkeys(self._seed_only.adrift(), ADRIFT)
        self._scope.close()
        self._open()
        for names in self._names.values():
            names.put_back()
        self._names_given.put_back()
        failures = self._capture.put_back() | self.settings.put_back(all_of_them=with_settings)
        return adrift | failures

    def taken_anew(self) -> Callable[[], dict[str, str]]:
        """Take names and objects as they are now; what is given puts them back as `put_back` does.

        Raises
        ------
        RewindError
            An object cannot be copied as it is now.
        """
        names = [each.taken_anew() for each in self._names.values()]
        objects = capture(self.kept)

        def put_back() -> dict[str, str]:
            for each in names:
                each.put_back()
            return objects.put_back()

        return put_back

    def close(self) -> None:
        """Let go of it; RNG states and flags are as at the start."""
        self._scope.close()


def _is_still(value: Any) -> bool:
    try:
        # The variables of a module of the user's have names of their own here.
        return kind(value) in (ATOM, TOOL) or _is_module(value)
    except Exception:  # of an odd object, of which the walk will say that it cannot be looked into
        return False


def _is_tool(value: Any) -> bool:
    return (_is_module(value) and not is_own_module(value)) or kind(value) is TOOL


def _is_module(value: Any) -> bool:
    return issubclass(type(value), ModuleType)


def is_in(place: str, name: str) -> bool:
    """Whether a place is this name's, or something that it holds."""
    return place.startswith(name) and place[len(name) : len(name) + 1] in ("", ".", "[", " ")


def root_of(place: str, names: Container[str]) -> str | None:
    """Give the longest of `names` that a place begins with."""
    ends = (at for at in range(len(place), 0, -1) if place[at : at + 1] in ("", ".", "[", " "))
    return next((place[:at] for at in ends if place[:at] in names), None)
