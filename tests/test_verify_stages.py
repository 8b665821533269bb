"""A long cell under `--verify` tells in one line what it is at, and can be interrupted."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import seedmagic as sm
from kernels import Kernel, Shown, running_kernel
from seedmagic.verify.outputs.noise_masks import TEXT
from seedmagic.verify.outputs.output_pieces import Piece, pieces_of
from seedmagic.words import without_colours

SECOND = "--verify: run 2 of 2; then 1 value and 1 output are compared. The first run took 1.1 s."
YES = "Reproducible: 1 value and 1 output identical, bit for bit."


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", "import time, random, os") as kernel:
        yield kernel


def start_seen(kernel: Kernel, code: str) -> str:
    """Send a cell as a front end does that shows updates of displays."""
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
    message = kernel.client.session.msg("execute_request", content, metadata={"cellId": "c1"})
    kernel.client.shell_channel.send(message)
    return str(message["header"]["msg_id"])


def outputs(shown: Shown) -> list[dict[str, Any]]:
    """Give what the notebook keeps of displays: of each its last update."""
    return shown.displays[: len(shown.displays) - bool(shown.updates)] + shown.updates[-1:]


def test_its_answer_comes_in_the_place_of_the_line(kernel: Kernel) -> None:
    shown = kernel.finish(start_seen(kernel, "%%seeded 1 --verify\nx = time.sleep(1.1)\nprint(2)"))
    texts = [each["text/plain"] for each in (*shown.displays, *shown.updates)]
    assert texts[0] == SECOND
    assert texts[1].startswith("--verify: comparing 1 value and 1 output of both runs. The first")
    assert texts[2:] == [YES]
    assert [shown.stdout, shown.stderr, len(shown.displays)] == ["2\n", "", 1]


def test_a_quick_cell_has_no_line_nor_has_one_that_nobody_sees_it_go_of(kernel: Kernel) -> None:
    quick = kernel.finish(start_seen(kernel, "%%seeded 1 --verify\nx = 1\nprint(2)"))
    unseen = kernel.ok("%%seeded 1 --verify\nx = time.sleep(1.1)\nprint(2)")
    for shown in (quick, unseen):
        assert shown.stdout == f"2\n{YES}\n"
        assert shown.displays == []


def test_a_cell_that_clears_what_it_shows_has_its_answer(kernel: Kernel) -> None:
    code = (
        "%%seeded 1 --verify\nfrom IPython.display import clear_output\n"
        "for at in range(3):\n    clear_output(wait=True)\n    display(at)\n    time.sleep(0.4)"
    )
    shown = kernel.finish(start_seen(kernel, code))
    assert [each["text/plain"] for each in shown.displays[:3]] == ["0", "1", "2"]
    assert outputs(shown)[-1]["text/plain"].startswith("Reproducible: 1 value and 1 output")


def test_the_text_in_its_place_is_compared_as_what_it_would_be_without_a_line() -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": "2\n"}
    metadata = {"seedmagic_stream": "stdout"}
    kept = {"output_type": "display_data", "data": {"text/plain": YES}, "metadata": metadata}
    assert pieces_of([stream, kept], {}) == [Piece("stdout", TEXT, f"2\n{YES}\n")]


INTERRUPTED = """%%seeded 1 --verify
items.append(len(items))
fresh = [random.random()]
if "{file}" and os.path.exists("{file}"):
    items.append("again")
    fresh = None
    time.sleep(30)
