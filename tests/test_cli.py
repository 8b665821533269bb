"""The command itself: how it starts, what it needs, what it writes."""

from __future__ import annotations

import io
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from scripts import answer, run_script
from seedmagic.cli import main
from seedmagic.verify.notebook.run_progress import Progress
from verified import verify_cells, write_notebook


def test_the_command_and_the_module_are_the_same_and_start_without_libraries() -> None:
    script = """
    import sys
    from seedmagic.cli import main
    try:
        main(["--help"])
    except SystemExit as ended:
        assert ended.code == 0
    heavy = {"numpy", "torch", "IPython", "nbclient", "nbformat", "PIL", "jupyter_client", "zmq"}
    assert not heavy & sys.modules.keys()
    """
    by_function = run_script(script)
    assert by_function.returncode == 0, by_function.stderr
    command = [sys.executable, "-m", "seedmagic", "--help"]
    by_module = subprocess.run(command, capture_output=True, text=True, check=True)
    assert by_module.stdout == by_function.stdout
    assert "verify" in by_module.stdout


def test_the_installed_command_is_main() -> None:
    found = [entry for entry in entry_points(group="console_scripts") if entry.name == "seedmagic"]
    assert found, "installed before there was a command: pip install -e . writes the entry"
    assert found[0].load() is main


@pytest.mark.parametrize(
    ("module", "call"), [("nbclient", ["verify", "a.ipynb"]), ("ipykernel", ["kernel", "remove"])]
)
def test_without_the_extra_the_error_names_how_to_get_it(
    module: str,
    call: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    assert main(call) == 2
    told = capsys.readouterr().err
    assert told == (
        f"seedmagic {call[0]} needs {module}, which this environment lacks: "
        'pip install "seedmagic[verify]"\n'
    )


def test_no_grammar_is_built_that_no_notebook_is_checked_with(tmp_path: Path) -> None:
    write_notebook(tmp_path / "one.ipynb", "x = 1\nx")
    found = answer(
        """
        import json, sys
        from seedmagic.cli import main
        code = main(["verify", sys.argv[1]])
        before = [name for name in ("nbformat", "rfc3987_syntax") if name in sys.modules]
        import rfc3987_syntax  # it is there, for whoever wants it
        print(json.dumps([code, before]))
        """,
        str(tmp_path / "one.ipynb"),
    )
    assert found == [0, ["nbformat"]]


def test_the_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["verify", "--list-masks"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("address    memory addresses")


def test_the_json_has_the_fields_of_the_contract_and_no_others(tmp_path: Path) -> None:
    answer = verify_cells(tmp_path, "1", "import random\nrandom.random()")
    (notebook,) = answer.notebooks
    assert notebook.keys() == {"path", "reproducible", "error", "cells"}
    for cell in notebook["cells"]:
        told = {"index", "same", "drift", "cause", "detail", "line", "masked", "notes"}
        assert cell.keys() == told


def test_what_a_notebook_prints_cannot_command_the_terminal_nor_hide_on_the_page(
    tmp_path: Path,
) -> None:
    cell = "import random\nprint('\\x1b]0;\\x07\\x9b <b>', random.random())"
    answer = verify_cells(tmp_path, cell, options=["--html", "page.html"])
    assert answer.code == 1
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for text in (answer.out, page):
        assert not {"\x1b", "\x07", "\x9b"} & set(text)
        assert "\\x1b]0;\\x07\\x9b" in text
    assert "<b>" not in page


def test_a_terminal_that_knows_ascii_alone_gets_the_report_too(tmp_path: Path) -> None:
    cell = "import random\nprint('µ 日本', random.random())"
    from verified import verify, write_notebook

    path = write_notebook(tmp_path / "n.ipynb", cell)
    answer = verify(tmp_path, path.name, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert answer.code == 1
    assert "Traceback" not in answer.err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_on_a_terminal_that_is_taken_away_again() -> None:
    terminal = Terminal()
    progress = Progress(terminal, 30)
    progress.start("a.ipynb", "run 1")
    progress.cell("a.ipynb", "run 1", 4)
    assert terminal.getvalue().rpartition("\r")[2].strip() == "a.ipynb run 1: cell 4"
    assert progress.where("a.ipynb") == 4
    progress.end("a.ipynb", "run 1")
    progress.clear()
    assert "\n" not in terminal.getvalue()
    assert terminal.getvalue().endswith(" " * 30 + "\r")
    assert progress.where("a.ipynb") is None


def test_progress_is_a_line_a_run_elsewhere() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    progress.start("a.ipynb", "run 1")
    progress.cell("a.ipynb", "run 1", 4)
    progress.clear()
    assert stream.getvalue() == "a.ipynb: run 1\n"
