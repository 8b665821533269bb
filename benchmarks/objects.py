"""What a rewind and a fingerprint cost, beside reading or copying the same memory once.

    python benchmarks/objects.py [--json FILE] [--largest BYTES]

Each figure is the median of some turns, taken in turns with its floor in the same process, so that
a machine that slows down slows both: `Tensor.copy_` for a rewind, `Tensor.sum` for a fingerprint,
`copy.deepcopy` for taking the copies.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import seedmagic as sm
from seedmagic.objects.fingerprint import fingerprint

SIZES = (1_000_000, 100_000_000, 1_000_000_000)
LAYERS = 8


def seconds(function: Callable[[], Any], prepare: Callable[[], Any]) -> float:
    """Give the seconds of one call."""
    prepare()
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def ratio(name: str, floor: Callable[[], Any], ours: Callable[[], Any], turns: int,
          prepare: Callable[[], Any] = lambda: None) -> dict[str, Any]:  # fmt: skip
    """Take both in turns."""
    taken = [(seconds(floor, prepare), seconds(ours, prepare)) for _ in range(turns + 1)][1:]
    bare, cost = (statistics.median(times) for times in zip(*taken, strict=True))
    return {"name": name, "floor": bare, "ours": cost, "speed": bare / cost}


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


def measure(nbytes: int) -> list[dict[str, Any]]:
    """Measure objects of one size."""
    turns = 5 if nbytes > 500_000_000 else 15
    model = Layers(nbytes)
    parameters = list(model.parameters())
    copies = [parameter.detach().clone() for parameter in parameters]

    def copy_() -> None:
        with torch.no_grad():
            for parameter, copied in zip(parameters, copies, strict=True):
                parameter.copy_(copied)

    handle = sm.rewind(model)
    size = f"{nbytes / 1e6:6.0f} MB"
    figures = [
        ratio(f"{size} rewind, changed / copy_", copy_, handle.rewind, turns, lambda: step(model)),
        ratio(f"{size} rewind, unchanged / copy_", copy_, handle.rewind, turns),
    ]
    del handle
    whole = torch.cat([parameter.detach().view(-1) for parameter in parameters])
    array, turned = whole.numpy(), whole.view(-1, 125).t()
    figures += [
        ratio(f"{size} taking / deepcopy", lambda: copy.deepcopy(model),
              lambda: sm.rewind(model), turns),
        ratio(f"{size} fingerprint of a tensor / sum", whole.sum,
              lambda: fingerprint(whole), turns),
        ratio(f"{size} fingerprint of a module / sum",
              lambda: [parameter.sum() for parameter in parameters],
              lambda: fingerprint(model), turns),
        ratio(f"{size} fingerprint of an array / np.sum", lambda: np.sum(array),
              lambda: fingerprint(array), turns),
        ratio(f"{size} fingerprint of a transposed tensor / sum", turned.sum,
              lambda: fingerprint(turned), turns),
    ]  # fmt: skip
    return figures


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    asked = parser.parse_args()
    figures = [figure for size in SIZES if size <= asked.largest for figure in measure(size)]
    for figure in figures:
        print(
            f"{figure['name']:55} floor {figure['floor'] * 1e3:9.2f} ms, "
            f"ours {figure['ours'] * 1e3:9.2f} ms, {figure['speed']:5.2f} of its speed"
        )
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
