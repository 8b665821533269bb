"""The operations of a cell leave their kernel as data, no more than asked for, and harm nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from seedmagic.verify.operations.first_operation import first_difference
from seedmagic.verify.operations.operation_call import Call
from seedmagic.verify.operations.operation_record import from_plain, to_plain
from seedmagic.verify.operations.operation_recorder import record_operations
from seedmagic.verify.witness.operation_evidence import CellRecording
from test_operations import CELL, TRAINING, named, run


def test_a_record_travels_as_data() -> None:
    change = "hidden * 2", "hidden * (2 + number)"
    records = [run(TRAINING.replace(*change), number) for number in range(2)]
    travelled = [from_plain(json.loads(json.dumps(to_plain(record)))) for record in records]
    assert None not in travelled
    assert first_difference(*travelled) == first_difference(*records) is not None
    assert first_difference(records[0], travelled[0]) is None
    assert [each.summary for each in travelled] == [each.summary for each in records]


@pytest.mark.parametrize(
    "spoilt",
    [
        {"operations": "AAAA"},
        {"operations": "////fw=="},
        {"inputs": "AAAAAA=="},
        {"inputs": "AAAAAAAAAAAAAAAAAAAAAA=="},
        {"lines": "no base64!"},
        {"kinds": [["aten::ones"]]},
        {"kinds": []},
        {"stale": [["x", None]]},
        {"threads": None},
    ],
)
def test_a_record_that_is_spoilt_is_none(spoilt: dict[str, Any]) -> None:
    with record_operations(CELL) as record:
        torch.ones(3)
    plain = to_plain(record)
    assert from_plain(plain) is not None
    plain["streams"][""] |= spoilt
    assert from_plain(plain) is None
    assert from_plain(None) is from_plain([plain]) is from_plain({"streams": 3}) is None


def test_an_operation_that_cannot_be_read_runs_as_it_would(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(call: Call) -> int:
        raise MemoryError

    with record_operations(CELL) as record:
        x = torch.ones(3)
        monkeypatch.setattr(Call, "digest_inputs", fail)
        assert torch.equal(x + 1, torch.full((3,), 2.0))
    assert (len(record), record.is_cut) == (1, True)
    assert "was not recorded" in record.summary


def test_records_of_a_run_are_bounded_together() -> None:
    recording, lengths = CellRecording(10), []
    for _ in range(7):
        recording.begin({CELL: 0})
        for _ in range(9):
            torch.ones(3)
        plain = recording.end()
        record = from_plain(plain)
        lengths.append(None if record is None else len(record))
    assert lengths == [9, 9, 9, 9, 9, 5, None]


def test_a_cell_that_takes_our_mode_off_has_no_record_and_keeps_its_own() -> None:
    recording = CellRecording(10)
    recording.begin({CELL: 0})
    torch._C._pop_torch_dispatch_stack(None)
    assert recording.end() is None
    assert torch._C._len_torch_dispatch_stack() == 0
    recording.begin({CELL: 0})
    torch.ones(3)
    record = from_plain(recording.end())
    assert record is not None
    assert len(record) == 1


@pytest.mark.parametrize(
    "cell",
    [
        "x = torch.zeros(4).set_(storages[number], 0, (4,), (1,))\ny = x + 1",
        "x = opaque[number].to_dense()\ny = x + 1",
    ],
)
def test_an_operation_is_not_blamed_for_arguments_that_cannot_be_read(cell: str) -> None:
    """A storage, such as a DataLoader's worker fills; a layout that has no elements to read."""
    tensors = [torch.full((2, 2), float(number)) for number in range(2)]
    names = {
        "storages": [tensor.untyped_storage() for tensor in tensors],
        "opaque": [tensor.to_mkldnn() for tensor in tensors],
    }
    difference = first_difference(run(cell, 0, **names), run(cell, 1, **names))
    assert named(difference) == ("inputs", "aten::add", 2)
