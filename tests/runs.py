"""A function to repeat that draws from everywhere, and the engines to repeat it on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import random as draw_by_name
from typing import Any

import numpy as np
import torch
from numpy.random import rand as rand_by_name
from threadpoolctl import threadpool_limits

SEEDS = range(5)


@contextmanager
def own_threads(count: int) -> Iterator[None]:
    """Have other threads and another default dtype here than a worker has by itself."""
    threads = torch.get_num_threads()
    with threadpool_limits(count):
        torch.set_num_threads(count)
        torch.set_default_dtype(torch.float64)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            torch.set_default_dtype(torch.float32)


def drawing() -> Callable[[], dict[str, Any]]:
    """Make a function that travels by value: workers need not find the tests."""
    # A function that was imported by name holds the generator itself.
    by_name, numpy_by_name = draw_by_name, rand_by_name
    data = np.random.default_rng(0).standard_normal((700, 900))

    def pools() -> list[int]:
        from threadpoolctl import threadpool_info

        return sorted({pool["num_threads"] for pool in threadpool_info()})

    def train() -> dict[str, Any]:
        import random

        model = torch.nn.Sequential(
            torch.nn.Linear(64, 64), torch.nn.Dropout(), torch.nn.Linear(64, 1)
        )
        optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
        losses = []
        for _ in range(3):
            optimiser.zero_grad()
            loss = model(torch.randn(100, 64)).square().mean()
            loss.backward()
            optimiser.step()
            losses.append(loss)
        print("trained")
        return {
            "losses": losses,
            "draws": [random.random(), by_name(), numpy_by_name(), np.random.rand()],
            # Sums that depend on the number of threads, of torch and of linear algebra.
            "sum": torch.rand(1_000_000).sum(),
            "product": list((data @ np.random.rand(900, 800)).ravel()[::1000]),
            "dot": data.ravel().dot(np.random.rand(data.size)),
            "threads": [torch.get_num_threads(), *pools()],
            "seed": float(__import__("seedmagic").status().seed),
        }

    return train


def looking() -> Callable[[], str]:
    """Make a function that tells all that a run may not leave behind."""

    def look() -> str:
        import os

        from threadpoolctl import threadpool_info

        import seedmagic as sm

        states = sm.snapshot().states
        cudnn = torch.backends.cudnn
        return repr(
            [
                # Not that of `random`, from which Dask's own threads draw.
                [states["numpy"], states["torch"]],
                [
                    cudnn.deterministic,
                    cudnn.benchmark,
                    torch.are_deterministic_algorithms_enabled(),
                ],
                [torch.get_num_threads(), torch.get_default_dtype()],
                [(pool["filepath"], pool["num_threads"]) for pool in threadpool_info()],
                {**os.environ, "PYTEST_CURRENT_TEST": ""},
            ]
        )

    return look


def same(one: Any, other: Any) -> bool:
    """Whether two results hold the same values, bit for bit."""
    bits = [[r.values(name).tobytes() for name in r.names] for r in (one, other)]
    return one.names == other.names and bits[0] == bits[1]
