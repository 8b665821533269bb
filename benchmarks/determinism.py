"""What determinism costs: a training step with each of torch's flags off and on.

python benchmarks/determinism.py [--json FILE]

On the CPU, or on the GPU where there is one; there the flags choose other algorithms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import nn
from turns import Comparison, in_turns, report

import seedmagic as sm


def training(device: str) -> Callable[[], None]:
    """Give a training step of a small convolutional network with what the flags change in it."""
    model = nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(4), nn.Dropout(0.1),
        nn.Flatten(), nn.Linear(1024, 10),
    ).to(device)  # fmt: skip
    optimiser = torch.optim.Adam(model.parameters())
    images = torch.rand(32, 3, 32, 32, device=device)
    labels = torch.randint(10, (32,), device=device)
    rows = torch.randint(1000, (4096,), device=device)

    def step() -> None:
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        table = torch.zeros(1000, 64, device=device).index_add_(
            0, rows, torch.ones(4096, 64, device=device)
        )
        (loss + table.sum() * 0).backward()
        optimiser.step()
        if device == "cuda":
            torch.cuda.synchronize()

    return step


def comparisons() -> Iterator[Comparison]:
    """Measure the same step under each mode."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    step = training(device)

    def under(**modes: object) -> Callable[[], None]:
        def steps() -> None:
            with sm.seeded(42, **modes):  # type: ignore[arg-type]
                for _ in range(10):
                    step()

        return steps

    def bare() -> None:
        for _ in range(10):
            step()

    yield in_turns(
        f"ten training steps, {device}",
        {
            "no flag": bare,
            "%%seeded --keep-cudnn": under(cudnn=False),
            "%%seeded": under(),
            "%%seeded --deterministic warn": under(deterministic="warn"),
        },
    )


if __name__ == "__main__":
    report(__doc__, comparisons())
