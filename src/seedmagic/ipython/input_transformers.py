"""Put in and take out AST transformers: while there is one, IPython walks the tree of every cell.

The list is replaced, not changed: a subshell of the kernel may be going through it.
"""

from __future__ import annotations

import ast

from IPython.core.interactiveshell import InteractiveShell


def put_in(
    shell: InteractiveShell, transformer: ast.NodeTransformer, *, first: bool = False
) -> None:
    """Have `shell` call `transformer`, after all others or before them."""
    others = shell.ast_transformers
    if transformer not in others:
        shell.ast_transformers = [transformer, *others] if first else [*others, transformer]


def take_out(shell: InteractiveShell, transformer: ast.NodeTransformer) -> None:
    """Have it called no more."""
    if transformer in shell.ast_transformers:
        others = [other for other in shell.ast_transformers if other is not transformer]
        shell.ast_transformers = others
