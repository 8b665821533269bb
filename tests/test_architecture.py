"""The house stands as it was drawn: arrows point down, imports are cheap, names are documented."""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import seedmagic as sm
from scripts import answer, run_script

ROOT = Path(sm.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

# A part may import what stands in a line above its own, and itself; nothing beside or below.
LAYERS = [
    {"errors"},
    {"warn"},
    {"core"},
    {"objects"},
    {"watch", "verifying", "runs"},
    {"ipython", "cli", "kernels"},
    {"__main__"},
]
BESIDE = {("cli", "kernels")}  # `seedmagic kernel install`
HEAVY = ["numpy", "torch", "IPython", "ipywidgets", "nbclient", "matplotlib", "scipy", "pandas"]
# What may be imported outside of functions beside the standard library and ourselves.
AT_ONCE = {"ipython": {"IPython", "traitlets"}, "ipython/panel.py": {"ipywidgets"}}
LONGEST = 270


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def part(path: Path) -> str:
    return place(path).split("/")[0].removesuffix(".py")


def level(name: str) -> int:
    return next(index for index, names in enumerate(LAYERS) if name in names)


def imports(tree: ast.AST) -> Iterator[str]:
    """Name every module that is imported anywhere, in functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            # `from seedmagic.core import session` imports a module too.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def at_once(body: list[ast.stmt]) -> Iterator[str]:
    """Name every module that the import of this one imports."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from at_once(node.orelse)
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from imports(node)
        for name in ("body", "orelse", "finalbody"):
            yield from at_once(getattr(node, name, []))
        for handler in getattr(node, "handlers", []):
            yield from at_once(handler.body)


@pytest.mark.parametrize(
    "path", [path for path in MODULES if place(path) != "__init__.py"], ids=place
)
def test_arrows_point_only_downward(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    own = part(path)
    assert any(own in names for names in LAYERS), f"{own} has no place in the house"
    for name in imports(tree):
        top, _, rest = name.partition(".")
        if top != "seedmagic":
            continue
        if not rest:
            # The version stands in __init__, and nothing else may be taken from there.
            attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
            taken = {node.attr for node in attributes if ast.unparse(node.value) == "seedmagic"}
            assert taken <= {"__version__"}
            continue
        other = rest.split(".")[0]
        is_below = level(other) < level(own) or other == own or (own, other) in BESIDE
        assert is_below, f"{place(path)} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_ipython_and_ipywidgets_are_imported_only_where_they_belong(path: Path) -> None:
    tops = {name.split(".")[0] for name in imports(ast.parse(path.read_text(encoding="utf-8")))}
    if part(path) != "ipython":
        assert not tops & {"IPython", "traitlets", "ipykernel"}
    if place(path) != "ipython/panel.py":
        assert "ipywidgets" not in tops


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_importing_a_module_imports_no_library(path: Path) -> None:
    tops = {name.split(".")[0] for name in at_once(ast.parse(path.read_text("utf-8")).body)}
    allowed = AT_ONCE.get(part(path), set()) | AT_ONCE.get(place(path), set()) | {"seedmagic"}
    assert tops - set(sys.stdlib_module_names) <= allowed


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_a_module_says_what_it_is_for_and_fits_on_a_few_screens(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first = ast.parse(text).body[0]
    assert isinstance(first, ast.Expr)
    assert isinstance(first.value, ast.Constant)
    assert isinstance(first.value.value, str)
    assert first.value.value.strip().splitlines()[0].endswith(".")
    assert len(text.splitlines()) <= LONGEST


def test_importing_seedmagic_imports_nothing_heavy_and_not_even_random() -> None:
    done = run_script("import subprocess, sys\n" + "done = subprocess.run("
                      "[sys.executable, '-X', 'importtime', '-c', 'import seedmagic'],"
                      " capture_output=True, text=True)\nprint(done.stderr)")  # fmt: skip
    names = {line.rpartition("|")[2].strip() for line in done.stdout.splitlines()}
    assert {"seedmagic", "seedmagic.session.seeding", "seedmagic.sources.torch"} <= names
    assert {name.split(".")[0] for name in names}.isdisjoint([*HEAVY, "random", "asyncio"])


def test_what_seeding_does_not_need_is_imported_on_first_use() -> None:
    script = """
    import json, sys
    import seedmagic as sm
    parts = ("objects", "runs", "verifying", "watch", "ipython")
    def here():
        return [part for part in parts if f"seedmagic.{part}" in sys.modules]
    first = here()
    print(json.dumps([first, sm.verify.__module__]))
    """
    assert answer(script) == [[], "seedmagic.verify.cell.function"]


def test_seeding_a_plain_process_imports_no_library_either() -> None:
    script = f"""
    import json, sys
    import seedmagic as sm
    sm.seed_everything(42, deterministic=True)
    with sm.seeded(1), sm.deterministic():
        sm.status().to_dict(), str(sm.status()), sm.snapshot(), sm.derive_seed(1, "a")
    print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
    """
    assert answer(script) == []


def test_status_is_json_and_names_no_host_user_or_path() -> None:
    import getpass
    import socket

    sm.seed_everything(42)
    text = json.dumps(sm.status().to_dict())
    assert json.loads(text)["seed"] == 42
    assert socket.gethostname() not in text
    assert str(Path.home()) not in text
    assert str(Path.cwd()) not in text
    assert f'"{getpass.getuser()}"' not in text


HOOKS = {"load_ipython_extension", "unload_ipython_extension"}  # called by IPython, not by people


def documented(text: str) -> set[str]:
    """Name the parameters that a numpydoc docstring describes."""
    found = set()
    for section in ("Parameters", "Attributes"):
        match = re.search(rf"^{section}\n-+\n(.*?)(?=^\w[^\n]*\n-+\n|\Z)", text, re.S | re.M)
        for line in match[1].splitlines() if match else []:
            if line and not line.startswith(" "):
                found |= {name.strip(" *") for name in line.partition(" :")[0].split(",")}
    return found


@pytest.mark.parametrize("name", sm.__all__)
def test_every_public_name_has_a_numpydoc_docstring(name: str) -> None:
    thing = getattr(sm, name)
    text = inspect.getdoc(thing) or ""
    assert re.match(r"[A-Z][^\n]*\.(\n|$)", text), "a sentence on the first line"
    assert thing.__doc__ is not None, "a docstring of its own"
    if isinstance(thing, type):
        for member, value in vars(thing).items():
            if not member.startswith("_") and callable(value):
                assert inspect.getdoc(value), f"{name}.{member}"
        if issubclass(thing, Exception) or thing is sm.Source:
            return
    if name in HOOKS:
        return
    parameters = {p for p in inspect.signature(thing).parameters if not p.startswith("_")}
    assert parameters == documented(text)
    has_own = inspect.isfunction(thing) and thing is not sm.unregister_source  # see register_source
    if has_own or thing in (sm.seeded, sm.preserve):
        assert "Examples\n--------\n>>> " in text


def test_all_names_what_the_module_holds() -> None:
    held = {name for name, thing in vars(sm).items() if not inspect.ismodule(thing)}
    assert {name for name in held if not name.startswith("_")} <= set(sm.__all__)
    assert all(hasattr(sm, name) for name in sm.__all__)
    assert sorted(sm.__all__) == list(sm.__all__)
    assert dir(sm) == sorted([*sm.__all__, "__version__"])  # what a completion offers
