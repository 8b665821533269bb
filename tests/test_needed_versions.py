"""A library that is too old is refused in one sentence, and nothing is half loaded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernels import Kernel, running_kernel

TOO_OLD = [
    ("IPython", "7.33.0", "7.34"),
    ("ipykernel", "6.9.1", "6.17"),
    ("numpy", "1.9.3", "1.26"),
    ("torch", "2.5.1+cu121", "2.6"),
    ("torch", "2.0.0a0+git1234", "2.6"),
]
NEW_ENOUGH = [
    ("torch", "2.10.0"),
    ("torch", "2.6.0a0+git1234"),
    ("torch", "2.6.0+debian"),
    ("numpy", "3.0"),
    ("IPython", "10.1.dev"),
    ("xxhash", "unknown"),
]


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    with running_kernel("import IPython, ipykernel, numpy, torch, xxhash") as started:
        yield started


def test_a_version_that_cannot_work_is_refused_in_one_sentence(kernel: Kernel) -> None:
    for module, version, needed in TOO_OLD:
        kernel.ok(f"former, {module}.__version__ = {module}.__version__, {version!r}")
        shown = kernel.run("%load_ext seedmagic")
        told = f"needs {module} {needed} or newer, and {version} is here"
        assert shown.error.startswith(f"UsageError: seedmagic {told}")
        assert "Traceback" not in shown.text
        assert kernel.value("'seed' in get_ipython().magics_manager.magics['line']") == "False"
        kernel.ok(f"{module}.__version__ = former")
    kernel.ok("%load_ext seedmagic")
    assert "Seed 42" in kernel.ok("%seed 42").text


@pytest.mark.parametrize(("module", "version"), NEW_ENOUGH)
def test_versions_are_compared_as_versions(kernel: Kernel, module: str, version: str) -> None:
    kernel.ok(f"{module}.__version__ = {version!r}")
    kernel.ok("%load_ext seedmagic")
    assert kernel.value("'seed' in get_ipython().magics_manager.magics['line']") == "True"


def test_ipywidgets_that_are_too_old_leave_the_panel_to_be_read(kernel: Kernel) -> None:
    kernel.ok("import ipywidgets; ipywidgets.__version__ = '7.6.5'")
    kernel.ok("%load_ext seedmagic")
    shown = kernel.ok("%seedpanel")
    assert "needs ipywidgets 7.7 or newer, and 7.6.5 is here" in shown.stdout
    assert any("text/html" in data for data in shown.displays)
