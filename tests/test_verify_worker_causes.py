"""Notebooks whose workers gave other results: the cell, the line, and the cells that follow."""

from __future__ import annotations

from pathlib import Path

import pytest

import worker_tasks
from verified import Answer, Case, check, verify, write_notebook

pytestmark = pytest.mark.slow

IMPORTS = (
    "import multiprocessing, subprocess, sys, time\n"
    "import numpy as np\n"
    "from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed\n"
    "from joblib import Parallel, delayed\n"
    "import seedmagic as sm\n"
    "from worker_tasks import draw, slow_draw, square\n"
    "fork, spawn = map(multiprocessing.get_context, ['fork', 'spawn'])"
)
DRAWS = "Parallel(n_jobs=2)(delayed(draw)(i) for i in range(4))"
LOADER = (
    "import torch\nfrom torch.utils.data import DataLoader, Dataset\n"
    "class Noise(Dataset):\n"
    "    def __len__(self): return 4\n"
    "    def __getitem__(self, i): return torch.rand(1).item() + os.urandom(1)[0]\n"
    "torch.manual_seed(0)\nimport os\n"
    "loader = DataLoader(Noise(), num_workers=2, persistent_workers=True,"
    " multiprocessing_context=fork)"
)
SCORES = (
    "from sklearn.datasets import load_iris\nfrom sklearn.svm import SVC\n"
    "from sklearn.model_selection import cross_val_score, cross_validate\n"
    "import random\nrandom.seed(0)\nX, y = load_iris(return_X_y=True)"
)
PROGRAM = "[sys.executable, '-c', 'import random; print(random.random())']"

