"""Packages count as installed wherever an installer put them; the user's own modules never do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kernels import running_kernel

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "some-dice"
version = "1.0"

[tool.hatch.build]
dev-mode-dirs = ["src"]

[tool.hatch.build.targets.wheel]
packages = ["src/odd_dice"]
"""
FINDER = """
import sys
from importlib.util import spec_from_file_location
MAPPING: dict[str, str] = {{'odd_dice': {!r}}}
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in MAPPING:
            return spec_from_file_location(name, MAPPING[name] + "/__init__.py")
def install():
    sys.meta_path.append(Finder)
"""
DRAWS = "import random, numpy as np\nx = random.random()\nrng = np.random.default_rng()\n"


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Make a project, and bring it where people have packages."""
    root = tmp_path_factory.mktemp("places")
    project = root / "project"
    (project / "src/odd_dice").mkdir(parents=True)
    (project / "src/odd_dice/__init__.py").write_text(DRAWS)
    (project / "pyproject.toml").write_text(PROJECT)
    pip(project, "install", "--target", str(root / "target"))
    pip(project, "wheel", "--wheel-dir", str(root))
    (wheel,) = root.glob("*.whl")
    shutil.make_archive(str(root / "packed"), "zip", root / "target")
    shutil.copytree(root / "target", root / "no_record")
    (record,) = root.glob("no_record/*/RECORD")
    record.unlink()
    (root / "no_record/odd_dice").rename(root / "no_record/some_dice")
    (root / "target/own_dice.py").write_text(DRAWS)
    # Beside sources lies a record without a version in its name.
    (project / "src/odd_dice.egg-info").mkdir()
    (project / "src/odd_dice.egg-info/PKG-INFO").write_text("Name: odd_dice\nVersion: 1.0\n")
    (project / "src/odd_dice.egg-info/top_level.txt").write_text("odd_dice\n")
    pip(project, "install", "--target", str(root / "editable"), "--editable")
    shutil.make_archive(str(root / "sources"), "zip", project / "src")
    # setuptools has a finder and a map in place of a path, where the packages lie flat.
    shutil.copytree(root / "editable", root / "mapped")
    (path,) = root.glob("mapped/*.pth")
    path.write_text("import __editable___some_dice_1_0_finder as f; f.install()")
    (path.parent / "__editable___some_dice_1_0_finder.py").write_text(
        FINDER.format(str(project / "src/odd_dice"))
    )
    (record,) = root.glob("mapped/*/RECORD")
    record.write_text(record.read_text() + "__editable___some_dice_1_0_finder.py,,\n")
    # Older versions of it write no type beside the map.
    shutil.copytree(root / "mapped", root / "mapped before")
    (finder,) = root.glob("mapped before/*_finder.py")
    finder.write_text(finder.read_text().replace("MAPPING: dict[str, str] =", "MAPPING ="))
    # A module beside a notebook that lies in the project's own folder.
    (root / "editable/project_dice.py").write_text(DRAWS)
    return {
        "target": root / "target",
        "wheel": wheel,
        "zip": root / "packed.zip",
        "no record": root / "no_record",
        "sources": project / "src",
        "zipped sources": root / "sources.zip",
        "editable": root / "editable",
        "mapped editable": root / "mapped",
        "mapped before": root / "mapped before",
    }


def pip(project: Path, command: str, *options: str) -> None:
    asked = [sys.executable, "-m", "pip", command, "--quiet", "--disable-pip-version-check"]
    asked += ["--no-deps", "--no-build-isolation", *options]
    subprocess.run([*asked, str(project)], check=True, timeout=120)


def told(place: Path, module: str) -> str:
    """Import a module that draws, from a place on the path, and give what is said of it."""
    path = os.pathsep.join(filter(None, [str(place), os.environ.get("PYTHONPATH", "")]))
    start = "import site, random, numpy.random"
    environment = {**os.environ, "PYTHONPATH": path}
    with running_kernel("%load_ext seedmagic", start, env=environment) as kernel:
        if place.is_dir():
            kernel.ok(f"site.addsitedir({str(place)!r})")  # as a .pth does, and reads those there
        return kernel.ok(f"import {module}").stderr


@pytest.mark.parametrize(
    ("place", "module"),
    [
        ("target", "odd_dice"),
        ("wheel", "odd_dice"),
        ("zip", "odd_dice"),
        ("no record", "some_dice"),
        ("editable", "odd_dice"),
        ("mapped editable", "odd_dice"),
        ("mapped before", "odd_dice"),
    ],
)
def test_what_an_installer_put_there_may_draw_when_it_is_imported(
    places: dict[str, Path], place: str, module: str
) -> None:
    assert "UnseededWarning" not in told(places[place], module)


@pytest.mark.parametrize(
    ("place", "module"),
    [
        ("target", "own_dice"),
        ("sources", "odd_dice"),
        ("zipped sources", "odd_dice"),
        ("editable", "project_dice"),
    ],
)
def test_ones_own_modules_stay_ones_own_beside_an_installers_records(
    places: dict[str, Path], place: str, module: str
) -> None:
    said = told(places[place], module)
    assert "drew from python" in said
    assert "line 1" in said


def test_a_module_beside_the_notebook_stays_ones_own_in_an_editable_project(
    places: dict[str, Path],
) -> None:
    """The project's folder is on the path by its install, and by the notebook that lies in it."""
    notebooks = places["sources"] / "notebooks"
    notebooks.mkdir(exist_ok=True)
    (notebooks / "helpers.py").write_text(DRAWS)
    start = f"import site, random, numpy; site.addsitedir({str(places['editable'])!r})"
    with running_kernel("%load_ext seedmagic", start, cwd=str(notebooks)) as kernel:
        assert "drew from python" in kernel.ok("import helpers").stderr
        assert "UnseededWarning" not in kernel.ok("import odd_dice").stderr


