"""`seedmagic kernel install`: a kernel that starts with what a running one cannot change."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from kernels import running_kernel
from scripts import run_script
from seedmagic.cli import main


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give Jupyter a folder of the user's own, and one of an environment, that are both empty."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "user"))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "prefix" / "share" / "jupyter"))
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    (tmp_path / "prefix").mkdir()
    return tmp_path


def specification(folder: Path, name: str) -> dict[str, object]:
    return json.loads((folder / "kernels" / name / "kernel.json").read_text())  # type: ignore[no-any-return]


def test_the_kernel_starts_with_the_hash_seed_the_workspace_and_the_extension(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["kernel", "install", "--hash-seed", "7"]) == 0
    assert "Installed kernel 'seedmagic' in " in capsys.readouterr().out
    with running_kernel(name="seedmagic") as kernel:
        assert kernel.value("__import__('os').environ['CUBLAS_WORKSPACE_CONFIG']") == "':4096:8'"
        hashed = run_script("print(hash('a'))", PYTHONHASHSEED="7").stdout
        assert kernel.value("hash('a')") == hashed.strip()
        assert "Hash seed: 7 in this process" in kernel.ok("%seed").text
        assert kernel.value("__import__('sys').executable") == repr(sys.executable)


def test_with_a_seed_every_source_is_seeded_before_the_first_cell(place: Path) -> None:
    import random

    assert main(["kernel", "install", "--name", "Seeded", "--seed", "0x2A"]) == 0
    with running_kernel(name="seeded") as kernel:
        kernel.ok("import random")
        assert kernel.value("random.random()") == repr(random.Random(42).random())
        assert "Seed 42 is in force" in kernel.ok("%seed").text


def test_it_is_installed_where_it_is_asked_for_and_removed_again(place: Path) -> None:
    assert main(["kernel", "install"]) == 0
    assert specification(place / "user", "seedmagic")["env"] == {
        "PYTHONHASHSEED": "0",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    }
    prefix = place / "prefix"
    assert main(["kernel", "install", "--name", "there", "--prefix", str(prefix)]) == 0
    assert specification(prefix / "share" / "jupyter", "there")["language"] == "python"
    assert main(["kernel", "install", "--name", "there", "--prefix", str(prefix)]) == 0
    for name, folder in (("seedmagic", place / "user"), ("there", prefix / "share" / "jupyter")):
        assert main(["kernel", "remove", "--name", name]) == 0
        assert not (folder / "kernels" / name).exists()
        assert main(["kernel", "remove", "--name", name]) == 2


REFUSED = [
    (["--name", "a b"], "'a b' is not a kernel's name: letters, digits"),
    (["--name", ".."], "'..' is not a kernel's name"),
    (["--name", "../x"], "'../x' is not a kernel's name"),
    (["--hash-seed", "-1"], "--hash-seed -1: an integer from 0 to 4294967295 is accepted"),
    (["--hash-seed", "4294967296"], "--hash-seed 4294967296: an integer"),
    (["--hash-seed", "random"], "--hash-seed random: an integer"),
    (["--seed", "-1"], "--seed -1: an integer from 0 to 4294967295 is accepted"),
    (["--seed", "many"], "--seed many: an integer"),
    (["--prefix", "nowhere"], "--prefix 'nowhere' is no folder"),
]


@pytest.mark.parametrize(("arguments", "told"), REFUSED, ids=lambda value: " ".join(value)[:30])
def test_what_cannot_be_installed_is_refused_and_nothing_is_written(
    place: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["kernel", "install", *arguments]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert "Nothing was changed" in err
    assert not (place / "user" / "kernels").exists()


def test_a_kernel_of_somebody_else_is_neither_replaced_nor_removed(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = place / "user" / "kernels" / "mine" / "kernel.json"
    other.parent.mkdir(parents=True)
    other.write_text('{"argv": [], "display_name": "mine", "language": "python"}')
    assert main(["kernel", "install", "--name", "mine"]) == 2
    assert "that seedmagic did not install: choose another --name" in capsys.readouterr().err
    assert main(["kernel", "remove", "--name", "mine"]) == 2
    assert "seedmagic installed no kernel 'mine'; it installed: none." in capsys.readouterr().err
    assert "mine" in other.read_text()
