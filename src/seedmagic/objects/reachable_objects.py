"""Which objects a piece of code can reach by name."""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from seedmagic.code.names_in_code import compiled, names_in
from seedmagic.code.ownership import is_own
from seedmagic.objects.kinds import atoms
from seedmagic.objects.kinds.aspects import Place
from seedmagic.objects.kinds.kinds import NotReached
from seedmagic.objects.object_walk import Node, walk
from seedmagic.objects.rewind.namespace import is_users
from seedmagic.objects.walk_bound import Bound

# Where code calls one of these, it can name anything by text alone,
_BY_TEXT = frozenset(("eval", "exec", "globals", "locals", "vars"))
# and so it can by these attributes and modules.
_NAMESPACES = frozenset(("__main__", "user_ns", "f_globals", "__globals__", "builtins"))


def reach(source: str | types.CodeType, namespace: Mapping[str, Any]) -> dict[str, Any]:
    r"""Find the objects that a piece of code can reach by name.

    These are what it names itself, what the functions and classes of the notebook name that it can
    reach so, and so on: through globals, and through whatever an object holds (a function its
    closure and defaults, a bound method its object, an instance the methods of its class). Code
    that calls ``eval``, ``exec``, ``globals``, ``locals`` or ``vars``, or asks for ``__main__`` or
    a namespace by its attribute, reaches all that is the user's. What libraries name is not looked
    at.

    Parameters
    ----------
    source : str or code
        As in `names_in_code.names_in`.
    namespace : mapping of str to object
        The globals of the code.

    Returns
    -------
    dict of str to object
        By name; what another namespace holds by its way, as ``train.__globals__['history']``.
        What an object holds is not listed beside it.

    Examples
    --------
    >>> from seedmagic.objects.reachable_objects import reach
    >>> namespace = {"__name__": "__main__"}
    >>> exec("history = []\ndef note(x): history.append(x)", namespace)
    >>> list(reach("note(1)", namespace))
    ['note', 'history']
    """
    return Reach(source, namespace).objects


class Reach:
    """What a piece of code can reach by name, and by way of which names.

    Parameters
    ----------
    source, namespace
        As for `reach`.

    Attributes
    ----------
    objects : dict of str to object
        As `reach` gives them.
    """

    def __init__(self, source: str | types.CodeType, namespace: Mapping[str, Any]) -> None:
        self.objects: dict[str, Any] = {}
        self._leads: dict[str, list[str]] = {}
        classes: dict[int, str] = {}
        todo = deque(_named(compiled(source), namespace, namespace, ""))
        with Bound().in_force():
            while todo:
                name, value = todo.popleft()
                if name in self.objects:
                    continue
                self.objects[name] = value
                leads = [*_leads_of(name, value, namespace, classes)]
                self._leads[name] = [other for other, _ in leads]
                todo += leads

    def closure(self, source: str | types.CodeType) -> set[str]:
        """Name what a part of the code can reach."""
        found: set[str] = set()
        todo = [*names_in(source).all]
        while todo:
            name = todo.pop()
            if name in self.objects and name not in found:
                found.add(name)
                todo += self._leads[name]
        return found


def _leads_of(
    name: str, value: Any, namespace: Mapping[str, Any], classes: dict[int, str]
) -> Iterator[tuple[str, Any]]:
    looked_into: set[int] = set()
    in_modules: set[int] = set()
    for node in walk({name: value}, compared=False, folded=True):
        if type(node.kind) is NotReached:
            # It stands for what it might lead to, so that nobody takes the rest for all.
            yield str(node.place), node.kind
            continue
        # What modules name that an object holds, its code does not name.
        if node.place.edge_kind == "module" or id(node.place.parent) in in_modules:
            in_modules.add(id(node.place))
            continue
        for other, held in _leads(node.value, node.place, looked_into):
            if isinstance(held, types.CodeType):
                yield from _named(held, other.__globals__, namespace, other.__qualname__)
            else:
                # A class without a name of its own keeps the first that it was given.
                named = _class_name(held, namespace, node)
                yield classes.setdefault(id(held), named), held


def _leads(value: Any, place: Place, looked_into: set[int]) -> Iterator[tuple[Any, Any]]:
    """Give the code of a function, with it; and the classes of an instance, with its place."""
    if issubclass(type(value), types.FunctionType):  # a proxy's object may be gone
        if id(value) not in looked_into and is_own(value.__globals__.get("__name__")):
            looked_into.add(id(value))
            yield value, value.__code__
        return
    # Past whatever a metaclass makes of being asked.
    cls = value if issubclass(type(value), type) else type(value)
    classes = type.__dict__["__mro__"].__get__(cls)
    for cls in classes:
        if atoms.is_of_notebook(cls) and id(cls) not in looked_into:
            looked_into.add(id(cls))
            yield place, cls


def _class_name(cls: type, namespace: Mapping[str, Any], node: Node) -> str:
    if namespace.get(cls.__name__) is cls:
        return str(cls.__name__)
    own = f"type({node.place})"
    return own if type(node.value) is cls else f"{cls.__qualname__} of {own}"


def _named(
    code: types.CodeType, held_in: Mapping[str, Any], namespace: Mapping[str, Any], owner: str
) -> Iterator[tuple[str, Any]]:
    names = names_in(code)
    asked = [*names.all]
    by_text = any(name in _BY_TEXT and name not in held_in for name in names.loaded)
    if by_text or not _NAMESPACES.isdisjoint(code.co_names):
        asked += filter(is_users, held_in)
    for name in dict.fromkeys(asked):
        if name in held_in and name != "__name__":  # which every class statement asks for
            value = held_in[name]
            is_here = not owner or namespace.get(name) is value
            yield (name if is_here else f"{owner}.__globals__[{name!r}]"), value
