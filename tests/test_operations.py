"""The first operation that differs is named, with its line; equal runs differ nowhere.

The operations that differ here really do: by the number of threads, by what the system's entropy
gives them, by what lies in memory.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.checkpoint import checkpoint

from seedmagic.verify.operations.first_operation import OperationDifference, first_difference
from seedmagic.verify.operations.operation_call import Call
from seedmagic.verify.operations.operation_record import Record
from seedmagic.verify.operations.operation_recorder import record_operations

CELL = "<cell 1>"
NOISY = "seedmagic_tests::noisy"


@torch.library.custom_op(NOISY, mutates_args=())
def noisy(x: torch.Tensor) -> torch.Tensor:
    return x + 1 + int.from_bytes(os.urandom(4), "little")


def _noisy_backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
    return grad


noisy.register_autograd(_noisy_backward)


@torch.library.custom_op("seedmagic_tests::noisy_", mutates_args={"x"})
def noisy_(x: torch.Tensor) -> None:
    x.mul_(1 + int.from_bytes(os.urandom(4), "little"))


class NoisyBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> Any:
        return noisy(grads[0])


def run(cell: str, number: int = 0, **names: Any) -> Record:
    code = compile(cell, CELL, "exec")
    torch.manual_seed(0)
    space = {"torch": torch, "nn": torch.nn, "np": np, "number": number, "noisy": noisy}
    space |= {"noisy_": noisy_, "NoisyBackward": NoisyBackward, **names}
    with record_operations(CELL) as record:
        exec(code, space)
    return record


def found(cell: str, **names: Any) -> OperationDifference | None:
    return first_difference(run(cell, 0, **names), run(cell, 1, **names))


def named(difference: OperationDifference | None) -> tuple[str, str, int]:
    assert difference is not None
    return difference.cause, difference.name, difference.line


TRAINING = """\
model = nn.Sequential(nn.Linear(10, 20), nn.BatchNorm1d(20), nn.Dropout(), nn.Linear(20, 1))
optimizer = torch.optim.Adam(model.parameters())
for step in range(3):
    optimizer.zero_grad()
    hidden = model(torch.randn(8, 10))
    hidden = hidden * 2
    loss = hidden.square().mean()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        weight = model[0].weight.sum()
