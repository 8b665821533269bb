"""The house stands as it was drawn: arrows point down, imports are cheap, names are documented."""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import seedmagic as sm
from scripts import answer, run_script

ROOT = Path(sm.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

# A part may import what stands in a line above its own, and itself; nothing beside or below.
LAYERS = [
    {"errors"},
    {"warn", "version", "imports", "private_names", "replacements", "seeds", "words"},
    {"requirements"},
    {"code"},
    {"sources"},
    {"session"},
    {"objects"},
    {"watch"},
    {"status"},
    {"verify", "runs"},
    {"ipython", "kernels", "command_parser"},
    {"cli"},
    {"__main__"},
]
HEAVY = ["numpy", "torch", "IPython", "ipywidgets", "nbclient", "matplotlib", "scipy", "pandas"]
# What may be imported outside of functions beside the standard library and ourselves.
AT_ONCE = {"ipython": {"IPython", "traitlets"}, "ipython/panel": {"IPython", "ipywidgets"}}
LONGEST, FULLEST = 270, 16

Name = tuple[str, ...]  # of a module, below seedmagic; of a package with __init__ at its end


def name_of(path: Path) -> Name:
    return path.relative_to(ROOT).with_suffix("").parts


NAMES = {name_of(path) for path in MODULES}
TREES = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
# The public names, which stand above all.
DOOR = ("__init__",)


def imports(tree: ast.AST) -> Iterator[str]:
    """Name every module that is imported anywhere: in functions, for type checkers too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            # `from seedmagic.session import scopes` imports a module too.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(tree: ast.AST) -> Iterator[Name]:
    """Name those of our own modules that are imported."""
    for name in imports(tree):
        top, *rest = name.split(".")
        if top == "seedmagic":
            found = tuple(rest)
            while found and found not in NAMES and (*found, "__init__") not in NAMES:
                found = found[:-1]  # what is taken of the module
            yield found if found in NAMES else (*found, "__init__")


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


ARROWS = {(name, other) for name, tree in TREES.items() if name != DOOR for other in ours(tree)}


def test_arrows_point_only_downward() -> None:
    levels = {part: level for level, parts in enumerate(LAYERS) for part in parts}
    assert {name[0] for name in NAMES - {DOOR}} == set(levels), "every part has its place"
    assert not [
        f"{'.'.join(name)} imports {'.'.join(other)}"
        for name, other in sorted(ARROWS)
        if other == DOOR or (name[0] != other[0] and levels[other[0]] >= levels[name[0]])
    ]


def test_no_imports_go_in_a_circle_neither_of_modules_nor_of_folders() -> None:
    rooms: dict[Name, dict[str, set[str]]] = {}
    for name, other in ARROWS:
        # Seen from the folder that holds both: which of its rooms leads to which.
        shared = next(
            at for at, pair in enumerate(zip(name, other, strict=False)) if len({*pair}) > 1
        )
        room = rooms.setdefault(name[:shared], {})
        room.setdefault(name[shared], set()).add(other[shared])
    for folder, leads in rooms.items():
        try:
            TopologicalSorter(leads).prepare()
        except CycleError as error:
            pytest.fail(f"a circle in {'/'.join(folder)}: {' → '.join(error.args[1])}")


def test_ipython_and_ipywidgets_are_imported_only_where_they_belong() -> None:
    for name, tree in TREES.items():
        tops = {imported.split(".")[0] for imported in imports(tree)}
        if name[0] != "ipython":
            assert not tops & {"IPython", "traitlets", "ipykernel"}, name
        if name[:2] != ("ipython", "panel"):
            assert "ipywidgets" not in tops, name


def test_importing_a_module_imports_no_library() -> None:
    for name, tree in TREES.items():
        tops = {imported.split(".")[0] for imported in at_once(tree.body)}
        folders = ("/".join(name[:depth]) for depth in range(len(name)))
        allowed = {"seedmagic"}.union(*(AT_ONCE.get(folder, set()) for folder in folders))
        assert tops - set(sys.stdlib_module_names) <= allowed, name


def test_a_module_says_what_it_is_for_and_fits_on_a_few_screens() -> None:
    for name, tree in TREES.items():
        first = (ast.get_docstring(tree) or "").partition("\n")[0]
        assert first.endswith("."), name
        path = ROOT.joinpath(*name).with_suffix(".py")
        assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST, name


def test_a_folder_is_in_sight_at_once() -> None:
    held = Counter(name[:-1] for name in NAMES if name[-1] != "__init__")
    assert {folder: count for folder, count in held.items() if count > FULLEST} == {}


def test_no_two_files_and_no_two_classes_have_one_name() -> None:
    files = Counter(name[-1] for name in NAMES if name[-1] != "__init__")
    classes = Counter(
        node.name
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in (files | classes).items() if count > 1] == []


# What only these files do: a second one that does it knows something twice.
ONE_PLACE = {
    # `warn` lies below, and looks for the first frame that is not ours.
    "walks over frames": (r"frame = .*frame\.f_back|walk_tb|\btb_next\b", {"cell_frames", "warn"}),
    "reads names from code": (r"get_instructions|getclosurevars", {"names_in_code"}),
    "writes tables as HTML": (r"<t[rdh][ >]|<table", {"tables"}),
    "escapes for HTML": (r"from html import|html\.escape", {"tables"}),
    # The noise of a bar is one code of a terminal's, which is no colour.
    "knows a terminal's codes": (r"\\x1b|\\033|\\u001b", {"words", "noise_masks"}),
    "is a colour of HTML": (r"(: |, |\")#[0-9a-f]{3,8}\b", {"html_palette", "result_plots"}),
}


@pytest.mark.parametrize("what", ONE_PLACE)
def test_one_piece_of_knowledge_has_one_place(what: str) -> None:
    pattern, places = ONE_PLACE[what]
    found = {path.stem for path in MODULES if re.search(pattern, path.read_text("utf-8"))}
    assert found == places


WRITERS = {"memmove", "memset", "memcpy", "strncpy", "pwrite", "pwritev", "process_vm_writev"}


def places_in_memory(tree: ast.AST) -> set[str]:
    """Name the variables and attributes that hold what lies at an address."""
    return {
        target.id if isinstance(target, ast.Name) else target.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and re.search(r"\bfrom_address\b", ast.unparse(node.value))
        for target in node.targets
        if isinstance(target, (ast.Name, ast.Attribute))
    }


def writes_by_address(tree: ast.AST) -> Iterator[str]:
    """Give what writes into memory that is not a Python object's of our own."""
    places = {"from_address", *places_in_memory(tree)}
    for node in ast.walk(tree):
        named = getattr(node, "attr", None) or getattr(node, "id", None)
        if named in WRITERS:
            yield ast.unparse(node)
        # Targets of assignments: `place[0] = …`, `place.raw = …`, `T.from_address(a).value = …`.
        if isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            held = {*re.findall(r"\w+", ast.unparse(node.value))}
            if held & places or named in ("raw", "contents"):
                yield ast.unparse(node)


def test_nothing_writes_into_memory_by_address() -> None:
    for code in (
        "ctypes.memmove(a, b, 3)",
        "(c_char * 3).from_address(a)[:] = b'abc'",
        "c_int.from_address(a).value += 1",
        "self.words = (c_char * 3).from_address(a)\nself.words[0] = 1",
        "words.raw = b'abc'",
    ):
        assert list(writes_by_address(ast.parse(code))), code
    found = {name: list(writes_by_address(tree)) for name, tree in TREES.items()}
    assert {name: writes for name, writes in found.items() if writes} == {}


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
    parts = ("objects", "runs", "status.", "verify.", "watch", "ipython")
    def here():
        loaded = [name.partition("seedmagic.")[2] for name in sys.modules]
        return [part for part in parts if any(name.startswith(part) for name in loaded)]
    first = here()
    print(json.dumps([first, sm.verify.__module__]))
    """
    assert answer(script) == [[], "seedmagic.verify"]


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
