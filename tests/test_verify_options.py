"""What the options of `seedmagic verify` change, and what the reports show."""

from __future__ import annotations

import html
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from verified import verify, verify_cells, write_notebook

SUM = (
    "import torch\ntorch.manual_seed(0);",
    "x = torch.rand(10_000_001) * 1000",
    "total = x.sum()",
    "print(repr(total.item()))",
)
SCRIPT = "<script>alert(1)</script>"


def executed(path: Path) -> Path:
    """Run a notebook as a user would, and save it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": str(path.parent)}}).execute()
    nbformat.write(notebook, path)
    return path


def edited(path: Path, cell: int, **data: object) -> None:
    """Change the first output of a cell in the file."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[cell].outputs[0].data.update(data)
    nbformat.write(notebook, path)


@pytest.mark.slow
def test_another_number_of_threads_shows_that_a_sum_depends_on_it(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "sum.ipynb", *SUM).name
    assert verify(tmp_path, path).code == 0
    answer = verify(tmp_path, path, "--vary", "hash,threads")
    assert answer.code == 1
    (cell,) = (cell for cell in answer.cells().values() if not cell["same"])
    assert (cell["index"], cell["cause"]) == (3, "computation")
    assert cell["detail"].startswith("follows cell 2: it gave other values with another number of")


def test_the_order_of_a_set_is_told_from_the_number_of_threads(tmp_path: Path) -> None:
    answer = verify_cells(
        tmp_path, "import numpy", "print(*map(str, {*'abcdefghij'}))", options=["--vary", "threads"]
    )
    assert answer.cells()[1]["cause"] == "hash-order"


@pytest.mark.slow
def test_more_runs_are_all_compared(tmp_path: Path) -> None:
    """In place, a run finds what the one before it wrote."""
    cells = (
        "from pathlib import Path\nruns = Path('runs')",
        "count = runs.stat().st_size if runs.exists() else 0\nruns.write_text('.' * (count + 1));",
        "count > 1",
    )
    path = write_notebook(tmp_path / "n.ipynb", *cells).name
    assert verify(tmp_path, path).code == 0
    answer = verify(tmp_path, path, "--in-place", "--runs", "3")
    assert answer.code == 1
    assert answer.cells()[2]["cause"] == "unknown"
    assert (tmp_path / "runs").read_text() >= "..."
    assert "The runs worked in the folder itself, one after another (as asked)." in answer.out
    assert "The runs wrote: runs." in answer.out


MASKED = {
    "address": "object()",
    "timing": "%%time\nx = sum(range(10**5))",
    "tmp-path": "import tempfile; tempfile.mktemp()",
    "html-id": "import uuid, IPython; IPython.display.HTML(f'<i id=\"{uuid.uuid4()}\">')",
}


def test_a_rule_that_is_switched_off_masks_nothing_and_the_others_do(tmp_path: Path) -> None:
    rules = [*MASKED]
    options = [part for rule in rules[1:] for part in ("--no-mask", rule)]
    answer = verify_cells(tmp_path, *MASKED.values(), options=options)
    assert answer.code == 1
    found = [(cell["same"], cell["masked"]) for cell in answer.cells().values()]
    assert found == [(True, [rules[0]]), *[(False, [])] * 3]


@pytest.mark.slow
def test_saved_outputs_are_compared_and_what_they_were_made_with_is_told(tmp_path: Path) -> None:
    path = executed(
        write_notebook(
            tmp_path / "saved.ipynb",
            "%load_ext seedmagic",
            "import random, numpy\n%seed 42",
            "random.random()",
            "class A: pass\nA()",
            "%%time\n'done'",
            "import time; time.sleep(0)",
        )
    )
    before = path.read_bytes()
    answer = verify(tmp_path, path.name, "--saved")
    assert answer.code == 0, answer.out
    assert "Saved with" not in answer.out
    assert path.read_bytes() == before
    notebook = nbformat.read(path, as_version=4)
    record = notebook.cells[1].outputs[0].data["application/vnd.seedmagic+json"]
    record["versions"]["numpy"] = "1.11.0"
    nbformat.write(notebook, path)
    edited(path, 2, **{"text/plain": "0.5"})
    assert verify(tmp_path, path.name).code == 0
    answer = verify(tmp_path, path.name, "--saved")
    assert answer.code == 1
    (cell,) = (cell for cell in answer.cells().values() if not cell["same"])
    assert (cell["index"], cell["cause"]) == (2, "unknown")
    import numpy

    told = f"saved with numpy 1.11.0, now {numpy.__version__}"
    assert cell["detail"] == f"the runs agree, the saved output differs: {told}"
    assert told in answer.out


def test_what_the_watcher_said_in_the_file_it_says_again(tmp_path: Path) -> None:
    """Though it watches from the kernel's start, and is loaded by the notebook only later."""
    cells = (
        "import random",
        "random.random();\n%load_ext seedmagic",
        "random.random();",
        "%seedlog",
        "%seedreplay 3",
    )
    path = executed(write_notebook(tmp_path / "saved.ipynb", *cells))
    answer = verify(tmp_path, path.name, "--saved")
    assert answer.code == 0, answer.out
    assert all(answer.cells()[index]["drift"] == ["python"] for index in (1, 2))
    assert "UnseededWarning" in path.read_text()