"""


@pytest.mark.parametrize(
    "cell",
    [
        TRAINING,
        "x = torch.rand(3)\ny = torch.nn.functional.dropout(x)",
        "x = torch.empty(50_000)\nx[:3] = 2\nx.fill_(1)\ny = x.t() + 2",
        "x = torch.empty(4)\nfor i in range(4):\n    x[i] = i\ny = x + 1",
        "o = torch.empty(3)\ntorch.add(torch.ones(3), 1, out=o)\ny = o * 2",
        "l = nn.LSTM(3, 4, 2, dropout=0.5)\nl(torch.randn(5, 2, 3))[0].sum().backward()",
        "l = nn.TransformerEncoderLayer(8, 2)\nl(torch.randn(5, 2, 8)).sum().backward()",
        "with torch.inference_mode():\n    x = torch.ones(3).add_(1)",
        "torch.func.vmap(lambda a: a.sin() * 2)(torch.randn(3, 4))",
        "torch.func.grad(lambda a: (a**3).sum())(torch.ones(3))",
        "torch.eye(3).to_sparse() @ torch.ones(3, 3)",
        "torch.ones(3, device='meta') * 2",
        "torch._foreach_add_([torch.ones(3), torch.ones(4)], 1)",
        "torch.ones(3, dtype=torch.complex64).conj() * 2",
        "torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]) * 2",
        "1 + 1",
        "try:\n    torch.ones(3) + torch.ones(4)\nexcept RuntimeError:\n    pass",
    ],
)
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")
def test_equal_runs_differ_nowhere(cell: str) -> None:
    assert found(cell) is None


@pytest.mark.parametrize(
    ("change", "cause", "name", "line", "forward"),
    [
        (("hidden * 2", "noisy(hidden)"), "operation", NOISY, 6, 0),
        (("hidden * 2", "NoisyBackward.apply(hidden)"), "operation", NOISY, 8, 6),
        (("sum()", "mul(2); noisy(weight)"), "operation", NOISY, 11, 0),
        (("    optimizer.step()", "    noisy_(model[0].weight.grad); optimizer.step()"),
         "operation", "seedmagic_tests::noisy_", 9, 0),
        (("hidden * 2", "hidden * (2 + number)"), "inputs", "aten::mul", 6, 0),
        (("torch.randn(8, 10)", "torch.from_numpy(np.full((8, 10), number)).float()"),
         "inputs", "aten::lift_fresh", 5, 0),
        (("hidden * 2", "hidden * 2 if number else hidden.abs()"), "sequence", "aten::abs", 6, 0),
        (("hidden * 2", "hidden + torch.empty(()).fill_(float(number))"),
         "inputs", "aten::fill_", 6, 0),
        (("range(3)", "range(3 - number)"), "sequence", "aten::randn", 5, 0),
    ],
)  # fmt: skip
def test_what_differs_deep_in_a_training_is_named_with_its_line(
    change: tuple[str, str], cause: str, name: str, line: int, forward: int
) -> None:
    assert change[0] in TRAINING
    difference = found(TRAINING.replace(*change))
    assert named(difference) == (cause, name, line)
    assert difference is not None
    assert difference.forward_line == forward


@pytest.fixture
def one_thread_then_two() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread_then_two")
def test_a_sum_that_other_threads_round_differently_is_named() -> None:
    cell = "torch.set_num_threads(number + 1)\nx = torch.randn(100_003)\ny = x * 2\nz = y.sum()"
    difference = found(cell)
    assert named(difference) == ("operation", "aten::sum", 4)
    assert difference is not None
    assert difference.device == "cpu"
    assert difference.remedy.startswith("torch had 1 threads in one run and 2 in the other")
    assert str(difference).startswith(
        "line 4: torch's sum got equal inputs and gave other outputs: "
    )


def test_a_draw_from_an_unseeded_source_is_named_with_its_remedy() -> None:
    difference = found("x = torch.ones(3)\ntorch.seed()\ny = x + 1\nz = torch.rand_like(y)")
    assert named(difference) == ("operation", "aten::rand_like", 4)
    assert difference is not None
    assert "seed" in difference.remedy


def test_memory_that_nobody_filled_is_named_as_such() -> None:
    # Written from outside, so that it certainly differs; torch.empty alone may find zeros twice.
    difference = found("x = torch.empty(9)\nx.numpy()[3] = number\n\ny = x.view(3, 3) + 1")
    assert named(difference) == ("unfilled", "aten::add", 4)
    assert "(line 1)" in str(difference)


def test_a_function_of_another_cell_is_named_by_the_line_that_calls_it() -> None:
    space: dict[str, Any] = {"noisy": noisy}
    exec(compile("\n\n\ndef helper(x):\n    return noisy(x)", "<cell 0>", "exec"), space)
    assert named(found("x = torch.ones(3)\ny = helper(x)", helper=space["helper"]))[2] == 2


def test_the_innermost_line_of_the_cell_counts() -> None:
    cell = "def f(x):\n    return noisy(x)\nf(torch.ones(3))"
    assert named(found(cell))[2] == 2


def test_what_a_checkpoint_runs_again_in_the_backward_is_seen() -> None:
    cell = (
        "x = torch.ones(3, requires_grad=True)\n"
        "y = checkpoint(lambda a: a.sin().exp(), x, use_reentrant={})"
    )
    for reentrant in (True, False):
        record = run(cell.format(reentrant) + "\ny.sum().backward()", checkpoint=checkpoint)
        names = [record.streams[""].operation(at).signature.name for at in range(len(record))]
        assert names.count("aten::sin") == 2


class Nested(torch.autograd.Function):
    """A backward that calls backward; beyond 60 of them autograd goes on in another thread."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, depth: int) -> torch.Tensor:
        ctx.depth = depth
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> Any:
        if ctx.depth:
            with torch.enable_grad():
                inner = torch.ones(1, requires_grad=True)
                Nested.apply(inner, ctx.depth - 1).sum().backward()  # type: ignore[no-untyped-call]
            return grads[0] * 2, None
        return noisy(grads[0]), None


def test_autograds_own_threads_are_seen() -> None:
    cell = "x = torch.ones(1, requires_grad=True)\nNested.apply(x, 100).sum().backward()"
    record = run(cell, Nested=Nested)
    assert len(record.streams) == 2
    assert named(found(cell, Nested=Nested)) == ("operation", "seedmagic_tests::noisy", 2)


def test_a_subclass_of_tensor_is_seen_through() -> None:
    two = pytest.importorskip("torch.testing._internal.two_tensor").TwoTensor
    cell = "t = TwoTensor(torch.ones(3), torch.full((3,), 2.0 + number))\ny = t * 2"
    assert named(found(cell, TwoTensor=two))[2] == 1
    assert found(cell.replace("+ number", ""), TwoTensor=two) is None


def test_what_is_captured_into_a_graph_runs_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    # No build without CUDA can capture; tests/test_gpu_verify.py does it.
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: True)
    monkeypatch.setattr(Call, "digest_inputs", lambda call: pytest.fail("read during a capture"))
    # Nothing is seeded first: torch would take a sleeping device for one that is awake.
    with record_operations(CELL) as record:
        exec(compile("x = torch.ones(3) + 1", CELL, "exec"), {"torch": torch})
    assert len(record) == 0


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_a_body_that_fails_is_recorded_so_far_and_leaves_nothing(error: type) -> None:
    def body() -> None:
        torch.ones(3)
        raise error

    with pytest.raises(error):  # noqa: SIM117  # else the record would be gone
        with record_operations(CELL) as record:
            body()
    assert len(record) == 1
    torch.ones(3)
    assert len(record) == 1
