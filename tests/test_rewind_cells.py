"""`%%seeded --rewind`: each re-run of a cell starts where its first run started."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernels import Kernel, running_kernel

PRELUDE = """
import gc, random, numpy as np, torch, seedmagic as sm
from torch import nn
def make():
    global model, optimizer, scheduler, history
    model = nn.Sequential(
        nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.5)
    history = []
"""
TRAIN = """for _ in range(5):
    optimizer.zero_grad()
    loss = model(torch.randn(16, 4)).square().mean()
    loss.backward(); optimizer.step(); scheduler.step()
    history.append(loss.item())
"""
NAMES = "model,optimizer,scheduler,history"
ALL = (
    "str((history, [v.tolist() for v in model.state_dict().values()], scheduler.state_dict(), "
    "[(k, v) for k, v in sorted((i, s['exp_avg'].tolist()) for i, s in "
    "enumerate(optimizer.state.values()))], optimizer.param_groups[0]['lr']))"
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", PRELUDE) as kernel:
        yield kernel


@pytest.fixture
def kernel(shared: Kernel) -> Kernel:
    shared.ok("%seed off")
    shared.ok("%seed 1\nmake()")
    return shared


def test_a_third_rerun_equals_the_first_to_the_last_bit(kernel: Kernel) -> None:
    ends = []
    for _ in range(3):
        kernel.ok(f"%%seeded 42 --rewind {NAMES}\n{TRAIN}")
        ends.append(kernel.value(ALL))
    assert ends[0] == ends[1] == ends[2]


def test_without_rewinding_it_does_not(kernel: Kernel) -> None:
    ends = []
    for _ in range(2):
        kernel.ok(f"%%seeded 42\n{TRAIN}")
        ends.append(kernel.value(ALL))
    assert ends[0] != ends[1]


def test_identities_and_the_optimizers_hold_on_its_parameters_stay(kernel: Kernel) -> None:
    ids = "id(model), id(model[0].weight), id(optimizer.param_groups[0]['params'][0]), id(history)"
    before = kernel.value(ids)
    for _ in range(2):
        kernel.ok(f"%%seeded 42 --rewind {NAMES}\n{TRAIN}")
    assert kernel.value(ids) == before
    assert kernel.value("len(history)") == "5"


def test_a_new_object_under_a_name_starts_anew_and_the_others_go_back(kernel: Kernel) -> None:
    cell = "%%seeded 42 --rewind history,model\nhistory.append(len(history))\nmodel.train(False)"
    kernel.ok(cell)
    kernel.ok("history = ['new']")
    kernel.ok(cell)
    assert kernel.value("history") == "['new', 1]"
    kernel.ok(cell)
    assert kernel.value("history") == "['new', 1]"
    kernel.ok("former, model = model, nn.Linear(1, 1)\nformer.train(False)")
    kernel.ok(cell)
    assert kernel.value("former.training, model.training") == "(False, False)"


def test_cells_are_told_apart_by_id_and_else_by_code(kernel: Kernel) -> None:
    kernel.ok("%%seeded 1 --rewind history\nhistory.append('a')")
    kernel.ok("%%seeded 1 --rewind history\nhistory.append('b')")
    assert kernel.value("history") == "['a', 'b']"
    kernel.ok("%%seeded 1 --rewind history\nhistory.append('a')")
    assert kernel.value("history") == "['a']"


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ("nope", "no variable nope"),
        ("history,", "'' is not the name of a variable"),
        ("model[0]", "'model[0]' is not the name of a variable"),
        ("stream", "is a generator"),
        ("lazy", "a lazy module"),
        ("", "is not the name of a variable"),
    ],
)
def test_what_cannot_be_rewound_is_refused_before_the_body_runs(
    kernel: Kernel, names: str, says: str
) -> None:
    kernel.ok("stream = (i for i in range(3)); lazy = nn.LazyLinear(2); ran = False")
    state = kernel.value("random.getstate()")
    assert says in kernel.run(f"%%seeded 3 --rewind '{names}'\nran = True").error
    assert kernel.value("ran, sm.status().seed") == "(False, 1)"
    assert kernel.value("random.getstate()") == state
    assert kernel.value("next(stream)") == "0"


def test_copies_are_bounded_shown_and_freed(kernel: Kernel) -> None:
    kernel.ok("big = torch.zeros(1_000_000)")
    kernel.ok("%%seeded 1 --rewind big\nbig.add_(1);")
    assert int(kernel.value("sm.status().rewind_bytes")) > 4_000_000
    assert "copies for --rewind" in kernel.ok("%seedpanel").displays[0]["text/plain"]
    kernel.ok("%config SeedMagics.rewind_bytes = 1000")
    refused = kernel.run("%%seeded 2 --rewind big\nbig.add_(1);").error
    assert "1,000 are allowed" in refused
    assert kernel.value("big.sum().item()") == "1000000.0"
    kernel.ok("%config SeedMagics.rewind_bytes = 0")
    kernel.ok("%seed off")
    assert kernel.value("sm.status().rewind_bytes") == "0"


def test_the_body_may_rebind_delete_or_raise(kernel: Kernel) -> None:
    for body in ("history = None", "del history", "history.append(1)\n1 / 0"):
        kernel.ok("history = kept = [0]")
        cell = f"%%seeded 1 --rewind history\nhistory.append(len(history))\n{body}"
        kernel.run(cell)
        kernel.ok("history = kept")
        kernel.run(cell)
        assert kernel.value("kept[:2]") == "[0, 1]", body


def test_rewinding_and_verifying_go_together(kernel: Kernel) -> None:
    for _ in range(2):
        shown = kernel.run(f"%%seeded 42 --rewind {NAMES} --verify\n{TRAIN}")
        assert shown.stdout.startswith("Reproducible: "), shown.text
    assert kernel.value("len(history)") == "5"
