"""Notice ``generator.seed()`` in a cell, with which the operating system seeds a `torch.Generator`.

Methods of torch's own class cannot be replaced: in the code of the cell, what is called is wrapped
by a call of ours.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from seedmagic.code.cell_frames import calling_frame
from seedmagic.session import in_force
from seedmagic.session.entropy.entropy_pin import is_ours
from seedmagic.session.session_terms import Seeded
from seedmagic.watch.generator_names import TORCH_GENERATOR
from seedmagic.watch.process_watch import process_watch


class MarkSeeds(ast.NodeTransformer):
    """Has the method `seeds` of what `name` stands for give what each such call is to call.

    A function may run when that name is gone, or in another process: then it calls what it did.
    One with a decorator stays as it is, for that may compile it (`numba.njit`).
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        """Mark what has no decorator."""
        return node if node.decorator_list else self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Wrap what it calls."""
        self.generic_visit(node)
        function = node.func
        is_seed = isinstance(function, ast.Attribute) and function.attr == "seed"
        if is_seed and not node.args and not node.keywords:
            ours = ast.parse(
                f"(lambda it: getattr(getattr(__import__('builtins'), {self._name!r}, None), "
                "'seeds', lambda same: same)(it))",
                mode="eval",
            ).body
            node.func = ast.Call(ours, [function], [])
            for part in (node.func, *ast.walk(ours)):
                ast.copy_location(part, function)
        return node


def noted(function: Any) -> Callable[[], Any]:
    """Give what is to be called in place of `function`: itself, noted, or what pins the seed."""
    torch = sys.modules.get("torch")
    generator: Any = getattr(function, "__self__", None)
    if torch is None or type(generator) is not torch.Generator:
        return function  # type: ignore[no-any-return]
    is_global = generator is torch.default_generator
    pin = in_force.current.pin
    if pin is not None and is_ours():
        return partial(_seed, generator, pin.bits(32), is_global)
    process_watch.take_anew(("torch" if is_global else TORCH_GENERATOR,), calling_frame(2))
    return function  # type: ignore[no-any-return]


def _seed(generator: Any, number: int, is_global: bool) -> int:
    """Seed in the operating system's place."""
    with in_force.lock, in_force.changing:
        generator.manual_seed(number)
        if is_global:
            in_force.note("torch", Seeded(number, "--pin-entropy", ours=False))
    return number
