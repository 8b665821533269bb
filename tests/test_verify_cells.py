"""`%%seeded 42 --verify`: each cell with its true verdict, in real kernels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from kernels import Kernel, running_kernel

PRELUDE = """
import asyncio, collections, itertools, math, os, random, struct, time, uuid
import numpy as np, pandas as pd, torch
from torch import nn
import matplotlib.pyplot as plt
calls = itertools.count()

class Turn:
    # Differs in each run.
    def __call__(self):
        return int.from_bytes(os.urandom(4), 'little')
turn = Turn()
history = []
def note(x):
    history.append(x)
class Trainer:
    def __init__(self):
        self.model = nn.Sequential(
            nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 1))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.1)
        self.scheduler = torch.optim.lr_scheduler.StepLR(self.optimizer, 2)
        self.losses = []
    def step(self):
        self.optimizer.zero_grad()
        loss = self.model(torch.randn(16, 4)).square().mean()
        loss.backward(); self.optimizer.step(); self.scheduler.step()
        self.losses.append(loss.item())
trainer = Trainer()
frame = pd.DataFrame({'a': [1.0, 2.0, 3.0]})
rng = np.random.default_rng(7)
gen = torch.Generator().manual_seed(7)
array = np.zeros(1_000_000)
"""


class Row(NamedTuple):
    """A cell, its verdict, and what the answer must say."""

    cell: str
    verdict: str
    says: tuple[str, ...] = ()


YES, START = "Reproducible:", "Reproducible from this start:"
NO, OPEN = "Not reproducible:", "Not shown:"
ROWS = {
    "draws": Row(
        "x = random.random(), np.random.rand(), torch.rand(3)\nx", YES, ("1 value and 1 output",)
    ),
    "nothing at all": Row("pass", YES, ("0 values and 0 outputs",)),
    "training with all that remembers": Row(
        "for _ in range(3):\n    trainer.step()", START, ("trainer",)
    ),
    "a change through a function": Row("note(random.random())", START, ("--rewind history",)),
    "a generator that is held": Row(
        "y = rng.random(3), torch.rand(2, generator=gen)", START, ("--rewind rng,gen",)
    ),
    "a frame changed in place": Row("frame['a'] += np.random.rand(3)\nframe", START),
    "an array changed in place": Row("array[:10] = np.random.rand(10)\narray.sum()", START),
    "text": Row("print('epoch', random.random())", YES, ("1 output",)),
    "a figure": Row("fig, ax = plt.subplots()\nax.plot(np.random.rand(5))\nNone", YES),
    "a figure that differs": Row(
        "fig, ax = plt.subplots()\nax.plot([turn(), 1, 2])\nNone",
        NO,
        ("fig: picture",),
    ),
    "an error": Row("random.random() / 0", YES, ("1 output", "with the same ZeroDivisionError.")),
    "await": Row("await asyncio.sleep(0)\nz = random.random()", YES),
    "a name deleted": Row("del frame", START, ("--rewind frame",)),
    "a name rebound": Row("array = array + 1", START, ("--rewind array",)),
    "a magic's line": Row("%time trainer.step()", START, ("1 output (masked: timing)",)),
    "a magic's line that differs": Row("print(turn())\n%time 1", NO, ("stdout: line 1:",)),
    "a text below a timing": Row("%time 1\nprint(turn())", NO, ("stdout: line 3:",)),
    "an address": Row("object()", YES, ("1 output (masked: address)",)),
    "an address in an error": Row("raise ValueError(object())", YES, ("(masked: address)",)),
    "a time that it prints itself": Row("print(time.perf_counter())", NO, ("stdout: line 1:",)),
    "a bar": Row(
        "from tqdm import tqdm\nfor _ in tqdm(range(3)): time.sleep(0.2 * (turn() % 2))",
        YES,
        ("(masked: progress)",),
    ),
    "a bar of other states and one rate": Row(
        r"""print(end=f'\r 50%|# | 1/2 [00:01<00:01, {turn()}it/s]' * (1 + turn() % 3))
print('\r100%|##| 2/2 [00:02<00:00,  1.00it/s]')""",
        YES,
        ("(masked: progress)",),
    ),
    "a bar that tells something else": Row(
        r"""print(end=f'\rloss={turn()}: 50%|# | 1/2 [00:01<00:01,  1.00it/s]')