@pytest.mark.slow
def test_cells_that_were_not_run_when_saved_are_named_and_not_compared(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "1 + 1", "2 + 2")
    answer = verify(tmp_path, path.name, "--saved")
    assert (answer.code, "no saved outputs to compare" in answer.out) == (0, True)
    notebook = nbformat.read(executed(path), as_version=4)
    notebook.cells[1].update(outputs=[], execution_count=None)
    nbformat.write(notebook, path)
    answer = verify(tmp_path, path.name, "--saved")
    assert answer.code == 0
    assert "Cells that were not run when it was saved, and not compared: 1." in answer.out


def test_the_page_shows_both_sides_and_the_pixels_and_runs_nothing_of_the_notebook(
    tmp_path: Path,
) -> None:
    cells = (
        "import random, matplotlib.pyplot as plt\nfrom IPython.display import HTML",
        f"HTML('{SCRIPT}' + str(random.random()))",
        f"# {SCRIPT}\nplt.ylim(0, 1); plt.plot([random.random(), 1]);",
        f"print('{SCRIPT}', random.random())",
    )
    answer = verify_cells(tmp_path, *cells, options=["--html", "page.html"])
    assert answer.code == 1
    page = (tmp_path / "page.html").read_text()
    assert "<script" not in page
    assert html.escape(SCRIPT) in page
    assert len(re.findall(r'<img alt="[^"]+" src="data:image/png;base64,', page)) == 3
    assert re.search(r"<figcaption>\d+ of \d+ pixels differ</figcaption>", page)
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert page.count("<mark>") >= 4


def test_the_page_of_a_reproducible_notebook_says_so(tmp_path: Path) -> None:
    verify_cells(tmp_path, "1 + 1", options=["--html", "page.html"])
    page = (tmp_path / "page.html").read_text()
    assert "notebook.ipynb: reproducible: all runs showed the same in 1 code cell." in page


def test_the_notebooks_folder_is_seen_by_each_run_as_it_is(tmp_path: Path) -> None:
    """Data beside the notebook, links, and folders; hidden folders are left out."""
    (tmp_path / "nb" / "data").mkdir(parents=True)
    (tmp_path / "nb" / ".hidden").mkdir()
    (tmp_path / "outside.txt").write_text("outside")
    (tmp_path / "nb" / "data" / "a.txt").write_text("inside")
    (tmp_path / "nb" / "link.txt").symlink_to("data/a.txt")
    (tmp_path / "nb" / "away.txt").symlink_to("../outside.txt")
    cells = (
        "import os\nfrom pathlib import Path",
        "print(*(Path(n).read_text() for n in ('data/a.txt', 'link.txt', 'away.txt')))",
        "sorted(os.listdir())",
        "Path('data/a.txt').write_text('changed'); Path('new.txt').write_text('n');",
        "Path('link.txt').read_text()",
    )
    answer = verify_cells(tmp_path / "nb", *cells)
    assert answer.code == 0, answer.out
    assert (tmp_path / "nb" / "data" / "a.txt").read_text() == "inside"
    assert "The runs wrote: data/a.txt, new.txt." in answer.out


@pytest.mark.slow
def test_a_large_folder_is_not_copied_and_that_is_told(tmp_path: Path) -> None:
    (tmp_path / ".hidden").mkdir()
    for place in (".hidden/large", "large"):
        answer = verify_cells(tmp_path, "import os; 'large' in os.listdir()")
        assert "folder itself" not in answer.out
        with (tmp_path / place).open("wb") as file:
            file.truncate(201 * 2**20)
    answer = verify_cells(tmp_path, "open('made', 'w');", "import os; os.remove('made')")
    assert answer.code == 0
    told = "The runs worked in the folder itself, one after another (larger than 200 MB"
    assert told in answer.out


@pytest.mark.slow
def test_a_kernel_that_sets_its_own_hash_seed_is_left_it_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seedmagic.cli import main

    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    assert main(["kernel", "install", "--name", "fixed", "--hash-seed", "5", "--seed", "1"]) == 0
    (tmp_path / "nb").mkdir()
    cells = ("{*'abcdefgh'}", "import random\nrandom.random()")
    answer = verify_cells(tmp_path / "nb", *cells, options=["--kernel", "fixed"])
    assert answer.code == 0, answer.out
    assert "The kernel's own PYTHONHASHSEED held in all runs: it was not varied." in answer.out
    # The line that seeds it runs before the first cell, and is none.
    answer = verify_cells(
        tmp_path / "nb", "a = 1", "import time\ntime.time()", options=["--kernel", "fixed"]
    )
    (cell,) = [cell for cell in answer.cells().values() if not cell["same"]]
    assert (cell["index"], cell["cause"], cell["line"]) == (1, "outside", 2)
