"""What the statements of a cell say by themselves: what they leave, take and run."""

from __future__ import annotations

import ast
import re
import types
from collections.abc import Iterator
from typing import Any

from seedmagic.code.names_in_code import words_in

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LEAVES = (ast.Raise, ast.Break, ast.Continue, ast.Return)
_NAME_ERRORS = {"NameError", "Exception", "BaseException"}
_BODIES = (ast.ExceptHandler, ast.match_case, ast.With)
_ASKS = ("query", "eval")
_GIVEN = re.compile(r"@(\w+)")


def codes_in(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[types.CodeType]:
    """Compile a function, and those that stand in its decorators and defaults."""
    code = compile(ast.Module([node], []), "<cell>", "exec", dont_inherit=True)
    return [each for each in code.co_consts if isinstance(each, types.CodeType)]


def methods_in(node: ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Give the methods of a class, and of classes in it."""
    for each in node.body:
        if isinstance(each, FUNCTIONS):
            yield each
        elif isinstance(each, ast.ClassDef):
            yield from methods_in(each)


def has_break(loop: ast.AST) -> bool:
    """Whether a loop may end before its ``else``."""
    return any(isinstance(part, ast.Break) for part in ast.walk(loop))


def takes_all(match: ast.Match) -> bool:
    """Whether one of the cases takes whatever there is."""
    last = match.cases[-1]
    return last.guard is None and getattr(last.pattern, "pattern", last) is None


def takes_errors(node: ast.With | ast.AsyncWith) -> bool:
    """Whether a ``with`` takes errors that its body raises."""
    names = (part for item in node.items for part in ast.walk(item.context_expr))
    return any(getattr(part, "attr", getattr(part, "id", "")) == "suppress" for part in names)


def takes_name_errors(kind: ast.expr | None) -> bool:
    """Whether an ``except`` of this kind takes a NameError."""
    named = () if kind is None else (part for part in ast.walk(kind) if isinstance(part, ast.Name))
    return kind is None or any(part.id in _NAME_ERRORS for part in named)


def leaves(branch: list[ast.AST]) -> bool:
    """Whether what stands below a branch does not run after it."""
    last = branch[-1] if branch else None
    inner = getattr(last, "body", None) if isinstance(last, _BODIES) else None
    return isinstance(inner[-1] if inner else last, _LEAVES)


def told(call: ast.Call) -> Iterator[ast.AST]:
    """Give what a magic runs as Python, or its words as names."""
    for part in call.args:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            try:
                yield from ast.parse(part.value).body
            except SyntaxError:
                yield from (ast.Name(word, ast.Load()) for word in words_in(part.value))


def is_empty(items: Any) -> bool:
    """Whether a loop over these takes no turn; asks nobody but a container of Python's own."""
    return type(items) in (list, tuple, dict, set, str, range) and not items


def asked_by_frame(node: ast.Call) -> list[str]:
    """Name the variables in the texts that a data frame is asked by, as ``df.query("a > @n")``."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in _ASKS:
        return []
    texts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    return _GIVEN.findall(" ".join(map(str, texts)))
