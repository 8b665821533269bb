"""Add the probes to the cell that runs, and to nothing else that IPython transforms."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from IPython.core.interactiveshell import InteractiveShell

from seedmagic.code.source_lines import blank_start, time_body_start
from seedmagic.ipython.input_transformers import put_in, take_out
from seedmagic.warn import warn
from seedmagic.watch.probes import statement_probes
from seedmagic.watch.probes.seed_marks import MarkSeeds
from seedmagic.watch.watched_cell import asks_for_seed


class Lines:
    """What is known of a cell's lines once it is parsed."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.last: int | None = None
        self.last_imports = False
        self.has_probes = False

    @property
    def blank(self) -> int:
        """How many come before the first that says something: IPython drops them."""
        return blank_start(self.code)


class ProbeStatements(ast.NodeTransformer):
    """Adds the probes to the cell that runs, and to nothing else that IPython transforms.

    `%%timeit` and `%time` send their code through the transformers too, for which it is not
    armed. A body below ``%%time`` is probed, with its own lines counted from the cell's first.
    Once it has the cell it leaves: where a transformer is left, IPython walks the whole tree.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        name: str,
        expect: Callable[[Iterable[int], int | None], None],
    ) -> None:
        self._shell = shell
        self._name = name
        self._is_in = False  # to ask IPython before each cell takes its time
        self._expect = expect
        self._armed = False
        self._stops = False
        self._imports = False
        self._seeds = False
        self._below_time: int | None = None
        self._lines = Lines("")

    def leave(self) -> None:
        """Be no more among the transformers."""
        if self._is_in:
            self._is_in = False
            take_out(self._shell, self)

    def rest(self, code: str, knows_line: bool = False) -> None:
        """Leave the cell `code` as it is; what draws may be known to be on its only line."""
        self._armed = False
        self.leave()
        self._lines = Lines(code)
        self._lines.last = self._lines.blank + 1 if knows_line else None
        if code[:1].isspace():
            self._expect((), self._lines.blank)

    def arm(self, code: str, stops: bool) -> None:
        """Get ready for the cell `code`, behind the user's transformers, which change constants."""
        put_in(self._shell, self)
        self._is_in = True
        self._armed = True
        self._stops = stops
        self._seeds = asks_for_seed(code)
        self._imports = "import" in code  # to look at every node of a long cell takes its time
        self._lines = Lines(code)
        self._below_time = time_body_start(code) if "%%time" in code else None

    def disarm(self) -> Lines:
        """End the cell, and give what is known of its lines."""
        self._armed, self._below_time = False, None
        self.leave()
        return self._lines

    def visit(self, node: ast.AST) -> ast.AST:
        """Add the probes. Nothing is raised: IPython would take the transformer out."""
        body = getattr(node, "body", None)
        if not isinstance(body, list) or not body:
            return node
        if not self._armed:
            return self._mark(node)
        offset, self._armed = self._lines.blank, False
        blank: int | None = offset
        if self._below_time is not None:
            if not _is_magic_call(body[-1]):
                offset, self._below_time, blank = self._below_time, None, None
            else:
                self._armed = True  # the cell itself; its body comes next
        try:
            if self._shell.ast_transformers != [self]:
                # What others have added needs no lines yet: IPython gives it some after all.
                ast.fix_missing_locations(node)
            self._lines.last = statement_probes.first_line(body[-1]) + offset
            self._lines.last_imports = isinstance(body[-1], (ast.Import, ast.ImportFrom))
            imports = {
                part.lineno + offset
                for part in (ast.walk(node) if self._imports else ())
                if isinstance(part, (ast.Import, ast.ImportFrom))
            }
            self._mark(node)
            self._expect(imports, blank)
            self._lines.has_probes = True
            statement_probes.add_probes(node, self._name, offset, self._stops)  # type: ignore[arg-type]
        except Exception as error:
            warn(f"The statements of this cell are not watched: {error}")
        if not self._armed and not (self._seeds and _is_magic_call(body[-1])):
            self.leave()
        return node

    def _mark(self, node: ast.AST) -> ast.AST:
        return MarkSeeds(self._name).visit(node) if self._seeds else node


def has_parts(code: str) -> bool:
    """Whether it matters where in it something happens: on a line of several, in an import."""
    return "\n" in code.strip() or "import" in code or asks_for_seed(code)


def _is_magic_call(statement: ast.stmt) -> bool:
    function = getattr(getattr(statement, "value", None), "func", None)
    return isinstance(function, ast.Attribute) and function.attr == "run_cell_magic"
