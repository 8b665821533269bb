"""Build notebooks, have `seedmagic verify` judge them, and give what it found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

TIMEOUT = 400
JOBS = 2


@dataclass(frozen=True)
class Case:
    """A notebook and its true verdict.

    Attributes
    ----------
    name : str
        Names the notebook's file too.
    cells : tuple of str
        One that begins with ``# raises`` is tagged as one that may fail.
    first, cause, line, follows :
        The first cell that differs, why, on which of its own lines, and which cell it follows;
        no cause for a notebook that is reproducible.
    drift : mapping of int to list of str
        The cells that leave sources in other states.
    masked : frozenset of str
        The rules that must have masked something.
    """

    name: str
    cells: tuple[str, ...]
    cause: str | None = None
    first: int | None = None
    line: int | None = None
    follows: int | None = None
    drift: tuple[tuple[int, str], ...] = ()
    masked: frozenset[str] = frozenset()

    @property
    def file(self) -> str:
        return self.name.replace(" ", "_") + ".ipynb"


def write_notebook(file: Path, *cells: str, kernel: str | None = "python3") -> Path:
    """Write a notebook without outputs."""
    made = []
    for cell in cells:
        tags = {"tags": ["raises-exception"]} if cell.startswith("# raises") else {}
        made.append(new_code_cell(cell, metadata=tags))
    about = {"kernelspec": {"name": kernel, "display_name": kernel}} if kernel else {}
    nbformat.write(new_notebook(cells=made, metadata=about), file)
    return file


@dataclass(frozen=True)
class Answer:
    """What one call of the command gave."""

    code: int
    out: str
    err: str
    notebooks: list[dict[str, Any]]

    def cells(self, place: int = 0) -> dict[int, dict[str, Any]]:
        """Give a notebook's cells by their index."""
        return {cell["index"]: cell for cell in self.notebooks[place]["cells"]}


def environment(**variables: str) -> dict[str, str]:
    """Give the environment of a shell in which nobody chose a hash seed or a number of threads."""
    chosen = ("PYTHONHASHSEED", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "CUBLAS_WORKSPACE_CONFIG")
    return {**{name: v for name, v in os.environ.items() if name not in chosen}, **variables}


def verify(folder: Path, *arguments: str | Path, **variables: str) -> Answer:
    """Call ``seedmagic verify`` as from a shell, in `folder`."""
    findings = folder.with_name(f"{folder.name}.json")
    call = [sys.executable, "-W", "error", "-m", "seedmagic", "verify", "-j", str(JOBS)]
    done = subprocess.run(
        [*call, "--json", str(findings), *map(str, arguments)],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    notebooks = json.loads(findings.read_text())["notebooks"] if findings.exists() else []
    return Answer(done.returncode, done.stdout, done.stderr, notebooks)


def verify_cells(folder: Path, *cells: str, options: Sequence[str] = ()) -> Answer:
    """Verify one notebook of these cells."""
    return verify(folder, write_notebook(folder / "notebook.ipynb", *cells).name, *options)


def check(case: Case, found: dict[str, Any]) -> None:
    """Compare what was found of a notebook with its true verdict."""
    assert found["error"] is None, found["error"]
    cells = {cell["index"]: cell for cell in found["cells"]}
    assert sorted(cells) == list(range(len(case.cells)))
    differing = [index for index, cell in cells.items() if not cell["same"]]
    told = {index: cells[index] for index in differing}
    assert (differing[0] if differing else None) == case.first, told
    assert found["reproducible"] is (case.cause is None), told
    if case.first is not None:
        cell = cells[case.first]
        assert (cell["cause"], cell["line"]) == (case.cause, case.line), cell
        assert ("follows cell" in cell["detail"]) is (case.follows is not None), cell
        if case.follows is not None:
            assert cell["detail"].startswith(f"follows cell {case.follows}"), cell
    drift = tuple((index, name) for index, cell in cells.items() for name in cell["drift"])
    # scikit-learn imports rich where that is installed, which draws from Python's generator.
    imports = {index for index, cell in enumerate(case.cells) if "from sklearn" in cell}
    by_rich = {(index, "python") for index in imports if find_spec("rich")}
    assert {*drift} - by_rich == {*case.drift} - by_rich, cells
    assert case.masked <= {rule for cell in cells.values() for rule in cell["masked"]}, cells
    for cell in cells.values():
        assert (cell["cause"] is None) == cell["same"]
