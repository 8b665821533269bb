"""Cells under `--verify`, each with what stands above it and its true verdict."""

from __future__ import annotations

from typing import NamedTuple

YES, START = "Reproducible:", "Reproducible from this start:"
NO, OPEN = "Not reproducible:", "Not shown:"


class Row(NamedTuple):
    """A cell that ends with what it shows.

    Attributes
    ----------
    before : str
        The cell that stands above it.
    cell : str
        It.
    verdict : str
        The first words of the answer.
    changed : tuple of str
        The names that the answer must offer to rewind, and no others.
    """

    before: str
    cell: str
    verdict: str
    changed: tuple[str, ...] = ()


_NET = """
torch.manual_seed(0)
model_{0} = torch.nn.Linear(3, 1); optimiser_{0} = torch.optim.Adam(model_{0}.parameters())
"""
_STEP = """
loss = model_{0}(torch.randn(8, 3)).square().mean()
optimiser_{0}.zero_grad(); loss.backward(); optimiser_{0}.step()
loss.item()"""

ROWS = {
    # Equal again, whatever it starts from.
    "draws": Row("", "random.random(), np.random.rand(2), torch.rand(2)", YES),
    "a name that it binds first": Row("a1 = 1", "a1 = random.random(); a1 += 1; a1", YES),
    "a loop's name": Row("i1 = 9", "for i1 in range(3): pass\ni1", YES),
    "a function of its own": Row(
        "n1 = 1", "def one(): return n1 * random.random()\none()", YES
    ),
    "a list that it makes": Row("l1 = [1]", "l1 = []; l1.append(random.random()); l1", YES),
    "a function that binds": Row(
        "m1 = 0\ndef reset():\n    global m1\n    m1 = random.random()", "reset(); m1", YES
    ),
    "a new network": Row("", _NET.format("a") + _STEP.format("a"), YES),
    "a frame that is read": Row(
        "f1 = pd.DataFrame({'a': [1, 2, 3], 'b': [1, 1, 2]})", "f1.groupby('b').a.mean()", YES
    ),
    "a sample of a frame": Row("f2 = pd.DataFrame({'a': range(9)})", "f2.sample(3)", YES),
    "a new column of a copy": Row(
        "f3 = pd.DataFrame({'a': [1.0, 2.0]})", "g3 = f3.assign(b=np.random.rand(2)); g3", YES
    ),
    "polars' sample": Row("t1 = pl.DataFrame({'a': range(9)})", "t1.sample(3)", YES),
    "polars' frame that is read": Row(
        "t2 = pl.DataFrame({'a': range(9)})", "t2.with_columns(b=pl.col('a') * 2)", YES
    ),
    "an estimator that it makes": Row(
        "X1 = np.arange(40.0).reshape(20, 2); y1 = np.arange(20) % 2",
        "LogisticRegression().fit(X1, y1)",
        YES,
    ),
    "a forest": Row(
        "X2 = np.arange(40.0).reshape(20, 2); y2 = np.arange(20) % 2",
        "RandomForestClassifier(5).fit(X2, y2).predict_proba(X2[:3])",
        YES,
    ),
    "a splitter with a number": Row(
        "kf1 = KFold(3, shuffle=True, random_state=0)", "[*kf1.split(range(9))][0]", YES
    ),
    "a plot": Row("", "fig1, ax1 = plt.subplots(); ax1.plot(np.random.rand(5)); plt.show()", YES),
    "a branch that is the same": Row(
        "b1 = 1", "if b1: c1 = 2\nelse: c1 = 3\nc1 + random.random()", YES
    ),
    # Equal from the same start; the cell has moved it.
    "a counter": Row("n2 = 0", "n2 += 1; n2", START, ("n2",)),
    "a counter that is bound": Row("n3 = 0", "n3 = n3 + 1; n3", START, ("n3",)),
    "a counter in a function": Row(
        "n4 = 0\ndef count():\n    global n4\n    n4 += 1\n    return n4", "count()", START, ("n4",)
    ),
    "a list that grows": Row("l2 = []", "l2.append(random.random()); len(l2)", START, ("l2",)),
    "a dict that grows": Row(
        "d1 = {}", "d1[len(d1)] = random.random(); d1", START, ("d1",)
    ),
    "swapped": Row("p1, q1 = 1, 2", "p1, q1 = q1, p1\np1, q1", START, ("p1", "q1")),
    "a frame that loses a column": Row(
        "f4 = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})\nf4c = ['a', 'b']",
        "f4 = f4.drop(columns=f4c.pop()); f4",
        START,
        ("f4", "f4c"),
    ),
    "a frame in place": Row(
        "f5 = pd.DataFrame({'a': [1.0, 2.0]})", "f5['a'] += np.random.rand(2); f5", START, ("f5",)
    ),
    "an array in place": Row("r1 = np.zeros(3)", "r1 += np.random.rand(3); r1", START, ("r1",)),
    "a tensor in place": Row("t3 = torch.zeros(3)", "t3 += torch.rand(3); t3", START, ("t3",)),
    "polars' frame bound anew": Row(
        "t4 = pl.DataFrame({'a': [1, 2, 3]})",
        "t4 = t4.with_columns(pl.col('a') * 2); t4",
        START,
        ("t4",),
    ),
    "training": Row(_NET.format("b"), _STEP.format("b"), START, ("model_b", "optimiser_b")),
    "NumPy's generator": Row("g1 = np.random.default_rng(7)", "g1.random(2)", START, ("g1",)),
    "Python's generator": Row("g2 = random.Random(7)", "g2.random()", START, ("g2",)),
    "torch's generator": Row(
        "g3 = torch.Generator().manual_seed(7)", "torch.rand(2, generator=g3)", START, ("g3",)
    ),
    "a splitter with a generator": Row(
        "kf2 = KFold(3, shuffle=True, random_state=np.random.RandomState(0))",
        "[*kf2.split(range(9))][0]",
        START,
        ("kf2",),
    ),
    "a loader with a generator": Row(
        "dl1 = torch.utils.data.DataLoader(range(9), shuffle=True,\n"
        "    generator=torch.Generator().manual_seed(1))",
        "[*dl1]",
        START,
        ("dl1",),
    ),
    "Faker": Row("fake1 = Faker(); fake1.seed_instance(3)", "fake1.name()", START, ("fake1",)),
    "an environment": Row(
        "env1 = gymnasium.make('CartPole-v1'); _ = env1.reset(seed=1)",
        "env1.step(1)[0]",
        START,
        ("env1",),
    ),
    "a space": Row(
        "space1 = gymnasium.spaces.Discrete(1000, seed=1)", "space1.sample()", START, ("space1",)
    ),
    "a class's counter": Row(
        "class Counted:\n    count = 0\n    def __init__(self): Counted.count += 1",
        "Counted(); Counted.count",
        START,
        ("Counted",),
    ),
    "an instance's counter": Row(
        "class Holder: pass\nh1 = Holder(); h1.n = 0", "h1.n += 1; h1.n", START, ("h1",)
    ),
    "keras trains": Row(
        "km1 = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\n"
        "km1.compile('sgd', 'mse')",
        "km1.train_on_batch(np.ones((4, 2)), np.random.rand(4))",
        START,
        ("km1",),
    ),
    # Differs, by itself.
    "the clock": Row("", "time.perf_counter()", NO),
    "a uuid": Row("", "uuid.uuid4().hex", NO),
    "the system's randomness": Row("", "os.urandom(4)", NO),
    "a generator without a seed": Row("", "np.random.default_rng().random()", NO),
    "a random.Random without one": Row("", "random.Random().random()", NO),
    "NumPy seeded by the system": Row("", "np.random.seed(); np.random.rand()", NO),
    "secrets": Row("", "secrets.token_hex(4)", NO),
    "a new Faker": Row("", "np.random.default_rng(None).integers(1 << 40)", NO),
    "an environment made in it": Row(
        "", "gymnasium.spaces.Discrete(1 << 40).sample()", NO
    ),
    "SQLite's random": Row(
        "", "sqlite3.connect(':memory:').execute('select random()').fetchone()", NO
    ),
    "the nanoseconds": Row("", "pd.DataFrame({'t': [time.time_ns()]})", NO),
    "a frame of the system's": Row(
        "", "pl.DataFrame({'a': [int.from_bytes(os.urandom(6), 'big')]})", NO
    ),
    "a random name": Row("", "next(tempfile._get_candidate_names())", NO),
    "a network of the system's": Row("", "torch.seed(); torch.rand(2)", NO),
    "an address": Row("", "id(object()) ^ time.time_ns()", NO),
    "another thread's clock": Row(
        "",
        "with concurrent.futures.ThreadPoolExecutor(1) as pool:\n"
        "    u = pool.submit(time.time_ns).result()\nu",
        NO,
    ),
    # Not to be put back, or not to be compared.
    "an iterator": Row("it1 = iter(range(100))", "next(it1)", OPEN),
    "a generator object": Row("it2 = (k for k in range(100))", "next(it2)", OPEN),
    "a zip": Row("it3 = zip(range(9), range(9))", "next(it3)", OPEN),
    "a file": Row(
        "open('lines.txt', 'w').write('a\\nb\\nc\\n'); fh1 = open('lines.txt')",
        "fh1.readline()",
        OPEN,
    ),
    "a count": Row("it4 = itertools.count()", "next(it4)", OPEN),
    "a loader's iterator": Row(
        "it5 = iter(torch.utils.data.DataLoader(range(99)))", "next(it5)", OPEN
    ),
    "a cursor": Row(
        "cu1 = sqlite3.connect(':memory:').execute('select 1 union select 2 union select 3')",
        "cu1.fetchone()",
        OPEN,
    ),
    "a CSV reader": Row("it6 = csv.reader(['a,b', 'c,d', 'e,f'])", "next(it6)", OPEN),
    "an object that keeps an iterator": Row(
        "class Kept:\n    def __init__(self): self.it = iter(range(99))\nk1 = Kept()",
        "next(k1.it)",
        OPEN,
    ),
    "a socket": Row(
        "so1, so2 = socket.socketpair(); _ = so1.send(b'abcdef')", "so2.recv(1)", OPEN
    ),
    "a figure that is there": Row(
        "fig2, ax2 = plt.subplots(); plt.close(fig2)", "ax2.plot([1]); len(ax2.lines)", OPEN
    ),
    "a cache that held results": Row(
        "@functools.lru_cache\ndef c2(k): return k\nc2(0)", "c2(1); c2.cache_info().misses", OPEN
    ),
    "a thread that goes on": Row(
        "def wait(): time.sleep(3)", "threading.Thread(target=wait).start()", OPEN
    ),
    "what runs at the exit": Row("", "import atexit; atexit.register(int); 1", OPEN),
    "a coroutine": Row(
        "async def co1(): return 1\nco2 = co1()", "co2.cr_frame.f_lasti; co2.close()", OPEN
    ),
}  # fmt: skip
# What the row `libraries` has alone, by the module that is needed.
LARGE = {
    "albumentations": Row(
        "import albumentations as A\nau1 = A.Compose([A.RandomBrightnessContrast(p=1)], seed=1)\n"
        "im1 = np.full((8, 8, 3), 99, np.uint8)",
        "au1(image=im1)['image'].sum()",
        START,
        ("au1",),
    ),
    "lightning": Row(
        "import lightning as L\nclass Lit(L.LightningModule):\n"
        "    def __init__(self):\n        super().__init__(); self.net = torch.nn.Linear(2, 1)\n"
        "    def training_step(self, batch, number): return self.net(batch).square().mean()\n"
        "    def configure_optimizers(self): return torch.optim.SGD(self.parameters(), 0.1)\n"
        "torch.manual_seed(0); lit1 = Lit()\nlo1 = torch.utils.data.DataLoader(torch.ones(4, 2))",
        "L.Trainer(max_epochs=1, logger=False, enable_checkpointing=False, accelerator='cpu',\n"
        "    enable_progress_bar=False, enable_model_summary=False).fit(lit1, lo1)\n"
        "lit1.net.weight",
        START,
        ("lit1", "lo1"),  # Lightning notes in a loader how it was made
    ),
    "transformers": Row(
        "import transformers as tf1\ntorch.manual_seed(0)\n"
        "bert1 = tf1.BertModel(tf1.BertConfig(vocab_size=9, hidden_size=8, num_hidden_layers=1,\n"
        "    num_attention_heads=1, intermediate_size=8)).train()",
        "bert1(torch.arange(9)[None]).pooler_output",
        YES,
    ),
}  # fmt: skip
IMPORTS = """
import concurrent.futures, csv, functools, itertools, os, random, secrets, socket, sqlite3
import tempfile, threading, time, uuid
os.environ.setdefault('KERAS_BACKEND', 'torch')
import gymnasium, keras, matplotlib.pyplot as plt, numpy as np, pandas as pd, polars as pl, torch
from faker import Faker
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
"""
