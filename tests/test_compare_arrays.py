"""Arrays, frames, tensors, modules and optimisers are compared to the last bit, where they are."""

from __future__ import annotations

import copy
import itertools
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from seedmagic.objects.compare import elements
from seedmagic.objects.compare.elements import blocks
from seedmagic.objects.compare.value_comparison import differences
from seedmagic.objects.kinds.arrays import strides

FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
OTHERS = [torch.complex64, torch.complex128, torch.int8, torch.int64, torch.uint16, torch.uint64]
OTHERS += [torch.bool, torch.float8_e5m2, torch.float8_e4m3fn]


def said(first: object, second: object) -> list[str]:
    return [str(each) for each in differences(first, second, "x")]


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("value", [1.0, -1.0, 0.0])
def test_one_ulp_in_a_thousand_elements_is_found_and_measured(
    dtype: torch.dtype, value: float
) -> None:
    first = torch.full((1000,), value, dtype=dtype)
    second = first.clone()
    word = {2: torch.int16, 4: torch.int32, 8: torch.int64}[dtype.itemsize]
    second.view(word)[3] += 1
    (found,) = differences(first, second, "loss")
    assert (found.place, found.count, found.total, found.ulps) == ((3,), 1, 1000, 1)
    assert found.largest == abs(float(first[3].double() - second[3].double()))
    assert str(found).startswith("loss: 1 of 1000 elements differs, at [3]: max |Δ| ")
    assert str(found).endswith(" (1 ulp)")


@pytest.mark.parametrize("dtype", [*FLOATS, *OTHERS], ids=str)
def test_every_dtype_is_compared(dtype: torch.dtype) -> None:
    first = torch.tensor([[0, 1], [1, 0]]).to(dtype)
    (found,) = differences(first, torch.tensor([[0, 1], [0, 1]]).to(dtype), "x")
    assert (found.place, found.count, found.total) == ((1, 0), 2, 4)
    assert found.largest == 1
    assert (found.ulps is None) == (not (dtype.is_floating_point or dtype.is_complex))
    assert said(first, first.clone()) == []


def test_one_of_a_million_and_two_that_are_swapped_are_found() -> None:
    first = torch.arange(1e6)
    second = first.clone()
    second[777_777] = -1
    assert said(first, second)[0].startswith("x: 1 of 1000000 elements differs, at [777777]: ")
    second = first.clone()
    second[[5, 9]] = second[[9, 5]]
    assert said(first, second)[0].startswith("x: 2 of 1000000 elements differ, first at [5]: max")


def test_a_sign_of_zero_and_the_bits_of_a_nan_count() -> None:
    zeros = torch.tensor([0.0, 1.0])
    assert said(zeros, zeros * torch.tensor([-1.0, 1.0])) == [
        "x: 1 of 2 elements differs, at [0]: 0.0 → -0.0"
    ]
    bits = torch.tensor([0x7FC00000, 0x7FC00001], dtype=torch.int32).view(torch.float32)
    assert said(bits[0], bits[0].clone()) == []
    assert said(bits[0], bits[1]) == ["x: nan (0x7fc00000) → nan (0x7fc00001)"]
    assert said(bits[0].numpy(), bits[1].numpy()) == ["x: nan (7fc00000) → nan (7fc00001)"]


def test_distances_across_zero_and_beyond_64_bits_are_right() -> None:
    for make in (lambda each: torch.tensor(each, dtype=torch.float64), np.array):
        tiny = make([5e-324, 1.0]), make([-5e-324, 1.0])
        assert differences(*tiny, "x")[0].ulps == 2
        huge = make([1.7e308]), make([-1.7e308])
        bits = int(np.array(1.7e308).view("i8"))
        assert differences(*huge, "x")[0].ulps == 2 * bits


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (torch.ones(2, 3, dtype=torch.float64), "x: dtype torch.float32 → torch.float64"),
        (torch.ones(3, 2), "x: shape (2, 3) → (3, 2)"),
        (torch.ones(3, 2).t(), "x: strides (3, 1) → (1, 2)"),
        (torch.ones(2, 3, requires_grad=True), "x: requires_grad False → True"),
        (torch.ones(2, 3, device="meta"), "x: device cpu → meta"),
        (torch.ones(2, 3).to_sparse(), "x: layout torch.strided → torch.sparse_coo"),
        (torch.nn.Parameter(torch.ones(2, 3)), "x: type torch.Tensor → torch.nn.parameter.Para"),
        (np.ones((2, 3), "f4"), "x: type Tensor → ndarray"),
    ],
)
def test_more_than_the_elements_is_compared(second: Any, says: str) -> None:
    (found,) = differences(torch.ones(2, 3), second, "x")
    assert str(found).startswith(says.partition(" torch.Tensor")[0])


