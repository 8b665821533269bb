"""Settings of torch: dtypes, devices, precision, threads, gradients, autocast, backends, hooks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from seedmagic.imports import is_loaded, loaded
from seedmagic.private_names import find
from seedmagic.verify.cell.settings.setting import (
    Aside,
    ProcessSetting,
    of_calls,
    put_into,
    quietly,
)

# What is asked for by these names is kept in C++, and asking starts no device.
_MATMUL = (
    *("allow_fp16_reduced_precision_reduction", "allow_bf16_reduced_precision_reduction"),
    *("allow_fp16_accumulation", "fp32_precision"),
)
_BACKENDS = (
    "backends",
    *(f"backends.{name}" for name in ("cudnn", "mkldnn", "mkl", "nnpack", "opt_einsum", "mps")),
)
_PRECISE = (
    *(("mkldnn", operation) for operation in ("matmul", "conv", "rnn")),
    *(("cudnn", operation) for operation in ("conv", "rnn")),
)
_ATTENTION = ("flash", "mem_efficient", "math", "cudnn")
_SMALLEST = 5e-324
_HOOKS = "torch.nn.modules.module"


@contextmanager
def warning_always() -> Iterator[None]:
    """Have torch give each run the warnings that it else gives once a process."""
    if not is_loaded("torch"):
        yield
        return
    torch = loaded("torch")
    former = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    try:
        yield
    finally:
        torch.set_warn_always(former)


def _text(text: Any) -> dict[str, Any]:
    options = find(text, "PRINT_OPTS", "how torch prints tensors")
    return {} if options is None else dict(vars(options))


def _device(torch: Any) -> str | None:
    # `get_default_device` may make a tensor there, which starts the device.
    holder = find(torch, "_GLOBAL_DEVICE_CONTEXT", "torch's default device")
    context = getattr(holder, "device_context", None)
    return None if context is None else str(context.device)


def _put_threads(torch: Any, saved: int) -> None:
    # Further runs of the same number raise where torch has begun to use these threads.
    if torch.get_num_interop_threads() != saved:
        torch.set_num_interop_threads(saved)


def _anomaly(torch: Any) -> tuple[bool, bool]:
    return torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()


def _autocast(torch: Any) -> dict[str, Any]:
    devices = [name for name in ("cpu", "cuda") if name == "cpu" or torch.backends.cuda.is_built()]
    found = {
        name: (torch.is_autocast_enabled(name), torch.get_autocast_dtype(name)) for name in devices
    }
    return {**found, "cache": torch.is_autocast_cache_enabled()}


def _put_autocast(torch: Any, saved: dict[str, Any]) -> None:
    for name, value in saved.items():
        if name == "cache":
            torch.set_autocast_cache_enabled(value)
        else:
            torch.set_autocast_enabled(name, value[0])
            torch.set_autocast_dtype(name, value[1])


@cache
def _flags(torch: Any) -> list[tuple[str, Any, str]]:
    """Give the flags of torch's backends: each one's place, its owner and its name there."""
    return [*_found(torch)]


def _found(torch: Any) -> Iterator[tuple[str, Any, str]]:
    backends = torch.backends
    is_new = hasattr(type(backends), "fp32_precision")
    for place in _BACKENDS:
        module = sys.modules.get(f"torch.{place}")
        for name, flag in vars(type(module)).items():
            # Newer names tell it too: torch warns of this one, or refuses it beside them.
            is_old = name == "allow_tf32" and is_new
            if type(flag).__name__ == "ContextProp" and not is_old:
                yield f"{place}.{name}", module, name
    for name in _MATMUL if is_new else ("allow_tf32", *_MATMUL):
        yield f"backends.cuda.matmul.{name}", backends.cuda.matmul, name
    for backend, operation in _PRECISE if is_new else ():
        owner = getattr(getattr(backends, backend), operation, None)
        yield f"backends.{backend}.{operation}", owner, "fp32_precision"


def _read(owner: Any, name: str) -> Any:
    try:
        return getattr(owner, name)
    except Exception:  # of a version or a build that has none, or of old names beside new ones
        return None


def _put_flags(torch: Any, saved: dict[str, Any]) -> None:
    for place, owner, name in _flags(torch):
        value = saved.get(place)
        if value is not None and _read(owner, name) != value:
            setattr(owner, name, value)


def _attention(torch: Any) -> dict[str, Any]:
    asked = {name: getattr(torch.backends.cuda, f"{name}_sdp_enabled", None) for name in _ATTENTION}
    return {name: ask() for name, ask in asked.items() if ask is not None}


def _put_attention(torch: Any, saved: dict[str, Any]) -> None:
    for name, value in saved.items():
        getattr(torch.backends.cuda, f"enable_{name}_sdp")(value)


def _hooks(modules: Any) -> dict[str, Any]:
    """Give the hooks that every module calls."""
    return {
        name: [(Aside(key), hook) for key, hook in held.items()]
        for name, held in vars(modules).items()
        if name.startswith("_global_") and isinstance(held, dict)
    }


def _put_hooks(modules: Any, saved: dict[str, Any]) -> None:
    for name, held in saved.items():
        put_into(getattr(modules, name), {key.value: hook for key, hook in held})


def _flushes(_: Any) -> bool:
    # Nothing tells it, but it holds for all numbers of this thread.
    return _SMALLEST * 1.0 == 0.0


TORCH = (
    of_calls("torch's default dtype", "torch", "get_default_dtype", "set_default_dtype"),
    ProcessSetting(
        "torch's default device",
        "torch",
        _device,
        lambda torch, saved: torch.set_default_device(saved),
    ),
    of_calls(
        "torch's float32 precision",
        "torch",
        "get_float32_matmul_precision",
        "set_float32_matmul_precision",
    ),
    of_calls("torch's number of threads", "torch", "get_num_threads", "set_num_threads"),
    ProcessSetting(
        "torch's number of inter-op threads",
        "torch",
        lambda torch: torch.get_num_interop_threads(),
        _put_threads,
    ),
    of_calls("whether torch records gradients", "torch", "is_grad_enabled", "set_grad_enabled"),
    ProcessSetting(
        "torch's anomaly mode",
        "torch",
        _anomaly,
        lambda torch, saved: torch.autograd.set_detect_anomaly(*saved),
    ),
    ProcessSetting("torch's autocast", "torch", _autocast, _put_autocast),
    ProcessSetting(
        "torch's flags",
        "torch",
        lambda torch: {place: _read(owner, name) for place, owner, name in _flags(torch)},
        quietly(_put_flags),
    ),
    ProcessSetting("torch's attention", "torch", _attention, _put_attention),
    ProcessSetting("torch's hooks of all modules", _HOOKS, _hooks, _put_hooks),
    ProcessSetting(
        "whether denormal numbers count as zero",
        "torch",
        _flushes,
        lambda torch, saved: torch.set_flush_denormal(saved),
    ),
    ProcessSetting(
        "how torch prints tensors",
        "torch._tensor_str",
        _text,
        lambda text, saved: vars(text.PRINT_OPTS).update(saved),
    ),
)
