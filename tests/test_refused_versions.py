"""A version that cannot work is refused at `%load_ext`, in one sentence, and leaves nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from kernels import Kernel, running_kernel
from seedmagic.requirements import NEEDED

# What loading leaves in a shell and a process.
LEFT = """(
    sorted(name for kind in get_ipython().magics_manager.magics.values() for name in kind),
    get_ipython().input_transformers_cleanup, get_ipython().input_transformers_post,
    get_ipython().ast_transformers, get_ipython().Completer.custom_matchers,
    get_ipython().Completer.magic_arg_matchers,
    get_ipython().events.callbacks, get_ipython().extension_manager.loaded,
    [type(c).__name__ for c in get_ipython().configurables if type(c).__module__[:4] == "seed"],
    __import__("sys").meta_path,
)"""


def package(folder: Path, name: str, version: str | None, *told: str) -> None:
    """Write a package that says it has this version, and metadata folders that say so too."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    text = "" if version is None else f"__version__ = {version!r}\n"
    (folder / name / "__init__.py").write_text(text)
    for other in told:
        (folder / f"{name}-{other}.dist-info").mkdir()


def started(folder: Path) -> dict[str, dict[str, str]]:
    """Give what starts a kernel that finds the packages of `folder` first."""
    paths = [str(folder), os.environ.get("PYTHONPATH", "")]
    return {"env": {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}}


def check_refused(kernel: Kernel, *says: str) -> None:
    """See that loading gives one line, and leaves nothing."""
    before = kernel.value(LEFT)
    shown = kernel.run("%load_ext seedmagic")
    assert shown.status == "error"
    assert not shown.errors  # no traceback
    assert shown.error.startswith("UsageError: seedmagic was not loaded: it needs ")
    assert shown.error.count("\n") == 1
    assert re.findall(r"\. ", shown.error) == []
    for words in says:
        assert words in shown.error
    assert kernel.value(LEFT) == before


@pytest.mark.parametrize(
    ("name", "version", "written"),
    [
        ("torch", "2.5.1+cu121", "torch"),
        ("numpy", "1.9.3", "NumPy"),
        ("xxhash", "3.3.9", "xxhash"),
    ],
)
def test_what_is_not_imported_yet_is_refused_and_works_after_an_upgrade(
    tmp_path: Path, name: str, version: str, written: str
) -> None:
    package(tmp_path, name, version, version)
    with running_kernel(**started(tmp_path)) as kernel:
        check_refused(
            kernel,
            f"{written} {NEEDED[name]} or newer, and {written} {version} is here",
            f'run pip install -U "{name}>={NEEDED[name]}" and try again.',
        )
        kernel.ok(f"import sys; sys.path.remove({str(tmp_path)!r})")
        assert kernel.ok("%load_ext seedmagic\n%seed 42").stderr == ""


def test_what_is_imported_says_its_version_itself(tmp_path: Path) -> None:
    package(tmp_path, "torch", "2.5.1", "2.10.0")
    with running_kernel("import torch", **started(tmp_path)) as kernel:
        check_refused(kernel, "torch 2.5.1 is here", "and restart the kernel.")


def test_several_are_named_in_one_sentence(tmp_path: Path) -> None:
    package(tmp_path, "torch", "2.5.1", "2.5.1")
    package(tmp_path, "numpy", "1.25.2", "1.25.2")
    with running_kernel(**started(tmp_path)) as kernel:
        check_refused(
            kernel,
            "NumPy 1.26 or newer and torch 2.6 or newer, and NumPy 1.25.2 and torch 2.5.1 are here",
            '"numpy>=1.26" "torch>=2.6"',
        )


@pytest.mark.parametrize(("name", "version"), [("IPython", "7.33.0"), ("ipykernel", "6.16.2")])
def test_an_old_ipython_or_ipykernel_is_refused(name: str, version: str) -> None:
    # Only the version is made up; with the real ones there is nothing else to see here.
    with running_kernel(f"import {name}; {name}.__version__ = {version!r}") as kernel:
        check_refused(kernel, f"{name} {NEEDED[name]} or newer, and {name} {version} is here")


