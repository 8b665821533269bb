"""Tell Python's and installed packages' modules from the user's own."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

from seedmagic.code.editable_installs import is_editable_file
from seedmagic.code.install_records import is_recorded

_INSTALLED = tuple(
    f"{os.path.realpath(sysconfig.get_path(name))}{os.sep}"
    for name in ("stdlib", "platstdlib", "purelib", "platlib")
)
# Also another environment's below this one, the user's own site, and Debian's.
_PACKAGES = {"site-packages", "dist-packages"}
# Nobody writes these beside a notebook: a copy that no installer recorded is a library's as well.
_LIBRARIES = {
    "IPython", "PIL", "cupy", "cv2", "dask", "datasets", "duckdb", "faker", "flax", "gymnasium",
    "ipykernel", "jax", "jaxlib", "keras", "lightning", "matplotlib", "numba", "numpy", "optax",
    "pandas", "polars", "pyarrow", "pytorch_lightning", "scipy", "seaborn", "sklearn",
    "statsmodels", "sympy", "tensorflow", "torch", "torchaudio", "torchvision", "transformers",
    "xarray",
}  # fmt: skip


def is_installed(module: ModuleType | None) -> bool:
    """Whether `module` is Python's or an installed package's, and not the user's own."""
    file = getattr(module, "__file__", None)
    # We may be installed in place, as those who work on us have it. And a library gives a module
    # that it makes itself the name of some file, as torch.ops has "_ops.py".
    is_made = getattr(module, "__spec__", None) is None and not Path(file or "").is_absolute()
    if file is None or is_made or _is_ours(module):
        return True
    return _package(module) in _LIBRARIES or is_installed_file(file)


def is_installed_file(file: str) -> bool:
    """Whether `file` lies where Python or pip put their modules."""
    if file.startswith("<frozen") or not _PACKAGES.isdisjoint(Path(file).parts):
        return True
    return os.path.realpath(file).startswith(_INSTALLED) or is_recorded(file)


def is_imported_as_package(file: str) -> bool:
    """Whether what `file` draws at its import is nobody's: an editable install counts too."""
    return is_installed_file(file) or is_editable_file(file)


def comes_as_package(module: ModuleType | None) -> bool:
    """Whether what `module` draws at its import is nobody's."""
    return is_installed(module) or is_imported_as_package(str(getattr(module, "__file__", "")))


def is_own(name: object) -> bool:
    """Whether the user wrote the module of this name: the notebook, or a module of its own."""
    if name == "__main__":
        return True
    module = sys.modules.get(name) if isinstance(name, str) else None
    if module is None or _is_ours(module):
        return False
    known = _own.get(module.__name__)
    if known is None or known[0] is not module:
        known = _own[module.__name__] = (module, not is_installed(module))
    return known[1]


def is_own_module(module: ModuleType) -> bool:
    """Whether a module is one of the user's own that was imported: other than the notebook."""
    name = module.__name__
    return name != "__main__" and is_own(name) and sys.modules.get(name) is module


def is_made_by_hand(module: ModuleType) -> bool:
    """Whether no import made a module, so that its name does not stand for what it holds."""
    cls = type(module)
    is_plain = cls is ModuleType or is_own(cls.__module__)
    return is_plain and sys.modules.get(module.__name__) is not module


def package_of(cls: type) -> str:
    """Give the package that a class is of."""
    # Cython's class of functions has a descriptor there, on Python 3.10.
    return str(cls.__module__).partition(".")[0]


def _is_ours(module: ModuleType | None) -> bool:
    return _package(module) == __name__.partition(".")[0]


def _package(module: ModuleType | None) -> str | None:
    name = getattr(module, "__name__", None)
    return name.partition(".")[0] if isinstance(name, str) else None


_own: dict[str, tuple[ModuleType, bool]] = {}
