"""What a verified cell leaves where no name shows it: in classes, tools, settings, hooks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernels import Kernel, running_kernel

PRELUDE = """
import dataclasses, os, random, re, sys, threading
import numpy as np, torch
history, flips = [], []
linear = torch.nn.Linear(2, 2)
def draw():
    return int.from_bytes(os.urandom(6), 'big')
def turn():
    flips.append(1)
    return len(flips)
"""
YES, START = "Reproducible:", "Reproducible from this start:"
NO, OPEN = "Not reproducible:", "Not shown:"
FACTORY = """
def build():
    noise = torch.tensor({noise})
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = torch.nn.Linear(3, 3)
        def forward(self, x):
            return self.linear(x + noise)
    return Net()
net = build()"""
CELLS = {
    "a model's class that is made by a function": (FACTORY.format(noise="1.0"), YES),
    "a number in the methods of such a class": (FACTORY.format(noise="float(draw())"), NO),
    "a class's variable": ("def f():\n    class A: v = draw()\n    return A()\na = f()", NO),
    "a method's default": (
        "def f():\n    class A:\n        def go(self, a=draw()): return a\n    return A()\na = f()",
        NO,
    ),
    "a class whose name is gone": ("class K: v = draw()\nk = K()\ndel K", NO),
    "a base of such a class": (
        "def f():\n    class A: v = draw()\n    class B(A): pass\n    return B()\nb = f()",
        NO,
    ),
    "a dataclass made by a call": (
        "d = dataclasses.make_dataclass('D', [('a', int, draw())])()",
        NO,
    ),
    "a dataclass": ("@dataclasses.dataclass\nclass D:\n    a: int = 1\nd = [D(), D(2)]", YES),
    "a thread of one's own": (
        "class T(threading.Thread):\n    def run(self): self.loss = draw()\n"
        "t = T(); t.start(); t.join()",
        OPEN,
    ),
    "a thread": ("t = threading.Thread(target=print); t.start(); t.join()", YES),
    "storage of a thread": ("held = threading.local(); held.x = draw()", NO),
    "the same storage of a thread": ("held = threading.local(); held.x = 1", OPEN),
    "an event": ("event = threading.Event(); event.set()", YES),
    "a timer that waits": ("timer = threading.Timer(5, draw); timer.start()", OPEN),
    "a bar": ("from tqdm import tqdm\nbar = tqdm(range(3))\nfor _ in bar: pass", YES),
    "the environment": ("os.environ['SOME'] = str(draw())", NO),
    "the same environment": ("os.environ['SOME'] = '1'", YES),
    "NumPy's printing": ("np.set_printoptions(precision=3 + turn())", START),
    "the path": ("sys.path.append(str(draw()))", NO),
    "a warning that torch gives once": (
        "a = np.zeros(3); a.flags.writeable = False\nt = torch.from_numpy(a)",
        YES,
    ),
    "a tensor's hook": ("handle = linear.weight.register_hook(lambda g: g.clamp(-1, 1))", START),
    "a compiled model": (
        "model = torch.compile(torch.nn.Linear(2, 2), backend='eager')\n"
        "y = model(torch.rand(1, 2))",
        YES,
    ),
    "the notebook's module": ("import __main__\n__main__.history.append(draw())", NO),
    "the shell's namespace": ("get_ipython().user_ns['history'].append(draw())", NO),
    "a long regular expression": ("p = re.compile('word' * 60 + str(draw()))", NO),
    "a regular expression": ("p = re.compile('a+', re.I); m = p.match('aaa')", YES),
}


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", PRELUDE) as kernel:
        yield kernel
        kernel.run("timer.cancel()")


@pytest.mark.parametrize(("cell", "verdict"), CELLS.values(), ids=CELLS)
def test_what_no_name_shows_is_compared_too(kernel: Kernel, cell: str, verdict: str) -> None:
    shown = kernel.ok(f"%%seeded 42 --verify\n{cell}")
    assert any(line.startswith(verdict) for line in shown.stdout.splitlines()), shown.text


def test_a_seed_of_the_systems_is_told_as_the_cause(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 42 --verify\nrandom.seed(); y = random.random()")
    assert "Cause: it seeded python from the operating system (line 2: " in shown.stdout
    assert "not found" not in shown.stdout
    kernel.ok("random.seed(1)")
