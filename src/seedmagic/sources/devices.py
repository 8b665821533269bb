"""torch's default generators on accelerators: one on each device.

Nothing here wakes an accelerator: what one that sleeps would start from stands in a queue of
torch's, and is treated as its state.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from seedmagic.errors import StateError
from seedmagic.imports import loaded
from seedmagic.seeds import fresh_seed
from seedmagic.sources.protocol import State, original
from seedmagic.sources.torch_bytes import check_bytes, to_bytes, to_tensor

# What NVIDIA's driver shows. On Linux: on a server and in its containers, under WSL, on a Jetson.
_NVIDIA = {
    "linux": (
        "/proc/driver/nvidia",
        "/dev/nvidiactl",
        "/dev/dxg",
        "/dev/nvhost-ctrl",
        "/dev/nvmap",
    ),
    "win32": (r"%SystemRoot%\System32\nvcuda.dll",),
}


class DeviceSource:
    """The generators of every device of one kind: `torch.cuda`, `torch.xpu`, `torch.mps`.

    Parameters
    ----------
    kind : str
        The device type, as in ``torch.device(kind)``.
    """

    module = "torch"

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.name = f"torch.{kind}"
        self._last: int | None = None  # the seed that we queued, where torch does not tell

    def _backend(self) -> Any:
        torch = loaded("torch")
        # torch.get_device_module() without an argument would call the driver (pytorch #190708).
        return torch.get_device_module(self.kind)

    def is_loaded(self) -> bool:
        """Whether this torch has such devices, and this process may use them."""
        torch = loaded("torch")
        if self.kind == "cuda" and not torch.backends.cuda.is_built():
            return False
        backend = self._backend()
        in_bad_fork = getattr(backend, "_is_in_bad_fork", None)
        return not (in_bad_fork and in_bad_fork())

    def is_awake(self) -> bool:
        """Whether the devices are initialised; asking does not initialise them."""
        # torch.mps has no such function: its generator can be read at any time.
        asks = getattr(self._backend(), "is_initialized", None)
        return bool(asks()) if asks else True

    def count(self) -> int | None:
        """Count the devices; None where only waking them would tell."""
        if self.is_awake():
            return int(self._backend().device_count())
        count = self._ask_nvml()
        if count is None and not self.has_driver():
            return 0
        return count

    def _ask_nvml(self) -> int | None:
        # torch.cuda.device_count() asks the driver, and breaks later forks, where NVML does not
        # answer (pytorch #190708); this is the half of it that asks NVML alone.
        asks = getattr(self._backend(), "_device_count_nvml", None)
        count = int(asks()) if asks else -1
        return None if count < 0 else count

    def has_driver(self) -> bool:
        """Whether there may be a driver for the devices; it is not asked, which would wake it."""
        if self.kind != "cuda" or not loaded("torch").version.cuda:
            return True
        places = _NVIDIA.get(sys.platform, ())
        # A sandbox may hide what the driver shows, and let it be used.
        found = any(Path(os.path.expandvars(place)).exists() for place in places)
        return found or not places or self.is_awake() or bool(self._ask_nvml())

    def seed(self, seed: int) -> None:
        """Do what ``torch.cuda.manual_seed_all(seed)`` does; a sleeping device queues it."""
        self._refuse_capture()
        backend = self._backend()
        # torch.mps has one device, and manual_seed alone.
        original(getattr(backend, "manual_seed_all", None) or backend.manual_seed)(seed)
        self._last = seed

    def get_state(self) -> State:
        """Give each device's state as bytes, or the seeds that wait for the devices to wake."""
        if not self.is_awake():
            return {"queued": self._queued()}
        self._refuse_capture()
        backend = self._backend()
        states = [original(backend.get_rng_state)(index) for index in range(backend.device_count())]
        return {"devices": [to_bytes(state) for state in states]}

    def look(self, last: object) -> object:
        """Give the state, or the seed that is all there is to it, asleep or awake.

        While a graph is captured it cannot be read: then what was seen last.
        """
        if self._is_capturing():
            return last
        state = self.get_state()
        seeds = _seeds(state)
        # A seed that waits for the current device says nothing of the others.
        of_all = all(call == "all" for call, _ in state.get("queued", ()))
        return seeds.pop() if len(seeds) == 1 and of_all else state

    def state_of(self, seen: Any) -> State:
        """Give the state at a look."""
        return {"queued": [("all", seen)]} if isinstance(seen, int) else seen

    def begins(self, seen: Any) -> bool:
        """Whether a seed waits, or is all that the generators hold."""
        return bool(_seeds(self.state_of(seen)))

    def only_arrived(self, before: Any, seen: Any) -> bool:
        """Whether the devices have woken since `before`, and nothing was drawn on them."""
        slept = isinstance(before, dict) and "queued" in before
        return slept and self.is_awake() and bool(_seeds(self.state_of(seen)))

    def set_state(self, state: State) -> None:
        """Put back a state of `get_state`.

        A state of sleeping devices, put back after they woke, gives them what they would have
        started from: the queued seeds, or fresh entropy where none was queued.
        """
        self.check_state(state)
        self._refuse_capture()
        backend = self._backend()
        if "queued" in state:
            if not self.is_awake() and [tuple(call) for call in state["queued"]] == self._queued():
                return
            if not any(call == "all" for call, _ in state["queued"]):
                self.seed(fresh_seed())
            for call, seed in state["queued"]:
                self.seed(seed) if call == "all" else original(backend.manual_seed)(seed)
            return
        if not self.is_awake():
            raise StateError(
                f"{self.kind} has not started: put a tensor on the device first, then restore"
            )
        if len(state["devices"]) != backend.device_count():
            raise StateError(
                f"the state is of {len(state['devices'])} devices, "
                f"and there are {backend.device_count()}"
            )
        for index, content in enumerate(state["devices"]):
            original(backend.set_rng_state)(to_tensor(content), index)

    def _is_capturing(self) -> bool:
        asks = getattr(self._backend(), "is_current_stream_capturing", None)
        return bool(asks and self.is_awake() and asks())

    def _refuse_capture(self) -> None:
        # Some versions of torch refuse as well; in others the generator tells and takes, under the
        # same names, where the graph stands (CUDAGeneratorImpl.cpp, offset_intragraph_).
        if self._is_capturing():
            raise StateError(
                "a graph is being captured, whose draws belong to the graph: seed, snapshot or "
                "restore before the capture begins, or after it has ended"
            )

    def _queued(self) -> list[tuple[str, int]]:
        backend = self._backend()
        if hasattr(getattr(backend, "_lazy_seed_tracker", None), "get_calls"):
            return queued_seeds(backend)
        # Other packages' backends, and a torch that changed: what we queued is all that is known.
        return [] if self._last is None else [("all", self._last)]

    def check_state(self, state: State) -> None:
        """Check types and sizes; the devices' generators refuse what else is wrong."""
        if isinstance(state, dict) and state.keys() == {"devices"}:
            for content in _as_list(state["devices"]):
                check_bytes(content)
        elif isinstance(state, dict) and state.keys() == {"queued"}:
            for entry in _as_list(state["queued"]):
                _check_queued(entry)
        else:
            raise StateError(f"not a state of {self.name}: 'devices' or 'queued' is missing")


