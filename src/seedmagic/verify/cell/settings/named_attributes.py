"""What code sets on modules and classes of libraries: it names what it sets, and where.

All else that changes in a library is that library's own doing: it counts, caches, loads at first
use. So nothing but what the code names is looked at.
"""

from __future__ import annotations

import dis
import re
import sys
from collections.abc import Iterator, Mapping
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

from seedmagic.code.names_in_code import instructions_of
from seedmagic.code.ownership import is_own
from seedmagic.objects.compare.value_comparison import differences
from seedmagic.objects.kinds.process_tools import is_tool
from seedmagic.verify.cell.settings.setting import ABSENT, ProcessSetting, copied, is_same

_WORD = re.compile(r"[^\W\d]\w*")
_SETS = {dis.opmap["STORE_ATTR"], dis.opmap["DELETE_ATTR"]}
# Where code calls one of these, a text may name what it sets.
_BY_TEXT = {"setattr", "delattr", "__setattr__", "__dict__", "vars", "patch", "import_module"}
_CONTAINERS = (dict, list, set)
_MOST_OWNERS, _MOST_ITEMS, _LONGEST = 500, 10_000, 1000
# How Python finds modules, and those that it has found, is no setting.
_KEPT = {"sys": {"modules", "meta_path", "path_hooks", "path_importer_cache"}}
_PLAINLY: Any = ModuleType.__setattr__
_OURS = __name__.partition(".")[0]


class NamedAttributes:
    """The attributes of modules and classes that a piece of code names.

    Parameters
    ----------
    code : code or None
        The code itself.
    reached : mapping of str to object
        What it can reach by name: the functions there are looked into too.

    Attributes
    ----------
    names, texts : set of str
        The names in the code, and the texts.
    """

    def __init__(self, code: CodeType | None, reached: Mapping[str, Any]) -> None:
        self.names: set[str] = set()
        self.texts: set[str] = set()
        self._set: set[str] = set()
        for each in (code, *_codes(reached.values())):
            if each is not None:
                self._look_into(each)
        self._roots = [("", root) for root in _roots(reached.values())]

    def _look_into(self, code: CodeType) -> None:
        self.names.update(code.co_names)
        if not _SETS.isdisjoint(code.co_code[::2]):
            self._set.update(each.argval for each in instructions_of(code) if each.opcode in _SETS)
        texts = {*_texts(code.co_consts)}
        self.texts |= texts
        if not _BY_TEXT.isdisjoint(code.co_names):
            words = {word for text in texts for word in _WORD.findall(text)}
            self._set |= words
            self.names |= words | texts
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                self._look_into(constant)

    def setting(self) -> ProcessSetting:
        """Give them as a setting: by the owner's place, and by name."""
        take, put = self._take, self._put
        return ProcessSetting("", "sys", lambda _: take(), lambda _, saved: put(saved), _equal)

    def _take(self) -> dict[str, dict[str, tuple[Any, Any]]]:
        return {
            place: {
                name: (attributes[name], _content(attributes[name]))
                for name in self.names & attributes.keys()
                if name in self._set or type(attributes[name]) in _CONTAINERS
                if name not in _KEPT.get(place, ())
            }
            for place, _, attributes in self._owners()
        }

    def _put(self, saved: dict[str, dict[str, tuple[Any, Any]]]) -> None:
        for place, owner, attributes in self._owners():
            former = saved.get(place)
            if former is None:  # it is new
                continue
            for name in (self.names & attributes.keys()) | former.keys():
                value, content = former.get(name, (ABSENT, None))
                now = attributes.get(name, ABSENT)
                if content is not None:
                    _put_content(value, content)
                if now is not value and name in self._set and not _is_own_doing(value, now):
                    _give(owner, name, value)

    def _owners(self) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
        """Find what of libraries the code names: modules, classes and the objects in them."""
        imported = [sys.modules.get(name) for name in self.names & sys.modules.keys()]
        todo = [*self._roots, *(("", each) for each in imported if _is_module(each))]
        seen: set[int] = set()
        while todo and len(seen) < _MOST_OWNERS:
            place, owner = todo.pop()
            attributes = self._attributes(owner)
            if id(owner) in seen or attributes is None or not _is_of_library(owner):
                continue
            seen.add(id(owner))
            if _is_module(owner):
                place = owner.__name__
            elif issubclass(type(owner), type):
                place = f"{owner.__module__}.{owner.__qualname__}"
            yield place, owner, attributes
            for name in self.names & attributes.keys():
                if name not in _KEPT.get(place, ()):
                    todo.append((f"{place}.{name}", attributes[name]))

    def _attributes(self, owner: Any) -> Mapping[str, Any] | None:
        """Give what an owner has of its own; None where nothing can be set on it."""
        if issubclass(type(owner), type):
            return type.__dict__["__dict__"].__get__(owner)  # type: ignore[no-any-return]
        if type(owner) in (BuiltinFunctionType, *_CONTAINERS):
            return None
        if type(owner) is FunctionType and not self._set:
            return None
        if _has_own_rules(owner):
            return {name: getattr(owner, name) for name in self._set if hasattr(owner, name)}
        try:
            found = object.__getattribute__(owner, "__dict__")
        except Exception:  # a class without, or a proxy for what is gone
            return None
        return found if type(found) is dict else None


