"""Run every benchmark, each in a process of its own, and keep all figures in one file.

    python benchmarks/run.py [--json FILE] [NAME ...]

It takes a quarter of an hour, on a machine that does nothing else. `pyperf compare_to OLD NEW`
compares two such files; `python benchmarks/soak.py` and `python benchmarks/gpu.py` are for
themselves.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import pyperf

NAMES = (
    *("seeding", "starting", "cells", "watching", "objects"),
    *("verified_cell", "runs", "verifying", "determinism"),
)


def main() -> None:
    """Run those that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--json", type=Path, help="a file in pyperf's format; it is replaced")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"no benchmark {', '.join(unknown)}: {', '.join(NAMES)} are there")
    kept: list[pyperf.Benchmark] = []
    with tempfile.TemporaryDirectory() as place:
        for name in asked.names or NAMES:
            print(f"\n## {name}\n", flush=True)
            file, script = Path(place, f"{name}.json"), Path(__file__).with_name(f"{name}.py")
            subprocess.run([sys.executable, str(script), "--json", str(file)], check=True)
            kept += pyperf.BenchmarkSuite.load(str(file)).get_benchmarks()
    if asked.json:
        pyperf.BenchmarkSuite(kept).dump(str(asked.json), replace=True)


if __name__ == "__main__":
    main()
