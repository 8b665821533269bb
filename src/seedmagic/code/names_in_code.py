"""Which names a piece of code asks for and binds: compiled, or a cell's syntax with its magics."""

from __future__ import annotations

import ast
import dis
import re
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_LOADS = frozenset(
    ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS", "LOAD_CLASSDEREF", "DELETE_NAME")
)
_STORES = frozenset(("STORE_NAME", "STORE_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"))
_MAGICS = frozenset(("run_line_magic", "run_cell_magic", "system", "getoutput"))
_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class CodeNames:
    """The global names in a piece of code, in the order in which they appear.

    Attributes
    ----------
    loaded : tuple of str
        Those that it asks for, in functions and classes inside it too.
    stored : tuple of str
        Those that it binds or deletes.
    """

    loaded: tuple[str, ...]
    stored: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Both, each once."""
        return tuple(dict.fromkeys((*self.loaded, *self.stored)))


def names_in(source: str | types.CodeType) -> CodeNames:
    """Read the global names from a piece of code, without running it.

    Parameters
    ----------
    source : str or code
        Python, ``await`` at the top level included; no magics.

    Raises
    ------
    SyntaxError
        It is not Python.
    """
    loaded: dict[str, None] = {}
    stored: dict[str, None] = {}
    for instruction in _instructions(compiled(source)):
        if instruction.opname in _LOADS:
            loaded[instruction.argval] = None
        if instruction.opname in _STORES:
            stored[instruction.argval] = None
    return CodeNames(tuple(loaded), tuple(stored))


def compiled(source: str | types.CodeType) -> types.CodeType:
    """Compile what `names_in` takes."""
    if isinstance(source, types.CodeType):
        return source
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    return compile(source, "<cell>", "exec", flags, dont_inherit=True)  # type: ignore[no-any-return]


def named_by(function: types.FunctionType) -> dict[str, Any]:
    """Give what a function itself names in its module and its closure, whoever wrote it."""
    found, given = {}, function.__globals__
    for name in names_in(function.__code__).all:
        if name in given:
            found[name] = given[name]
    closure = function.__closure__ or ()
    for name, cell in zip(function.__code__.co_freevars, closure, strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # it is bound later
            continue
    return found


def reachable_names(names: Iterable[str], namespace: Mapping[str, Any]) -> set[str]:
    """Add to the names of variables those that their functions and classes lead to.

    What a variable holds is not looked into, as `objects.reach` does: this takes no longer where
    it holds millions of things.
    """
    found: set[str] = set()
    waiting = [name for name in names if name in namespace]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            for code in codes_of(namespace[name], namespace):
                waiting += [other for other in names_in(code).all if other in namespace]
    return found


def names_of(tree: ast.AST) -> tuple[set[str], set[str]]:
    """Give the names that a cell's syntax reads, and those that it binds at its top level.

    For where others may still change the syntax, so that it cannot be compiled yet. A name that
    belongs to a function inside it is given like one of the cell's; words of a magic's line too.
    """
    reads: set[str] = set(words_of_magics(tree))
    stores: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (reads if isinstance(node.ctx, ast.Load) else stores).add(node.id)
            if isinstance(node.ctx, ast.Del):
                stores.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            stores.add(node.name)
        elif isinstance(node, ast.alias):
            stores.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            reads.add(node.target.id)
    return reads, stores


def surely_bound(code: str) -> set[str]:
    """Name what a cell has bound if it ran to its end: by assignments of its top level.

    Code that is not Python has bound nothing that is known.
    """
    try:
        statements = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    found: set[str] = set()
    for statement in statements:
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets = [statement.target]
        else:
            continue
        found |= {
            part.id
            for target in targets
            for part in ast.walk(target)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
    return found


def words_of_magics(tree: ast.AST) -> Iterator[str]:
    """Give the words of all magics and commands: ``%timeit f(x)``, ``!echo {x}`` read f and x."""
    for call in shell_calls(tree):
        for part in ast.walk(call):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield from words_in(part.value)


def words_in(text: str) -> list[str]:
    """Give the words of a text that may be names."""
    return _WORD.findall(text)


def shell_calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Give the calls that magics and commands were turned into."""
    for node in ast.walk(tree):
        function = node.func if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and isinstance(function, ast.Attribute):
            shell = function.value.func if isinstance(function.value, ast.Call) else None
            is_shells = isinstance(shell, ast.Name) and shell.id == "get_ipython"
            if is_shells or function.attr in _MAGICS:
                yield node


def instructions_of(code: types.CodeType) -> Iterator[dis.Instruction]:
    """Give the instructions of a piece of code, less those of functions inside it."""
    return dis.get_instructions(code)


def _instructions(code: types.CodeType) -> Iterator[dis.Instruction]:
    yield from instructions_of(code)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _instructions(constant)


def codes_of(value: Any, namespace: Mapping[str, Any]) -> list[types.CodeType]:
    """Give the code of a function of the namespace, or of the methods of a class or instance."""
    if type(value) is types.FunctionType:
        return [value.__code__] if value.__globals__ is namespace else []
    if issubclass(type(value), types.ModuleType):
        return []
    kind = value if issubclass(type(value), type) else type(value)
    return [
        member.__code__
        for base in kind.__mro__
        for member in vars(base).values()
        if isinstance(member, types.FunctionType) and member.__globals__ is namespace
    ]
