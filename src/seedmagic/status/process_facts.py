"""What numbers depend on beside seeds and flags: versions, hardware, devices, the hash seed."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seedmagic.imports import is_loaded, loaded
from seedmagic.session import algorithm_flags
from seedmagic.sources.protocol import Source, is_present
from seedmagic.version import __version__

_LIBRARIES = ("IPython", "numpy", "scipy", "sklearn", "pandas", "torch", "numba")


def hash_seed_of_process() -> str | None:
    """Give what this process started with, ``"random"``, or None where that cannot be told."""
    if not sys.flags.hash_randomization:
        return "0"
    try:
        # os.environ may have been changed since the start, by us among others.
        started_with = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    prefix = f"{algorithm_flags.HASH_SEED}=".encode()
    found = [entry[len(prefix) :].decode() for entry in started_with if entry.startswith(prefix)]
    return found[0] if found and found[0] else "random"


def devices(known: Mapping[str, Source]) -> dict[str, dict[str, Any]]:
    """Say of each kind of accelerator among `known` what can be known without waking it."""
    if not is_loaded("torch"):
        return {}
    return {
        name.removeprefix("torch."): _device(source)
        for name, source in known.items()
        if hasattr(source, "is_awake")
    }


def _device(source: Any) -> dict[str, Any]:
    if not is_present(source):
        return {"available": False, "driver": False, "initialized": False, "count": 0}
    return {
        "available": True,
        "driver": source.has_driver(),
        "initialized": source.is_awake(),
        "count": source.count(),
    }


def precision() -> dict[str, str]:
    """Say in which precision float32 products and convolutions are computed on a GPU.

    ``"tf32"`` keeps 10 bits of 23; ``"ieee"`` keeps all; ``"none"`` is torch's default.
    """
    if not is_loaded("torch"):
        return {}
    backends = loaded("torch").backends
    kinds = {
        "matmul": backends.cuda.matmul,
        "cudnn": getattr(backends.cudnn, "conv", backends.cudnn),
    }
    return {kind: _precision(owner) for kind, owner in kinds.items()}


def _precision(owner: Any) -> str:
    # After the new name was set, torch 2.9 and later refuse to tell the old one.
    told = getattr(owner, "fp32_precision", None)
    if told is None:
        told = "tf32" if owner.allow_tf32 else "ieee"
    return str(told)


def versions() -> dict[str, str]:
    """Give the versions of Python, of ours, and of the libraries that are imported."""
    found = {"python": platform.python_version(), "seedmagic": __version__}
    for name in _LIBRARIES:
        version = getattr(sys.modules.get(name), "__version__", None)
        if version is not None:
            found[name.lower()] = str(version)
    if is_loaded("torch"):
        torch = loaded("torch")
        if torch.version.cuda:
            found["cuda"] = torch.version.cuda
        if torch.backends.cudnn.is_available():
            found["cudnn"] = _cudnn_version(torch)
    return found


def _cudnn_version(torch: Any) -> str:
    # torch.backends.cudnn.version() asks each device what it can do, and so starts CUDA (2.13);
    # this is the half of it that asks the library alone.
    library: Any = getattr(torch._C, "_cudnn", None)
    if hasattr(library, "getVersionInt"):
        return str(library.getVersionInt())
    if torch.cuda.is_initialized():
        return str(torch.backends.cudnn.version())
    return "not known before CUDA starts"


def hardware() -> dict[str, Any]:
    """Say on what this process runs, without host, user or path."""
    found: dict[str, Any] = {
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu_count": os.cpu_count(),
    }
    if is_loaded("torch"):
        torch = loaded("torch")
        # Which vector instructions torch uses, and on how many threads, decides how sums are split.
        found["cpu_capability"] = torch.backends.cpu.get_cpu_capability()
        found["torch_threads"] = torch.get_num_threads()
        if torch.cuda.is_initialized():
            found["cuda"] = [
                torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())
            ]
    return found
