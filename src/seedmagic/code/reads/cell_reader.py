"""Goes through a cell in the order in which its statements run, and notes reads and binds."""

# ruff: noqa: D102 - ast calls the methods
from __future__ import annotations

import ast
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from seedmagic.code.names_in_code import codes_of, names_in, shell_calls
from seedmagic.code.reads.function_globals import bound_at_once, read_first_by
from seedmagic.code.reads.statements import (
    FUNCTIONS,
    asked_by_frame,
    codes_in,
    has_break,
    is_empty,
    leaves,
    methods_in,
    takes_all,
    takes_errors,
    takes_name_errors,
    told,
)

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_RUN = ("exec", "eval")


class CellReader(ast.NodeVisitor):
    """Notes what a cell reads and binds, in a namespace as it is before.

    Attributes
    ----------
    read : set of str
        What it reads before it binds it, there or not.
    looked_for : set of str
        What counts even where it is not there.
    texts : set of str
        The texts that stand in it.
    seen_to_bind : set of str
        What any statement of it binds, in the functions too that it leads to.
    open : set of str
        What a text that it makes and runs may read.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self.read: set[str] = set()
        self.looked_for: set[str] = set()
        self.texts: set[str] = set()
        self.seen_to_bind: set[str] = set()
        self.open: set[str] = set()
        self._namespace = namespace
        self._bound: set[str] = set()
        self._local: list[set[str]] = []  # of comprehensions, lambdas and classes
        self._defined: dict[str, set[str]] = {}  # what the cell's own functions read
        self._binders: dict[str, set[str]] = {}  # and what they bind

    def _reads(self, name: str) -> None:
        """Read a name, and what the function or class that it holds leads to."""
        todo, done = [name], set()
        while todo:
            name = todo.pop()
            if name in done:
                continue
            done.add(name)
            if name in self._bound:
                todo += self._defined.get(name, ())
                continue
            self.read.add(name)
            if name in self._namespace:
                for code in codes_of(self._namespace[name], self._namespace):
                    todo += read_first_by(code)
                    self.seen_to_bind.update(names_in(code).stored)

    def _binds(self, name: str, codes: Sequence[types.CodeType] = ()) -> None:
        self.seen_to_bind.update((name,), *(names_in(code).stored for code in codes))
        if self._local:
            self._local[-1].add(name)
            return
        self._bound.add(name)
        self._defined[name] = set[str]().union(*map(read_first_by, codes))
        self._binders[name] = set[str]().union(*map(bound_at_once, codes))

    def _called(self, name: str) -> None:
        """Bind what a function binds whenever it is called."""
        if name in self._bound:
            self._bound |= self._binders.get(name, set())
        elif type(self._namespace.get(name)) is types.FunctionType:
            for code in codes_of(self._namespace[name], self._namespace):
                self._bound |= {*bound_at_once(code)}

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self._binds(node.id)
            return
        if not any(node.id in names for names in self._local):
            self._reads(node.id)
        if isinstance(node.ctx, ast.Del) and not self._local:
            self._bound.discard(node.id)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and node.value not in self._bound:
            self.texts.add(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        self._visit_all(node.targets)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.visit(ast.Name(node.target.id, ast.Load()))
        self.visit(node.value)
        self.visit(node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._binds(node.target.id)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        self._either([node.values[1:], []])

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        self._either([[node.body], [node.orelse]])

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        name = node.iter.id if isinstance(node.iter, ast.Name) else ""
        items = None if name in self._bound else self._namespace.get(name)
        turn = [node.target, *node.body]
        self._either([turn, []] if is_empty(items) else [turn])
        self._either([node.orelse, []] if has_break(node) else [node.orelse])

    visit_AsyncFor = visit_For  # noqa: N815 - what ast calls

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        never = isinstance(node.test, ast.Constant) and not node.test.value
        self._either([[] if never else node.body])
        self._either([node.orelse, []] if has_break(node) else [node.orelse])

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._either([node.body, node.orelse])

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        self._visit_all(node.items)
        self._either([node.body, []] if takes_errors(node) else [node.body])

    visit_AsyncWith = visit_With  # noqa: N815 - what ast calls

    def visit_Try(self, node: Any) -> None:
        before = set(self.read)
        self._either([[*node.body, *node.orelse], *([one] for one in node.handlers)])
        if any(takes_name_errors(one.type) for one in node.handlers):
            self.looked_for |= self.read - before
        self._visit_all(node.finalbody)

    visit_TryStar = visit_Try  # noqa: N815 - what ast calls

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        if node.name:
            self._binds(node.name)
        self._visit_all(node.body)

    def visit_Match(self, node: Any) -> None:
        self.visit(node.subject)
        self._either([*([case] for case in node.cases), *([] if takes_all(node) else [[]])])

    def visit_MatchAs(self, node: Any) -> None:
        self.generic_visit(node)
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name:
            self._binds(name)

    visit_MatchStar = visit_MatchMapping = visit_MatchAs  # noqa: N815 - what ast calls

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            self._binds((alias.asname or alias.name).partition(".")[0])

    visit_ImportFrom = visit_Import  # noqa: N815 - what ast calls

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name):
            self._called(node.func.id)
            if node.func.id in _RUN:
                self._runs_text(node)
        for name in asked_by_frame(node):
            self._reads(name)
        if node in shell_calls(node):
            self._visit_all(told(node))

    def _runs_text(self, node: ast.Call) -> None:
        self._visit_all(told(node))
        if not isinstance(node.args[0] if node.args else None, ast.Constant):
            self.open |= self._namespace.keys() - self._bound

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._visit_all([*node.decorator_list, node.args])
        self._binds(node.name, codes_in(node))

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - what ast calls

    def visit_arguments(self, node: ast.arguments) -> None:
        self._visit_all([*node.defaults, *(each for each in node.kw_defaults if each)])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_all([*node.decorator_list, *node.bases])
        self._visit_all(each.value for each in node.keywords)
        with self._own_names():
            self._visit_all(each for each in node.body if not isinstance(each, FUNCTIONS))
        self._binds(node.name, [code for each in methods_in(node) for code in codes_in(each)])

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        given, bound = node.args, set(self._bound)
        names = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        with self._own_names(each.arg for each in names if each):
            self.visit(node.body)
        self._bound = bound  # it need not be called

    def generic_visit(self, node: ast.AST) -> None:
        if not isinstance(node, _COMPREHENSIONS):
            super().generic_visit(node)
            return
        with self._own_names():
            for generator in node.generators:
                self._visit_all([generator.iter, generator.target, *generator.ifs])
            if isinstance(node, ast.DictComp):
                self._visit_all([node.key, node.value])
            else:
                self.visit(node.elt)

    @contextmanager
    def _own_names(self, names: Iterable[str] = ()) -> Iterator[None]:
        self._local.append(set(names))
        try:
            yield
        finally:
            self._local.pop()

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    def _either(self, branches: Iterable[Iterable[ast.AST]]) -> None:
        """Go through branches of which one runs: all that go on must have bound a name."""
        before, ends = set(self._bound), []
        for branch in map(list, branches):
            self._bound = set(before)
            self._visit_all(branch)
            if not leaves(branch):
                ends.append(self._bound)
        self._bound = set.intersection(*ends) if ends else before
