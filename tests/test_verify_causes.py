"""Notebooks that are not reproducible: the first cell that differs, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from verified import Answer, Case, check, verify, verify_cells, write_notebook

pytestmark = pytest.mark.slow

OWN_MODULE = (
    "import random, time\n\n\ndef draw():\n    return random.random()\n\n\n"
    "def clock():\n    return time.time()\n"
)
DATASET = (
    "import numpy as np, torch\n"
    "from torch.utils.data import DataLoader, Dataset\n"
    "class Noise(Dataset):\n"
    "    def __init__(self): self.rng = np.random.default_rng()\n"
    "    def __len__(self): return 4\n"
    "    def __getitem__(self, i): return self.rng.random()\n"
    "data = Noise()"
)
PYTHON = ((1, "python"),)
LETTERS = "{'alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta'}"

CASES = [
    # Draws that no seed controls, near and far from what is shown.
    Case("a draw", ("import random", "x = 1\nrandom.random()"), "unseeded", 1, 2, drift=PYTHON),
    Case("a draw far away", ("import random\nx = random.random()", "y = 1", "print(x)"),
         "unseeded", 2, follows=0, drift=((0, "python"),)),
    Case("a draw in a module", ("import own_module", "own_module.draw()"),
         "unseeded", 1, 1, drift=PYTHON),
    Case("a draw read by a function",
         ("import random\nx = random.random()", "def f():\n    return x", "f()"),
         "unseeded", 2, follows=0, drift=((0, "python"),)),
    Case("a draw in a closure",
         ("import random\ndef make():\n    v = random.random()\n    return lambda: v", "f = make()",
          "f()"), "unseeded", 2, follows=1, drift=PYTHON),
    Case("a draw held by an object",
         ("import random\nclass A: pass\na = A()", "a.v = random.random()", "print(a.v)"),
         "unseeded", 2, follows=1, drift=PYTHON),
    Case("a draw under another name",
         ("import random\nbox = []\nalias = box", "alias.append(random.random())", "box"),
         "unseeded", 2, follows=1, drift=PYTHON),
    Case("a draw in stderr", ("import random, sys", "print(random.random(), file=sys.stderr)"),
         "unseeded", 1, 1, drift=PYTHON),
    Case("a draw below time", ("import random", "%%time\nrandom.random()"),
         "unseeded", 1, 2, drift=PYTHON),
    Case("a draw and the clock", ("import random, time", "random.random(), time.time()"),
         "unseeded", 1, 1, drift=PYTHON),
    Case("a draw in an expected error",
         ("import random", "# raises\nraise ValueError(random.random())"),
         "unseeded", 1, 2, drift=PYTHON),
    Case("a draw in a thread",
         ("import random, threading",
          "t = threading.Thread(target=lambda: print(random.random()))\nt.start(); t.join()"),
         "unseeded", 1, 2, drift=PYTHON),
    Case("a seed of nothing",
         ("import numpy as np\nnp.random", "np.random.seed()", "np.random.rand()"),
         "unseeded", 2, 1, drift=((1, "numpy"), (2, "numpy"))),
    Case("a state that is shown",
         ("import random", "x = random.random()", "hash(random.getstate())"),
         "unseeded", 2, follows=1, drift=((1, "python"),)),
    Case("the panel", ("%load_ext seedmagic\nimport random", "x = random.random()", "%seedpanel"),
         "unseeded", 2, follows=1, drift=((1, "python"),)),
    Case("a state of something else",
         ("import random\nclass Job:\n    get_state = lambda: id(Job)", "x = random.random()",
          "Job.get_state()"), "unknown", 2, drift=((1, "python"),)),
    Case("an image", ("import numpy as np, matplotlib.pyplot as plt",
                      "plt.plot(np.random.rand(5));"), "unseeded", 1, 1, drift=((1, "numpy"),)),
    Case("a large table",
         ("import numpy as np, pandas as pd\nt = pd.DataFrame({'a': np.arange(5000)})",
          "t.loc[4998, 'a'] = np.random.randint(10**6)", "t"),
         "unseeded", 2, follows=1, drift=((1, "numpy"),)),
    Case("a forest", ("from sklearn.ensemble import RandomForestClassifier as F\n"
                      "from sklearn.datasets import load_iris\nX, y = load_iris(return_X_y=True)",
                      "f = F(5, max_depth=2).fit(X, y)", "f.feature_importances_"),
         "unseeded", 2, follows=1, drift=((1, "numpy"),)),
    Case("a widget", ("import random, ipywidgets", "ipywidgets.IntText(random.getrandbits(30))"),
         "unseeded", 1, 1, drift=PYTHON),
    Case("json data", ("import random\nfrom IPython.display import JSON",
                       "JSON({'x': [1, {'y': random.random()}]})"), "unseeded", 1, 1, drift=PYTHON),
    Case("a model", ("import torch\nmodel = torch.nn.Linear(2, 1)",
                     "optimiser = torch.optim.SGD(model.parameters(), 0.1)\n"
                     "model(torch.ones(1, 2)).sum().backward()\noptimiser.step()",
                     "model.weight"), "unseeded", 2, follows=0, drift=((0, "torch"),)),
    Case("workers", ("import torch\nfrom torch.utils.data import DataLoader",
                     "for batch in DataLoader(range(8), 4, shuffle=True, num_workers=2):\n"
                     "    print(batch)"), "unseeded", 1, 1, drift=((1, "torch"),)),
    # The operating system's entropy, through generators and through seeds.
    Case("a generator", ("import numpy as np", "rng = np.random.default_rng()\nrng.random()"),
         "entropy", 1, 1),
    Case("a generator far away",
         ("import numpy as np\nrng = np.random.default_rng()", "y = 1", "rng.random()"),
         "entropy", 2, follows=0),
    Case("a generator in workers",
         (DATASET, "import torch\ntorch.manual_seed(0);",
          # Python 3.14 starts workers without what the notebook defines.
          "loader = DataLoader(data, num_workers=2, multiprocessing_context='fork')\n"
          "for batch in loader: print(batch)"), "entropy", 2, follows=0),
    Case("a generator seeded by secrets",
         ("import numpy as np, secrets", "np.random.default_rng(secrets.randbits(64)).random()"),
         "entropy", 1, 1),
    Case("a generator of Python", ("import random", "y = 1\nrandom.Random().random()"),
         "entropy", 1, 2),
    Case("a generator of torch",
         ("import torch", "g = torch.Generator()\ng.seed()\ntorch.rand(1, generator=g)"),
         "entropy", 1, 2),
    Case("a seed of the system",
         ("import numpy as np, os",
          "np.random.seed(int.from_bytes(os.urandom(4), 'little'))\nnp.random.rand()"),
         "entropy", 1, 1, drift=((1, "numpy"),)),
    Case("a seed of the clock",
         ("import random, time\nrandom.seed(time.time_ns())", "random.random()"),
         "entropy", 1, follows=0, drift=((0, "python"), (1, "python"))),
    # The order of sets.
    Case("a set", (f"s = {LETTERS}", "print(*s)"), "hash-order", 1, 1),
    Case("a set far away", (f"order = list({LETTERS})", "y = 1", "order"),
         "hash-order", 2, follows=0),
    Case("a set as columns",
         (f"import pandas as pd\nt = pd.DataFrame({{c: [1] for c in {LETTERS}}})", "t"),
         "hash-order", 1, follows=0),
    Case("a hash", ("hash('alpha')",), "hash-order", 0),
    Case("a hash as a seed", ("import random\nrandom.seed(hash('alpha'))", "random.random()"),
         "hash-order", 1, follows=0, drift=((0, "python"), (1, "python"))),
    Case("a set in a child",
         ("import subprocess, sys",
          f"print(subprocess.run([sys.executable, '-c', \"print({LETTERS})\"],"
          " capture_output=True, text=True).stdout)"), "hash-order", 1),
    # What no seed can fix.
    Case("the clock", ("import time", "y = 1\nprint(time.time())"), "outside", 1, 2),
    Case("the clock below time", ("import time", "%%time\n\ny = 1\nprint(time.time())"),
         "outside", 1, 4),
    Case("the clock below a header and time",
         ("%load_ext seedmagic\nimport time", "%%seeded 1\n\n%%time\n\nprint(time.time())"),
         "outside", 1, 5),
    Case("the clock in a body that runs twice",
         ("%load_ext seedmagic\nimport time", "%%seeded 1 --runs 2\ny = 1\nprint(time.time())"),
         "outside", 1, 3),
    Case("the clock of a module", ("import own_module", "own_module.clock()"), "outside", 1, 1),
    Case("the clock far away", ("from time import perf_counter\nt = perf_counter()", "t"),
         "outside", 1, follows=0),
    Case("the date", ("from datetime import datetime", "y = 1\nprint(datetime.now())"),
         "outside", 1, 2),
    Case("the date of pandas", ("import pandas as pd", "pd.Timestamp.now()"), "outside", 1, 1),
    Case("a process", ("import os", "os.getpid()"), "outside", 1, 1),
    Case("a UUID", ("from uuid import uuid4", "uuid4()"), "outside", 1, 1),
    Case("a token", ("import secrets", "secrets.token_hex(8)"), "outside", 1, 1),
    # What cannot be shown.
    Case("an address that is printed", ("x = object()", "id(x)"), "unknown", 1),
]  # fmt: skip


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    folder = tmp_path_factory.mktemp("causes")
    (folder / "own_module.py").write_text(OWN_MODULE)
    for case in CASES:
        write_notebook(folder / case.file, *case.cells)
    return verify(folder, *(case.file for case in CASES))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_first_cell_that_differs_and_why(answer: Answer, case: Case) -> None:
    check(case, next(found for found in answer.notebooks if found["path"] == case.file))


def test_one_that_is_not_reproducible_ends_the_command_with_1(answer: Answer) -> None:
    assert answer.code == 1, answer.err
    assert answer.out.count("NOT reproducible") == len(CASES)


LINES = (
    f"from email.utils import localtime\ns = {LETTERS}\ndef names(): return [n for n in s]",
    "y = 1\nnames()",
    "a = list(s)\nprint(*s)",
    "y\nprint(localtime())",
    "y\nprint(open('/dev/urandom', 'rb').read(4))",
    "import time\ntime.strftime('%Y')",
)


def test_a_line_is_named_where_one_goes_through_a_set_or_where_a_library_asks(
    tmp_path: Path,
) -> None:
    answer = verify_cells(tmp_path, *LINES)
    cells = answer.cells()
    told = {index: (cell["cause"], cell["line"]) for index, cell in cells.items()}
    assert told == {
        0: (None, None),
        1: ("hash-order", 2),
        2: ("hash-order", None),  # two of them, and either may be it
        3: ("outside", 2),
        4: ("outside", 2),
        5: (None, None),
    }
    assert "the time (datetime.now() in email)" in cells[3]["detail"]
    assert "bytes of /dev/urandom" in cells[4]["detail"]
    (note,) = cells[5]["notes"]
    assert "it asked for the time (time.strftime(), line 2)" in note
    assert f"Cell 5: {note}" in answer.out
