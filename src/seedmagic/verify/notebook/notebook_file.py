"""Read a notebook and find its kernel, or say in one sentence why that cannot be."""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from pathlib import Path
from typing import Any

from seedmagic.errors import NotebookError

# jsonschema's check of IRIs: it builds a grammar as it is imported, which takes seconds.
_GRAMMAR = "rfc3987_syntax"


def import_nbformat() -> None:
    """Import it, and jsonschema with it, without what no notebook is checked for.

    For a process of our own: jsonschema is without that check in it.
    """
    if _GRAMMAR in sys.modules:
        return
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]  # so Python is told: not there
    try:
        importlib.import_module("nbformat")
    finally:
        del sys.modules[_GRAMMAR]


def read(path: str) -> Any:
    """Read a notebook, or say in one sentence why not."""
    import nbformat

    try:
        text = Path(path).read_text("utf-8")
    except FileNotFoundError:
        raise NotebookError(f"{path}: there is no such file.") from None
    except IsADirectoryError:
        raise NotebookError(f"{path}: it is a folder; name the notebooks in it.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise NotebookError(f"{path}: it cannot be read: {error}.") from error
    try:
        plain = json.loads(text)
    except ValueError as error:
        raise NotebookError(f"{path}: it is no notebook: no JSON ({error}).") from None
    try:
        if not isinstance(plain, dict) or not {"nbformat", "metadata"} <= plain.keys():
            raise ValueError("it has no 'nbformat'")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of ids that older notebooks lack
            return nbformat.reads(text, as_version=4)
    except Exception as error:  # nbformat raises whatever a malformed file makes of it
        told = str(error).partition("\n")[0]
        raise NotebookError(f"{path}: it is no notebook: {told}.") from None


def find_kernel(path: str, notebook: Any, asked: str | None) -> str:
    """Give the kernel's name, if there is one and it runs Python."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    name = asked or notebook.metadata.get("kernelspec", {}).get("name") or "python3"
    manager = KernelSpecManager()
    try:
        spec = manager.get_kernel_spec(name)
    except (NoSuchKernel, OSError, ValueError):
        known = ", ".join(sorted(manager.find_kernel_specs())) or "none"
        raise NotebookError(
            f"{path}: there is no kernel {name!r} here; --kernel takes one of: {known}."
        ) from None
    if spec.language.lower() != "python":
        raise NotebookError(
            f"{path}: its kernel {name!r} runs {spec.language}; only Python's can be verified."
        )
    return str(name)
