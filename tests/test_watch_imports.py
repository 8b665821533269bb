"""What is drawn while modules are imported: by packages, the user's helpers, in other threads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Kernel, running_kernel

DRAWS = "import random\nx = random.random()\n"
PACKAGES = {
    "drawing_one": DRAWS,
    "drawing_two": DRAWS,
    "drawing_three": DRAWS,
    "broken_one": f"{DRAWS}import not_there_at_all\n",
    "slow_one": "import time; time.sleep(0.4)\n",
    "slow_two": "import time; time.sleep(0.8)\n",
}
OWN = {
    "quiet_helpers": "import drawing_one\n",
    "drawing_helpers": f"import drawing_two\n{DRAWS}",
    "broken_helpers": f"{DRAWS}import not_there_at_all\n",
    "plain_helpers": "",
    "making_helpers": "import numpy as np\nrng = np.random.default_rng()\n",
}
CAUGHT = "try:\n    import {}\nexcept ImportError:\n    pass"
RACE = """
def slow(name, wait):
    time.sleep(wait)
    importlib.import_module(name)
threads = [threading.Thread(target=slow, args=one) for one in (("slow_one", 0), ("slow_two", 0.2))]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
ODD = """
class Odd:
    name, module, armed = "odd", "random", False
    def seed(self, seed): pass
    def get_state(self): return 0
    def set_state(self, state): pass
    def look(self, last):
        if self.armed:
            self.armed = False
            thread = threading.Thread(target=importlib.import_module, args=("plain_helpers",))
            thread.start()
            thread.join()
        return 0
odd = Odd()
sm.register_source(odd)
sm.seed_everything(1)
odd.armed = True
sm.seed_everything(1)
sm.unregister_source("odd")
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    root = tmp_path_factory.mktemp("imports")
    for folder, modules in (("site-packages", PACKAGES), ("mine", OWN)):
        (root / folder).mkdir()
        for name, code in modules.items():
            (Path(root / folder) / f"{name}.py").write_text(code)
    start = "import importlib, random, sys, threading, time, numpy, seedmagic as sm"
    paths = f"sys.path[:0] = [{str(root / 'site-packages')!r}, {str(root / 'mine')!r}]"
    with running_kernel("%load_ext seedmagic", start, paths) as kernel:
        yield kernel


@pytest.mark.parametrize("cell", ["import quiet_helpers", CAUGHT.format("broken_one")])
def test_what_a_package_draws_is_nobodys_wherever_it_is_imported(kernel: Kernel, cell: str) -> None:
    assert "Warning" not in kernel.ok(cell).stderr


@pytest.mark.parametrize("cell", ["import drawing_helpers", CAUGHT.format("broken_helpers")])
def test_what_the_users_own_module_draws_is_the_cells(kernel: Kernel, cell: str) -> None:
    assert "drew from python" in kernel.ok(cell).stderr


def test_imports_that_overlap_in_threads_leave_later_ones_watched(kernel: Kernel) -> None:
    kernel.ok(RACE)
    shown = kernel.ok("f = lambda: importlib.import_module('drawing_three')\nf()")
    assert "Warning" not in shown.stderr, shown.stderr


def test_a_thread_may_import_while_sources_are_looked_at(kernel: Kernel) -> None:
    shown = kernel.ok(ODD)
    assert "Warning" not in shown.stderr, shown.stderr


@pytest.mark.parametrize("seeding", ["%seed 42 --pin-entropy", "%seed 42"])
def test_no_pin_is_advised_for_what_an_import_makes(kernel: Kernel, seeding: str) -> None:
    kernel.ok(f"{seeding}\nimport sys; sys.modules.pop('making_helpers', None)")
    cell = "x = 1\nimport making_helpers\ny = making_helpers.rng.random()"
    shown = kernel.ok(cell).stderr
    assert "made a NumPy generator without a seed (line 2: import making_helpers)" in shown
    assert "Give it one." in shown
    assert "pin" not in shown
    kernel.ok("%seed 42")
    made = kernel.ok("z = numpy.random.default_rng()").stderr
    assert "Give it one, or run %seed 42 --pin-entropy." in made
