"""CUDA sleeps until the user wakes it, and then has the streams that it should have."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

pytestmark = [
    pytest.mark.gpu,
    # Asking torch.cuda.is_available() calls the driver; NVML's answer is enough here.
    pytest.mark.skipif(
        not torch.backends.cuda.is_built() or torch.cuda.device_count() == 0,
        reason="no CUDA device",
    ),
]

DRAW = "[torch.rand(2, device=f'cuda:{i}').tolist() for i in range(torch.cuda.device_count())]"


def run(*lines: str) -> str:
    """Run a script in a fresh process, where CUDA sleeps, and give the last line it prints."""
    script = "\n".join(["import torch, seedmagic as sm", *lines])
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip().splitlines()[-1]


def test_nothing_of_ours_wakes_cuda() -> None:
    told = run(
        "sm.seed_everything(42, deterministic=True)",
        "with sm.seeded(7): sm.snapshot().restore()",
        "str(sm.status()); sm.status().to_dict()",
        "print(torch.cuda.is_initialized(), torch.cuda._is_in_bad_fork())",
    )
    assert told == "False False"


def test_a_queued_seed_gives_the_recipes_stream_on_every_device() -> None:
    recipe = run("torch.manual_seed(42)", f"print({DRAW})")
    assert run("sm.seed_everything(42)", f"print({DRAW})") == recipe
    assert run("torch.cuda.init()", "sm.seed_everything(42)", f"print({DRAW})") == recipe


def test_a_scope_that_ends_with_cuda_asleep_leaves_the_outer_queue() -> None:
    recipe = run("torch.manual_seed(42)", f"print({DRAW})")
    assert run("torch.manual_seed(42)", "with sm.seeded(7): pass", f"print({DRAW})") == recipe
    assert run("with sm.seeded(7): pass", f"print({DRAW})") != run(
        "torch.manual_seed(7)", f"print({DRAW})"
    )


def test_a_scope_in_which_cuda_wakes_leaves_it_as_it_would_be_outside() -> None:
    recipe = run("torch.manual_seed(42)", f"print({DRAW})")
    wakes = f"    {DRAW}"
    assert run("sm.seed_everything(42)", "with sm.seeded(7):", wakes, f"print({DRAW})") == recipe


def test_a_scope_restores_every_device_after_an_error() -> None:
    told = run(
        "sm.seed_everything(42)",
        f"{DRAW}",
        "state = sm.snapshot()",
        "try:",
        "    with sm.seeded(7):",
        f"        {DRAW}; 1 / 0",
        "except ZeroDivisionError: pass",
        "print(state.diff(sm.snapshot()))",
    )
    assert told == "[]"


def test_a_state_saved_and_loaded_gives_the_same_numbers(tmp_path) -> None:  # type: ignore[no-untyped-def]
    told = run(
        "torch.cuda.init()",
        f"sm.snapshot().save({str(tmp_path / 'state')!r})",
        f"first = {DRAW}",
        f"sm.RngState.load({str(tmp_path / 'state')!r}).restore()",
        f"print(first == {DRAW})",
    )
    assert told == "True"


def test_too_late_a_workspace_variable_is_said() -> None:
    told = run("torch.cuda.init()", "print(sm.seed_everything(42, deterministic=True).caveats)")
    assert "CUBLAS_WORKSPACE_CONFIG" in told