def test_a_verification_puts_an_editable_packages_state_back(places: dict[str, Path]) -> None:
    start = f"import site; site.addsitedir({str(places['editable'])!r})"
    with running_kernel("%load_ext seedmagic", start, "import odd_dice\nodd_dice.n = 0") as kernel:
        shown = kernel.ok("%%seeded 42 --verify\nodd_dice.n += 1\nprint(odd_dice.n)")
        assert shown.stdout.startswith("1\n"), shown.stdout
        assert "Reproducible" in shown.stdout
        assert kernel.value("odd_dice.n") == "1"


def test_a_package_that_is_installed_later_is_known_at_once(
    places: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "own_dice.py").write_text(DRAWS)
    start = f"import sys; sys.path.insert(0, {str(tmp_path)!r})"
    with running_kernel("%load_ext seedmagic", "import random, numpy as np", start) as kernel:
        assert "UnseededWarning" in kernel.ok("import own_dice").stderr
        for each in places["target"].glob("*dice*"):
            if each.is_dir():
                shutil.copytree(each, tmp_path / each.name)
        kernel.ok("import importlib; importlib.invalidate_caches()")
        assert "UnseededWarning" not in kernel.ok("import odd_dice").stderr


def test_what_a_cell_sets_in_an_installed_package_goes_back_too(places: dict[str, Path]) -> None:
    start = f"import sys; sys.path.insert(0, {str(places['target'])!r})\nimport odd_dice, own_dice"
    change = "%%seeded 42 --verify\nodd_dice.x += 1; own_dice.x += 1"
    with running_kernel("%load_ext seedmagic", start) as kernel:
        before = float(kernel.value("odd_dice.x")), float(kernel.value("own_dice.x"))
        kernel.ok(change)
        after = float(kernel.value("odd_dice.x")), float(kernel.value("own_dice.x"))
    assert [round(now - then) for then, now in zip(before, after, strict=True)] == [1, 1]


def test_the_watcher_goes_on_whatever_stands_on_the_path(tmp_path: Path) -> None:
    (tmp_path / "own_dice.py").write_text(DRAWS)
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(broken, "w") as made:
        made.writestr("odd_dice-1.0.dist-info/RECORD", "odd_dice/__init__.py,,")
    broken.write_bytes(broken.read_bytes().replace(b"__init__", b"__inis__"))  # its sum is wrong
    odd = f"import os, sys; sys.path[:0] = [None, b'/tmp', 7, {str(broken)!r}, {str(tmp_path)!r}]"
    gone = "os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')"
    prepared = (
        "%load_ext seedmagic",
        "import random, numpy as np",
        odd,
        f"os.chdir({str(tmp_path)!r})",
    )
    with running_kernel(*prepared) as kernel:
        kernel.ok(gone)
        said = kernel.ok("import own_dice").stderr
        assert "drew from python" in said
        assert "failed" not in said
        assert "Reproducible" in kernel.ok("%%seeded 1 --verify\nx = random.random()").stdout
        kernel.ok(f"os.chdir({str(tmp_path)!r})")
