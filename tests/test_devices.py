"""Accelerators: nothing wakes one, and its seeds are those that it would have had without us."""

from __future__ import annotations

import pytest
import torch

import seedmagic as sm
from scripts import answer

# A backend as another package would bring it: torch itself renames it, registers its module, and
# seeds it in torch.manual_seed. Its generators are torch's own.
BACKEND = """
import json, sys, torch
import seedmagic as sm

class Backend:
    awake = True
    queued = None
    generators = [torch.Generator(), torch.Generator()]

    def is_initialized(self):
        return self.awake
    def is_available(self):
        return True
    def _is_in_bad_fork(self):
        return False
    def device_count(self):
        assert self.awake, "woken by device_count"
        return len(self.generators)
    def manual_seed_all(self, seed):
        if not self.awake:
            self.queued = seed
        else:
            for generator in self.generators:
                generator.manual_seed(seed)
    def get_rng_state(self, index=0):
        assert self.awake, "woken by get_rng_state"
        return self.generators[index].get_state()
    def set_rng_state(self, state, index=0):
        assert self.awake, "woken by set_rng_state"
        self.generators[index].set_state(state)
    def wake(self):
        self.awake = True
        if self.queued is not None:
            self.manual_seed_all(self.queued)
    def draw(self):
        return [torch.rand((), generator=generator).item() for generator in self.generators]

def expected(seed):
    return [torch.rand((), generator=torch.Generator().manual_seed(seed)).item()] * 2

backend = Backend()
torch.utils.rename_privateuse1_backend("sample")
torch._register_device_module("sample", backend)
"""


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
    code = BACKEND + "\n".join(line[4:] for line in script.splitlines())
    assert answer(code) == {"available": True, "initialized": True, "count": 3}


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
    code = BACKEND + "\n".join(line[4:] for line in script.splitlines())
    assert answer(code) == "done"


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
    code = BACKEND + "\n".join(line[4:] for line in script.splitlines())
    one, other = answer(code), answer(code)
    assert one != other
    assert one[0] == one[1]  # seeded alike, as torch does


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
    source = sm.sources()["torch.cuda"]
    if torch.cuda.is_initialized():
        pytest.skip("CUDA runs here: what asleep devices do is tried elsewhere")
    with pytest.raises(sm.StateError, match="cuda has not started"):
        source.set_state({"devices": [b"0" * 16]})  # type: ignore[attr-defined]
