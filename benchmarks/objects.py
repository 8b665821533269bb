"""What a copy, a rewind and a fingerprint cost, beside reading or copying the same memory once.

python benchmarks/objects.py [--json FILE]

A ratio is a speed: 0.9 is nine tenths of the floor's.
"""

from __future__ import annotations

import copy
import ctypes
from collections.abc import Iterator

import numpy as np
import torch
from torch import nn
from turns import Comparison, in_turns, report

import seedmagic as sm
from seedmagic.objects.fingerprints.fingerprint import fingerprint

SIZES = (1_000_000, 100_000_000, 1_000_000_000)
COUNTS = (10, 1_000, 100_000)
LAYERS = 8
# What memory's speed decides: at less, caches do, and what a call takes.
AT_LEAST = {SIZES[-1]: {"seedmagic": 0.7}}


class Layers(nn.Module):
    """Parameters of so many bytes together."""

    def __init__(self, nbytes: int) -> None:
        super().__init__()
        each = nbytes // 4 // LAYERS
        self.weights = nn.ParameterList(torch.ones(each) for _ in range(LAYERS))


def step(model: nn.Module) -> None:
    """Change every parameter, as an optimiser does."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1)


def rewinds(nbytes: int) -> Iterator[Comparison]:
    """Measure copies and rewinds of one size."""
    turns = 5 if nbytes > 500_000_000 else 15
    model = Layers(nbytes)
    parameters = list(model.parameters())
    copies = [parameter.detach().clone() for parameter in parameters]
    size = f"{nbytes / 1e6:.0f} MB"

    def copy_() -> None:
        with torch.no_grad():
            for parameter, copied in zip(parameters, copies, strict=True):
                parameter.copy_(copied)

    def memcpy() -> None:
        for parameter, copied in zip(parameters, copies, strict=True):
            ctypes.memmove(parameter.data_ptr(), copied.data_ptr(), 4 * copied.numel())

    handle = sm.rewind(model)
    floors = {"Tensor.copy_": copy_, "memcpy": memcpy}
    yield in_turns(
        f"put back {size} that changed",
        {**floors, "seedmagic": handle.rewind},
        goals=AT_LEAST.get(nbytes), turns=turns, prepare=lambda: step(model), speed=True,
    )  # fmt: skip
    yield in_turns(
        f"put back {size} that did not", {**floors, "seedmagic": handle.rewind},
        turns=turns, speed=True,
    )  # fmt: skip
    del handle
    yield in_turns(
        f"take a copy of {size}",
        {
            "copy.deepcopy": lambda: copy.deepcopy(model),
            "seedmagic": lambda: sm.rewind(model),
        },
        turns=turns,
        speed=True,
    )


def fingerprints(nbytes: int) -> Iterator[Comparison]:
    """Measure fingerprints of one size, in each shape that it may have."""
    turns = 5 if nbytes > 500_000_000 else 15
    model = Layers(nbytes)
    whole = torch.cat([parameter.detach().view(-1) for parameter in model.parameters()])
    array, turned, size = whole.numpy(), whole.view(-1, 125).t(), f"{nbytes / 1e6:.0f} MB"
    for what, floor, total, value in (
        ("a tensor", "Tensor.sum", whole.sum, whole),
        ("an array", "np.sum", lambda: np.sum(array), array),
        ("a transposed tensor", "Tensor.sum", turned.sum, turned),
        ("a module", "Tensor.sum", lambda: [one.sum() for one in model.parameters()], model),
    ):
        yield in_turns(
            f"fingerprint {size} of {what}",
            {floor: total, "seedmagic": lambda value=value: fingerprint(value)},  # type: ignore[misc]
            goals=AT_LEAST.get(nbytes), turns=turns, speed=True,
        )  # fmt: skip


def growth(count: int) -> Iterator[Comparison]:
    """Measure many small objects, where what each costs decides."""
    turns = 3 if count > 10_000 else 15
    for what, objects in (
        ("dicts of two numbers", [{"a": i, "b": 0.5} for i in range(count)]),
        ("tensors of ten elements", [torch.rand(10) for _ in range(count)]),
    ):
        handle = sm.rewind({"objects": objects})
        yield in_turns(
            f"{count} {what}",
            {
                "copy.deepcopy": lambda: copy.deepcopy(objects),  # noqa: B023
                "taking": lambda: sm.rewind({"objects": objects}),  # noqa: B023
                "rewinding": handle.rewind,
                "fingerprint": lambda: fingerprint(objects),  # noqa: B023
            },
            turns=turns,
        )


def comparisons() -> Iterator[Comparison]:
    """Measure every size, then every number of objects."""
    for size in SIZES:
        yield from rewinds(size)
        yield from fingerprints(size)
    for count in COUNTS:
        yield from growth(count)


if __name__ == "__main__":
    report(__doc__, comparisons())
