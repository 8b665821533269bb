"""What a library's values are is told by their buffers, wherever the library lies."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import polars
import pytest

from kernels import running_kernel

CELLS = (
    "import polars as pl; t = pl.Series([1])",
    "frame = pl.DataFrame({'a': [1, 2]}); plan = frame.lazy().select(pl.col('a') + 1)",
    "largest = frame.select(pl.col('a').max()).item()",
)


@pytest.mark.parametrize("place", ["a folder", "a folder that left the path"])
def test_a_library_that_no_installer_recorded_is_not_walked_through(
    tmp_path: Path, place: str
) -> None:
    package = Path(polars.__file__).parent
    shutil.copytree(package, tmp_path / "polars")
    first = f"import sys; sys.path.insert(0, {str(tmp_path)!r})"
    if place == "a folder that left the path":
        first += "; import polars as pl; sys.path.pop(0)"
    with running_kernel("%load_ext seedmagic", first) as kernel:
        for code in CELLS:
            began = time.perf_counter()
            shown = kernel.ok(f"%%seeded 1 --verify\n{code}")
            assert "Reproducible" in shown.stdout, shown.stdout
            assert time.perf_counter() - began < 30
        assert str(tmp_path) in kernel.value("pl.__file__")