print('\r100%|##| 2/2 [00:02<00:00,  1.00it/s]')""",
        NO,
        ("stdout",),
    ),
    "a line that is written over below a bar": Row(
        r"""print(end=f'\r100%|##| 2/2 [00:02<00:00, {turn()}it/s]\n{turn()}\rdone')""",
        NO,
        ("stdout",),
    ),
    "a line that is written over": Row("print(turn(), end='\\rdone\\n')", NO, ("stdout",)),
    "the clock": Row("t = time.perf_counter()", NO, ("t: ",)),
    "a uuid": Row("u = uuid.uuid4().hex", NO, ("u: ",)),
    "an unseeded generator": Row(
        "a = 1\nn = np.random.default_rng().random()",
        NO,
        ("n: ", "Cause: a NumPy generator was made without a seed (line 3: n = np.random"),
    ),
    "one ulp": Row(
        "u = np.ones(4); u[2] = np.nextafter(1.0, 2.0) if turn() % 2 else 1.0\nu[3] = turn()",
        NO,
        ("u: ",),
    ),
    "one element in a million": Row(
        "m = torch.zeros(1_000_000); m[77] = turn()",
        NO,
        ("m: 1 of 1000000 elements differs, at [77]",),
    ),
    "an element of a large array in place": Row(
        "array[123456] = turn()",
        NO,
        ("array",),
    ),
    "two elements swapped": Row(
        "s = torch.arange(1000.0)\no = torch.tensor([float(turn()), float(turn())])\n"
        "s[[3, 4]] = o.sort(descending=bool(turn() % 2))[0]",
        NO,
        ("s: 2 of 1000 elements differ, first at [3]",),
    ),
    "NaNs of other bits": Row(
        "f = np.array([struct.unpack('d', struct.pack('Q', 0x7ff8000000000000 | turn()))[0]])",
        NO,
        ("f: ",),
    ),
    "text that differs": Row("print('a'); print(turn())", NO, ("stdout: line 2:",)),
    "an output that differs": Row("turn()", NO, ("output 1: text/plain",)),
    "an error that differs": Row("raise ValueError(turn())", NO, ("error: ",)),
    "a change through a function that differs": Row("note(turn())", NO, ("history",)),
    "an object's attribute": Row("trainer.losses.append(turn())", NO, ("trainer.losses",)),
    "a parameter": Row(
        "with torch.no_grad(): trainer.model[0].weight[0, 0] = turn()",
        NO,
        ("trainer.model[0].weight: 1 of 32 elements differs, at [0, 0]",),
    ),
    "what came into torch from elsewhere": Row(
        "w = torch.zeros(3)\nw.add_(float(turn()))\nv = w.sum()",
        NO,
        ("line 3: `w.add_(float(turn()))`: the values came from NumPy or Python, not from torch",),
    ),
    "memory that nothing filled": Row(
        "e = torch.empty(64, dtype=torch.int64)\n_keep = torch.full((64,), turn())",
        YES,
    ),
    "an iterator": Row("c = next(calls)", OPEN, ("calls",)),
    "an iterator that is bound anew": Row("c = iter([3]); next(c)", OPEN, ("c (is an iterator",)),
    "an iterator's rest": Row("calls = list(itertools.islice(calls, 2))", OPEN, ("calls",)),
    "something opaque": Row("lock = open(os.devnull)", OPEN, ("lock",)),
    "random state by hand": Row("random.seed(3)\nq = random.random()", YES),
}
# Whether memory that nobody filled differs is chance.
del ROWS["memory that nothing filled"]


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", "%matplotlib inline", PRELUDE) as kernel:
        kernel.ok("%seedwatch off\nbefore = None")
        yield kernel


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_cell_has_its_true_verdict(kernel: Kernel, row: Row) -> None:
    kernel.ok("%seedwatch warn\nframe = pd.DataFrame({'a': [1.0, 2.0, 3.0]})")
    kernel.ok("trainer = Trainer(); history.clear(); array = np.zeros(1_000_000);")
    outside = kernel.value("str((random.getstate(), torch.get_rng_state().tolist()))")
    shown = kernel.run(f"%%seeded 42 --verify\n{row.cell}")
    (answer,) = (
        line for line in shown.stdout.splitlines() if line.startswith((YES, START, NO, OPEN))
    )
    assert answer.startswith(row.verdict), shown.text
    for told in row.says:
        assert told in shown.stdout
    assert kernel.value("str((random.getstate(), torch.get_rng_state().tolist()))") == outside
