"""Fail if a test was skipped in every row: then nothing shows that it passes.

    python .ci/skipped.py FILE...

Each FILE is of a row, written by tests/conftest.py where SEEDMAGIC_SKIPS names it: a line a test,
its outcome and its name; of a file that is skipped whole, the file's. Tests that need a GPU are
left out, for CI has none, and those of a row that is not always run.
"""

from __future__ import annotations

import sys
from pathlib import Path

# One needs a torch for CUDA: the rows `lowest full` and `cuda` have it. And the most used libraries
# are beside each other in the row `libraries`, which runs where it is asked for.
ELSEWHERE = (
    "tests/test_common_libraries.py",
    "tests/test_gpu.py",
    "tests/test_gpu_verify.py",
    "tests/test_rewind_libraries.py::test_so_does_one_of_a_large_library",
    "tests/test_verdicts.py::test_so_is_one_of_a_large_library",
    "tests/test_devices.py::test_a_torch_for_cuda_says_that_there_is_no_driver",
)


def main(files: list[str]) -> int:
    """Compare; 0 if each test ran somewhere."""
    lines = [line for file in files for line in Path(file).read_text("utf-8").splitlines()]
    outcomes = [tuple(line.split(" ", 1)) for line in lines]
    ran = {name for outcome, name in outcomes if outcome != "skipped"}
    ran |= {name.partition("::")[0] for name in ran}  # of a file that is skipped whole, its name
    never = sorted({name for _, name in outcomes} - ran)
    never = [name for name in never if not name.startswith(ELSEWHERE)]
    for name in never:
        print(f"SKIPPED IN EVERY ROW: {name}")
    tests = sum("::" in name for name in ran)
    print(f"{tests} tests ran in {len(files)} rows; {len(never)} in none.")
    return 1 if never or not ran else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
