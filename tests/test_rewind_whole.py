"""An object goes back whole, with its class and all it leads to; or what stays is named."""

from __future__ import annotations

import importlib
import sys
import threading
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations
from torch.nn.utils.parametrize import is_parametrized, remove_parametrizations

import seedmagic as sm
from seedmagic.objects.compare.value_comparison import differences
from shells import Shell


def test_a_layer_computes_as_before_whatever_its_parametrizations_were() -> None:
    x = torch.arange(4.0).reshape(2, 2)
    for start in (nn.Linear(2, 2), parametrizations.weight_norm(nn.Linear(2, 2))):
        expected, cls = start(x), type(start)
        handle = sm.rewind({"m": start})
        for _ in range(2):
            if is_parametrized(start):
                remove_parametrizations(start, "weight")
            else:
                parametrizations.weight_norm(start)
            with torch.no_grad():
                next(start.parameters()).add_(1)
            handle.rewind()
            assert type(start) is cls
            assert torch.equal(start(x), expected)
        assert is_parametrized(start) == (cls is not nn.Linear)


def test_a_cell_that_parametrizes_a_layer_runs_again_as_the_first_time() -> None:
    shell = Shell()
    try:
        shell.load()
        shell.ok(
            "import torch\ntorch.manual_seed(0)\nm = torch.nn.Sequential(torch.nn.Linear(2, 2))"
        )
        for change in (
            "torch.nn.utils.parametrizations.weight_norm(m[0])",
            "torch.nn.utils.parametrize.remove_parametrizations(m[0], 'weight')",
        ):
            shown = []
            for _ in range(3):
                shell.ok(
                    f"%%seeded 1 --rewind m\n{change}\nm[0].bias.data.add_(1)\ny = m(torch.ones(2))"
                )
                shown.append(shell.value("y").tolist())
            assert shown[1:] == shown[:1] * 2, change
    finally:
        shell.end()


def test_a_loader_that_keeps_its_workers_says_how_it_can_be_rewound() -> None:
    workers = {"num_workers": 1, "persistent_workers": True}
    loader = torch.utils.data.DataLoader([1], **workers)  # type: ignore[arg-type]
    list(loader)
    with pytest.raises(sm.RewindError, match=r"it\._iterator is .* without persistent_workers"):
        sm.rewind({"it": loader})


@pytest.fixture
def own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    (tmp_path / "own_steps.py").write_text("count = 0\nlosses = []\ndef step(): return count\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("own_steps")
    del sys.modules["own_steps"]


def test_a_module_of_ones_own_goes_back_where_an_object_holds_it(own_module: Any) -> None:
    holder = types.SimpleNamespace(steps=own_module)
    function = own_module.step
    for thing in (holder, own_module):
        with sm.rewind({"it": thing}):
            own_module.count = 5
            own_module.losses.append(1.0)
            own_module.extra = 1
            del own_module.step
        assert (own_module.count, own_module.losses, own_module.step) == (0, [], function)
        assert not hasattr(own_module, "extra")


def test_what_a_thread_stores_goes_back_and_is_not_said_to_be_compared() -> None:
    store = threading.local()
    store.items = [1]
    holder = types.SimpleNamespace(store=store)
    with sm.rewind(holder):
        store.items.append(2)
        store.more = 1
    assert vars(store) == {"items": [1]}
    (told,) = differences(holder, holder, "holder")
    assert str(told).startswith(
        "holder.store: cannot be compared: a _local, is storage of a thread"
    )


def test_a_tensor_that_retains_its_gradient_says_so() -> None:
    doubled = torch.ones(2, requires_grad=True) * 2
    handle = sm.rewind({"doubled": doubled, "list": (items := [1])})
    doubled.retain_grad()
    doubled.sum().backward()
    items.clear()
    with pytest.raises(sm.RewindError, match=r"put back doubled: its retain_grad\(\) was called"):
        handle.rewind()
    assert (doubled.grad, items) == (None, [1])


class Named:
    def __init__(self, name: str) -> None:
        self.name = name


def test_sets_of_equal_objects_differ_in_their_order_alone() -> None:
    # By turns, so that their addresses, and so their orders, are others.
    names = "abcdefgh"
    first, second = ({Named(name) for name in each} for each in (names, names[::-1]))
    told = [str(each) for each in differences(first, second, "s")]
    same_order = [each.name for each in first] == [each.name for each in second]
    assert all(one.startswith("s: the same 8 in another order") for one in told)
    assert len(told) == (0 if same_order else 1)
    other = {Named(name) for name in names.replace("h", "i")}
    assert "'h' → 'i'" in str(
        [str(each) for each in differences(first, other, "s") if "order" not in str(each)]
    )


def test_two_ragged_tensors_of_the_same_rows_are_equal() -> None:
    def ragged(last: float) -> Any:
        rows = [torch.ones(2, 3), torch.full((1, 3), last)]
        return torch.nested.nested_tensor(rows, layout=torch.jagged)

    assert differences(ragged(2.0), ragged(2.0), "x") == []
    assert "x._values: 3 of 9" in str(differences(ragged(2.0), ragged(3.0), "x")[0])
