"""Recording disturbs nothing, says what it cannot see, and stays small."""

from __future__ import annotations

import os
import random
import sys
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from scripts import answer
from seedmagic.objects.fingerprints.tensor_digest import tensor_digest as digest
from seedmagic.verify.operations import operation_remedies
from seedmagic.verify.operations.first_operation import first_difference
from seedmagic.verify.operations.operation_recorder import record_operations
from seedmagic.verify.operations.operation_signature import Signature
from test_operations import CELL, TRAINING, named, run


def test_recording_changes_neither_results_nor_generators_nor_gradients() -> None:
    def train() -> tuple[torch.Tensor, torch.Tensor, Any]:
        torch.manual_seed(0)
        random.seed(0)
        space: dict[str, Any] = {"torch": torch, "nn": torch.nn}
        exec(TRAINING, space)
        return space["loss"], torch.get_rng_state(), random.getstate()

    plain = train()
    with record_operations(CELL):
        recorded = train()
    assert torch.equal(plain[0], recorded[0])
    assert torch.equal(plain[1], recorded[1])
    assert plain[2] == recorded[2]


def test_a_users_own_modes_do_not_see_our_reading() -> None:
    class Counting(TorchDispatchMode):  # type: ignore[misc]
        seen = 0

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None):  # type: ignore[no-untyped-def]
            self.seen += 1
            return func(*args, **(kwargs or {}))

    with Counting() as counting, record_operations(CELL) as record:
        _ = torch.ones(30, 40).t() + 1
    assert counting.seen == len(record) == 3


# Skipped with the lowest versions alone: before torch 2.9 nothing runs compiled under a recorder,
# so there is nothing that it does not see.
@pytest.mark.skipif(
    not hasattr(TorchDispatchMode, "ignore_compile_internals"),
    reason="before torch 2.9, code runs uncompiled under a recorder",
)
def test_compiled_code_runs_compiled_and_is_said_not_to_be_seen() -> None:
    calls = []

    def backend(graph: Any, inputs: Any) -> Any:
        def compiled(x: torch.Tensor) -> tuple[torch.Tensor]:
            calls.append(x)
            x = x.clone()
            x.numpy()[:] += os.urandom(1)[0] + len(calls) * 1000
            return (x,)

        return compiled

    compiled = torch.compile(lambda x: x + 1, backend=backend)
    cell = "y = compiled(torch.ones(3))\nz = y * 2"
    difference = first_difference(run(cell, compiled=compiled), run(cell, compiled=compiled))
    assert len(calls) == 2
    assert named(difference) == ("inputs", "aten::mul", 2)
    assert "out of compiled code" in str(difference)
    assert "not seen into" in run("1").summary


def test_recording_imports_neither_dynamo_nor_torch_itself() -> None:
    script = """
    import json, sys
    from seedmagic.verify.operations.operation_recorder import record_operations
    with record_operations("<cell>") as record:
        pass
    before = "torch" in sys.modules, len(record)
    import torch
    with record_operations("<cell>") as record:
        (torch.ones(3, requires_grad=True) * 2).sum().backward()
    print(json.dumps([*before, len(record) > 4, "torch._dynamo" in sys.modules]))
    """
    assert answer(script) == [False, 0, True, False]


def test_a_fingerprint_sees_order_signs_and_every_bit() -> None:
    x = torch.randn(50, 40)
    assert digest(x) == digest(x.clone()) == digest(x.t().contiguous().t())
    for dtype in (torch.float16, torch.bfloat16, torch.float64, torch.complex64, torch.int8):
        assert digest(x.to(dtype)) == digest(x.to(dtype).clone())
    swapped = x.clone()
    swapped[3, 4], swapped[20, 1] = x[20, 1], x[3, 4]
    negated = x.clone()
    negated[5], negated[6] = -x[5], -x[6]
    flipped = x.clone()
    flipped.view(torch.int32)[49, 39] ^= 1
    assert len({digest(each) for each in (x, swapped, negated, flipped, x.t(), x[1:])}) == 6
    assert digest(torch.ones(1).expand(5)) == digest(torch.ones(5)) != digest(torch.ones(4))
    assert digest(torch.tensor([0.0])) != digest(torch.tensor([-0.0]))


def test_a_record_is_small() -> None:
    record = run("x = torch.ones(1000)\nfor _ in range(1000):\n    x = x + 1")
    stream = record.streams[""]
    columns = [value for value in vars(stream).values() if hasattr(value, "itemsize")]
    assert sum(column.itemsize for column in columns) <= 50
    assert sys.getsizeof(stream.outputs) < 10 * 1001


def test_every_operation_with_a_remedy_is_one_of_torch() -> None:
    known = {each.name for each in torch._C._jit_get_all_schemas()}
    for base in (*operation_remedies._DETERMINISTIC, *operation_remedies._RAISING):
        assert {f"aten::{base}", f"aten::{base}_"} & known, base


@pytest.mark.parametrize(
    ("name", "device", "says"),
    [
        ("aten::index_add_", "cuda", operation_remedies.DETERMINISTIC),
        ("aten::index_add_", "cpu", ""),
        ("aten::cumsum", "cuda", operation_remedies.RAISES),
        ("aten::put_", "cpu", operation_remedies.DETERMINISTIC),
        ("mine::cumsum", "cuda", ""),
    ],
)
def test_a_remedy_is_given_only_where_torch_documents_one(
    name: str, device: str, says: str
) -> None:
    assert operation_remedies.remedy_for(Signature(name), device, (1, 1)) == says
