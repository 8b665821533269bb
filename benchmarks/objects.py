"""What a copy, a rewind and a fingerprint cost, beside reading or copying the same memory once.

python benchmarks/objects.py [--json FILE]

A ratio is a speed: 0.9 is nine tenths of the floor's.
"""

from __future__ import annotations

import copy
import ctypes
from collections.abc import Iterator

import numpy as np
import pandas as pd
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


class Point:
    """An instance with three attributes."""

    def __init__(self, number: int) -> None:
        self.x, self.y, self.name = number, 0.5 * number, f"point {number}"


def small() -> dict[str, object]:
    """Give what notebooks hold beside large memory."""
    layers = [nn.Linear(8, 8) for _ in range(20)]
    return {
        "100,000 ints in a list": list(range(100_000)),
        "100,000 floats in a list": [0.5 * number for number in range(100_000)],
        "100,000 texts in a list": [f"text {number}" for number in range(100_000)],
        "10,000 dicts of two numbers": [{"a": number, "b": 0.5} for number in range(10_000)],
        "1,000 instances of three attributes": [Point(number) for number in range(1000)],
        "100 lists of 100 lists of three numbers": [
            [[one, other, 0.5] for other in range(100)] for one in range(100)
        ],
        "1,000 arrays of ten elements": [np.arange(10.0) + number for number in range(1000)],
        "1,000 tensors of ten elements": [torch.arange(10.0) + number for number in range(1000)],
        "a DataFrame of ten columns": pd.DataFrame(
            {f"c{at}": np.arange(1000.0) for at in range(10)}
        ),
        "a model of 20 layers": nn.Sequential(*layers),
    }


def small_objects() -> Iterator[Comparison]:
    """Measure each, beside a copy of it."""
    for what, value in small().items():
        yield in_turns(
            what,
            {
                "copy.deepcopy": lambda: copy.deepcopy(value),  # noqa: B023
                "taking": lambda: sm.rewind({"value": value}),  # noqa: B023
                "fingerprint": lambda: fingerprint(value),  # noqa: B023
            },
            goals={"taking": 3, "fingerprint": 3},
        )


def comparisons() -> Iterator[Comparison]:
    """Measure every size, then every number of objects."""
    for size in SIZES:
        yield from rewinds(size)
        yield from fingerprints(size)
    for count in COUNTS:
        yield from growth(count)
    yield from small_objects()


if __name__ == "__main__":
    report(__doc__, comparisons())
