"""Which names a cell reads before it binds them, by the order in which its statements run."""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Mapping
from typing import Any

from seedmagic.code.names_in_code import words_in
from seedmagic.code.reads.cell_reader import CellReader

_BY_TEXT = frozenset(("globals", "locals", "vars", "dir"))


def read_first(tree: ast.AST, namespace: Mapping[str, Any]) -> set[str]:
    """Name what a cell reads before it binds it, in the functions too that it leads to.

    A loop is taken to run at least once, and a branch to be either: a name that only one of two
    branches binds counts as read where it is read below. A function's own names are read where the
    function is: who only defines one reads nothing of it. A name that is not there yet counts where
    the cell looks whether it is: where a NameError is taken, or by its text. So do names of Python.

    Parameters
    ----------
    tree : ast.AST
        The cell's syntax, magics already turned into calls. What a magic runs is read as Python
        where it is that; else all its words are read.
    namespace : mapping of str to object
        Where the cell runs, as it is before.
    """
    reader = _read(tree, namespace)
    return reader.looked_for | (reader.read & namespace.keys())


def not_seen_to_be_bound(tree: ast.AST, namespace: Mapping[str, Any]) -> set[str]:
    """Name what no statement binds that a cell is seen to lead to.

    Where a run binds one of these all the same, nobody knows what it has read before: it was a
    function out of a list, or a text. What a text that it makes and runs may read is among them.
    """
    reader = _read(tree, namespace)
    return reader.open | (namespace.keys() - reader.seen_to_bind)


def _read(tree: ast.AST, namespace: Mapping[str, Any]) -> CellReader:
    reader = CellReader(namespace)
    reader.visit(tree)
    if not _BY_TEXT.isdisjoint(reader.read):
        reader.looked_for.update(reader.texts, *map(words_in, reader.texts))
    if "NameError" in reader.read:  # somewhere, and be it in a function, one is taken
        reader.looked_for |= reader.read
    reader.looked_for |= reader.read & vars(builtins).keys()  # a name may come to hide one
    return reader


def read_first_of(function: Any, namespace: Mapping[str, Any]) -> set[str]:
    """Name the globals that a function reads before it binds them, those that it calls included.

    So are those that `not_seen_to_be_bound` means.
    """
    reader = CellReader({**namespace, "": inspect.unwrap(function)})
    reader.visit_Name(ast.Name("", ast.Load()))
    return reader.read | reader.open | (namespace.keys() - reader.seen_to_bind)
