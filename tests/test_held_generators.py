"""Generators inside of objects: strict mode and the ledger notice that a cell moved them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from kernels import Kernel, running_kernel

IMPORTS = """
import collections, dataclasses, functools, gc, random, weakref
import numpy as np, torch
from sklearn.model_selection import KFold
from torch.utils.data import DataLoader, RandomSampler, Subset, TensorDataset
data = TensorDataset(torch.arange(64.0))
class Noise:
    def __init__(self, rng):
        self.rng = rng
    def __call__(self, x=0):
        return x + self.rng.random()
class Compose:
    def __init__(self, *transforms):
        self.transforms = list(transforms)
    def __call__(self, x):
        for transform in self.transforms:
            x = transform(x)
        return x
class Slotted:
    __slots__ = ("rng",)
@dataclasses.dataclass(frozen=True)
class Config:
    rng: object
    def draw(self):
        return self.rng.random()
class Shared:
    rng = random.Random(3)
    def draw(self):
        return self.rng.random()
class Jitter(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.source = torch.Generator()
    def forward(self, x):
        return x + torch.rand(1, generator=self.source)
Pair = collections.namedtuple("Pair", "left right")
"""


@pytest.fixture(scope="module")
def shared() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", IMPORTS, "%seed 42") as kernel:
        yield kernel


@pytest.fixture
def kernel(shared: Kernel) -> Iterator[Kernel]:
    shared.ok("%seedwatch strict")
    yield shared
    shared.ok("%seedwatch warn")


class Held(NamedTuple):
    """An object that holds a generator, a cell that moves that, and what is said of the second run.

    `rewind` is what the remedy names to be rewound, if anything; `offers` what it offers beside.
    """

    made: str
    cell: str
    place: str
    rewind: str = ""
    offers: str = ""


HELD = {
    "scikit-learn's splitter": Held(
        "kf = KFold(4, shuffle=True, random_state=np.random.RandomState(0))",
        "next(kf.split(range(64)))[1].tolist()",
        "kf.random_state", "kf", "or give kf an integer as random_state",
    ),
    "a DataLoader": Held(
        "loader = DataLoader(data, shuffle=True, generator=torch.Generator())",
        "next(iter(loader))[0].tolist()",
        "loader.generator", "loader", "or call loader.generator.manual_seed(42) at its start",
    ),
    "a sampler in a DataLoader": Held(
        "loader = DataLoader(Subset(data, range(64)), generator=torch.Generator(),"
        " sampler=RandomSampler(range(64), generator=torch.Generator()))",
        "next(loader.sampler.__iter__())",
        "loader.sampler.generator", "loader", "call loader.sampler.generator.manual_seed(42)",
    ),
    "an environment": Held(
        "import gymnasium; env = gymnasium.make('CartPole-v1'); env.reset(seed=1);",
        "env.reset()[0].tolist()",
        "env.env.env.env._np_random", "env", "or call env.reset(seed=42) at its start",
    ),
    "an environment's actions": Held(
        "import gymnasium; env = gymnasium.make('Pendulum-v1'); env.action_space.seed(1);",
        "float(env.action_space.sample()[0])",
        "action_space._np_random", "env", "action_space.seed(42) at its start",
    ),
    "a transform among others": Held(
        "transform = Compose(float, Noise(np.random.default_rng(1)), Noise(random.Random(2)))",
        "transform(0)",
        "transform.transforms[1].rng and transform.transforms[2].rng", "transform",
    ),
    "a module in a model": Held(
        "net = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Sequential(Jitter()))",
        "net(torch.zeros(1)).item()",
        "net[1][0].source", "net", "or call net[1][0].source.manual_seed(42) at its start",
    ),
    "slots": Held(
        "slotted = Slotted(); slotted.rng = np.random.Generator(np.random.Philox(2))",
        "slotted.rng.random()",
        "slotted.rng", "slotted",
    ),
    "a frozen dataclass": Held(
        "config = Config(random.Random(4))", "config.draw()",
        "config.rng", "config", "or call config.rng.seed(42) at its start",
    ),
    "nested containers": Held(
        "nested = [{'a': (1, collections.deque([Pair(0, np.random.default_rng(5))]))}]",
        "nested[0]['a'][1][0].right.random()",
        "nested[0]['a'][1][0].right", "nested",
    ),
    "a class of the notebook": Held(
        "one = Shared()", "one.draw()", "Shared.rng", "Shared", "or call Shared.rng.seed(42)",
    ),
    "a closure": Held(
        "def make(rng=None):\n    rng = np.random.default_rng(6)\n"
        "    def draw():\n        return rng.random()\n    return draw\ndraw = make()",
        "draw()", "draw.__closure__['rng']", "draw",
    ),
    "a default": Held(
        "def jitter(rng=random.Random(7)):\n    return rng.random()",
        "jitter()", "jitter.__defaults__[0]", "jitter",
    ),
    "a variable that a function names": Held(
        "hidden = np.random.default_rng(8)\ndef inner():\n    return hidden.random()\n"
        "def outer():\n    return [inner() for _ in range(2)]",
        "outer()", "hidden", "hidden",
    ),
    "a partial": Held(
        "part = functools.partial(lambda rng: rng.random(), np.random.default_rng(9))",
        "part()", "part.args[0]", "part",
    ),
    "a bound method of an object": Held(
        "step = Noise(random.Random(10)).__call__", "step()", "step.__self__.rng", "step",
    ),
    "a bound method of a generator": Held(
        "roll = random.Random(11).random", "roll()", "roll.__self__", "roll",
    ),
    "a suspended generator of Python's": Held(
        "def numbers():\n    rng = random.Random(12)\n    while True:\n        yield rng.random()\n"
        "stream = numbers(); next(stream)",
        "next(stream)", "stream.…", "",
    ),
    "an array of objects": Held(
        "many = np.array([random.Random(13), None], dtype=object)", "many[0].random()",
        "many.flat[0]", "many",
    ),
    "a variable": Held(
        "rng = np.random.RandomState(14)", "rng.rand()", "rng", "rng",
    ),
    "a user's own random.Random": Held(
        "class Counted(random.Random):\n    count = 0\n    def random(self):\n"
        "        self.count += 1\n        return self.count / 1e6\nown = [Counted(0)]",
        "own[0].random()", "own[0]", "own",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", HELD)
def test_a_cell_that_runs_again_from_another_state_of_what_an_object_holds_is_warned_of(
    kernel: Kernel, kind: str
) -> None:
    held = HELD[kind]
    if "gymnasium" in held.made:
        pytest.importorskip("gymnasium")
    kernel.ok(held.made)
    first = kernel.ok(held.cell)
    assert first.stderr == "", "a first run is no re-run"
    again = kernel.ok(held.cell)
    assert again.result != first.result
    assert f"from another state of {held.place}" in again.stderr.replace("env.env.env.env.a", "a")
    assert held.offers in again.stderr
    if call := re.search(r"or call (.+) at its start", again.stderr):
        calling = [kernel.ok(f"{call[1]}\n{held.cell}") for _ in range(3)]
        assert calling[1].result == calling[2].result == calling[0].result
        assert [shown.stderr for shown in calling] == ["", "", ""]
    if held.rewind:
        assert f"Start it with %%seeded 42 --rewind {held.rewind}, or make " in again.stderr
        cell = f"%%seeded 42 --rewind {held.rewind}\n{held.cell}"
        fixed = [kernel.ok(cell), kernel.ok(cell)]
        assert fixed[0].result == fixed[1].result
        assert [shown.stderr for shown in fixed] == ["", ""]
    else:
        assert "--rewind" not in again.stderr


SILENT = {
    "it did not move": ("noise = Noise(random.Random(0))", ["len([noise])"] * 2),
    "it is made in the cell": ("", ["noise = Noise(random.Random(0)); noise()"] * 2),
    "another cell made it again": (
        "",
        [cell for seed in (0, 1) for cell in (f"noise = Noise(random.Random({seed}))", "noise()")],
    ),
    "it holds a source": ("noise = Noise(random._inst)", ["%%seeded 1\nnoise()"] * 2),
    "it is seeded in the cell, and moved elsewhere": (
        "noise = Noise(random.Random(0))",
        ["noise.rng.seed(1); noise()", "noise()", "noise.rng.seed(1); noise()"],
    ),
    "it is seeded in the cell, and draws more each time": (
        "g = torch.Generator(); n = 1",
        ["g.manual_seed(42); n += 1\nx = torch.rand(n, generator=g)"] * 3,
    ),
    "a function seeds it in the cell, and it draws more each time": (
        "noise = Noise(random.Random(0)); n = 1\ndef anew(r): r.seed(1)",
        ["anew(noise.rng); n += 1\nx = [noise() for _ in range(n)]"] * 3,
    ),
    "it is put back in the cell": (
        "noise = Noise(random.Random(0)); kept = noise.rng.getstate()",
        ["noise(); noise.rng.setstate(kept)"] * 2,
    ),
    "an integer is given": (
        "kf = KFold(4, shuffle=True, random_state=0)", ["next(kf.split(range(64)))"] * 2,
    ),
    "an environment is reset with a seed": (
        "import gymnasium; env = gymnasium.make('CartPole-v1')", ["env.reset(seed=3)"] * 2,
    ),
    "it asks the operating system": (
        "noise = Noise(random.SystemRandom())", ["noise()"] * 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", SILENT)
def test_silence_where(kernel: Kernel, kind: str) -> None:
    made, cells = SILENT[kind]
    if "gymnasium" in made:
        pytest.importorskip("gymnasium")
    if made:
        kernel.ok(made)
    for cell in cells:
        assert kernel.ok(cell).stderr == ""


def test_an_edited_cell_is_another(kernel: Kernel) -> None:
    kernel.ok("noise = Noise(random.Random(0))")
    for code, told in (("noise()", False), ("noise() + 1", False), ("noise() + 1", True)):
        shown = kernel.run_in("edited", code)
        assert ("ran again" in shown.stderr) is told


def test_what_a_first_run_made_and_kept_is_another_at_the_next(kernel: Kernel) -> None:
    cell = "if 'lazy' not in globals():\n    lazy = Noise(random.Random(0))\nlazy()"
    assert kernel.ok(cell).stderr == ""
    assert "from another state of lazy.rng" in kernel.ok(cell).stderr


def test_sources_and_held_generators_are_named_together(kernel: Kernel) -> None:
    kernel.ok("noise = Noise(random.Random(0))")
    kernel.ok("noise(torch.rand(1))")
    told = kernel.ok("noise(torch.rand(1))").stderr
    assert "from another state of torch and noise.rng than last time" in told
    assert told.rstrip().endswith("Start it with %%seeded 42 --rewind noise.")


def test_of_many_some_are_named(kernel: Kernel) -> None:
    kernel.ok("noises = [Noise(random.Random(i)) for i in range(9)]")
    kernel.ok("[noise() for noise in noises]")
    told = kernel.ok("[noise() for noise in noises]").stderr
    assert "noises[0].rng, noises[1].rng, noises[2].rng and 6 more generators than last" in told


def test_the_log_says_which_a_cell_moved(kernel: Kernel, tmp_path: Path) -> None:
    kernel.ok("noise = Noise(random.Random(0)); marked = {'<b>': random.Random(1)}")
    kernel.ok("noise(np.random.rand()) + marked['<b>'].random()")
    (shown,) = kernel.ok("%seedlog -n 2").displays
    assert "numpy, noise.rng (held), marked['<b>'] (held)" in shown["text/plain"]
    assert "marked[&#x27;&lt;b&gt;&#x27;] (held)" in shown["text/html"]
    kernel.ok("noise()")
    shown = kernel.ok("%seedlog -n 1")
    assert "noise.rng (held)  no draws from sources" in shown.text
    kernel.ok(f"%seedlog -n 5 --json {tmp_path}/log.json")
    records = json.loads((tmp_path / "log.json").read_text())
    told = [record["held"] for record in records if record["held"]]
    assert told == [["noise.rng", "marked['<b>']"], ["noise.rng"]]
    kernel.ok("%seedwatch warn")
    kernel.ok("noise()")
    assert "noise.rng" not in kernel.ok("%seedlog -n 2").displays[0]["text/plain"]


NOT_REWOUND = {
    "an open file": "other = Noise(random.Random(0)); other.file = open('/dev/null')",
    "a generator that hides its state": (
        "class Hiding(random.Random):\n    def getstate(self):\n        raise RuntimeError\n"
        "other = Noise(Hiding(0))"
    ),
    "an attribute of no name": (
        "class Odd(Noise):\n    def __init__(self, rng):\n        vars(self)['a.b'] = rng\n"
        "    def __call__(self):\n        return vars(self)['a.b'].random()\n"
        "other = Odd(random.Random(0)); other.stream = open('/dev/null')"
    ),
}


@pytest.mark.parametrize("what", NOT_REWOUND)
def test_a_rewind_is_named_only_where_it_works(kernel: Kernel, what: str) -> None:
    kernel.ok(NOT_REWOUND[what])
    kernel.ok("other()")
    told = kernel.ok("other()").stderr
    assert "Make other, with its generator, in the cell itself" in told
    assert "--rewind" not in told
    assert ("or call other" in told) is (what == "an open file")
    assert kernel.run("%%seeded 42 --rewind other\nother()").status == "error"


TRAP = """
told = []
class Meta(type):
    def __getattribute__(cls, name):
        told.append(f"meta {name}")
        return super().__getattribute__(name)
    def __hash__(cls):
        told.append("hash of class")
        return 1
    def __instancecheck__(cls, one):
        told.append("check")
        return True
def trap(name):
    def call(self, *args):
        told.append(name)
        return getattr(object, name)(self, *args)
    return call
names = ("__getattribute__", "__reduce_ex__", "__hash__", "__eq__", "__repr__", "__sizeof__")
body = {name: trap(name) for name in names}
body["__class__"] = body["__dict__"] = body["rng"] = property(lambda self: told.append("property"))
body["__getattr__"] = body["__len__"] = body["__iter__"] = lambda self, *a: told.append("asked")
Trap = Meta("Trap", (), body)
DictTrap = Meta("DictTrap", (dict,), {k: v for k, v in body.items() if k not in ("__class__",)})
trapped = object.__new__(Trap)
within = dict.__new__(DictTrap)
dict.__setitem__(within, "rng", random.Random(0))
held = [trapped, within, {trapped: random.Random(1)}]
generators = [dict.__getitem__(within, "rng"), next(iter(held[2].values()))]
told.clear()
"""


def test_no_code_of_the_users_is_asked(kernel: Kernel) -> None:
    kernel.ok(TRAP)
    cell = "(held, [one.random() for one in generators])[1]"
    kernel.ok(cell)
    assert "from another state of" in kernel.ok(cell).stderr
    assert kernel.value("told") == "[]"


def test_nothing_is_kept_alive(kernel: Kernel) -> None:
    kernel.ok("noise, array = Noise(random.Random(0)), Noise(np.random.default_rng(0))")
    kernel.ok("noise.self = noise")
    kernel.ok("refs = [weakref.ref(noise), weakref.ref(noise.rng), weakref.ref(array)]")
    for _ in range(2):
        kernel.ok("noise() + array()")
    kernel.ok("before = len([0 for one in gc.get_objects() if type(one) is np.random.Generator])")
    kernel.ok("del noise, array")
    kernel.ok("gc.collect()")
    assert kernel.value("[ref() for ref in refs]") == "[None, None, None]"
    after = "before - len([0 for one in gc.get_objects() if type(one) is np.random.Generator])"
    assert kernel.value(after) == "1"


def test_long_and_deep_things_are_looked_into_a_little(kernel: Kernel) -> None:
    kernel.ok("chain = rng = random.Random(0)\nfor _ in range(100_000):\n    chain = [chain]")
    kernel.ok("numbers = [*range(10**6), random.Random(0)]")
    kernel.ok("first = [random.Random(0), *range(10**6)]")
    for _ in range(2):
        assert kernel.ok("len([chain, numbers[-1].random()])").stderr == ""
    kernel.ok("first[0].random(), 1")
    assert "from another state of first[0]" in kernel.ok("first[0].random(), 1").stderr
    kernel.ok("while type(chain) is list:\n    chain = chain[0]")
