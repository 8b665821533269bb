"""What seeding, scopes, flags, rewinds and fingerprints cost on a GPU.

    PYTHONPATH=src python benchmarks/gpu.py [--json FILE] [--gigabytes 1 10]

torch and NumPy are enough. Alternatives are taken in turns, and the floor is the first of a
comparison; where a ratio is a speed, 0.9 is nine tenths of the floor's. What runs on the device is
waited for. `--device cpu` tries the script where there is no GPU.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median

if find_spec("xxhash") is None:
    # On a device it hashes a few bytes for each tensor.
    sys.path.append(str(Path(__file__).parents[1] / "tests" / "stand_ins"))

import determinism
import numpy as np
import torch
from objects import Layers, step
from turns import HEAD, Comparison, in_turns

import seedmagic as sm
from seedmagic.objects.fingerprints.fingerprint import fingerprint

SEED = 42
TURNS = 15
# A model, the floor's copy, the rewind's, and room for what an operation needs.
ROOM = 3.2


@dataclass(frozen=True)
class Device:
    """Where it is measured: ``cuda``, or ``cpu`` to try the script.

    Parameters
    ----------
    kind : str
        As in ``torch.device(kind)``.
    """

    kind: str

    @property
    def is_gpu(self) -> bool:
        """Whether there is something to wait for."""
        return self.kind == "cuda"

    @property
    def count(self) -> int:
        """How many devices there are."""
        return torch.cuda.device_count() if self.is_gpu else 0

    @property
    def free(self) -> float:
        """How many bytes are free."""
        return torch.cuda.mem_get_info()[0] if self.is_gpu else float("inf")

    def wait(self) -> None:
        """Wait until all is done."""
        if self.is_gpu:
            torch.cuda.synchronize()

    def waited(self, act: Callable[[], object]) -> Callable[[], None]:
        """Do `act`, and wait for it."""

        def both() -> None:
            act()
            self.wait()

        return both

    def peak(self, act: Callable[[], object]) -> float:
        """Give the bytes that `act` takes beside what is held already, at most."""
        if not self.is_gpu:
            return 0.0
        self.wait()
        held = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        kept = act()
        self.wait()
        taken = torch.cuda.max_memory_allocated() - held
        del kept
        return float(taken)

    def about(self) -> dict[str, str]:
        """Say what was measured on."""
        import seedmagic

        return {
            "device": torch.cuda.get_device_name(0) if self.is_gpu else platform.machine(),
            "devices": str(self.count),
            "torch": torch.__version__,
            "cuda": str(torch.version.cuda),
            "cudnn": str(torch.backends.cudnn.version()),
            "numpy": np.__version__,
            "python": platform.python_version(),
            "seedmagic": seedmagic.__version__,
        }


def by_hand(device: Device) -> None:
    """Get the states of all generators, seed, and set the states."""
    python, numpy, cpu = random.getstate(), np.random.get_state(), torch.get_rng_state()
    states = [torch.cuda.get_rng_state(index) for index in range(device.count)]
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    random.setstate(python)
    np.random.set_state(numpy)
    torch.set_rng_state(cpu)
    for index, state in enumerate(states):
        torch.cuda.set_rng_state(state, index)


def seeding(device: Device) -> Iterator[Comparison]:
    """Measure seeding, and a scope, while the devices are awake."""
    devices = list(range(device.count))

    def three() -> None:
        random.seed(SEED)
        np.random.seed(SEED)
        torch.manual_seed(SEED)

    def fork_rng() -> None:
        with torch.random.fork_rng(devices):
            torch.manual_seed(SEED)

    def scope() -> None:
        with sm.seeded(SEED):
            pass

    yield in_turns(
        "seed everything, devices awake",
        {
            "torch.manual_seed": lambda: torch.manual_seed(SEED),
            "random, NumPy, torch.manual_seed": three,
            "seedmagic": lambda: sm.seed_everything(SEED),
        },
    )
    yield in_turns(
        "a scope, devices awake",
        {
            "get, seed and set by hand": lambda: by_hand(device),
            "seedmagic": scope,
            "torch.random.fork_rng, torch alone": fork_rng,
        },
    )


def objects(device: Device, nbytes: int) -> Iterator[Comparison]:
    """Measure rewinds and fingerprints of so many bytes on the device."""
    with torch.device(device.kind):
        model = Layers(nbytes)
    parameters = [parameter.detach() for parameter in model.parameters()]
    size, waited = f"{nbytes / 1e9:g} GB", device.waited

    def copy_() -> None:
        for parameter, copied in zip(parameters, copies, strict=True):
            parameter.copy_(copied)

    def total() -> None:
        for parameter in parameters:
            parameter.sum()

    taken = {
        "what they hold": [float(nbytes)],
        "taking a copy": [device.peak(lambda: sm.rewind(model))],
        "a fingerprint": [device.peak(lambda: fingerprint(model))],
    }
    handle = sm.rewind(model)
    step(model)
    taken["rewinding"] = [device.peak(handle.rewind)]
    yield in_turns(
        f"fingerprint {size}",
        {"Tensor.sum": waited(total), "seedmagic": waited(lambda: fingerprint(model))},
        turns=TURNS,
        speed=True,
    )
    yield in_turns(
        f"take a copy of {size}",
        {
            "Tensor.clone": waited(lambda: [parameter.clone() for parameter in parameters]),
            "seedmagic": waited(lambda: sm.rewind(model)),
        },
        turns=TURNS,
        speed=True,
    )
    copies = [parameter.clone() for parameter in parameters]
    yield in_turns(
        f"put back {size} that changed",
        {"Tensor.copy_": waited(copy_), "seedmagic": waited(handle.rewind)},
        turns=TURNS,
        prepare=waited(lambda: step(model)),
        speed=True,
    )
    if device.is_gpu:
        yield Comparison(f"memory that {size} take at most", taken, unit="byte")


def comparisons(device: Device, gigabytes: list[float]) -> Iterator[Comparison]:
    """Measure seeding, flags, and each size for which there is room."""
    yield from seeding(device)
    yield from determinism.comparisons()
    for each in gigabytes:
        nbytes = int(each * 1e9)
        if device.free < ROOM * nbytes:
            print(f"left out: {each:g} GB needs {ROOM * each:g}; {device.free / 1e9:.0f} are free")
            continue
        yield from objects(device, nbytes)
        if device.is_gpu:
            torch.cuda.empty_cache()


def to_dict(comparison: Comparison) -> list[dict[str, object]]:
    """Give what was measured, ready for JSON."""
    return [
        {
            "what": comparison.what,
            "with": name,
            "ratio": comparison.ratio(name),
            "speed": comparison.speed,
            "unit": comparison.unit,
            "median": median(values),
            "values": list(values),
        }
        for name, values in comparison.taken.items()
    ]


def main() -> None:
    """Print a table of ratios while they come, and keep them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="a file; it is replaced")
    parser.add_argument("--gigabytes", type=float, nargs="+", default=[1, 10], metavar="SIZE")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    asked = parser.parse_args()
    device = Device(asked.device)
    if device.is_gpu and not torch.cuda.is_available():
        parser.error("torch sees no CUDA device; --device cpu tries the script without one")
    if device.is_gpu:
        torch.cuda.init()
    about = device.about()
    print(", ".join(f"{name} {value}" for name, value in about.items()), f"\n\n{HEAD}", flush=True)
    kept = []
    for comparison in comparisons(device, asked.gigabytes):
        print("\n".join(comparison.rows()), flush=True)
        kept += to_dict(comparison)
    if asked.json:
        asked.json.write_text(json.dumps({"about": about, "measured": kept}, indent=1))


if __name__ == "__main__":
    main()
