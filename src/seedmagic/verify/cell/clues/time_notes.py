"""Note of two equal runs that they asked for the time of day, which they fell into together.

The second run is noted, up to a small share of the time that the first one took; what a cell calls
at its top level for certain is read from its code.
"""

from __future__ import annotations

import ast
import linecache
import types
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from time import perf_counter
from typing import Any

from seedmagic.code.calls_in_code import Missing, held, path_of
from seedmagic.verify.cell.clues.closer_look import Run
from seedmagic.verify.cell.clues.profiled_calls import ProfiledCalls, noting
from seedmagic.verify.cell.run_end import Shown
from seedmagic.verify.operations.operation_recorder import has_compiled
from seedmagic.verify.witness.outside_calls import (
    FORMATS,
    PROCESSES,
    WALL_CLOCKS,
    note_of_time,
    of_method,
    of_named,
)

# What noting may cost of a run, in its time and in seconds; and what an event costs.
_SHARE, _LEAST, _EVENT = 0.03, 0.02, 1e-6


class TimeNotes:
    """Whether runs that come out alike ask for the time of day, or for their process.

    Parameters
    ----------
    files : mapping of str to int
        Those of the code, as `line_in_files` takes them.
    namespace : mapping of str to object or None
        Where the top level of the first of these runs, and with it all of it; None: a function.
    """

    def __init__(self, files: Mapping[str, int], namespace: Mapping[str, Any] | None) -> None:
        self._files = files
        self._namespace = namespace
        self._took = 0.0
        self._asked = ProfiledCalls(files)

    def first(self, run: Run) -> Run:
        """Give what runs the same and takes its time."""

        async def timed(live: bool) -> Shown:
            begun = perf_counter()
            try:
                return await run(live)
            finally:
                self._took = perf_counter() - begun

        return timed

    def second(self, run: Run) -> Run:
        """Give what runs the same and notes what it asks for."""

        async def noted(live: bool) -> Shown:
            most = int((_SHARE * self._took + _LEAST) / _EVENT)
            # What torch compiled may not run as compiled under a tracer, and round in other ways.
            is_noted = not has_compiled()
            noting_it = noting(self._files, most, closely=False)
            with noting_it if is_noted else nullcontext(self._asked) as self._asked:
                shown = await run(live)
            is_whole = is_noted and not self._asked.is_cut
            if not is_whole and self._namespace is not None and shown.error is None:
                own = next(iter(self._files))
                for what, line in _certain(own, self._namespace):
                    self._asked.lines.setdefault(what, self._files[own] + line)
            return shown

        return noted

    def told(self) -> tuple[str, ...]:
        """Say what both runs asked for, and another day, or another process, would answer."""
        asked = self._asked
        clocks = {what: line for what, line in asked.lines.items() if what in WALL_CLOCKS}
        clocks |= {what: asked.possible[what] for what in sorted(asked.handed_on)}
        notes = [note_of_time(clocks)] if clocks else []
        for what, line in asked.lines.items():
            if what in PROCESSES:
                where = f", line {line}" if line else ""
                notes.append(
                    f"it asked for the process's number ({what}{where}): each has its own."
                )
        return tuple(notes)


def _certain(file: str, namespace: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Name the clocks that a cell's top level has asked, with their lines."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return
    for call in _calls_of(tree.body):
        *path, name = path_of(call.func) or [""]
        owner = held(path, namespace) if path else None
        function = Missing if path and owner is Missing else held([*path, name], namespace)
        if type(function) not in _FUNCTIONS:  # another answers for itself, with anything
            function = None
        constant = call.args[0].value if call.args and type(call.args[0]) is ast.Constant else None
        what = of_named(owner, name) or of_method(function, constant)
        if getattr(function, "__module__", None) == "time":
            name = function.__name__
            what = f"time.{name}()" if len(call.args) <= FORMATS.get(name, 0) else None
        if what in WALL_CLOCKS:
            yield what, call.lineno


def _calls_of(body: list[ast.stmt]) -> Iterator[ast.Call]:
    """Give the calls that run whatever else does: not those in loops, branches and functions."""
    for statement in body:
        if isinstance(statement, ast.With):
            yield from _calls_of(statement.body)
        elif isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)):
            waiting: list[ast.AST] = [statement]
            while waiting:
                node = waiting.pop()
                if isinstance(node, ast.Call):
                    yield node
                if not isinstance(node, _MAY_NOT_RUN):
                    waiting += ast.iter_child_nodes(node)


_FUNCTIONS = (types.BuiltinFunctionType, types.FunctionType, types.MethodType, type)
_MAY_NOT_RUN = (
    *(ast.Lambda, ast.BoolOp, ast.IfExp, ast.Compare),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
