"""Say what a cell reads: variables, by its syntax and the functions it can call; RNG states."""

from __future__ import annotations

import ast
import re
from types import CodeType, FunctionType, ModuleType
from typing import Any

_WORD = re.compile(r"[^\W\d]\w*")
_STATES = {"getstate", "get_state", "get_rng_state", "get_rng_state_all", "snapshot", "status"}
_OF = {"random", "numpy", "torch", "seedmagic"}


def names_of(tree: ast.AST) -> tuple[set[str], set[str]]:
    """Give the names that a cell's syntax reads, and those that it binds at its top level."""
    reads: set[str] = set()
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
        elif isinstance(node, ast.Call) and _is_of_shell(node.func):
            # %timeit f(x), !echo {x}: the shell reads the names from the text.
            texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
            for text in texts:
                reads |= set(_WORD.findall(text)) if isinstance(text, str) else set()
    return reads, stores


def reads_states(tree: ast.AST, namespace: dict[str, Any]) -> bool:
    """Whether a cell asks for the RNG states of sources: ``random.getstate()``, ``%seedpanel``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _STATES:
            root: ast.expr = node
            while isinstance(root, ast.Attribute):
                root = root.value
            module = namespace.get(root.id) if isinstance(root, ast.Name) else None
            if type(module) is ModuleType and module.__name__.partition(".")[0] in _OF:
                return True
        elif isinstance(node, ast.Call) and _is_of_shell(node.func):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and first.value == "seedpanel":
                return True
    return False


def reachable(names: set[str], namespace: dict[str, Any]) -> set[str]:
    """Add the variables that the named functions and classes of the user's name in their turn."""
    found: set[str] = set()
    waiting = [name for name in names if name in namespace]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            for code in _codes(namespace[name], namespace):
                waiting += [other for other in _words(code) if other in namespace]
    return found


def _codes(value: Any, namespace: dict[str, Any]) -> list[CodeType]:
    if type(value) is FunctionType:
        return [value.__code__] if value.__globals__ is namespace else []
    if issubclass(type(value), ModuleType):
        return []
    kind = value if issubclass(type(value), type) else type(value)
    return [
        member.__code__
        for base in kind.__mro__
        for member in vars(base).values()
        if isinstance(member, FunctionType) and member.__globals__ is namespace
    ]


def _words(code: CodeType) -> set[str]:
    words = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            words |= _words(constant)
    return words


def _is_of_shell(function: ast.expr) -> bool:
    called = function.value if isinstance(function, ast.Attribute) else None
    shell = called.func if isinstance(called, ast.Call) else None
    return isinstance(shell, ast.Name) and shell.id == "get_ipython"
