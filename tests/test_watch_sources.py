"""Seeded or not, library by library: each row in a real kernel, all sources unseeded before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Kernel, running_kernel
from watched import MODULES, Row, check, watched_kernel

DATA = (
    "from torch.utils.data import DataLoader, TensorDataset\ndata = TensorDataset(torch.zeros(8))"
)
FRAME = "import pandas as pd\ndf = pd.DataFrame({'a': range(9)})"
SPLIT = "from sklearn.model_selection import KFold, train_test_split"
AGG = "import matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt"
FIX = "def fix(seed):\n    random.seed(seed); np.random.seed(seed); torch.manual_seed(seed)"
ALL = "x = random.random(), np.random.rand(), torch.rand(1)"
OLD, PUT = "old = np.random.get_bit_generator()", "np.random.set_bit_generator"
EACH = {"python": 1, "numpy": 1, "torch": 1}

LATE = {
    "in a function": "def f():\n    import drawing_package\nf()",
    "by a call": "importlib.import_module('drawing_package')",
    "in a class body": "class A:\n    import drawing_package",
    "below a magic": "%time import drawing_package",
}

SILENT = [
    Row("importing matplotlib", "import matplotlib.pyplot as plt"),
    Row("importing SciPy", "import scipy.stats, scipy.optimize, scipy.sparse"),
    Row("importing scikit-learn", "import sklearn.ensemble, sklearn.model_selection"),
    Row("importing an installed package that draws and makes",
        "y = 1\nimport drawing_package\nstr(1)",
        before=("import sys; sys.path.append('site-packages')",)),
    *(Row(f"importing such a package {how}", f"y = 1\n{cell}\nstr(1)",
          before=("import importlib, sys; sys.path.append('site-packages')",
                  "sys.modules.pop('drawing_package', None);"))
      for how, cell in LATE.items()),
    Row("importing pandas", "import pandas as pd"),
    Row("importing much of the standard library", "import http.server, email.utils, secrets, wave"),
    Row("a scikit-learn forest with a random_state", "from sklearn.ensemble import "
        "RandomForestClassifier\nRandomForestClassifier(5, random_state=0).fit([[0], [1]] * 9, "
        "[0, 1] * 9)"),
    Row("a scikit-learn split with a random_state", "train_test_split(range(9), random_state=0)\n"
        "list(KFold(3, shuffle=True, random_state=0).split(range(9)))", before=(SPLIT,)),
    Row("a frame's sample with a random_state", "df.sample(3, random_state=0)", before=(FRAME,)),
    Row("a frame that is shown", "df.describe()\ndf.merge(df)\ndf", before=(FRAME,)),
    Row("a deep copy of a generator", "b = copy.deepcopy(rng)\nc = copy.copy(rng)",
        before=("rng = np.random.default_rng(0)",)),
    Row("a pickled generator", "a = pickle.loads(pickle.dumps(rng))\n"
        "b = pickle.loads(pickle.dumps(rng.bit_generator))\n"
        "c = pickle.loads(pickle.dumps(np.random.RandomState(1)))",
        before=("rng = np.random.default_rng(0)",)),
    Row("plotting", "fig, ax = plt.subplots()\nax.plot([1, 2])\nax.hist([1, 2])\n"
        "fig.savefig('x.png')\nfig.savefig('x.svg')\nplt.close()", before=(AGG,)),
    Row("an inline plot", "%matplotlib inline\nplt.plot([1, 2])", before=(AGG,)),
    Row("widgets", "import ipywidgets as w\nbox = w.VBox([w.IntSlider(), w.Button()])\nbox"),
    Row("a uuid", "uuid.uuid4(), uuid.uuid1()"),
    Row("the system's randomness", "import os, secrets\nos.urandom(4), secrets.token_hex(), "
        "random.SystemRandom().random()"),
    Row("temporary files", "tempfile.mkdtemp(), tempfile.NamedTemporaryFile()"),
    Row("dropout in eval", "net(torch.ones(4))",
        before=("net = torch.nn.Sequential(torch.nn.Dropout(0.5)).eval()",)),
    Row("generators with seeds of their own", "np.random.default_rng(1).random()\n"
        "torch.rand(2, generator=torch.Generator().manual_seed(1))\nrandom.Random(1).random()"),
    Row("a loader with a generator", "for b in DataLoader(data, shuffle=True, "
        "generator=torch.Generator().manual_seed(1)):\n    pass", before=(DATA,)),
    Row("a loader with a generator, from a line above", "for b in loader:\n    pass\nstr(1)",
        before=(DATA, "loader = DataLoader(data, generator=torch.Generator())")),
    Row("RandomState with a seed", "np.random.RandomState(0).rand()"),
    Row("RandomState over lines", "rs = np.random.RandomState(\n    0,\n)"),
    Row("a jumped generator",
        "b = np.random.PCG64(1).jumped()\nc = np.random.MT19937(1).jumped(2)"),
    Row("a jump by another name", "jump = np.random.PCG64(1).jumped\nb = jump()"),
    Row("Philox with a key", "b = np.random.Philox(key=1)"),
    Row("Philox with a key over lines", "b = np.random.Philox(\n    key=1,\n)"),
    Row("Philox by another name", "from numpy.random import Philox as P\nb = P(key=1)"),
    Row("seed sequences and what they spawn", "s = np.random.SeedSequence(1).spawn(2)\n"
        "r = [np.random.default_rng(x) for x in s]\nr[0].spawn(2)"),
    Row("a helper of another cell", ALL, before=(FIX, "fix(0)")),
    Row("a helper of a module", ALL, before=("import own_helpers", "own_helpers.fix(0)")),
    Row("a helper in the cell", f"fix(0)\n{ALL}", before=(FIX,)),
    Row("a seed that is text", "random.seed('text')\nrandom.random()"),
    Row("a seed by keyword",
        "random.seed(a=5)\nrandom.random()\nnp.random.seed(seed=3)\nnp.random.rand()"),
    Row("a seed of NumPy's kind",
        "np.random.seed(np.int64(3)); np.random.seed([1, 2])\nnp.random.rand()"),
    Row("torch.random.manual_seed", "torch.random.manual_seed(3)\ntorch.rand(1)"),
    Row("the method of torch's generator", "torch.default_generator.manual_seed(3)\ntorch.rand(1)"),
    Row("layers after %seed", "torch.nn.Linear(3, 3)", before=("%seed 42",)),
    Row("states put back by hand", "random.setstate(a)\nnp.random.set_state(b)\n"
        f"torch.set_rng_state(c)\n{ALL}",
        before=(FIX, "fix(0)", "a, b, c = random.getstate(), np.random.get_state(), "
                "torch.get_rng_state()", "random.seed(); np.random.seed(); torch.seed()")),
    Row("a state of NumPy as a dict", "np.random.set_state(b)\nnp.random.rand()",
        before=("np.random.seed(0)", "b = np.random.get_state(legacy=False)", "np.random.seed()")),
    Row("fork_rng over a seeded generator", "with torch.random.fork_rng():\n    torch.seed()\n"
        "torch.rand(1)", before=("torch.manual_seed(0)",)),
    Row("fork_rng with a seed inside", "with torch.random.fork_rng():\n    torch.manual_seed(0)\n"
        "    torch.rand(1)"),
    Row("a state from elsewhere", "np.random.set_state(np.random.RandomState(3).get_state())\n"
        "random.setstate(random.Random(3).getstate())\nnp.random.rand(), random.random()"),
    Row("a scope's library code",
        "with sm.seeded(3):\n    train_test_split(range(9))", before=(SPLIT,)),
    Row("a function of random that is replaced", "random.random = lambda: 0.5\n"
        "x = random.random()\nrandom.random = kept", before=("kept = random.random",)),
    Row("a bit generator with a seed", f"{PUT}(np.random.PCG64(42))\nx = np.random.rand()\n"
        f"{PUT}(old)", before=(OLD,)),
    Row("a bit generator that has jumped", f"{PUT}(np.random.PCG64(5).jumped())\n"
        f"x = np.random.rand()\n{PUT}(old)", before=(OLD,)),
    Row("a seeded bit generator that is put back", f"{PUT}(old)\nnp.random.rand()",
        before=("np.random.seed(0)", OLD, f"{PUT}(np.random.PCG64())")),
    Row("pinned generators", "rng = np.random.default_rng()\nrng.random()",
        before=("%seed 42 --pin-entropy",)),
]  # fmt: skip

WARNED = [
    Row("layers that are built", "x = 1\nnet = torch.nn.Linear(3, 3)", {"torch": 2}),
    Row("a loader without shuffle", "y = 1\nfor b in DataLoader(data):\n    pass\nstr(1)",
        {"torch": 2}, (DATA,)),
    Row("a loader of another cell", "y = 1\nfor b in loader:\n    y += 1\nstr(1)", {"torch": 2},
        (DATA, "loader = DataLoader(data)")),
    Row("dropout in training", "y = 1\nnet(torch.ones(4))", {"torch": 2},
        ("net = torch.nn.Dropout(0.5)",)),
    Row("random_split", "y = 1\ntorch.utils.data.random_split(data, [4, 4])\nstr(1)", {"torch": 2},
        (DATA,)),
    Row("a frame's sample", "y = 1\ndf.sample(3)", {"numpy": 2}, (FRAME,)),
    Row("train_test_split",
        "y = 1\na, b = train_test_split(range(9))\nstr(1)", {"numpy": 2}, (SPLIT,)),
    Row("a forest without a random_state", "from sklearn.ensemble import RandomForestClassifier\n"
        "f = RandomForestClassifier(3).fit([[0], [1]] * 9, [0, 1] * 9)\nstr(1)", {"numpy": 2}),
    Row("SciPy", "import scipy.stats\nx = scipy.stats.norm.rvs(size=3)\nstr(1)", {"numpy": 2}),
    Row("half a pair of Python's",
        "y = 1\nrandom.gauss(0, 1)", {"python": 2}, ("random.gauss(0, 1)",)),
    Row("half a pair of NumPy's", "y = 1\nx = np.random.normal()\nstr(1)", {"numpy": 2},
        ("np.random.normal()",)),
    Row("half a pair of torch's",
        "y = 1\nx = torch.randn(1)\nstr(1)", {"torch": 2}, ("torch.randn(1)",)),
    Row("a module's function", "import own_helpers\nx = own_helpers.draw()\nstr(1)", {"python": 2}),
    Row("a module's generator",
        "import own_helpers\nx = own_helpers.make()\nstr(1)", {"generator": 2}),
    Row("a module of one's own that draws", "y = 1\nimport own_draws\nstr(1)", {"python": 2}),
    Row("a module of one's own that makes", "y = 1\nimport own_makes\nstr(1)", {"generator": 2}),
    Row("a generator", "y = 1\nrng = np.random.default_rng()", {"generator": 2}),
    Row("a generator below blank lines", "\n\nrng = np.random.default_rng()", {"generator": 3}),
    Row("the same under a seed", "\n \nrng = np.random.default_rng()", {"generator": 3},
        before=("%seed 4",)),
    Row("generators of every kind", "y = 1\nfrom numpy.random import SeedSequence, PCG64\n"
        "s = SeedSequence()\nPCG64(), np.random.RandomState()", {"generator": 3}),
    Row("a RandomState", "y = 1\nrs = np.random.RandomState()\nstr(1)", {"generator": 2}),
    Row("a Philox", "y = 1\nb = np.random.Philox()\nstr(1)", {"generator": 2}),
    Row("a generator beside a jump",
        "y = 1\nr = np.random.default_rng(), np.random.PCG64(1).jumped()",
        {"generator": 2}),
    Row("a generator in a loop", "for i in range(3):\n    r = np.random.default_rng()\nstr(1)",
        {"generator": 2}),
    Row("a generator and a draw", "x = np.random.default_rng()\ny = np.random.rand()\nstr(1)",
        {"generator": 1, "numpy": 2}),
    Row("an import and a draw on one line", "import json; x = random.random(); import colorsys",
        {"python": 1}),
    Row("an import and a draw in a loop", "for i in range(5):\n    import json\n"
        "    random.random()\nstr(1)", {"python": 3}),
    Row("a generator below %%time", "%%time\ny = 1\nr = np.random.default_rng()\nstr(1)",
        {"generator": 3}),
    Row("a generator before an error",
        "y = 1\nr = np.random.default_rng()\n1 / 0", {"generator": 2},
        (), True),
    Row("a generator below blank lines",
        "\n\ny = 1\nr = np.random.default_rng()", {"generator": 4}),
    Row("draw, then seed, in one statement", "y = 1\nx = random.random(), random.seed(0)\nstr(1)",
        {"python": 2}),
    Row("draw, then seed, everywhere", "y = 1\nx = torch.rand(1), np.random.rand(), fix(0)\nstr(1)",
        {"torch": 2, "numpy": 2}, (FIX,)),
    Row("draw, then put back", "y = 1\nx = random.random(), random.setstate(s)\nstr(1)",
        {"python": 2}, ("s = random.getstate()",)),
    Row("draw, seed, draw",
        "y = random.random()\nrandom.seed(0)\nx = random.random()", {"python": 1}),
    Row("seeds without a number", f"{ALL}", EACH, (FIX, "fix(0)",
        "random.seed(); np.random.seed(); torch.seed()")),
    Row("seeds that are None", f"{ALL}", {"python": 1, "numpy": 1}, (FIX, "fix(0)",
        "random.seed(None); np.random.seed(None)")),
    Row("an unseeded state put back", f"{ALL}", EACH, ("a, b, c = random.getstate(), "
        "np.random.get_state(), torch.get_rng_state()", FIX, "fix(0)",
        "random.setstate(a); np.random.set_state(b); torch.set_rng_state(c)")),
    Row("a function beside one that is replaced", "random.random = lambda: 0.5\n"
        "x = random.gauss(0, 1)\nrandom.random = kept", {"python": 2}, ("kept = random.random",)),
    Row("a bit generator without a seed", f"y = 1\nx = np.random.rand()\n{PUT}(old)",
        {"numpy": 2}, (OLD, f"{PUT}(np.random.PCG64())")),
    Row("a bit generator without a seed in place of a seeded one",
        f"y = 1\nx = np.random.rand()\n{PUT}(old)", {"numpy": 2},
        ("%seed 42", OLD, f"{PUT}(np.random.MT19937())")),
    Row("an unseeded bit generator that is put back", "y = 1\nx = np.random.rand()\nstr(1)",
        {"numpy": 2}, (OLD, f"{PUT}(np.random.PCG64(3))", f"{PUT}(old)")),
    Row("a draw inside fork_rng",
        "with torch.random.fork_rng():\n    y = 1\n    torch.rand(1)\nstr(1)",
        {"torch": 3}),
    Row("a draw after fork_rng", "with torch.random.fork_rng():\n    torch.manual_seed(0)\n"
        "torch.rand(1)", {"torch": 3}),
    Row("sources that the seed leaves out",
        ALL, {"numpy": 1, "torch": 1}, ("%seed 42 --only python",)),
    Row("after %seed off", ALL, EACH, ("%seed 42", "%seed off")),
    Row("after a scope", ALL, EACH, ("%%seeded 42\nrandom.random()",)),
]  # fmt: skip


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with watched_kernel(tmp_path_factory.mktemp("sources")) as kernel:
        yield kernel


@pytest.mark.parametrize("row", SILENT, ids=lambda row: row.name)
def test_nothing_is_said_of(kernel: Kernel, row: Row) -> None:
    check(kernel, row)


@pytest.mark.parametrize("row", WARNED, ids=lambda row: row.name)
def test_a_warning_names_the_line_of(kernel: Kernel, row: Row) -> None:
    if "own_" in row.cell:
        kernel.ok(f"import sys\nfor name in {list(MODULES)}:\n    sys.modules.pop(name, None)")
    check(kernel, row)


LATE = [
    ("import random\nrandom.random()", "line 2: random.random()"),
    ("import numpy as np\nx = np.random.rand()\nstr(1)", "line 2: x = np.random.rand()"),
    ("import torch\nx = torch.rand(1)\nstr(1)", "line 2: x = torch.rand(1)"),
]


def test_a_library_imported_late_is_watched_at_once(tmp_path: Path) -> None:
    with running_kernel("%load_ext seedmagic", cwd=str(tmp_path)) as kernel:
        for cell, said in LATE:
            assert said in kernel.ok(cell).stderr
            assert "UnseededWarning" in kernel.ok(cell).stderr


def test_a_library_imported_late_has_the_seed_in_force(tmp_path: Path) -> None:
    with running_kernel("%load_ext seedmagic", "%seed 42", cwd=str(tmp_path)) as kernel:
        for cell, _ in LATE:
            assert kernel.ok(cell).stderr == ""
