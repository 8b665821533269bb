"""After a seeding, streams are those of the plain recipe, whenever the libraries are imported."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import seedmagic as sm
from scripts import answer

SEEDS = (0, 42, 1024, 2**32 - 1)

DRAW = """
import json, sys

def draws():
    import random, numpy as np, torch
    layer, weight = torch.nn.Linear(5, 3), torch.empty(4, 4)
    dropout, ones = torch.nn.Dropout(0.5), torch.ones(20)
    return [
        random.random(), random.gauss(0, 1), random.sample(range(100), 9), random.random(),
        np.random.rand(3).tolist(), np.random.randn(3).tolist(),
        np.random.randint(0, 99, 5).tolist(), np.random.permutation(10).tolist(),
        torch.rand(3).tolist(), torch.randn(15).tolist(), torch.randn(()).item(),
        torch.randperm(10).tolist(), layer.weight.tolist(), layer.bias.tolist(),
        torch.nn.init.xavier_normal_(weight).tolist(),
        dropout(ones).tolist(), dropout.eval()(ones).tolist(), torch.rand(()).item(),
    ]
"""

RECIPE = """
import random, numpy as np, torch
result = {}
for seed in map(int, sys.argv[1:]):
    random.seed(seed); np.random.seed(seed); torch.manual_seed(seed)
    result[seed] = draws()
print(json.dumps(result))
"""

IMPORTED_BEFORE = """
import random, numpy as np, torch
import seedmagic as sm
result = {}
for seed in map(int, sys.argv[1:]):
    sm.seed_everything(seed)
    result[seed] = draws()
print(json.dumps(result))
"""

IMPORTED_AFTER = """
import seedmagic as sm
seed = int(sys.argv[1])
sm.seed_everything(seed)
assert not {"numpy", "torch"} & sys.modules.keys()
assert sm.status().sources["torch"].status == "not loaded"
result = {seed: draws()}
assert sm.status().sources["torch"].status == "seeded"
assert torch_flags() == (True, False), torch_flags()
print(json.dumps(result))
"""

FLAGS = """
def torch_flags():
    import torch
    return torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
"""


@pytest.fixture(scope="module")
def recipe() -> Any:
    return answer(DRAW + RECIPE, *map(str, SEEDS))


def test_streams_equal_those_of_the_plain_recipe_in_a_plain_process(recipe: Any) -> None:
    assert answer(DRAW + IMPORTED_BEFORE, *map(str, SEEDS)) == recipe
    assert len({str(draws) for draws in recipe.values()}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_libraries_imported_after_the_seeding_have_the_same_streams(recipe: Any, seed: int) -> None:
    found = answer(DRAW + FLAGS + IMPORTED_AFTER, str(seed))
    assert found[str(seed)] == recipe[str(seed)]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_state_equals_that_of_the_recipe(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    expected = sm.snapshot()
    random.gauss(0, 1), np.random.randn(), torch.randn(1)
    report = sm.seed_everything(seed)
    assert {"python", "numpy", "torch"} <= set(report.seeded)
    assert not {"python", "numpy", "torch"} & set(expected.diff(sm.snapshot()))
    assert torch.initial_seed() == seed


@pytest.mark.parametrize(
    "draw",
    [random.random, np.random.rand, lambda: torch.rand(()).item()],
    ids=["python", "numpy", "torch"],
)
@given(seed=st.integers(0, 2**32 - 1), short=st.integers(0, 40), more=st.integers(0, 40))
def test_fewer_scalar_draws_are_the_start_of_more(
    draw: Callable[[], float], seed: int, short: int, more: int
) -> None:
    sm.seed_everything(seed)
    few = [draw() for _ in range(short)]
    sm.seed_everything(seed)
    assert [draw() for _ in range(short + more)][:short] == few
