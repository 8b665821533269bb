"""The notebooks run, and are saved with their outputs and without a machine's paths."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


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


def test_the_quickstart_shows_what_it_says(tmp_path: Path) -> None:
    path = next(path for path in NOTEBOOKS if path.stem == "quickstart")
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=120, coalesce_streams=True, resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
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
    path = next(path for path in NOTEBOOKS if path.stem == "watching")
    saved, notebook = (nbformat.read(path, as_version=4) for _ in range(2))
    NotebookClient(
        notebook, timeout=120, coalesce_streams=True, resources={"metadata": {"path": tmp_path}}
    ).execute()
    for before, after in zip(code_cells(saved), code_cells(notebook), strict=True):
        assert stderr_of(after) == stderr_of(before)
        assert failures_of(after) == failures_of(before)
        assert results_of(after) == results_of(before)


def test_the_seeds_of_the_manual_of_many_runs_can_be_had_again(tmp_path: Path) -> None:
    path = next(path for path in NOTEBOOKS if path.stem == "many_seeds")
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=300, coalesce_streams=True, resources={"metadata": {"path": tmp_path}}
    ).execute()
    cells = code_cells(notebook)
    shown = [results_of(cell) for cell in cells]
    assert [cell.source.split()[0] for cell in cells if results_of(cell) == ["True"]] == [
        "%%seeded",  # one run alone
        "pool.shutdown()",  # on an engine
    ]
    assert sum("10 runs under seeds 0 to 9." in text for texts in shown for text in texts) == 3
    assert not any(map(stderr_of, cells))
