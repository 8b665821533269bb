"""Each private name of another library may go: it costs a line of what is not compared, no more."""

from __future__ import annotations

import builtins
import logging
import random
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import seedmagic as sm
from seedmagic import private_names
from seedmagic.verify.witness.operation_evidence import CellRecording

# As CONTRIBUTING's table lists them. Where another way gives the same, nothing is lost.
LOST = {
    "_handlerList": "what loggers write to the console",
    "PRINT_OPTS": "how torch prints tensors",
    "_GLOBAL_DEVICE_CONTEXT": "torch's default device",
    "_levelToName": "the names of logging's levels",
    "_warnings_showwarning": None,
    "_mgr": None,
    "_get_column_array": None,
    "_ndarray": None,
    "_mask": None,
    "_data": None,
    "_version": None,
    "_is_view": None,
    "_indices": None,
    "_values": None,
    "DisableTorchFunctionSubclass": None,
    "_BaseDataLoaderIter": None,
}
# Asked for only where two runs differ, and operations are recorded.
RECORDED = {
    "_python_dispatch": "which torch operations ran",
    "TorchDispatchMode": "which torch operations ran",
    "DisableTorchFunction": None,
    "_DisableTorchDispatch": None,
    "_schema": None,
    "counters": None,
}

frame = pd.DataFrame({"a": [1, 2], "b": pd.array([1, None], dtype="Int64"), "c": ["u", "v"]})
frame["d"] = pd.arrays.IntervalArray.from_breaks([0, 1, 2])
series = pd.Series(["u", "v"], dtype="category")
model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
optimizer = torch.optim.Adam(model.parameters())
held = {"python": random.Random(1), "numpy": np.random.default_rng(1), "torch": torch.Generator()}
log = logging.getLogger(__name__)


def everything() -> Any:
    """Use a bit of everything that --verify puts back and compares."""
    log.warning("begins")
    model(torch.randn(4, 3)).square().mean().backward()
    optimizer.step()
    sparse = torch.eye(2).to_sparse() * torch.rand(1)
    print(torch.rand(2), frame["a"].sum(), series.cat.codes.sum())
    draws = held["python"].random(), held["numpy"].random(), torch.rand(1, generator=held["torch"])
    masked = np.ma.array(np.random.rand(2), mask=[0, 1])
    return sparse, draws, masked, torch.arange(6.0)[::2], model.state_dict(), frame, series


def hide(name: str, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the guard find nothing under a name, as if the library had dropped it."""

    def without(owner: Any, attribute: str, *default: Any) -> Any:
        asked.append(attribute)
        if attribute == name and not default:
            raise AttributeError(attribute)
        return builtins.getattr(owner, attribute, *default)

    monkeypatch.setattr(private_names, "getattr", without, raising=False)


@pytest.mark.parametrize("name", LOST)
@pytest.mark.filterwarnings("ignore:Sparse:UserWarning")
def test_a_private_name_that_is_gone_costs_a_line_and_never_a_verification(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    whole = sm.verify(everything, seed=1)
    assert whole.reproducible, str(whole)
    hide(name, asked, monkeypatch)
    found = sm.verify(everything, seed=1)
    lost = [line for line in found.unknown if name in line]
    assert [line.partition(" (")[0] for line in lost] == ([LOST[name]] if LOST[name] else [])
    assert found.reproducible is (None if lost else True), str(found)
    assert (found.values, found.outputs) == (whole.values, whole.outputs)
    assert name in asked or name in ("_is_view", "_BaseDataLoaderIter"), "not asked for by then"


def test_without_the_blocks_of_a_frame_that_changed_it_is_said_not_to_be_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def change() -> None:
        frame.loc[0, "a"] += 1

    assert sm.verify(change).reproducible
    hide("_mgr", [], monkeypatch)
    found = sm.verify(change)
    assert found.reproducible is None
    (line,) = found.unknown
    assert "frame" in line
    assert "this version of pandas" in line


@pytest.mark.parametrize("name", RECORDED)
def test_a_difference_is_told_all_the_same_where_a_name_for_recording_is_gone(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def differs() -> Any:
        return torch.ones(3) * time.perf_counter()

    hide(name, [], monkeypatch)
    found = sm.verify(differs)
    assert found.reproducible is False, str(found)
    assert found.differences[0].path == "result"
    lost = [line.partition(" (")[0] for line in found.unknown if name in line]
    assert lost == ([RECORDED[name]] if RECORDED[name] else [])
    assert (found.recorded == 0) is bool(lost)


STACK = ("_len_torch_dispatch_stack", "_get_dispatch_stack_at")
STACK += ("_pop_torch_dispatch_stack", "_push_on_torch_dispatch_stack")


@pytest.mark.parametrize("name", STACK)
def test_a_notebook_is_verified_without_torchs_stack_of_modes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = CellRecording(1000)
    recording.begin({"<cell>": 0})
    torch.ones(3).sum()
    whole = recording.end()
    assert whole is not None
    hide(name, [], monkeypatch)
    recording.begin({"<cell>": 0})
    assert torch.ones(3).sum() == 3
    assert recording.end() is None, "nothing is put on the stack that could not be taken off"
