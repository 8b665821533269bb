"""Say what an installation would add, and fail if it would replace anything that is there.

    python .ci/replaced.py REPORT

REPORT is what ``pip install --dry-run --report REPORT`` wrote in the same environment.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import distributions
from pathlib import Path


def main(report: str) -> int:
    """Compare; 0 if nothing would be replaced."""
    plan = json.loads(Path(report).read_text("utf-8"))["install"]
    wanted = {_plain(each["metadata"]["name"]): each["metadata"]["version"] for each in plan}
    there = {_plain(each.name): each.version for each in distributions()}
    print("New:", ", ".join(f"{name} {wanted[name]}" for name in sorted(wanted)))
    replaced = sorted(wanted.keys() & there.keys())
    for name in replaced:
        print(f"REPLACED: {name} {there[name]} by {wanted[name]}")
    return 1 if replaced else 0


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
