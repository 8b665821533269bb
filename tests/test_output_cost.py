"""Whatever runs print, to record it, fold it, mask it and compare it takes linear time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

import seedmagic as sm
from seedmagic.verify.notebook.report_text import sides
from seedmagic.verify.outputs.noise_masks import HTML, SVG, TEXT
from seedmagic.verify.outputs.output_pieces import PieceDifference, compare, pieces_of
from shells import Shell

# At which what takes quadratic time takes a minute, and what takes linear time some milliseconds.
SIZE = 200_000
ENOUGH = 5.0  # seconds of the processor
LONG = {
    "one line": "a" * SIZE,
    "digits": "1" * SIZE,
    "numbers with points": "1.5," * (SIZE // 4),
    "amounts of time": "1 s " * (SIZE // 4),
    "amounts of time without end": "1 s ± " * (SIZE // 6),
    "loops": "100 loops, " * (SIZE // 11),
    "blanks": " " * SIZE,
    "hexadecimal digits": "a1b2c3d4" * (SIZE // 8),
    "a line that is written over": "x\r" * (SIZE // 2),
    "bars": "".join(f" 5%|▌ | {at}/9 [00:01<00:02, 9.0it/s]\r" for at in range(SIZE // 36)),
    "nested bars": "100%|█| 9/9 [00:01<00:02, 9.0it/s]\n\x1b[A" * (SIZE // 36),
    "a bar with a long count": "\x1b[A" + " " * (SIZE // 2) + "1" * (SIZE // 2) + "%|[00:01, 1it/s",
    "a bar with a long rate": "[00:01, " + "1" * SIZE,
    "halves of bars": "1%|" * (SIZE // 3),
    "backspaces": "a" * (SIZE // 2) + "\b" * (SIZE // 2),
    "lines": "a\n" * (SIZE // 2),
    "blank lines": "\n" * SIZE,
    "colours": "\x1b[" * (SIZE // 2),
    "colours without end": "\x1b[" + "0" * SIZE,
    "addresses": "at 0x12345678 " * (SIZE // 14),
    "temporary files": "/tmp/ipykernel_1" * (SIZE // 16),
    "tags": "<" * SIZE,
    "ids without an end": 'id="' * (SIZE // 4),
    "elements": "".join(f'<p id="a{at:08x}">' for at in range(SIZE // 18)),
    "styles": "<style" * (SIZE // 6),
    "dates": "<dc:date>" * (SIZE // 9),
    "pictures": "data:image/png;base64," * (SIZE // 22),
    "a row of a table": "a" + " " * SIZE,
    "a row of a summary": "Layer (type)\na" + " " * SIZE,
    "rows of a summary": "Layer (type)\n" + ("a" + " " * 99 + "\n") * (SIZE // 100),
    "layers": "Layer (type)\n" + "".join(f"dense_{at} (Dense)\n" for at in range(SIZE // 20)),
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_what_notebooks_show_is_compared_in_linear_time(text: str) -> None:
    began = time.process_time()
    for kind, mime in ((TEXT, "text/plain"), (HTML, "text/html"), (SVG, "image/svg+xml")):
        shown = [{"output_type": "display_data", "data": {mime: text + end}} for end in "yz"]
        found = compare(*(pieces_of([each], {}) for each in shown), frozenset())
        assert len(found.differences) == 1, kind
    assert time.process_time() - began < ENOUGH


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_what_a_function_prints_is_verified_in_linear_time(text: str) -> None:
    ends = iter("abcdefgh")
    began = time.process_time()
    found = sm.verify(lambda: print(text, next(ends), sep=""))
    assert time.process_time() - began < ENOUGH
    assert [each.path for each in found.differences] == ["stdout"]


def test_many_pieces_of_a_stream_are_joined_in_linear_time() -> None:
    shown = [
        {"output_type": "stream", "name": name, "text": "0123456789" * 10}
        for _ in range(20_000)
        for name in ("stdout", "stderr")
    ]
    began = time.process_time()
    assert [len(piece.value) for piece in pieces_of(shown, {})] == [2_000_000] * 2
    assert time.process_time() - began < ENOUGH


@pytest.fixture(scope="module")
def shell() -> Iterator[Shell]:
    shell = Shell()
    shell.load()
    yield shell
    shell.unload()


PRINTS = {
    "one line": ("print('a' * 2_000_000)", "aaa"),
    "lines": ("for at in range(300_000): print(at)", "299999"),
    "a bar": ("for at in range(300_000): print(at, end='\\r')", "299999"),
    "displays": ("for at in range(20_000): display(at)", "19999"),
}


@pytest.mark.parametrize(("code", "end"), PRINTS.values(), ids=PRINTS.keys())
def test_many_runs_fold_what_they_print_in_linear_time(shell: Shell, code: str, end: str) -> None:
    began = time.process_time()
    printed = shell.ok(f"%%seeded 0 --runs 2\n{code}").printed
    assert time.process_time() - began < ENOUGH
    folded = printed.partition("--- seed 0 ---\n")[2]
    assert 0 <= folded.index(end) < 21_000


def test_the_place_at_which_long_lines_part_is_shown() -> None:
    ends = iter("xyz" * 3)
    found = sm.verify(lambda: print("a" * 1000, next(ends), "b" * 1000, sep=""))
    difference = str(found.differences[0])
    assert "aaaxbbb" in difference
    assert "aaaybbb" in difference
    assert len(difference) < 160


def test_a_report_begins_shortly_before_the_place_at_which_two_texts_part() -> None:
    texts = ["line\n" * 3000 + "a" * 10_000 + end for end in "xy"]
    for lines, end in zip(sides(PieceDifference("stdout", TEXT, *texts)), "xy", strict=True):
        assert lines == ["line", "line", f"… {'a' * 20}{end}"]


def test_a_bar_that_is_gone_at_its_end_leaves_nothing_folded(shell: Shell) -> None:
    body = "print('kept')\nfor text in ('10%', '100%', '    '): print(text, end='\\r')"
    printed = shell.ok(f"%%seeded 0 --runs 2\n{body}").printed
    assert printed.startswith("--- seed 0 ---\nkept\nkept\n"), printed
