"""What people use most: its import is no draw, and its use is the same again as is documented."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from common_libraries import COMMON, NONE, PASS, SAME, SEED_ONLY, SEEDED, WARNED, Common
from kernels import Kernel, running_kernel

# They are large, and a row of CI has them: `.ci/libraries`.
if os.environ.get("SEEDMAGIC_LIBRARIES") != "required":
    pytest.skip("SEEDMAGIC_LIBRARIES is not 'required'", allow_module_level=True)

NUMBERS = """
def numbers(value):
    if isinstance(value, (list, tuple)):
        return [numbers(one) for one in value]
    value = value.detach() if hasattr(value, "detach") else value
    for name in ("to_numpy", "tolist"):
        value = getattr(value, name)() if hasattr(value, name) else value
    return repr(value)
"""
# With torch there are more generators that an import could move.
FIRST = {"alone": "pass", "after torch": "import torch"}
Pair = tuple[Common, dict[str, Kernel]]


def is_installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


@pytest.fixture(scope="module", params=COMMON, ids=lambda common: common.name)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """Give a library, and two kernels that nobody seeded and that stop at what they blame."""
    # torchvision's wheels are built for CUDA, and timm needs it: some do not install everywhere.
    if not is_installed(request.param.name):
        pytest.skip(f"{request.param.name} is not installed")
    folder = str(tmp_path_factory.mktemp("work"))
    start = "%load_ext seedmagic", "%seedwatch error", NUMBERS
    with running_kernel(*start, cwd=folder) as one, running_kernel(*start, cwd=folder) as other:
        yield request.param, dict(zip(FIRST, (one, other), strict=True))


def shown_by(kernel: Kernel, seed: int, code: str) -> str:
    """Run a cell from a seed, and give its numbers; nothing of ours may be said."""
    kernel.ok(f"%seed {seed}")
    shown = kernel.run(code)
    assert shown.status == "ok", shown.traceback or shown.error
    assert "UnseededWarning" not in shown.stderr, shown.stderr
    return kernel.value("numbers(shown)")


def drawn(kernel: Kernel) -> dict[str, str]:
    """Give the sources that the last cell drew from, each with what can be done with it."""
    file = Path(kernel.value("__import__('os').getcwd()").strip("'")) / "ledger.json"
    kernel.ok(f"%seedlog -n 1 --json {file.name}")
    (record,) = json.loads(file.read_text())
    kernel.ok("import seedmagic")
    told = "{name: one.status for name, one in seedmagic.status().sources.items()}"
    status = eval(kernel.value(told))
    return {draw["source"]: status.get(draw["source"], "") for draw in record["draws"]}


def test_importing_it_is_no_draw(pair: Pair) -> None:
    common, kernels = pair
    for order, kernel in kernels.items():
        kernel.ok(FIRST[order])
        shown = kernel.run(common.imports)
        assert shown.status == "ok", (order, shown.traceback or shown.error)
        assert "UnseededWarning" not in shown.stderr, (order, shown.stderr)
        kernel.ok(common.before or "pass")


def test_its_use_is_the_same_again_in_each_process(pair: Pair) -> None:
    common, kernels = pair
    found = [shown_by(kernel, 42, common.use) for kernel in kernels.values() for _ in range(2)]
    assert found == found[:1] * 4


def test_it_is_the_seed_in_force_that_does_it_where_that_is_told(pair: Pair) -> None:
    common, kernels = pair
    kernel = kernels["after torch"]
    one, other = [shown_by(kernel, seed, common.use) for seed in (42, 43)]
    sources = drawn(kernel)
    assert (one != other) == (common.told in (SEEDED, SEED_ONLY))
    if common.told != PASS:  # it may seed others: albumentations seeds cv2
        assert ("seed only" in sources.values()) == (common.told == SEED_ONLY), sources
    if common.told == NONE:
        assert sources == {}


def test_what_must_be_passed_is_needed(pair: Pair) -> None:
    common, kernels = pair
    kernel = kernels["after torch"]
    assert bool(common.passes) == (common.told == PASS)
    if not common.argument:
        assert not common.without
        return
    assert common.argument in common.use
    code = common.use.replace(common.argument, "")
    kernel.ok("%seedwatch warn")
    found, said = [], []
    for seed in (42, 42, 43):
        kernel.ok(f"%seed {seed}")
        shown = kernel.ok(code)
        said.append("UnseededWarning" in shown.stderr)
        found.append(kernel.value("numbers(shown)"))
    assert (len(set(found)) == 1) == (common.without == SAME), found
    assert any(said) == (common.without == WARNED), said


@pytest.mark.parametrize("turn", [1, -1], ids=["in order", "in reverse"])
def test_importing_all_of_them_is_no_draw(turn: int) -> None:
    there = [common.imports for common in COMMON if is_installed(common.name)]
    with running_kernel("%load_ext seedmagic", "%seedwatch error") as kernel:
        for imports in there[::turn]:
            shown = kernel.run(imports)
            assert shown.status == "ok", shown.traceback or shown.error
            assert "UnseededWarning" not in shown.stderr, shown.stderr