def test_a_view_is_the_same_as_its_copy_and_memory_with_other_gaps_is_told() -> None:
    whole = torch.randn(6, 8)
    views = [whole[:, ::2], whole[0].expand(3, 8), whole[:, 3], whole[:0], whole[0, 0]]
    for view in views:
        assert said(view, copy.deepcopy(view)) == []
        array = view.numpy()
        assert said(array, copy.deepcopy(view).numpy()) == []
        # Unlike torch's, NumPy's copies leave no gaps, and sums walk through memory otherwise.
        dense = array.copy()
        assert said(array, dense) == (
            [f"x: strides {strides(array)} → {strides(dense)}"]
            if strides(array) != strides(dense)
            else []
        )
    assert said(torch.randn(3).to(torch.complex64).conj(), torch.zeros(3) + 0j) != []


def test_large_tensors_are_compared_a_block_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "BLOCK", 7)
    for shape in [(), (0,), (5,), (20,), (3, 4), (2, 9), (2, 3, 4), (3, 1, 15), (2, 0, 9), (9, 8)]:
        array = np.arange(int(np.prod(shape))).reshape(shape)
        pieces = [array[index].reshape(-1) for index in blocks(shape)]
        assert all(len(piece) <= 7 for piece in pieces)
        assert list(itertools.chain(*pieces)) == list(range(array.size))
        for place in np.ndindex(shape):
            other = array.copy()
            other[place] = -1
            for kind in (np.array, torch.tensor, lambda each: torch.tensor(each.T.copy()).t()):
                if kind is not np.array and len(shape) > 2:
                    kind = torch.tensor
                (found,) = differences(kind(array), kind(other), "x")
                assert (found.place, found.count) == (place, 1)


def model(width: int = 4) -> torch.nn.Module:
    layers = torch.nn.Sequential(torch.nn.Linear(3, width), torch.nn.BatchNorm1d(width))
    found = torch.nn.Module()
    found.layers = layers
    found.scale = 1.0
    return found


CHANGES: list[tuple[Callable[[Any], object], str]] = [
    (lambda m: m.layers[0].weight.data[0, 1].add_(1), "x.layers[0].weight: 1 of 12 elements"),
    (lambda m: m.layers[1].running_mean.add_(1), "x.layers[1].running_mean: 4 of 4 elements"),
    (lambda m: m.layers[0].requires_grad_(False).weight, "x.layers[0].weight: requires_grad"),
    (lambda m: m.layers[1].eval(), "x.layers[1].training: True → False"),
    (lambda m: setattr(m, "scale", 2.0), "x.scale: 1.0 → 2.0"),
    (lambda m: setattr(m, "extra", 2.0), "x.extra: attribute missing → 2.0"),
    (lambda m: m.layers.append(torch.nn.ReLU()), "x.layers[2]: attribute missing → a ReLU"),
    (
        lambda m: m.layers[0].register_forward_hook(print),
        "x.layers[0]._forward_hooks: length 0 → 1",
    ),
    (
        lambda m: setattr(m.layers[0].weight, "grad", torch.ones(4, 3)),
        "x.layers[0].weight.grad: type NoneType → Tensor",
    ),
]


@pytest.mark.parametrize(("alter", "says"), CHANGES, ids=[says for _, says in CHANGES])
def test_whatever_changed_in_a_module_is_named(alter: Callable[[Any], object], says: str) -> None:
    first = model()
    second = copy.deepcopy(first)
    assert said(first, second) == []
    alter(second)
    assert said(first, second)[0].startswith(says)


