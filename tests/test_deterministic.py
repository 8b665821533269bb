"""`deterministic()` sets every flag and variable, and puts each back exactly."""

from __future__ import annotations

import os
from typing import Any

import pytest
import torch

import seedmagic as sm
from scripts import answer

CUBLAS = "CUBLAS_WORKSPACE_CONFIG"


def flags() -> dict[str, Any]:
    return {
        "mode": torch.get_deterministic_debug_mode(),
        "cudnn": torch.backends.cudnn.deterministic,
        "benchmark": torch.backends.cudnn.benchmark,
        "enabled": torch.backends.cudnn.enabled,
        "fill": torch.utils.deterministic.fill_uninitialized_memory,  # type: ignore[attr-defined]
        CUBLAS: os.environ.get(CUBLAS),
        "hash": os.environ.get("PYTHONHASHSEED"),
    }


INSIDE = {"mode": 2, "cudnn": True, "benchmark": False, "fill": True, CUBLAS: ":4096:8"}


def nondeterministic() -> None:
    # No deterministic algorithm: https://docs.pytorch.org/docs/stable/notes/randomness.html
    torch.zeros(3).put_(torch.tensor([0, 0]), torch.ones(2), accumulate=False)


def test_every_flag_is_set_inside_and_put_back_after() -> None:
    before = flags()
    state = sm.snapshot()
    with sm.deterministic():
        assert flags() == {**before, **INSIDE}
        assert torch.are_deterministic_algorithms_enabled()
        with pytest.raises(RuntimeError, match="deterministic"):
            nondeterministic()
    assert flags() == before
    assert state.diff(sm.snapshot()) == []
    nondeterministic()


def test_warn_only_warns_in_place_of_an_error() -> None:
    with sm.deterministic(warn_only=True):
        assert torch.is_deterministic_algorithms_warn_only_enabled()
        with pytest.warns(UserWarning, match="deterministic"):
            nondeterministic()


def test_scopes_nest_with_what_the_user_had_set() -> None:
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.enabled = False
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.set_deterministic_debug_mode("warn")
    before = flags()
    with sm.deterministic():
        outer = flags()
        with sm.deterministic(warn_only=True):
            assert flags() == {**outer, "mode": 1}
            with sm.seeded(1, deterministic=False):
                pass
        assert flags() == outer
    assert flags() == before
    torch.backends.cudnn.enabled = True


def test_what_the_body_changes_and_raises_is_undone() -> None:
    @sm.deterministic()
    def body() -> None:
        torch.set_deterministic_debug_mode("default")
        torch.backends.cudnn.benchmark = True
        os.environ[CUBLAS] = "other"
        raise KeyboardInterrupt

    before = flags()
    with pytest.raises(KeyboardInterrupt):
        body()
    assert flags() == before


def test_a_value_of_the_user_is_kept_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CUBLAS, ":16:8")
    with pytest.warns(sm.SeedmagicWarning, match="keeps your value :16:8"), sm.deterministic():
        assert os.environ[CUBLAS] == ":16:8"
    assert os.environ[CUBLAS] == ":16:8"


@pytest.mark.slow
def test_torch_imported_inside_gets_its_flags_then_and_is_as_new_after() -> None:
    script = """
    import json, sys
    import seedmagic as sm
    with sm.deterministic():
        assert "torch" not in sys.modules
        import torch
        inside = sm.status().flags
    after = sm.status().flags
    import torch._inductor.config as config
    # torch 2.6 has no such setting.
    print(json.dumps([inside, after, getattr(config, "deterministic", False)]))
    """
    plain = "import json, torch, seedmagic as sm; print(json.dumps(sm.status().flags))"
    inside, after, inductor = answer(script)
    assert inside == {
        "cudnn.deterministic": True,
        "cudnn.benchmark": False,
        "cudnn.enabled": True,
        "deterministic_algorithms": True,
        "fill_uninitialized_memory": True,
        CUBLAS: ":4096:8",
    }
    assert after == answer(plain)
    assert inductor is False


def test_it_does_not_load_what_torch_itself_would() -> None:
    script = """
    import json, sys, torch
    import seedmagic as sm
    before = set(sys.modules)
    with sm.deterministic():
        pass
    sm.seed_everything(1, deterministic=True)
    print(json.dumps(sorted(name for name in sys.modules if name.startswith("torch._inductor"))))
    """
    assert answer(script) == []


def test_frozen_flags_are_told_and_harm_nothing() -> None:
    script = """
    import json, torch
    import seedmagic as sm
    torch.backends.disable_global_flags()
    report = sm.seed_everything(1)
    with sm.seeded(2):
        pass
    print(json.dumps([report.caveats, torch.backends.cudnn.deterministic]))
    """
    caveats, value = answer(script)
    assert any("cudnn.deterministic is frozen" in caveat for caveat in caveats)
    assert value is False


def test_frozen_flags_are_said_and_break_no_seeding() -> None:
    told = answer("""
        import json, random, torch, seedmagic as sm
        sm.seed_everything(42)
        torch.backends.disable_global_flags()
        report = sm.seed_everything(43, cudnn=False)
        same = random.random() == random.Random(43).random()
        print(json.dumps([sm.status().seed, same, list(report.caveats)]))
    """)
    assert told[:2] == [43, True]
    assert "cudnn.deterministic is frozen by torch.backends.disable_global_flags()" in told[2]
