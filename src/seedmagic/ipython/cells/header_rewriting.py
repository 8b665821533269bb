"""Rewrite a cell under `%%seeded`: its header becomes one call, its body stays as it was written.

The header line becomes a string literal when IPython cleans the cell up, and the literal becomes
one call when the cell has been parsed. So the body keeps its line numbers, its `await`, its
`from __future__`, its trailing semicolon and its interrupts, none of which survive
``shell.run_cell(body)`` in a cell magic.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from IPython.core.inputtransformer2 import cell_magic, leading_indent

from seedmagic.ipython.cells.cell_identity import digest_of_body
from seedmagic.ipython.header_line import MAGIC, Header, find_header, parse_header, part_cell
from seedmagic.ipython.line_values import cell_number, expand

REPLAY = "%seedreplay"
_CALL = "__import__('seedmagic.ipython.extension', fromlist=['x']).{}"
_ENTRY = _CALL.format("enter_cell")  # what a header becomes in the body of another cell magic
# How many bodies are kept that a call has yet to run.
_BODIES = 10


def rewrite_replay(
    lines: list[str], code_of: Callable[[int], str | None], namespace: Mapping[str, Any]
) -> list[str]:
    """Turn a cell that is ``%seedreplay N`` alone into In[N]'s code below a header."""
    number = _replayed("".join(lines), namespace)
    code = None if number is None else code_of(number)
    if number is None or code is None:
        return lines  # the line magic says so
    if (_replayed(code, {}) or number) < number:
        return rewrite_replay([code], code_of, {})  # a replay of a replay is one of the same cell
    return [f"{MAGIC} --from {number}\n", *code.splitlines(True)]


def _replayed(code: str, namespace: Mapping[str, Any]) -> int | None:
    """Give the number in a cell that is ``%seedreplay N`` alone, but for comments."""
    if REPLAY not in code:
        return None
    written = (line.strip() for line in code.splitlines())
    asked = [line for line in written if line and not line.startswith("#")]
    if len(asked) != 1 or not asked[0].startswith(REPLAY):
        return None
    given = asked[0].removeprefix(REPLAY)
    is_replay = given[:1] in (" ", "\t", "[", "(", "=")
    return cell_number(expand(given, namespace)) if is_replay else None


def rewrite_header(lines: list[str], number: int, inner: bool = False) -> list[str]:
    """Turn the line ``%%seeded ARGS`` into a literal, and leave the rest.

    The call that it becomes names the shell by its `number`: `get_ipython` gives another one where
    there are several.

    In the body of another cell magic (`inner`) it becomes the call at once: ``%%prun`` transforms
    the text of its body alone.

    Called several times for a cell, and for cells that are only looked at, so it does nothing
    else. A second cell magic below is rewritten here, for IPython looks at the first line alone.
    """
    header = find_header(lines[0]) if lines else None
    if header is None:
        return lines
    blank = 0
    while blank < len(lines) - 1 and not lines[blank + 1].strip():
        blank += 1
    body = lines[blank + 1 :]
    if not body:
        header = replace(header, has_body=False)
    elif header.may_rewind:
        header = replace(header, body=digest_of_body("".join(body)))
    if inner and header.runs_again:
        magic: list[str] = cell_magic([lines[0].lstrip(), *body])
        return magic  # ``%%prun`` has a text, and no tree to take the body out of
    # IPython would have done both, had the body been the cell.
    body = cell_magic(leading_indent(body))
    is_call = inner and not any(line.startswith("from __future__") for line in body)
    given = header.arguments
    first = _CALL.format(f"enter_cell({number}, {given!r})") if is_call else f"u{MAGIC + given!r}"
    return [f"{first}\n", *lines[1 : blank + 1], *body]


def without_header(code: str) -> str:
    """Give a cell's code below its ``%%seeded`` header, on the same lines."""
    header, body = part_cell(code)
    return code if header is None else f"\n{body}"


class HeaderCall(ast.NodeTransformer):
    """Replaces the header's literal by a call, after any ``from __future__`` imports.

    A body that runs more than once is taken out, and kept until the call runs it.

    Parameters
    ----------
    number : int
        That of the shell.
    """

    def __init__(self, number: int) -> None:
        self._shell = number
        self._bodies: dict[int, ast.Module] = {}
        self._number = 0

    def body(self, number: int) -> ast.Module:
        """Give a body that was taken out."""
        return self._bodies[number]

    def visit(self, node: ast.AST) -> ast.AST:
        """Look at the first statement only."""
        body = getattr(node, "body", None)
        if not isinstance(body, list) or not body:
            return node
        header = _header_in(body[0])
        if header is None:
            return node
        given = f"{self._shell}, {header.arguments!r}"
        at = 1
        while at < len(body) and _is_future_import(body[at]):
            at += 1
        if header.runs_again and header.has_body:
            call = _statement(f"run_again({given}, {self._keep(body[1:])})", body[0])
            if _awaits(body[1:]):
                call.value = ast.copy_location(ast.Await(call.value), body[0])
            node.body = [*body[1:at], call]  # type: ignore[attr-defined]
        else:
            call = _statement(f"enter_cell({given})", body[0])
            node.body = [*body[1:at], call, *body[at:]]  # type: ignore[attr-defined]
        return node

    def _keep(self, body: list[ast.stmt]) -> int:
        self._number += 1
        self._bodies[self._number] = ast.Module(body, [])
        self._bodies.pop(self._number - _BODIES, None)
        return self._number


def _statement(call: str, near: ast.stmt) -> ast.Expr:
    statement = ast.parse(_CALL.format(call)).body[0]
    assert isinstance(statement, ast.Expr)
    for part in ast.walk(statement):
        ast.copy_location(part, near)
    return statement


def _awaits(body: list[ast.stmt]) -> bool:
    """Whether a body awaits at its top level."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile(ast.Module(body, []), "<cell>", "exec", flags, dont_inherit=True)
    return bool(code.co_flags & inspect.CO_COROUTINE)


def _header_in(statement: ast.stmt) -> Header | None:
    value = getattr(statement, "value", None)
    if isinstance(value, ast.Call) and ast.unparse(value.func) == _ENTRY:
        header = parse_header(str(getattr(value.args[1], "value", "")))
        return header if header.runs_again else None
    if not isinstance(statement, ast.Expr) or not isinstance(value, ast.Constant):
        return None
    # The prefix u, which nobody writes, tells the literal from a string of the user's.
    is_header = value.kind == "u" and str(value.value).startswith(MAGIC)
    return parse_header(str(value.value).removeprefix(MAGIC)) if is_header else None


def _is_future_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
