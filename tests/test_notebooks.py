"""The notebooks run, and are saved with their outputs and without a machine's paths."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from verified import verify

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def stderr_of(cell: nbformat.NotebookNode) -> str:
    return "".join(output.text for output in cell.outputs if output.get("name") == "stderr")


def failures_of(cell: nbformat.NotebookNode) -> list[str]:
    return [output.evalue for output in cell.outputs if output.output_type == "error"]


def results_of(cell: nbformat.NotebookNode) -> list[str]:
    return [
        output.data["text/plain"]
        for output in cell.outputs
        if output.output_type != "stream"
        and "data" in output
        and "application/vnd.seedmagic+json" not in output.data
    ]


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_saved_as_run_in_order(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not re.search(r"/(home|root|tmp|Users|work)/|[A-Z]:\\\\", path.read_text("utf-8"))


def read(stem: str) -> nbformat.NotebookNode:
    return nbformat.read(next(path for path in NOTEBOOKS if path.stem == stem), as_version=4)


def executed(stem: str, folder: Path, timeout: int = 120) -> nbformat.NotebookNode:
    """Run a manual in `folder`, each cell for at most `timeout` seconds."""
    notebook = read(stem)
    resources = {"metadata": {"path": folder}}
    NotebookClient(notebook, timeout=timeout, coalesce_streams=True, resources=resources).execute()
    return notebook


@pytest.mark.slow
def test_the_quickstart_shows_what_it_says(tmp_path: Path) -> None:
    notebook = executed("quickstart", tmp_path)
    by_source: dict[str, list[str]] = {}
    for cell in code_cells(notebook):
        by_source.setdefault(cell.source, []).extend(
            output.get("text") or output["data"]["text/plain"]
            for output in cell.outputs
            if output.get("name") != "stderr"
        )
    warned = {cell.execution_count: stderr_of(cell) for cell in code_cells(notebook)}
    assert "In[3] drew from torch, which no seed controls" in warned.pop(3)
    assert not any(warned.values())

    trainings = by_source["for _ in range(2):\n    print(*run())"]
    rows = [row for printed in trainings for row in printed.split("\n") if row]
    assert len(rows) == len(set(rows)) == 4

    once, again = next(
        printed for source, printed in by_source.items() if "results.append" in source
    )
    assert once == again
    assert by_source["results[0] == results[1]"] == ["True"]
    assert next(p for s, p in by_source.items() if "torch.equal(" in s) == ["(True, True)"]

    four = by_source["%seed 42\ntorch.rand(4)"][-1]
    two = by_source["%seed 42\ntorch.rand(2)"][-1]
    (rest,) = by_source["torch.rand(2)"]
    assert four == two.replace("])", ", ") + rest.replace("tensor([", "")


def test_the_watching_manual_warns_where_it_was_saved_with_a_warning(tmp_path: Path) -> None:
    saved, notebook = read("watching"), executed("watching", tmp_path)
    for before, after in zip(code_cells(saved), code_cells(notebook), strict=True):
        assert stderr_of(after) == stderr_of(before)
        assert failures_of(after) == failures_of(before)
        assert results_of(after) == results_of(before)


@pytest.mark.slow
def test_the_manual_of_rewinding_shows_what_it_says(tmp_path: Path) -> None:
    cells = code_cells(executed("rewind_and_verify", tmp_path))
    shown = {cell.source: results_of(cell) for cell in cells}
    trained = [results_of(cell) for cell in cells if "--rewind model" in cell.source]
    assert len(trained) == 3
    assert trained[0] == trained[1] == trained[2] != shown["%%seeded 42\ntrain(2)"]
    answers = [
        "".join(output.text for output in cell.outputs if output.get("name") == "stdout")
        for cell in cells
        if "--verify" in cell.source
    ]
    assert answers[0].startswith("Reproducible: ")
    assert "Cause: a NumPy generator was made without a seed (line 3" in answers[1]
    did = "line 4: `z = dither(y)`: demo::dither got equal inputs and gave other outputs"
    assert did in answers[2]


FAILING = "notebooks/not_reproducible.ipynb"


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """Copy the notebook that fails on purpose to where a reader of the README has it."""
    copied = tmp_path / "clone" / FAILING
    copied.parent.mkdir(parents=True)
    shutil.copy(ROOT / FAILING, copied)
    return copied


def test_the_report_in_the_readme_is_that_of_the_notebook_that_fails_on_purpose(
    failing: Path,
) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (block,) = re.findall(r"^```console\n(.*?)^```$", readme, re.S | re.M)
    command, _, report = block.partition("\n\n")
    assert command == f"$ seedmagic verify {FAILING}"
    answer = verify(failing.parent.parent, FAILING)
    assert answer.code == 1
    told = [re.sub(r"^( +[-+]).*", r"\1", text, flags=re.M) for text in (answer.out, report)]
    assert told[0].strip() == told[1].strip()
    found = {i: cell["cause"] for i, cell in answer.cells().items() if not cell["same"]}
    assert found == {7: "unseeded", 9: "entropy", 11: "hash-order", 13: "outside"}


def test_what_it_says_mends_it_does(failing: Path) -> None:
    notebook = nbformat.read(failing, as_version=4)
    mended = {
        "np.random.seed(0)": "%load_ext seedmagic\n%seed 42 --pin-entropy",
        "enumerate(labels)": "enumerate(sorted(labels))",
        "uuid.uuid4().hex[:8]": "'name'",
    }
    for old, new in mended.items():
        (cell,) = (cell for cell in code_cells(notebook) if old in cell.source)
        cell.source = cell.source.replace(old, new)
    nbformat.write(notebook, failing)
    answer = verify(failing.parent.parent, FAILING)
    assert answer.code == 0, answer.out


@pytest.mark.slow
def test_the_seeds_of_the_manual_of_many_runs_can_be_had_again(tmp_path: Path) -> None:
    cells = code_cells(executed("many_seeds", tmp_path, timeout=300))
    shown = [results_of(cell) for cell in cells]
    assert [cell.source.split()[0] for cell in cells if results_of(cell) == ["True"]] == [
        "%%seeded",  # one run alone
        "pool.shutdown()",  # on an engine
    ]
    assert sum("10 runs under seeds 0 to 9." in text for texts in shown for text in texts) == 3
    assert not any(map(stderr_of, cells))
