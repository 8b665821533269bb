"""What seeding everything, and a scope, cost beside the bare calls and beside other libraries.

python benchmarks/seeding.py [--json FILE]

The peers are those that are installed; the `benchmarks` extra brings all of them.
"""

from __future__ import annotations

import importlib
import logging
import os
import random
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle

import numpy as np
import torch
from turns import Comparison, in_turns, report

import seedmagic as sm

SEED = 42


def bare(seed: int = SEED) -> None:
    """Seed with the three calls that nobody can do without."""
    random.seed(seed)
    np.random.seed(seed)
    torch.default_generator.manual_seed(seed)


def tutorials_recipe() -> None:
    """Seed as tutorials do."""
    os.environ["PYTHONHASHSEED"] = str(SEED)
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    torch.cuda.manual_seed_all(SEED)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False


PEERS = {
    "Lightning's seed_everything": (
        "lightning.fabric.utilities.seed", "seed_everything", lambda seed: seed(SEED, verbose=False)
    ),
    "Transformers' set_seed": ("transformers", "set_seed", lambda seed: seed(SEED)),
    "Accelerate's set_seed": ("accelerate.utils", "set_seed", lambda seed: seed(SEED)),
    "Ignite's manual_seed": ("ignite.utils", "manual_seed", lambda seed: seed(SEED)),
    "MONAI's set_determinism": ("monai.utils", "set_determinism", lambda seed: seed(SEED)),
}  # fmt: skip
SEEDBANK = {"seedbank's initialize": ("seedbank", "initialize", lambda seed: seed(SEED))}

Peers = Mapping[str, tuple[str, str, Callable[..., object]]]


def installed(peers: Peers) -> Iterator[tuple[str, Callable[[], object]]]:
    """Give those that can be imported."""
    for name, (module, function, call) in peers.items():
        try:
            seed = getattr(importlib.import_module(module), function)
        except ImportError as error:
            print(f"left out: {name}: {error}")
            continue
        yield name, lambda call=call, seed=seed: call(seed)


def by_hand() -> None:
    """Get the states, seed, and set the states."""
    python, numpy, cpu = random.getstate(), np.random.get_state(), torch.get_rng_state()
    bare()
    random.setstate(python)
    np.random.set_state(numpy)
    torch.set_rng_state(cpu)


def scope() -> None:
    """Open a scope, and leave it."""
    with sm.seeded(SEED):
        pass


def fork_rng() -> None:
    """Have torch alone put back: its own context."""
    with torch.random.fork_rng():
        torch.manual_seed(SEED)


def isolate_rng() -> Callable[[], object]:
    """Seed inside Lightning's context."""
    from lightning.pytorch import seed_everything
    from lightning.pytorch.utilities.seed import isolate_rng

    def isolated() -> None:
        with isolate_rng():
            seed_everything(SEED, verbose=False)

    return isolated


def comparisons() -> Iterator[Comparison]:
    """Measure seeding, then a scope."""
    logging.disable()
    yield in_turns(
        "seed everything",
        {
            "random.seed, np.random.seed, torch's generator": bare,
            "seedmagic": lambda: sm.seed_everything(SEED),
            "the tutorials' recipe": tutorials_recipe,
            **dict(installed(PEERS)),
        },
        goals={"seedmagic": 2.5},
    )
    seeds = cycle(range(1000))
    yield in_turns(
        "seed everything, another seed each time",
        {
            "the bare calls": lambda: bare(next(seeds)),
            "seedmagic": lambda: sm.seed_everything(next(seeds)),
        },
        goals={"seedmagic": 2.5},
    )
    scopes = {"get, seed and set by hand": by_hand, "seedmagic": scope}
    scopes["torch.random.fork_rng, torch alone"] = fork_rng
    try:
        scopes["Lightning's isolate_rng"] = isolate_rng()
    except ImportError as error:
        print(f"left out: Lightning's isolate_rng: {error}")
    yield in_turns("a scope", scopes, goals={"seedmagic": 1.2})
    # The last, for seedbank imports numba, which from then on is seeded too.
    if seedbank := dict(installed(SEEDBANK)):
        all_four = {
            "the bare calls": bare,
            "seedmagic": lambda: sm.seed_everything(SEED),
            **seedbank,
        }
        yield in_turns("seed everything, numba too", all_four)


if __name__ == "__main__":
    report(__doc__, comparisons())