def _texts(constants: tuple[Any, ...]) -> Iterator[str]:
    for constant in constants:
        if isinstance(constant, str) and len(constant) < _LONGEST:
            yield constant
        elif isinstance(constant, tuple):
            yield from _texts(constant)


def _codes(values: Any) -> Iterator[CodeType]:
    for value in values:
        if type(value) is FunctionType:
            yield value.__code__
        elif issubclass(type(value), type) and is_own(value.__module__):
            yield from _codes(type.__dict__["__dict__"].__get__(value).values())


def _roots(values: Any) -> Iterator[Any]:
    """Give modules and classes, and the classes of objects."""
    for value in values:
        # By its type: a proxy answers for an object that may be gone.
        kind = type(value)
        if issubclass(kind, ModuleType):
            yield value
        else:
            cls = value if issubclass(kind, type) else kind
            classes = type.__dict__["__mro__"].__get__(cls)
            yield from (base for base in classes if base.__module__ != "builtins")


def _is_module(value: Any) -> bool:
    return issubclass(type(value), ModuleType)


def _is_of_library(owner: Any) -> bool:
    if _is_module(owner):
        name = owner.__name__
    else:
        is_defined = issubclass(type(owner), (type, FunctionType))
        name = owner.__module__ if is_defined else type(owner).__module__
        if not is_defined and is_tool(owner):
            return False
    return type(name) is str and name.partition(".")[0] != _OURS and not is_own(name)


def _content(value: Any) -> Any:
    is_container = type(value) in _CONTAINERS and len(value) <= _MOST_ITEMS
    return copied(value) if is_container else None


def _put_content(value: Any, content: Any) -> None:
    """Give a plain container what it held, and in place what its containers held."""
    if is_same(copied(value), content):
        return
    if type(value) is dict:
        items = {key: _renewed(value.get(key, ABSENT), item) for key, item in content.items()}
        value.clear()
        value.update(items)
    elif type(value) is list:
        there = [*value, *[ABSENT] * len(content)]
        value[:] = [_renewed(*pair) for pair in zip(there, content, strict=False)]
    else:
        value.clear()
        value.update(content)


def _renewed(value: Any, content: Any) -> Any:
    """Give the container that is there its content, or give a copy of the content itself."""
    if type(value) is type(content) and type(value) in _CONTAINERS:
        _put_content(value, content)
        return value
    return copied(content)


def _is_own_doing(former: Any, now: Any) -> bool:
    """Whether a library has loaded now what it defines, or we have put there what watches it."""
    is_wrapped = isinstance(now, (classmethod, staticmethod))
    bare = now.__func__ if is_wrapped else now
    if issubclass(type(bare), FunctionType):
        place = bare.__globals__.get("__name__")
    elif issubclass(type(bare), type):
        place = bare.__module__
    else:
        return _is_module(bare)
    return str(place).partition(".")[0] == _OURS or (former is ABSENT and not is_own(place))


def _has_own_rules(owner: Any) -> bool:
    """Whether a module keeps elsewhere what is set on it, as torch's compilers' settings do."""
    return _is_module(owner) and type(owner).__setattr__ is not _PLAINLY


def _give(owner: Any, name: str, value: Any) -> None:
    if issubclass(type(owner), type) or _has_own_rules(owner):
        if value is ABSENT:
            delattr(owner, name)
        else:
            setattr(owner, name, value)
    elif value is ABSENT:
        del vars(owner)[name]
    else:
        vars(owner)[name] = value


def _equal(one: Any, other: Any) -> bool:
    """Whether two objects that two runs have set are equal, as far as they can be compared."""
    found = differences(one, other, "")
    return not found or not all(each.is_compared for each in found)
