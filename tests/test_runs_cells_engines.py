"""`%%seeded --on`: the same values on every engine, and tracked names alone come back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernels import Kernel, running_kernel

PRELUDE = """
import os, random, numpy as np, torch, seedmagic as sm
from random import random as by_name
scale = 3.0
items = []
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(8, 1)
    def forward(self, x):
        return self.layer(x) * scale
def noisy():
    return random.random() + by_name() + np.random.rand()
"""
BODY = """
print("seed", sm.status().seed)
items.append(1)
net = Net()
losses = [net(torch.randn(5000, 8)).square().mean() for _ in range(3)]
drawn = [noisy(), np.random.default_rng().random(), np.random.default_rng().random()]
total = torch.rand(1_000_000).sum()
count = len(items)
if sm.status().seed == 1:
    raise ValueError("the second")
private = 1
"""
# Not the state of `random`, from which Dask's own threads draw here.
OUTSIDE = "str((np.random.get_state(), torch.get_rng_state().tolist()))"
TRACK = "--track losses,drawn,total,count"
ENGINES = {
    "loky": (
        "import loky\nengine = loky.ProcessPoolExecutor(2)",
        "engine.shutdown(kill_workers=True)",
    ),
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\nengine = ThreadPoolExecutor(2)",
        "engine.shutdown()",
    ),
    "dask": (
        "from distributed import Client\n"
        "engine = Client(n_workers=2, threads_per_worker=1, dashboard_address=':0')",
        "engine.shutdown()",
    ),
    "dask, two threads a worker": (
        "from distributed import Client\n"
        "engine = Client(n_workers=1, threads_per_worker=2, dashboard_address=':0')",
        "engine.shutdown()",
    ),
    "ipyparallel": (
        "import ipyparallel\ncluster = ipyparallel.Cluster(n=2, log_level=40)\n"
        "engine = cluster.start_and_connect_sync(activate=False)",
        "cluster.stop_cluster_sync()",
    ),
}


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", PRELUDE) as kernel:
        kernel.ok("%seed 9 --pin-entropy")
        kernel.ok(f"%%seeded 0 --runs 4 {TRACK} --rewind items --out here\n{BODY}")
        yield kernel


@pytest.mark.slow
@pytest.mark.parametrize(("start", "stop"), ENGINES.values(), ids=ENGINES)
def test_an_engine_gives_what_runs_in_line_give(kernel: Kernel, start: str, stop: str) -> None:
    kernel.ok(f"items = []; private = total = None\n{start}")
    outside = kernel.value(OUTSIDE)
    try:
        shown = kernel.ok(f"%%seeded 0 --runs 4 {TRACK} --on engine --out there\n{BODY}")
    finally:
        kernel.ok(stop)
    assert kernel.value("here.seeds, here.errors") == kernel.value("there.seeds, there.errors")
    for name in ("losses", "drawn", "total", "count"):
        bits = [kernel.value(f"{runs}.values('{name}').tobytes()") for runs in ("here", "there")]
        assert bits[0] == bits[1], name
    assert kernel.value("there.errors") == "{1: 'ValueError: the second'}"
    assert kernel.value("items, private, total == there.values('total')[3].item()") == (
        "([], None, True)"
    )
    assert kernel.value(OUTSIDE) == outside
    assert shown.stdout == "seed 3\n"
    html = "".join(data.get("text/html", "") for data in shown.displays)
    assert [f">seed {seed}</summary>" in html for seed in (0, 2, 3)] == [True, True, False]
    assert ">seed 1, failed</summary>" in html


def test_pinned_entropy_is_the_same_for_a_function_on_every_engine(kernel: Kernel) -> None:
    kernel.ok(
        "def draw():\n    first, second = np.random.default_rng(), np.random.default_rng()\n"
        "    return [first.random(), second.random()]"
    )
    kernel.ok("import loky\nengine = loky.ProcessPoolExecutor(2)")
    try:
        shown = kernel.ok(
            "results = [\n    sm.repeat(draw, range(3), engine=on, progress=False)\n"
            "    for on in (None, engine)\n]\n"
            "bool((results[0].values('value') == results[1].values('value')).all())"
        )
    finally:
        kernel.ok("engine.shutdown(kill_workers=True)")
    assert shown.result == "True"


def test_rewound_objects_travel_as_they_were_at_the_cells_first_run(kernel: Kernel) -> None:
    kernel.ok("from concurrent.futures import ThreadPoolExecutor\nengine = ThreadPoolExecutor(2)")
    kernel.ok("items = [5]")
    for _ in range(2):
        kernel.ok(
            "%%seeded 0 --runs 2 --track n --on engine --rewind items\n"
            "items.append(1); n = len(items)"
        )
        assert kernel.value("_runs.values('n').tolist(), items") == "([2.0, 2.0], [5])"
        kernel.ok("items.append(7)")
    kernel.ok("engine.shutdown()")


def test_what_travels_is_what_the_body_asks_for_by_name(kernel: Kernel) -> None:
    kernel.ok(
        "import sys, threading, types\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "engine = ThreadPoolExecutor(1)\nlock, made = threading.Lock(), (n for n in 'ab')\n"
        "kept = types.SimpleNamespace(lock=3)\nlog = open(os.devnull)\n"
        "def own(): return lock.locked()"
    )
    kernel.ok(
        "%%seeded 0 --runs 2 --track x,y --on engine\n"
        "if kept.lock == 0: sys.exit('never')\n"
        "with open(os.devnull) as log: x = len(log.read())\n"
        "made = [n for n in range(3)]\n"
        "class Own:\n    lock = 1\n    half = lock / 2\n"
        "def lock(): return sum(made)\n"
        "if x is None: exit(1)\n"
        "y = lock()"
    )
    assert kernel.value("_runs.values('x').tolist(), _runs.values('y').tolist()") == (
        "([0.0, 0.0], [3.0, 3.0])"
    )
    reads = "class Own:\n    x = lock\n    lock = 1"
    for body in ("with lock: x = 1", "x = [lock for _ in range(2)]", "x = own()", reads):
        refused = kernel.run(f"%%seeded 0 --runs 2 --track x --on engine\n{body}").error
        assert "what cannot travel to a worker: " in refused, body
        assert "lock (lock: " in refused, body
    kernel.ok("engine.shutdown(); del lock, made, log, own")


def test_an_interrupt_on_an_engine_keeps_the_finished_runs(kernel: Kernel) -> None:
    kernel.ok("import loky, time\nengine = loky.ProcessPoolExecutor(2)")
    kernel.ok("%%seeded 0 --runs 2 --on engine\nx = 1")  # its workers have started
    shown = kernel.interrupt_after(
        "%%seeded 0 --runs 40 --track x --on engine --out partial\n"
        "time.sleep(0.4); x = random.random()", 3.0
    )  # fmt: skip
    kernel.ok("engine.shutdown(kill_workers=True)")
    assert shown.error.startswith("KeyboardInterrupt")
    assert kernel.value("0 < len(partial.seeds) < 40") == "True"
    assert (
        kernel.value(
            "partial.values('x').tolist() == [random.Random(s).random() for s in partial.seeds]"
        )
        == "True"
    )


def test_event_files_are_written(kernel: Kernel) -> None:
    kernel.ok("import tempfile; folder = tempfile.mkdtemp()")
    kernel.ok("%%seeded 3 --runs 2 --track x,xs --tensorboard {folder}\nx = 1.0; xs = [x, 2]")
    assert kernel.value("sorted(os.listdir(folder))") == (
        "['lower', 'mean', 'seed_3', 'seed_4', 'upper']"
    )
