"""Where the code of editable installs lies: what `pip install -e` says of it.

It is the user's to write, and walked through like a module beside the notebook. But it is imported
as a package is, once, and what it draws then is no draw of the cell's.
"""

from __future__ import annotations

import ast
import json
import os
import site
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

_OWN = (
    sysconfig.get_path("purelib"),
    sysconfig.get_path("platlib"),
    site.getusersitepackages() if site.ENABLE_USER_SITE else "",
)
# By a folder that holds records: when it changed last, and where the code of its editables lies.
_known: dict[str, tuple[int, tuple[str, ...]]] = {}


def is_editable_file(file: str) -> bool:
    """Whether `file` belongs to an editable install, and to nothing nearer on ``sys.path``.

    Modules beside the notebook stay the user's where the notebook lies in the project's folder.
    """
    real = os.path.realpath(file)
    roots = [root for folder in _folders() for root in _roots(folder)]
    root = max((root for root in roots if _is_in(real, root)), key=len, default=None)
    if root is None:
        return False
    nearer = [os.path.realpath(entry) for entry in sys.path if isinstance(entry, str)]
    nearer = [entry for entry in nearer if len(entry) > len(root) and _is_in(real, entry)]
    return not nearer and root != os.path.realpath("")


def _is_in(file: str, root: str) -> bool:
    return file in (root, f"{root}.py") or file.startswith(root.rstrip(os.sep) + os.sep)


def _folders() -> set[str]:
    """Give the folders in which Python reads ``.pth`` files, and with them all of ``sys.path``."""
    return {entry for entry in (*_OWN, *sys.path) if isinstance(entry, str) and entry}


def _roots(folder: str) -> tuple[str, ...]:
    try:
        changed = os.stat(folder).st_mtime_ns  # noqa: PTH116 - a third of a Path's time
        if folder not in _known or _known[folder][0] != changed:
            records = Path(folder).glob("*.dist-info/direct_url.json")
            found = [root for record in records if _is_of_editable(record) for root in _of(record)]
            _known[folder] = changed, tuple(os.path.realpath(root) for root in found)
    except Exception:  # gone, not ours to read, or a damaged record
        return ()
    return _known[folder][1]


def _is_of_editable(record: Path) -> bool:
    told = json.loads(record.read_text("utf-8"))
    return told.get("dir_info", {}).get("editable") is True


def _of(record: Path) -> Iterator[str]:
    """Give the folders and modules that an editable install adds: a path, or a finder's map."""
    folder = record.parent.parent
    for line in (record.parent / "RECORD").read_text("utf-8").splitlines():
        name = line.split(",")[0].strip('"')
        if name.endswith(".pth"):
            for path in (folder / name).read_text("utf-8").splitlines():
                if path and not path.startswith(("import ", "import\t", "#")):
                    yield str(folder / path)
        elif name.startswith("__editable__") and name.endswith("_finder.py"):
            yield from _mapped((folder / name).read_text("utf-8"))


def _mapped(source: str) -> Iterator[str]:
    """Give the paths in what setuptools writes: ``MAPPING: dict[str, str] = {...}``.

    Older versions of it write no type there.
    """
    for node in ast.parse(source).body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if "MAPPING" in map(ast.unparse, targets):
                yield from ast.literal_eval(node.value).values()
