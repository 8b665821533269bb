"""Accelerators: nothing wakes one, and its seeds are those that it would have had without us."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from backends import on_backend
from scripts import answer


def test_a_backend_of_another_package_is_seeded_and_put_back() -> None:
    script = """
    report = sm.seed_everything(42)
    assert "torch.sample" in report.seeded
    assert backend.draw() == expected(42)
    before = sm.snapshot()
    with sm.seeded(7):
        assert backend.draw() == expected(7)
        assert "torch.sample" in before.diff(sm.snapshot())
    assert before.diff(sm.snapshot()) == []
    with sm.seeded(7, skip="torch"):
        assert before.states["torch.sample"] == sm.snapshot().states["torch.sample"]
    backend.generators.append(torch.Generator())
    try:
        before.restore()
    except sm.RestoreError as error:
        assert list(error.failures) == ["torch.sample"]
    print(json.dumps(sm.status().devices["sample"]))
    """
    assert on_backend(script) == {
        "available": True,
        "driver": True,
        "initialized": True,
        "count": 3,
    }


def test_a_driver_that_shows_no_device_is_told_from_none() -> None:
    script = """
    backend.generators.clear()
    print(json.dumps(str(sm.status())))
    """
    assert "Devices: sample: no device visible." in on_backend(script)


def test_a_sleeping_backend_is_never_woken_and_keeps_the_outer_seed() -> None:
    script = """
    backend.awake = False
    sm.seed_everything(42)
    sm.status(), str(sm.status()), sm.snapshot()
    with sm.seeded(7):
        assert backend.queued == 7
        with sm.preserve():
            pass
        assert backend.queued == 7
    assert backend.queued == 42, backend.queued
    with sm.seeded(7):
        backend.wake()
        assert backend.draw() == expected(7)
    assert backend.draw() == expected(42)
    print(json.dumps("done"))
    """
    assert on_backend(script) == "done"


def test_a_backend_that_wakes_in_a_scope_without_a_seed_outside_gets_entropy() -> None:
    script = """
    backend.awake = False
    with sm.preserve():
        pass
    assert backend.queued is None
    with sm.seeded(7):
        backend.wake()
    assert sm.status().sources["torch.sample"].status == "unseeded"
    print(json.dumps(backend.draw()))
    """
    one, other = on_backend(script), on_backend(script)
    assert one != other
    assert one[0] == one[1]  # seeded alike, as torch does


def test_cudnn_is_asked_for_its_version_without_starting_cuda() -> None:
    # Its own version() starts CUDA in a build that has it, which this one may not be.
    script = """
    import json, types, torch
    import seedmagic as sm
    def version():
        raise AssertionError("woken by version()")
    torch.backends.cudnn.version = version
    told = []
    torch._C._has_cudnn = True
    for library in (types.SimpleNamespace(getVersionInt=lambda: 91200), None):
        torch._C._cudnn = library
        told.append(sm.status().versions["cudnn"])
    print(json.dumps(told))
    """
    assert answer(script) == ["91200", "not known before CUDA starts"]


QUEUE = """
import json, torch
import seedmagic as sm
# The CPU build has torch.cuda's queue too; only the source counts as not loaded there.
source = sm.sources()["torch.cuda"]
def queue():
    return [list(entry) for entry in source.get_state()["queued"]]
"""


def test_the_seeds_that_wait_in_torchs_own_queue_are_read() -> None:
    script = """
steps = [queue()]
torch.cuda.manual_seed_all(7)
steps.append(queue())
torch.cuda.manual_seed(8)
steps.append(queue())
torch.cuda.manual_seed_all(9)
steps.append(queue())
torch.manual_seed(-5)
steps.append(queue())
assert not torch.cuda.is_initialized()
print(json.dumps(steps))
    """
    steps = answer(QUEUE + script)
    both = [["all", 7], ["current", 8]]
    assert steps == [[], [["all", 7]], both, [["all", 9]], [["all", -5]]]


def test_a_queue_is_put_back() -> None:
    script = """
empty = source.get_state()
source.set_state(empty)
assert queue() == []
torch.cuda.manual_seed_all(7)
torch.cuda.manual_seed(8)
state = source.get_state()
source.seed(1)
source.set_state(state)
assert queue() == [["all", 7], ["current", 8]], queue()
source.set_state(empty)
(call, fresh), *_ = queue()
assert call == "all" and fresh not in (1, 7)
print(json.dumps(fresh))
    """
    assert answer(QUEUE + script) != answer(QUEUE + script)


def test_a_state_of_awake_devices_waits_for_them_to_wake() -> None:
    # In a process of its own, where nothing has woken a device.
    script = """
    import json, torch, seedmagic as sm
    try:
        sm.sources()["torch.cuda"].set_state({"devices": [b"0" * 16]})
    except sm.StateError as error:
        print(json.dumps([str(error), torch.cuda.is_initialized()]))
    """
    told, is_awake = answer(script)
    assert "cuda has not started" in told
    assert not is_awake


# Skipped where torch is not built for CUDA, or a driver is there: what it says is of their meeting,
# and the rows `lowest full` and `cuda` of CI have one without the other.
@pytest.mark.skipif(
    torch.version.cuda is None or Path("/proc/driver/nvidia").exists(),
    reason="a torch for CUDA, and no driver",
)
def test_a_torch_for_cuda_says_that_there_is_no_driver() -> None:
    script = """
    import json, torch, seedmagic as sm
    sm.seed_everything(42)
    facts = sm.status().to_dict()["devices"]["cuda"]
    print(json.dumps([facts["count"], facts["driver"], str(sm.status()), torch.rand(1).item()]))
    """
    count, driver, told, drawn = answer(script)
    assert (count, driver) == (0, False)
    assert "Devices: cuda: no NVIDIA driver." in told
    torch.manual_seed(42)
    assert drawn == torch.rand(1).item()
