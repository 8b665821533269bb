"""Run a script in a process of its own, as a user would from a shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

TIMEOUT = 120


def run_script(code: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `code` with warnings shown; the user's own seeds of the environment are left out.

    A PYTHONPATH that is given goes before the one that there is, which may lead to seedmagic.
    """
    removed = ("PYTHONHASHSEED", "CUBLAS_WORKSPACE_CONFIG")
    environment = {name: value for name, value in os.environ.items() if name not in removed}
    if "PYTHONPATH" in variables:
        paths = (variables["PYTHONPATH"], environment.get("PYTHONPATH"))
        variables["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return subprocess.run(
        [sys.executable, "-c", dedent(code), *arguments],
        env={**environment, **variables},
        cwd=Path(__file__).parent,  # so that a script can import what stands beside the tests
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )


def answer(code: str, *arguments: str, **variables: str) -> Any:
    """Give what a script that must not fail prints as JSON in its last line."""
    done = run_script(code, *arguments, **variables)
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout.splitlines()[-1])