def _seeds(state: State) -> set[int]:
    """Give the seeds that wait or that devices hold; none where numbers were drawn since."""
    if "queued" in state:
        return {seed % 2**64 for _, seed in state["queued"]}
    # Of CUDA and XPU: a seed of eight bytes, then how many numbers were drawn.
    if not all(len(each) == 16 and not any(each[8:]) for each in state["devices"]):
        return set()
    return {int.from_bytes(each[:8], "little") for each in state["devices"]}


def device_kinds() -> set[str]:
    """Name the kinds of accelerator that this torch has, by its own generic interface."""
    torch = loaded("torch")
    # A backend of another package (PrivateUse1) has renamed itself and registered its module;
    # torch.manual_seed finds it in the same way. Nothing else changes while a process runs.
    private = torch._C._get_privateuse1_backend_name()
    return _device_kinds(torch, private if private in torch.__dict__ else None)


@lru_cache(maxsize=4)
def _device_kinds(torch: Any, private: str | None) -> set[str]:
    kinds = {"cuda"} if private is None else {"cuda", private}
    accelerators = getattr(torch, "accelerator", None)  # not before torch 2.6
    try:
        current = accelerators.current_accelerator() if accelerators else None
    except RuntimeError:  # torch 2.6, where there is none; None from 2.7 on
        current = None
    return kinds if current is None else {*kinds, current.type}


def queued_seeds(backend: Any) -> list[tuple[str, int]]:
    """Read which seeds torch will use when the devices of `backend` wake.

    There is no public way.
    """
    queue: Any = getattr(backend, "_lazy_seed_tracker", None)
    found: list[tuple[str, int]] = []
    for entry in queue.get_calls():
        # An entry is (callback, stack) or empty; the callback closes over the seed.
        callback: Any = entry[0] if entry else None
        closure = getattr(callback, "__closure__", None)
        if not closure:
            continue
        names = callback.__code__.co_freevars
        values = {name: cell.cell_contents for name, cell in zip(names, closure, strict=True)}
        if isinstance(values.get("seed"), int):
            is_all = "manual_seed_all" in callback.__qualname__
            if is_all:
                found.clear()  # torch keeps what came before, which it overrides
            found.append(("all" if is_all else "current", values["seed"]))
    return found


def _check_queued(entry: Any) -> None:
    is_pair = isinstance(entry, (list, tuple)) and len(entry) == 2
    call, seed = entry if is_pair else ("", None)
    # torch.manual_seed takes negative numbers and 64 bits, and the user may have called it.
    if call not in ("all", "current") or type(seed) is not int or not -(2**63) <= seed < 2**64:
        raise StateError(f"not a queued seed: {entry!r}")


def _as_list(value: object) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise StateError(f"a list is needed, not {type(value).__name__}")
    return list(value)
