"""A rewind starts training over: the third run equals the first to the last bit."""

from __future__ import annotations

import pickle
import random
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import seedmagic as sm
from seedmagic.objects.fingerprints.fingerprint import fingerprints


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3))
        self.head = nn.Linear(8, 8, bias=False)
        self.register_buffer("seen", torch.zeros(()), persistent=False)
        self.calls = 0

    def forward(self, x: Any) -> Any:
        self.calls += 1
        self.seen += len(x)
        return self.head(self.body(x)).mean(1)


class Training:
    """Holds all that a training cell uses, and may run it again and again."""

    def __init__(self, optimiser: Any = torch.optim.Adam, **options: Any) -> None:
        torch.manual_seed(0)
        self.model = Net()
        self.optimiser = optimiser(self.model.parameters(), lr=0.01, **options)
        self.scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimiser, 5)
        self.scaler = torch.amp.GradScaler("cpu")
        self.rng = np.random.default_rng(5)
        self.history: dict[str, list[float]] = {"loss": []}

    def run(self, steps: int = 5) -> dict[str, str]:
        torch.manual_seed(1)
        for _ in range(steps):
            x = torch.from_numpy(self.rng.standard_normal((16, 4), dtype=np.float32))
            self.optimiser.zero_grad()
            loss = self.model(x).pow(2).mean()
            self.scaler.scale(loss).backward()
            self.scaler.step(self.optimiser)
            self.scaler.update()
            self.scheduler.step()
            self.history["loss"].append(loss.item())
        return dict(fingerprints({"training": self}).pieces)


OPTIMISERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "Adam": (torch.optim.Adam, {}),
    "AdamW, amsgrad": (torch.optim.AdamW, {"amsgrad": True}),
    "SGD, momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "RMSprop": (torch.optim.RMSprop, {"centered": True}),
    "Adagrad": (torch.optim.Adagrad, {}),
    "NAdam": (torch.optim.NAdam, {}),
}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_the_third_run_equals_the_first(name: str) -> None:
    optimiser, options = OPTIMISERS[name]
    training = Training(optimiser, **options)
    start = sm.rewind(training)
    first = training.run()
    for _ in range(2):
        start.rewind()
        assert training.run() == first


def test_without_a_rewind_it_does_not() -> None:
    training = Training()
    assert training.run() != training.run()


def test_a_start_in_the_middle_of_training_is_one_too() -> None:
    training = Training()
    training.run(3)
    start = sm.rewind(training)
    first = training.run()
    start.rewind()
    assert training.run() == first


def test_parts_can_be_named_one_by_one() -> None:
    training = Training()
    held = vars(training)
    start = sm.rewind({name: held[name] for name in held})
    first = training.run()
    start.rewind()
    assert training.run() == first
    assert start.names == tuple(held)


def test_no_object_is_replaced_by_another() -> None:
    training = Training()
    training.run(2)
    model, optimiser = training.model, training.optimiser
    parameters, gradients = list(model.parameters()), [p.grad for p in model.parameters()]
    moments = [optimiser.state[p]["exp_avg"] for p in parameters]
    addresses = [p.data_ptr() for p in parameters]
    groups, state, loss = optimiser.param_groups, optimiser.state, training.history["loss"]
    with sm.rewind(training):
        training.run(2)
        optimiser.state.clear()
        optimiser.param_groups = []
        training.history = {}
        model.to(torch.float64)
        for parameter in parameters:
            parameter.grad = None
    assert list(map(id, model.parameters())) == list(map(id, parameters))
    assert [p.data_ptr() for p in parameters] == addresses
    assert all(p.grad is g for p, g in zip(parameters, gradients, strict=True))
    assert all(optimiser.state[p]["exp_avg"] is m for p, m in zip(parameters, moments, strict=True))
    assert optimiser.param_groups is groups
    assert optimiser.state is state
    assert training.history["loss"] is loss
    assert optimiser.param_groups[0]["params"][0] is parameters[0]


def test_the_optimisers_empty_state_at_the_start_is_empty_again() -> None:
    training = Training()
    start = sm.rewind([training.model, training.optimiser])
    training.run(1)
    assert training.optimiser.state
    start.rewind()
    assert not training.optimiser.state
    assert all(parameter.grad is None for parameter in training.model.parameters())


def test_moments_of_another_dtype_than_their_parameter_keep_it() -> None:
    weight = nn.Parameter(torch.ones(3, dtype=torch.bfloat16))
    optimiser = torch.optim.Adam([weight])
    weight.grad = torch.ones_like(weight)
    optimiser.step()
    optimiser.state[weight]["exp_avg"] = torch.full((3,), 1 / 3)
    with sm.rewind(optimiser):
        optimiser.state[weight]["exp_avg"].zero_()
    assert optimiser.state[weight]["exp_avg"].dtype == torch.float32
    assert optimiser.state[weight]["exp_avg"].tolist() == torch.full((3,), 1 / 3).tolist()


def test_tied_weights_stay_tied() -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight
    with sm.rewind(model):
        model[1].weight = nn.Parameter(torch.zeros(3, 3))
    assert model[1].weight is model[0].weight


def test_a_name_bound_anew_leaves_the_object_to_be_put_back() -> None:
    losses = [1.0]
    handle = sm.rewind(losses)
    kept, losses = losses, [9.0]
    kept.append(2.0)
    handle.rewind()
    assert (kept, losses) == ([1.0], [9.0])


def test_the_end_of_a_context_puts_back_whatever_happened() -> None:
    for error in (ValueError, KeyboardInterrupt, SystemExit):
        losses, rng = [0.5], random.Random(1)
        expected = random.Random(1).random()
        with pytest.raises(error), sm.rewind([losses, rng]):  # noqa: PT012
            losses.append(rng.random())
            raise error
        assert losses == [0.5]
        assert rng.random() == expected


def test_what_is_given_in_a_list_or_dict_is_put_back_and_so_are_these() -> None:
    first, second = [1], [2]
    for given in ([first, second], {"a": first, "b": second}):
        with sm.rewind(given):
            first.append(3)
            given.clear()
        assert first == [1]
        assert len(given) == 2


def test_a_released_handle_says_so() -> None:
    tensor = torch.ones(1000)
    handle = sm.rewind({"t": tensor})
    assert handle.nbytes >= 4000
    assert "t" in repr(handle)
    handle.release()
    assert handle.nbytes == 0
    with pytest.raises(sm.RewindError, match="released"):
        handle.rewind()


def test_the_error_survives_a_pickle() -> None:
    error = pickle.loads(pickle.dumps(sm.RewindError("no", {"a.b": "is a generator"})))
    assert (str(error), error.failures) == ("no", {"a.b": "is a generator"})