open("{file}", "w").close()
"""


@pytest.mark.parametrize("is_seen", [True, False], ids=["with a line", "without"])
def test_an_interrupt_of_the_second_run_leaves_what_the_first_left(
    kernel: Kernel, tmp_path: Path, is_seen: bool
) -> None:
    kernel.ok("items = [0]; fresh = None")
    wait = "time.sleep(1.1)\n" if is_seen else "time.sleep(0.9)\n"
    code = INTERRUPTED.format(file=tmp_path / "ran") + wait
    message = start_seen(kernel, code) if is_seen else kernel.start(code)
    while not (tmp_path / "ran").exists():
        time.sleep(0.05)
    time.sleep(2)
    kernel.manager.interrupt_kernel()
    shown = kernel.finish(message)
    told = outputs(shown)[-1]["text/plain"] if is_seen else shown.stdout
    assert told.strip() == (
        "Not shown: interrupted in the second run. Names and objects are as the first run left "
        "them."
    )
    assert shown.error == "KeyboardInterrupt: "
    assert kernel.value("(items, fresh is None)") == "([0, 1], False)"


def test_an_interrupt_of_the_first_run_says_so(kernel: Kernel) -> None:
    kernel.ok("items = []")
    shown = kernel.interrupt_after("%%seeded 1 --verify\nitems.append(1)\ntime.sleep(30)", 1.5)
    assert shown.stdout == "Not shown: interrupted in the first run.\n"
    assert kernel.value("items") == "[1]"


def test_an_interrupt_of_the_search_for_a_cause_has_the_differences(
    kernel: Kernel, tmp_path: Path
) -> None:
    file = tmp_path / "runs"
    code = (
        f"%%seeded 1 --verify\nwith open({str(file)!r}, 'a') as f: n = f.write('.')\n"
        f"n = os.path.getsize({str(file)!r})\nif n == 3: time.sleep(30)"
    )
    message = kernel.start(code)
    while not file.exists() or file.stat().st_size < 3:
        time.sleep(0.05)
    time.sleep(0.5)
    kernel.manager.interrupt_kernel()
    shown = kernel.finish(message)
    assert shown.error == "KeyboardInterrupt: "
    assert "n: value 1 → 2" in shown.stdout.replace("n: 1 → 2", "n: value 1 → 2")
    assert "Cause: not found: interrupted while it was looked for." in shown.stdout
    assert kernel.value("n") == "1"


@pytest.mark.parametrize(
    ("size", "seconds", "told", "left"),
    [
        (10, 4.0, "as the first run left them", [1]),
        (200_000, 0.0, "as they were before: a copy of them would have taken long", []),
    ],
    ids=["of small objects", "of many objects"],
)
def test_an_interrupted_function_leaves_what_its_first_call_left_or_says_what(
    tmp_path: Path, size: int, seconds: float, told: str, left: list[int]
) -> None:
    items: list[int] = []
    many = [[number] for number in range(size)]
    lines = iter("abc")
    calls = tmp_path / "calls"

    def act() -> None:
        items.append(1)
        next(lines)
        if calls.exists():
            many.clear()
            raise KeyboardInterrupt
        time.sleep(seconds)
        calls.touch()

    sm.verify(lambda: None)  # what is imported on first use takes longer than a small copy
    with pytest.raises(KeyboardInterrupt, match=f"Names and objects are {told}. Not put back: lin"):
        sm.verify(act)
    assert items == left
    assert many == [[number] for number in range(size)]


@pytest.mark.skipif(os.name != "posix", reason="a terminal is POSIX's here")
def test_in_a_terminal_the_line_is_gone_at_the_end() -> None:
    import pty

    cell = "%%seeded 1 --verify\nimport time\ntime.sleep(1.1)\nprint('said', end='')"
    options = ["--quick", "--colors=NoColor", "--ext=seedmagic", "--no-term-title"]
    call = [sys.executable, "-m", "IPython", *options, "-c", cell]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, call)
    said = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # Linux's end of a terminal
            break
        if not piece:
            break
        said += piece
    os.close(terminal)
    assert os.waitpid(pid, 0)[1] == 0, said
    text = without_colours(said.decode()).replace("\r\n", "\n")
    assert "\r--verify: run 2 of 2" in text
    screen = [re.sub(r".*\r", "", line.rstrip("\r")) for line in text.strip().split("\n")]
    assert screen == ["said", "Reproducible: 0 values and 1 output identical, bit for bit."]