CASES = [
    Case("joblib", (IMPORTS, f"x = 1\n{DRAWS}"), "workers", 1, 2),
    Case("joblib with multiprocessing",
         (IMPORTS, DRAWS.replace("n_jobs=2", "n_jobs=2, backend='multiprocessing'")),
         "workers", 1, 1),
    Case("what follows from joblib", (IMPORTS, f"r = {DRAWS}", "y = 1", "np.sum(r)"),
         "workers", 3, follows=1),
    Case("a pool", (IMPORTS, "with spawn.Pool(2) as pool:\n    r = pool.map(draw, range(4))\nr"),
         "workers", 1, 1),
    Case("a pool of an earlier cell", (IMPORTS, "pool = spawn.Pool(2)", "pool.map(draw, range(4))"),
         "workers", 2, 1),
    Case("a result of an earlier cell",
         (IMPORTS, "pool = spawn.Pool(2)", "r = pool.map_async(draw, range(4))", "r.get()"),
         "workers", 3, follows=2),
    Case("an executor",
         (IMPORTS, "with ProcessPoolExecutor(2, mp_context=spawn) as e:\n"
                   "    print(list(e.map(draw, range(4))))"), "workers", 1, 2),
    Case("an executor, forked",
         (IMPORTS, "with ProcessPoolExecutor(2, mp_context=fork) as e:\n"
                   "    print(list(e.map(draw, range(4))))"), "workers", 1, 2),
    Case("a process",
         (IMPORTS, "def put(q): q.put(draw())",
          "q = fork.Queue()\np = fork.Process(target=put, args=(q,))\np.start()\nq.get()"),
         "workers", 2, 3),
    Case("threads",
         (f"{IMPORTS}\nnp.random.seed(0)\nimport random\nrandom.seed(0)",
          "with ThreadPoolExecutor(4) as e: print(list(e.map(slow_draw, range(40))))"),
         "workers", 1, 1),
    Case("the order in which they end",
         (IMPORTS, "def late(i): time.sleep(np.random.default_rng().random() / 5); return i",
          "with ProcessPoolExecutor(4, mp_context=fork) as e:\n"
          "    ends = as_completed([e.submit(late, i) for i in range(8)])\n"
          "    print([end.result() for end in ends])"),
         "workers", 2, 2),
    Case("a loader that keeps its workers",
         (f"{IMPORTS}\n{LOADER}", "for batch in loader: pass", "[b.item() for b in loader]"),
         "workers", 2, 1),
    Case("a program", (IMPORTS, f"print(subprocess.check_output({PROGRAM}))"), "workers", 1, 1),
    Case("a program that writes a file",
         (IMPORTS, "code = 'import random; open(\"x\", \"w\").write(str(random.random()))'",
          "subprocess.run([sys.executable, '-c', code]);\nopen('x').read()"), "workers", 2, 1),
    Case("a shell's command", (IMPORTS, "x = 1\n!date +%N"), "workers", 1, 2),
    # Others did it.
    Case("the clock beside workers that compute",
         (IMPORTS, "Parallel(n_jobs=2)(delayed(square)(i) for i in range(4)), time.time()"),
         "outside", 1, 1),
    Case("the clock as work for workers",
         (f"{IMPORTS}\nt = time.time()", "with fork.Pool(2) as pool: print(pool.map(abs, [t]))"),
         "outside", 1, follows=0),
    Case("a draw as work for workers",
         (IMPORTS, "x = np.random.rand()", "with fork.Pool(2) as pool: print(pool.map(abs, [x]))"),
         "unseeded", 2, follows=1, drift=((1, "numpy"),)),
    Case("a program beside the clock",
         (IMPORTS, "subprocess.run(['true']);\ntime.time()"), "outside", 1, 2),
    Case("threads that ask for the time",
         (f"{IMPORTS}\nnp.random.seed(0)\nimport random\nrandom.seed(0)",
          "x = np.random.rand()\nwith ThreadPoolExecutor(2) as e:\n"
          "    print(list(e.map(lambda i: time.time(), range(2))))"), "outside", 1),
    Case("scores beside the clock",
         (f"{IMPORTS}\n{SCORES}",
          "t0 = time.time()\ns = cross_val_score(SVC(), X, y, n_jobs=2)\n"
          "print(s.mean(), time.time() - t0)"), "outside", 1, 1),
    Case("how long scores took",
         (f"{IMPORTS}\n{SCORES}", "x = 1\ncross_validate(SVC(), X, y, n_jobs=2)"),
         "outside", 1, 2),
    # The remedies.
    Case("a seed for each task",
         (IMPORTS,
          "tasks = [sm.seeded(sm.derive_seed(42, 'task', i))(draw) for i in range(4)]\n"
          "Parallel(n_jobs=2)(delayed(task)() for task in tasks)")),
    Case("a generator for each thread's task",
         (IMPORTS,
          "rngs = [np.random.default_rng(sm.derive_seed(42, 'task', i)) for i in range(9)]\n"
          "with ThreadPoolExecutor(4) as e: print(list(e.map(slow_draw, range(9), rngs)))")),
    Case("workers that compute",
         (IMPORTS, "with fork.Pool(2) as pool: print(pool.map(square, range(9)))")),
    Case("a forest",
         ("from sklearn.ensemble import RandomForestClassifier as Forest\n"
          "from sklearn.datasets import load_iris\nX, y = load_iris(return_X_y=True)\n"
          "import random\nrandom.seed(0)",  # after imports that draw
          "Forest(20, n_jobs=-1, random_state=0).fit(X, y).predict_proba(X)[50:52]")),
]  # fmt: skip


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    folder = tmp_path_factory.mktemp("workers")
    tasks = Path(worker_tasks.__file__)
    (folder / tasks.name).write_text(tasks.read_text())
    for case in CASES:
        write_notebook(folder / case.file, *case.cells)
    return verify(folder, *(case.file for case in CASES))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_first_cell_that_differs_and_why(answer: Answer, case: Case) -> None:
    check(case, next(found for found in answer.notebooks if found["path"] == case.file))


def test_a_notebook_is_told_of_forked_workers_with_the_same_numbers(tmp_path: Path) -> None:
    tasks = Path(worker_tasks.__file__)
    (tmp_path / tasks.name).write_text(tasks.read_text())
    cell = "with fork.Pool(2) as pool:\n    r = pool.map(slow_draw, range(40), 1)\nlen(r)"
    write_notebook(tmp_path / "alike.ipynb", IMPORTS, "np.random.seed(1)", cell)
    found = verify(tmp_path, "alike.ipynb")
    assert found.code == 0
    assert "Cell 2: 2 forked workers each drew from a copy of numpy" in found.out