def trained(steps: int) -> dict[str, Any]:
    torch.manual_seed(0)
    net = model().layers
    optimizer = torch.optim.Adam(net.parameters())
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    for _ in range(steps):
        net(torch.randn(8, 3)).square().mean().backward()
        optimizer.step()
        scheduler.step()
    scaler = torch.amp.GradScaler("cpu")
    return {"optimizer": optimizer, "net": net, "scheduler": scheduler, "scaler": scaler}


def test_equal_trainings_are_equal_and_a_further_step_is_seen_everywhere() -> None:
    assert said(trained(2), trained(2)) == []
    found = said(trained(2), trained(3))
    for path in (
        "x['optimizer'].state[0]['exp_avg']: ",
        "x['optimizer'].param_groups[0]['lr']: ",
        "x['net'][1].running_var: ",
        "x['scheduler'].last_epoch: 2 → 3",
    ):
        assert any(line.startswith(path) for line in found), path


@pytest.mark.parametrize(
    "make",
    [
        lambda seed: np.random.default_rng(seed),
        lambda seed: np.random.RandomState(seed),
        lambda seed: np.random.Philox(seed),
        lambda seed: torch.Generator().manual_seed(seed),
        lambda seed: random.Random(seed),
    ],
)
def test_a_generators_state_is_compared(make: Callable[[int], Any]) -> None:
    assert said(make(0), make(0)) == []
    assert said(make(0), make(1)) == ["x: the generators are in different states"]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda n: np.array([1, n], ">f4"), "x: 1 of 2 elements differs, at [1]: max |Δ| 1"),
        (lambda n: np.array([None, n], object), "x[1]: 2 → 3"),
        (lambda n: np.array([(1, n)], [("a", "i4"), ("b", "f8")]), "x['b']: 1 of 1 element"),
        (lambda n: np.array([0, n], "M8[s]"), "x: 1 of 2 elements differs, at [1]: 1970-01-01T"),
        (lambda n: np.array(["a", str(n)]), "x: 1 of 2 elements differs, at [1]: '2' → '3'"),
        (lambda n: np.ma.array([1, 2], mask=[0, n == 3]), "x._mask: 1 of 2"),
        (lambda n: np.float32(n), "x: 2.0 → 3.0: |Δ| 1 (4.2e+06 ulps)"),
        (lambda n: np.longdouble(n), "x: 2.0 → 3.0: |Δ| 1"),
        (lambda n: pd.DataFrame({"a": [1, n]}), "x['a']: 1 of 2 elements differs, at [1]"),
        (lambda n: pd.DataFrame({"a": [1]}, index=[n]), "x.index: 1 of 1 element"),
        (lambda n: pd.DataFrame({str(n): [1]}), "x.columns[0]: at [0]: '2' → '3'"),
        (lambda n: pd.Series([1], name=n), "x.name: 2 → 3"),
        (lambda n: pd.Series(["a", str(n)], dtype="category").cat.codes, ""),
        (lambda n: pd.Series([None, n], dtype="Int64"), "x"),
        (lambda n: pd.Series(pd.to_datetime([n], utc=True)), "x: 1 of 1 element differs"),
        (lambda n: torch.eye(2).to_sparse() * n, "x._values: 2 of 2 elements"),
        (lambda n: (torch.eye(2) * n).to_sparse_csc(), "x.values: 2 of 2 elements"),
        (lambda n: torch.zeros(2, dtype=torch.float).to(torch.device("meta")), ""),
        (lambda n: torch.Size([n]), "x[0]: 2 → 3"),
        (lambda n: torch.device("cuda", n), "x: device(type='cuda', index=2) → "),
    ],
)
@pytest.mark.filterwarnings("ignore:Sparse C:UserWarning")  # in beta, says torch
def test_kinds_of_arrays(make: Callable[[int], Any], says: str) -> None:
    assert said(make(2), make(2)) == []
    if says:
        assert [line[: len(says)] for line in said(make(2), make(3))] == [says]


def test_comparing_leaves_autograd_and_the_generators_alone() -> None:
    state = torch.get_rng_state()
    weight = torch.ones(3, requires_grad=True)
    assert said(weight, (weight * 2).detach().requires_grad_()) != []
    assert weight.grad is None
    assert torch.equal(torch.get_rng_state(), state)
