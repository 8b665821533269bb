"""A package that brings a source is found where it is installed, and waits for its library."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import answer, run_script

PACKAGE = Path(__file__).parent / "plugin_package"

START = """
import json, random, sys
import seedmagic as sm

def rolls(seed):
    generator = random.Random(seed)
    return [generator.randrange(10**6) for _ in range(5)]

def roll():
    import dicebox
    return [dicebox.roll() for _ in range(5)]
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> str:
    target = str(tmp_path_factory.mktemp("site"))
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", target, str(PACKAGE)],
        check=True,
        timeout=120,
    )
    return target


def test_it_is_loaded_only_once_its_library_is_imported(installed: str) -> None:
    script = """
report = sm.seed_everything(42)
sm.sources(), sm.status(), sm.snapshot()
import colorsys
assert not any(name.startswith("dicebox") for name in sys.modules)
assert "dicebox" not in report.seeded
import dicebox
assert "dicebox.seedmagic_source" in sys.modules
print(json.dumps([roll() == rolls(42), sm.status().sources["dicebox"].seed]))
"""
    assert answer(START + script, PYTHONPATH=installed) == [True, 42]


def test_it_is_seeded_compared_and_put_back_like_a_built_in_source(
    installed: str, tmp_path: Path
) -> None:
    script = """
import dicebox
assert "dicebox" in sm.seed_everything(1).seeded
before = sm.snapshot()
with sm.seeded(42):
    assert roll() == rolls(42)
    assert before.diff(sm.snapshot())[-1] == "dicebox"
assert roll() == rolls(1)
before.save(sys.argv[1])
sm.RngState.load(sys.argv[1]).restore()
print(json.dumps(roll() == rolls(1)))
"""
    assert answer(START + script, str(tmp_path / "state"), PYTHONPATH=installed) is True


def test_it_can_be_skipped_and_chosen_by_name_before_it_is_imported(installed: str) -> None:
    script = """
sm.seed_everything(42, **json.loads(sys.argv[1]))
first = roll()
print(json.dumps([first == rolls(42), sm.status().sources["dicebox"].status]))
"""
    for modes, expected in [
        ('{"skip": "dicebox"}', [False, "unseeded"]),
        ('{"only": "numpy"}', [False, "unseeded"]),
        ('{"only": "dicebox"}', [True, "seeded"]),
    ]:
        assert answer(START + script, modes, PYTHONPATH=installed) == expected


def test_imported_inside_a_scope_it_has_the_outer_seed_afterwards(installed: str) -> None:
    script = """
sm.seed_everything(1)
with sm.seeded(42):
    assert roll() == rolls(42)
print(json.dumps(roll() == rolls(1)))
"""
    assert answer(START + script, PYTHONPATH=installed) is True


def test_a_name_of_a_package_that_is_not_installed_is_refused() -> None:
    done = run_script(START + "sm.seed_everything(42, skip='dicebox')")
    assert done.returncode == 1
    assert "SourceError: 'dicebox' is not a source: python, numpy" in done.stderr


BROKEN = {
    "raises on import": "raise OSError('no dice')",
    "does not exist": "",
    "lacks a seed": "class Plug:\n    name, module = 'x', 'colorsys'",
    "fails when made": "class Plug:\n    def __init__(self):\n        raise OSError('no dice')",
    "cannot be put back by half": (
        "class Plug:\n    name, module = 'x', 'colorsys'\n"
        "    def seed(self, seed): pass\n    def get_state(self): return 1"
    ),
    "has no name for a line": (
        "class Plug:\n    name, module = 'x y', 'colorsys'\n    def seed(self, seed): pass"
    ),
    "fails when seeded": (
        "class Plug:\n    name, module = 'x', 'colorsys'\n"
        "    def seed(self, seed): raise OSError('no dice')"
    ),
}


def write_package(folder: Path, name: str, module: str, code: str) -> None:
    """Write a package with a plug-in as pip would leave it, in half a second less."""
    (folder / f"{name}.py").write_text(code)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[seedmagic.sources]\n{module} = {name}:Plug\n")


def test_a_name_that_another_source_has_is_said_with_both_packages(tmp_path: Path) -> None:
    code = "class Plug:\n    name, module = {!r}, {!r}\n    def seed(self, seed): pass\n"
    write_package(tmp_path, "first", "colorsys", code.format("hues", "colorsys"))
    write_package(tmp_path, "second", "wave", code.format("hues", "wave"))
    write_package(tmp_path, "third", "sched", code.format("numpy", "sched"))
    script = """
numpy = sm.sources()["numpy"]
sm.seed_everything(42)
import colorsys
assert sm.sources()["hues"].module == "colorsys"
import sched, wave
sm.seed_everything(42)
sm.seed_everything(43)
print(json.dumps([sm.sources()["hues"].module, sm.sources()["numpy"] is numpy]))
"""
    done = run_script(START + script, PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, '["colorsys", true]\n'), done.stderr
    assert done.stderr.count("SeedmagicWarning") == 2, done.stderr
    told = "the package {} cannot be used: its source has the name {!r}, as that of the package {}"
    assert told.format("second", "hues", "first") in done.stderr
    assert told.format("third", "numpy", "seedmagic") in done.stderr


@pytest.mark.parametrize("code", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_plug_in_warns_once_and_harms_nothing(code: str, tmp_path: Path) -> None:
    write_package(tmp_path, "broken", "colorsys", code)
    script = """
sm.seed_everything(42)
expected = random.Random(42).random()
import colorsys
assert colorsys.rgb_to_hsv(0, 0, 0) == (0, 0, 0)
assert random.random() == expected
sm.seed_everything(42, skip="x" if "x" in sm.sources() else None)
import wave
with sm.preserve():
    pass
print(json.dumps(random.random() == expected))
"""
    done = run_script(START + script, PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "true\n"), done.stderr
    assert done.stderr.count("SeedmagicWarning") == 1, done.stderr
    assert "colorsys" in done.stderr


def test_a_package_whose_metadata_is_broken_costs_the_plug_ins_and_no_more(tmp_path: Path) -> None:
    folder = tmp_path / "nameless.egg-info"
    folder.mkdir()
    (folder / "top_level.txt").write_text("nameless\n")
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path)
    script = "import json\nimport seedmagic as sm\nprint(json.dumps(sm.seed_everything(1).seed))"
    assert answer(script, PYTHONPATH=packed) == 1