def test_an_old_ipykernel_is_no_matter_in_a_terminal() -> None:
    from scripts import answer

    script = """
    import ipykernel
    from IPython.core.interactiveshell import InteractiveShell
    ipykernel.__version__ = "6.16"
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "seedmagic")
    print(int("seedmagic" in shell.extension_manager.loaded))
    """
    assert answer(script) == 1


PASS = ["{}", "{}.0", "{}0.1", "{}.0a0+git123", "{}.0a0+ecf3bae40a.nv25.1", "{}.0+cu124",
        "{}.0+debian", "10{}", "unknown", "", "1!0.1", None, "0+untagged.1.g12",
        "0+unknown", "0.0.0", "0.1.dev1+g12"]  # fmt: skip


@pytest.mark.parametrize("pattern", PASS)
def test_a_version_that_works_or_cannot_be_read_is_let_pass(
    tmp_path: Path, pattern: str | None
) -> None:
    for name in ("torch", "xxhash"):
        version = pattern and pattern.format(NEEDED[name])
        package(tmp_path, name, version, *([version] if version else []))
    with running_kernel("import xxhash", **started(tmp_path)) as kernel:
        assert kernel.ok("%load_ext seedmagic").text.strip() == ""
        assert "seed" in kernel.value("get_ipython().magics_manager.magics['line']")


def test_metadata_that_an_upgrade_or_a_removal_left_behind_is_no_reason(tmp_path: Path) -> None:
    package(tmp_path, "torch", "2.10.0", "2.5.1", "2.10.0", "2.9.0")
    (tmp_path / "numpy-1.25.2.dist-info").mkdir()  # and no numpy beside it
    with running_kernel(**started(tmp_path)) as kernel:
        assert kernel.ok("%load_ext seedmagic").text.strip() == ""


def test_what_nothing_told_of_is_told_once_when_it_is_imported(tmp_path: Path) -> None:
    package(tmp_path, "torch", "2.5.1")
    with running_kernel("%load_ext seedmagic", **started(tmp_path)) as kernel:
        shown = kernel.ok("import torch")
        assert shown.stderr.count("torch is not seeded: seedmagic needs torch 2.6 or newer, and "
                                  "torch 2.5.1 is here") == 1  # fmt: skip
        assert shown.stderr.count("Warning:") == 1
        again = kernel.ok("import sys; del sys.modules['torch']; import torch")
        assert "torch is not seeded" not in again.stderr


def test_old_widgets_cost_the_panel_its_buttons_alone(tmp_path: Path) -> None:
    package(tmp_path, "ipywidgets", "7.6.5", "7.6.5")
    with running_kernel("%load_ext seedmagic", **started(tmp_path)) as kernel:
        shown = kernel.ok("%seed 42\n%seedpanel")
        (facts,) = [data for data in shown.displays if "text/html" in data]
        assert "Seed 42 is in force" in facts["text/plain"]
        assert (
            "the panel's buttons need ipywidgets 7.7 or newer, and ipywidgets 7.6.5" in shown.text
        )
        assert shown.comms == []


def test_what_is_refused_is_what_the_package_asks_for() -> None:
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    asked = dict(re.findall(r'"(\w+)>=([\d.]+)"', text))
    for name in ("ipython", "ipykernel", "ipywidgets", "numpy", "torch", "xxhash"):
        assert asked[name] == NEEDED[name.replace("ipython", "IPython")]


def test_the_look_imports_nothing(tmp_path: Path) -> None:
    from scripts import answer

    script = """
    import sys, json
    from seedmagic.requirements import NEEDED, too_old
    assert too_old(NEEDED) == []
    print(json.dumps([name for name in [*NEEDED, "importlib.metadata"] if name in sys.modules]))
    """
    assert answer(script) == []
