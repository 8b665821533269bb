"""Notebooks that are reproducible, whatever noise they make."""

from __future__ import annotations

from pathlib import Path

import pytest

from verified import Answer, Case, check, verify, write_notebook

pytestmark = pytest.mark.slow

WORKERS = (
    "import numpy as np, torch, random\n"
    "from torch.utils.data import DataLoader, Dataset\n"
    "class Noise(Dataset):\n"
    "    def __len__(self): return 4\n"
    "    def __getitem__(self, i): return i, random.random(), np.random.rand(), torch.rand(1)\n"
    "def load(): return list(DataLoader(Noise(), 2, shuffle=True, num_workers=2))"
)
SVG = (
    "import matplotlib.pyplot as plt\n"
    "from matplotlib_inline.backend_inline import set_matplotlib_formats\n"
    "set_matplotlib_formats('svg')"
)


def masking(*rules: str) -> frozenset[str]:
    return frozenset(rules)


CASES = [
    Case("nothing", ("", "# a comment", "1 + 1")),
    Case("a seed in force", ("%load_ext seedmagic", "%seed 42", "import random, numpy as np, torch",
                             "random.random(), np.random.rand(), torch.rand(2)")),
    Case("a seed of the user", ("import random\nrandom.seed(3)", "random.random()")),
    Case("what the seed shows", ("%load_ext seedmagic\n%seed 42", "%seed"),
         masked=masking("hash-seed")),
    Case("what the panel shows", ("%load_ext seedmagic\n%seed 42", "%seedpanel"),
         masked=masking("hash-seed")),
    Case("a seeded cell", ("%load_ext seedmagic\nimport random", "%%seeded 7\nrandom.random()")),
    Case("pinned entropy", ("%load_ext seedmagic\n%seed 1 --pin-entropy",
                            "import numpy as np\nrng = np.random.default_rng()", "rng.random()")),
    Case("a seed for children",
         ("%load_ext seedmagic\n%seed 42", "import subprocess, sys",
          "print(subprocess.run([sys.executable, '-c', 'print({*\"abcdefgh\"})'],"
          " capture_output=True, text=True).stdout)")),
    Case("seeded workers", ("%load_ext seedmagic\n%seed 5", WORKERS, "load()")),
    Case("a seeded generator", ("import numpy as np\nrng = np.random.default_rng(3)",
                                "rng.random()")),
    Case("drift alone", ("import random", "x = random.random()", "1"), drift=((1, "python"),)),
    Case("sorted sets", ("sorted({'a', 'b', 'c', 'd'})", "{'a', 'b', 'c', 'd'}",
                         "sum({0.1, 0.2, 0.3})")),
    Case("addresses", ("class A: pass\nA()", "print([A(), lambda: 0])", "import sys",
                       "print(A(), file=sys.stderr)"), masked=masking("address")),
    Case("timings", ("%%time\nx = sum(range(10**5))", "%timeit -n 10 -r 2 sum(range(100))",
                     "%time y = 1", "%timeit -n 1 -r 1 -o sum(range(5))"),
         masked=masking("timing")),
    Case("progress bars",
         ("from tqdm import tqdm, trange\nimport time",
          "for i in tqdm(range(40), ncols=60): time.sleep(0.003)",
          "for i in trange(3, desc='outer'):\n"
          "    for j in trange(9, leave=False): time.sleep(0.004)",
          "for i in tqdm(iter(range(9))): pass"), masked=masking("progress")),
    Case("a bar of widgets", ("from tqdm.notebook import tqdm",
                              "for i in tqdm(range(30)): pass"), masked=masking("progress")),
    Case("temporary files",
         ("import tempfile, warnings", "tempfile.mkdtemp()",
          "with tempfile.NamedTemporaryFile() as f: print(f.name)", "warnings.warn('careful')"),
         masked=masking("tmp-path")),
    Case("the folder it works in", ("import os, pathlib", "os.getcwd()",
                                    "print(pathlib.Path('x').resolve())")),
    Case("files", ("open('written.txt', 'w').write('a')", "open('written.txt').read()")),
    Case("random ids in HTML", ("import pandas as pd", "pd.DataFrame({'a': [1]}).style.bar()"),
         masked=masking("html-id")),
    Case("an estimator's page", ("from sklearn.linear_model import Ridge", "Ridge()")),
    Case("an SVG", (SVG, "plt.plot([1, 2]); plt.fill_between([0, 1], 0.5);"),
         masked=masking("svg-id", "svg-date")),
    Case("an image", ("import numpy as np, matplotlib.pyplot as plt\nnp.random.seed(0)",
                      "plt.hist(np.random.rand(50));")),
    Case("an expected error", ("class A: pass", "# raises\nraise ValueError(A())"),
         masked=masking("address")),
    Case("widgets", ("import ipywidgets as w", "w.VBox([w.IntSlider(3), w.Text('a')])")),
    Case("a training",
         ("import torch\ntorch.manual_seed(0)\nmodel = torch.nn.Linear(3, 1)",
          "opt = torch.optim.SGD(model.parameters(), 0.1)\nfor _ in range(3):\n"
          "    opt.zero_grad(); model(torch.randn(8, 3)).pow(2).mean().backward(); opt.step()",
          "model.weight, next(model.named_parameters())")),
    Case("a clock that is not shown", ("import time\nstart = time.time()",
                                       "took = time.time() - start\ntook < 1000")),
    Case("await", ("import asyncio", "await asyncio.sleep(0.01)\n'done'")),
    Case("the watcher's own words", ("%load_ext seedmagic\nimport random", "x = random.random()",
                                     "%seedlog -n 1"), drift=((1, "python"),)),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reproducible")


@pytest.fixture(scope="module")
def answer(folder: Path) -> Answer:
    for case in CASES:
        write_notebook(folder / case.file, *case.cells)
    return verify(folder, *(case.file for case in CASES))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_cell_is_the_same(answer: Answer, case: Case) -> None:
    check(case, next(found for found in answer.notebooks if found["path"] == case.file))


def test_reproducible_notebooks_end_the_command_with_0(answer: Answer) -> None:
    assert answer.code == 0, answer.out + answer.err


def test_nothing_is_written_into_the_folder_and_no_notebook_changed(
    answer: Answer, folder: Path
) -> None:
    assert {path.name for path in folder.iterdir()} == {case.file for case in CASES}
    for case in CASES:
        assert '"outputs": []' in (folder / case.file).read_text()
    assert "The runs wrote: written.txt." in answer.out


def test_no_rule_masks_where_nothing_differs(answer: Answer) -> None:
    quiet = [case.file for case in CASES if not case.masked]
    masked = {
        found["path"]: cell["masked"]
        for found in answer.notebooks
        for cell in found["cells"]
        if found["path"] in quiet and cell["masked"]
    }
    assert not masked
