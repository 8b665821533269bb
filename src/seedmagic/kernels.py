"""A kernel specification that fixes what only a start can fix: hash seed, cuBLAS's workspace."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path

from seedmagic.errors import KernelError, SeedError
from seedmagic.seeds import ACCEPTED, check_seed
from seedmagic.session.algorithm_flags import CUBLAS, HASH_SEED

_NAME = re.compile(r"[A-Za-z0-9._-]+")
# What tells a specification of ours from one that must not be removed.
_MARK = "seedmagic"


def install(
    name: str, hash_seed: str = "0", seed: str | None = None, prefix: str | None = None
) -> Path:
    """Install a kernel that starts this Python with the hash seed set and the extension loaded.

    Parameters
    ----------
    name : str
        As in ``jupyter kernelspec list``. One of ours of that name is replaced.
    hash_seed : str
        For ``PYTHONHASHSEED``, 0 to 4294967295.
    seed : str, optional
        Run ``%seed`` with it when the kernel starts.
    prefix : str, optional
        The environment to install into; None for the user's own kernels.

    Returns
    -------
    Path
        The folder of the specification.

    Raises
    ------
    KernelError
        A name, hash seed or prefix that cannot be had. Nothing was changed.
    SeedError
        `seed` is none.
    """
    from jupyter_client.kernelspec import KernelSpecManager

    lowered = _check_name(name)
    environment = {HASH_SEED: str(_check_hash_seed(hash_seed)), CUBLAS: ":4096:8"}
    arguments = [
        sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--ext=seedmagic",
    ]  # fmt: skip
    if seed is not None:
        arguments.append(f"--IPKernelApp.exec_lines=%seed {_check_number(seed)}")
    if prefix is not None and not Path(prefix).is_dir():
        raise KernelError(
            f"--prefix {prefix!r} is no folder: that of a Python environment is accepted. "
            "Nothing was changed."
        )
    manager = KernelSpecManager()
    found = manager.find_kernel_specs().get(lowered)
    if found is not None and not _is_ours(Path(found)):
        raise KernelError(
            f"there is a kernel {lowered!r} in {found} that seedmagic did not install: choose "
            "another --name. Nothing was changed."
        )
    specification = {
        "argv": arguments,
        "display_name": _title(hash_seed, seed),
        "language": "python",
        "env": environment,
        "metadata": {"debugger": True, _MARK: {"hash_seed": hash_seed, "seed": seed}},
    }
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)  # noqa: PTH101 - install_kernel_spec copies the mode, 0o700
        Path(place, "kernel.json").write_text(json.dumps(specification, indent=1), "utf-8")
        return Path(manager.install_kernel_spec(place, lowered, user=prefix is None, prefix=prefix))


def remove(name: str) -> Path:
    """Remove a kernel that `install` installed, and give the folder where it was.

    Raises
    ------
    KernelError
        There is none of this name, or seedmagic did not install it. Nothing was changed.
    """
    from jupyter_client.kernelspec import KernelSpecManager

    lowered = _check_name(name)
    manager = KernelSpecManager()
    manager.ensure_native_kernel = False
    known = {
        other: Path(place)
        for other, place in manager.find_kernel_specs().items()
        if _is_ours(Path(place))
    }
    if lowered not in known:
        told = ", ".join(sorted(known)) or "none"
        raise KernelError(
            f"seedmagic installed no kernel {lowered!r}; it installed: {told}. Nothing was changed."
        )
    manager.remove_kernel_spec(lowered)
    return known[lowered]


def _title(hash_seed: str, seed: str | None) -> str:
    seeded = f", seed {seed}" if seed is not None else ""
    return f"Python {sys.version_info.major} (seedmagic: hash seed {hash_seed}{seeded})"


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name) or set(name) <= {"."}:
        raise KernelError(
            f"{name!r} is not a kernel's name: letters, digits, '-', '_' and '.' are accepted. "
            "Nothing was changed."
        )
    return name.lower()  # as Jupyter does


def _check_hash_seed(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number <= 4294967295:
        raise KernelError(f"--hash-seed {text}: {ACCEPTED} is accepted. Nothing was changed.")
    return number


def _check_number(text: str) -> int:
    try:
        return check_seed(int(text, 0))
    except ValueError:
        raise SeedError(
            f"--seed {text}: {ACCEPTED} is accepted, as in 42 or 0x2A. Nothing was changed."
        ) from None


def _is_ours(folder: Path) -> bool:
    try:
        plain = json.loads((folder / "kernel.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(plain, dict) and _MARK in plain.get("metadata", {})
