"""Estimators, environments, models and trainers start over as if they had just been made."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

import seedmagic as sm
from libraries import HAS_TENSORFLOW

NUMBERS = """
import numpy as np
X = np.random.default_rng(0).normal(size=(20, 2)).astype("f4")
y = X[:, 0] > 0
"""
LIGHTNING = """
import lightning, torch
from torch import nn
class Net(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer, self.losses = nn.Linear(2, 1), []
    def training_step(self, batch, number):
        self.losses.append(self.layer(batch).square().mean())
        return self.losses[-1]
    def configure_optimizers(self): return torch.optim.Adam(self.parameters(), lr=0.1)
torch.manual_seed(0)
model = Net()
loader = torch.utils.data.DataLoader(torch.arange(8.0).reshape(4, 2), 2)
trainer = lightning.Trainer(
    max_epochs=2, logger=False, accelerator="cpu", enable_checkpointing=False,
    enable_progress_bar=False, enable_model_summary=False,
)
"""
TRANSFORMERS = """
import torch, transformers
torch.manual_seed(0)
model = transformers.BertForSequenceClassification(transformers.BertConfig(
    vocab_size=30, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8
))
data = [{"input_ids": torch.arange(6) + i, "labels": torch.tensor(i % 2)} for i in range(4)]
trainer = transformers.Trainer(model, transformers.TrainingArguments(
    num_train_epochs=2, per_device_train_batch_size=2, report_to=[], disable_tqdm=True,
    use_cpu=True, save_strategy="no", output_dir=folder,
), train_dataset=data)
"""
# By library: what makes the objects, a cell that ends in `shown`, and the names that it rewinds.
CASES = {
    "sklearn": (
        NUMBERS + "from sklearn.ensemble import RandomForestClassifier\n"
        "it = RandomForestClassifier(2, warm_start=True, random_state=np.random.RandomState(0))",
        "shown = [hasattr(it, 'classes_'), it.n_estimators]\n"
        "it.fit(X, y); it.n_estimators += 2; it.fit(X, y)\n"
        "shown += [len(it.estimators_), it.predict_proba(X).tolist()]",
        "it",
    ),
    "gymnasium": (
        "import gymnasium; it = gymnasium.make('CartPole-v1'); it.reset(seed=3)\n"
        "it.action_space.seed(1)",
        "shown = [it.step(it.action_space.sample())[0].tolist() for _ in range(3)]",
        "it",
    ),
    "faker": (
        "import faker; it = faker.Faker(); it.seed_instance(3)",
        "shown = it.name(), it.unique.first_name()",
        "it",
    ),
    "keras": (
        NUMBERS + "import keras\n"
        "it = keras.Sequential([keras.layers.Dense(1, kernel_initializer='ones')])\n"
        "it.compile('adam', 'mse', metrics=['mae'])",
        "shown = [it.built, len(it.optimizer.variables), it.layers[0].trainable]\n"
        "history = it.fit(X, y, verbose=0, shuffle=False)\n"
        "it.layers[0].trainable = False; it.add(keras.layers.Dropout(0.5))\n"
        "shown += [history.history, it.get_weights()[0].tolist()]",
        "it",
    ),
}
# They are large, and a row of CI has them: `.ci/libraries`.
LARGE = {
    "albumentations": (
        NUMBERS + "import albumentations as A\n"
        "image = np.arange(300, dtype='u1').reshape(10, 10, 3)\n"
        "it = A.Compose([A.HorizontalFlip(p=0.5), A.RandomBrightnessContrast(p=1)], seed=1)",
        "shown = [it(image=image)['image'].tolist() for _ in range(3)]",
        "it",
    ),
    "lightning": (
        LIGHTNING,
        "shown = [trainer.current_epoch]; trainer.fit(model, loader)\n"
        "shown += [trainer.global_step, model.losses, model.layer.weight.tolist()]",
        "model trainer",
    ),
    "transformers": (
        TRANSFORMERS,
        "shown = [trainer.state.global_step]; done = trainer.train()\n"
        "shown += [done.training_loss, done.global_step, next(model.parameters()).tolist()]",
        "model trainer",
    ),
}


def check(case: tuple[str, str, str], folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    setup, cell, names = case
    made = {"__name__": "__main__", "folder": folder}
    exec(setup, made)
    # A class of the cell's is found by its name, as in a notebook.
    for name, held in made.items():
        if isinstance(held, type):
            monkeypatch.setattr(sys.modules["__main__"], name, held, raising=False)
    handle = sm.rewind({name: made[name] for name in names.split()})
    shown = []
    for _ in range(3):
        space: dict[str, Any] = dict(made)
        with sm.seeded(1):
            exec(cell, space)
        shown.append(repr(space["shown"]))
        handle.rewind()
    assert shown[1:] == shown[:1] * 2


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore")
def test_an_object_of_a_library_starts_over(
    name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "keras" and HAS_TENSORFLOW:
        pytest.skip("TensorFlow has variables of its own, and is taken for Keras")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    pytest.importorskip(name)
    check(CASES[name], str(tmp_path), monkeypatch)


@pytest.mark.skipif(
    os.environ.get("SEEDMAGIC_LIBRARIES") != "required",
    reason="SEEDMAGIC_LIBRARIES is not 'required'",
)
@pytest.mark.parametrize("name", LARGE)
@pytest.mark.filterwarnings("ignore")
def test_so_does_one_of_a_large_library(
    name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(LARGE[name], str(tmp_path), monkeypatch)
