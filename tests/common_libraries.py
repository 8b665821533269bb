"""The libraries that most people use for data and training: how each is used, and what a seed does.

`docs/libraries.md` has a line of each, and `test_common_libraries.py` holds both together.
"""

from __future__ import annotations

from dataclasses import dataclass

SEEDED = "seeded"
SEED_ONLY = "seed only"
PASS = "not reachable"  # what must be passed stands behind it
NONE = "draws nothing"

# What happens after ``%seed 42`` where it is not passed.
SAME = "always the same"
WARNED = "a warning, and other numbers each time"
SILENT = "other numbers each time, without a warning"


@dataclass(frozen=True)
class Common:
    """A library, and one typical use of it.

    Attributes
    ----------
    name : str
        Of its distribution.
    imports : str
        The statement that brings it.
    use : str
        A cell that binds `shown`: numbers, or what holds them, each equal if drawn alike.
    told : str
        What ``%seed 42`` does to that use: `SEEDED`, `SEED_ONLY`, `PASS` or `NONE`.
    passes : str
        Of `PASS`, what the use passes in order to be the same again.
    argument : str
        Where the use passes it.
    without : str
        What happens without: `SAME`, `WARNED` or `SILENT`.
    before : str
        What the use needs, and what draws nothing.
    """

    name: str
    imports: str
    use: str
    told: str = SEEDED
    passes: str = ""
    argument: str = ""
    without: str = ""
    before: str = ""

    @property
    def line(self) -> str:
        """Give what the documentation says of it."""
        told = f"{self.told}: pass {self.passes}" if self.passes else self.told
        return f"| {self.name} | {told} | {self.without} |".replace("|  |", "| |")


_XY = "import numpy as np\nx = np.linspace(0, 1, 200).reshape(50, 4)\ny = np.arange(50) % 2"
_NET = "import torch\nnet = lambda: torch.nn.Linear(4, 2)"
_WORDS = "words = [['seed', 'draws', 'numbers'], ['numbers', 'draw', 'seeds']] * 20"
_TF = "import os\nos.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'\n"
_BERT = (
    "small = dict(vocab_size=50, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, "
    "intermediate_size=8)\nimport torch"
)
_NOISE = "import numpy as np\nimage = np.full((8, 8), 0.5)"

COMMON: tuple[Common, ...] = (
    Common("numpy", "import numpy as np", "shown = np.random.rand(3), np.random.permutation(9)"),
    Common("torch", "import torch", "shown = torch.rand(3), torch.nn.Linear(2, 2).weight"),
    Common(
        "pandas",
        "import pandas as pd",
        "shown = df.sample(5), df.sample(frac=0.5)",
        before="df = pd.DataFrame({'a': range(99)})",
    ),
    Common(
        "scipy",
        "import scipy.stats, scipy.optimize",
        "shown = scipy.stats.norm.rvs(size=3), scipy.stats.qmc.Halton(2, rng=0).random(3)",
    ),
    Common(
        "scikit-learn",
        "from sklearn.ensemble import RandomForestClassifier\n"
        "from sklearn.model_selection import train_test_split",
        "a, _, b, _ = train_test_split(x, y)\n"
        "shown = a, RandomForestClassifier(5).fit(a, b).predict_proba(x)",
        before=_XY,
    ),
    Common(
        "matplotlib",
        "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt",
        "f, ax = plt.subplots()\nax.plot([1, 2])\nax.hist([1, 2])\nf.canvas.draw()\n"
        "shown = bytes(f.canvas.buffer_rgba())\nplt.close()",
        NONE,
    ),
    Common(
        "seaborn",
        "import matplotlib\nmatplotlib.use('agg')\nimport seaborn as sns",
        "ax = sns.barplot(x=y, y=x[:, 0], seed=0)\n"
        "shown = [line.get_ydata() for line in ax.lines]\nax.clear()",
        PASS,
        "`seed=` to what draws error bars",
        ", seed=0",
        WARNED,
        before=_XY,
    ),
    Common(
        "plotly",
        "import plotly.express as px",
        "shown = px.scatter(x=[1, 2], y=[3, 4]).to_json()",
        NONE,
    ),
    Common(
        "polars",
        "import polars as pl",
        "shown = df.sample(5), df['a'].shuffle()",
        SEED_ONLY,
        before="df = pl.DataFrame({'a': range(99)})",
    ),
    Common(
        "pyarrow",
        "import pyarrow.compute as pc",
        "shown = pc.random(3, initializer=0).to_pylist()",
        PASS,
        "`initializer=` to `random`",
        ", initializer=0",
        SILENT,
    ),
    Common(
        "duckdb",
        "import duckdb",
        "shown = duckdb.sql('select random() from range(3)').fetchall()",
        SEED_ONLY,
    ),
    Common("dask", "import dask.array as da", "shown = da.random.random(3).compute()"),
    Common(
        "numba",
        "import numba",
        "shown = draw(3)",
        before="import random\n\n@numba.njit\ndef draw(n):\n"
        "    return [random.random() for _ in range(n)]\nrandom.seed(0)",
    ),
    Common(
        "sympy",
        "import sympy",
        "shown = sympy.core.random.random(), sympy.core.random.random_complex_number()",
    ),
    Common(
        "networkx",
        "import networkx as nx",
        "g = nx.erdos_renyi_graph(20, 0.3)\n"
        "shown = list(g.edges), nx.spring_layout(g), list(nx.random_regular_graph(3, 8).edges)",
    ),
    Common(
        "statsmodels",
        "import statsmodels.api as sm_",
        "shown = sm_.tsa.arma_generate_sample([1, -0.5], [1], 5)",
    ),
    Common(
        "xgboost-cpu",
        "import xgboost",
        "model = xgboost.XGBClassifier(n_estimators=3, subsample=0.5, random_state=0)\n"
        "shown = model.fit(x, y).predict_proba(x)",
        PASS,
        "`random_state=`, or `seed` among the parameters",
        ", random_state=0",
        SAME,
        before=_XY,
    ),
    Common(
        "lightgbm",
        "import lightgbm",
        "model = lightgbm.LGBMClassifier(n_estimators=3, subsample=0.5, subsample_freq=1, "
        "random_state=0, verbose=-1)\nshown = model.fit(x, y).predict_proba(x)",
        PASS,
        "`random_state=`, or `seed` among the parameters",
        "random_state=0, ",
        SAME,
        before=_XY,
    ),
    Common(
        "catboost",
        "import catboost",
        "model = catboost.CatBoostClassifier(3, random_seed=0, verbose=False, "
        "allow_writing_files=False)\nshown = model.fit(x, y).predict_proba(x)",
        PASS,
        "`random_seed=`",
        "random_seed=0, ",
        SAME,
        before=_XY,
    ),
    Common(
        "optuna",
        "import optuna",
        "study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))\n"
        "study.optimize(lambda trial: trial.suggest_float('a', 0, 1), 12)\n"
        "shown = [trial.params['a'] for trial in study.trials]",
        PASS,
        "`seed=` to the sampler",
        "seed=0",
        WARNED,
        before="optuna.logging.disable_default_handler()",
    ),
    Common(
        "torchvision",
        "from torchvision.transforms import v2\nimport torchvision",
        "crop = v2.Compose([v2.RandomCrop(4), v2.RandomHorizontalFlip()])\n"
        "shown = crop(image), torchvision.models.mobilenet_v3_small().classifier[0].weight",
        before="import torch\nimage = torch.arange(192).reshape(3, 8, 8)",
    ),
    Common(
        "lightning",
        "import lightning",
        "model = Model()\n"
        "trainer = lightning.Trainer(max_epochs=2, accelerator='cpu', logger=False, "
        "enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)\n"
        "trainer.fit(model, torch.utils.data.DataLoader(data, 4, shuffle=True))\n"
        "shown = model.weight",
        before="import logging, torch, warnings\nwarnings.simplefilter('ignore', UserWarning)\n"
        "logging.getLogger('lightning.pytorch').setLevel(logging.ERROR)\n"
        "data = torch.utils.data.TensorDataset(torch.arange(32.).reshape(8, 4))\n\n"
        "class Model(lightning.LightningModule):\n"
        "    def __init__(self):\n        super().__init__()\n"
        "        self.net = torch.nn.Sequential(torch.nn.Linear(4, 1), torch.nn.Dropout())\n"
        "        self.weight = self.net[0].weight\n"
        "    def training_step(self, batch, index):\n"
        "        return self.net(batch[0]).square().mean()\n"
        "    def configure_optimizers(self):\n"
        "        return torch.optim.SGD(self.parameters(), 1e-3)",
    ),
    Common(
        "transformers",
        "from transformers import BertConfig, BertModel, GPT2Config, GPT2LMHeadModel",
        "model = GPT2LMHeadModel(GPT2Config(vocab_size=50, n_embd=8, n_layer=1, n_head=2, "
        "bos_token_id=0, eos_token_id=0, pad_token_id=0)).eval()\n"
        "shown = (BertModel(BertConfig(**small)).embeddings.word_embeddings.weight,\n"
        "         model.generate(torch.ones((1, 2), dtype=torch.long), do_sample=True, "
        "max_new_tokens=8))",
        before=_BERT,
    ),
    Common(
        "datasets",
        "import datasets",
        "shown = data.shuffle()['a'][:], data.train_test_split(0.5)['test']['a'][:]",
        before="data = datasets.Dataset.from_dict({'a': list(range(50))})",
    ),
    Common(
        "tokenizers",
        "import tokenizers",
        "trainer = tokenizers.trainers.BpeTrainer(vocab_size=40)\n"
        "model = tokenizers.Tokenizer(tokenizers.models.BPE())\n"
        "model.train_from_iterator(['seeds and numbers'], trainer)\n"
        "shown = model.encode('seeds').ids",
        NONE,
        before="import os\nos.environ['RAYON_NUM_THREADS'] = '1'",
    ),
    Common(
        "accelerate",
        "import accelerate",
        "model, loader = accelerate.Accelerator(cpu=True).prepare(net(), "
        "torch.utils.data.DataLoader(range(50), 9, shuffle=True))\n"
        "shown = model.weight, [*loader]",
        before=_NET,
    ),
    Common(
        "timm",
        "import timm",
        "model = timm.create_model('test_resnet.r160_in1k', drop_path_rate=0.5).train()\n"
        "shown = model(torch.ones(2, 3, 32, 32))",
        before="import torch",
    ),
    Common(
        "torchmetrics",
        "import torchmetrics",
        "metric = torchmetrics.wrappers.BootStrapper(torchmetrics.MeanMetric(), 5)\n"
        "metric.update(torch.arange(30.))\nshown = [*metric.compute().values()]",
        before="import torch",
    ),
    Common(
        "einops",
        "import einops.layers.torch",
        "shown = einops.rearrange(torch.arange(6), '(a b) -> a b', a=2)",
        NONE,
        before="import torch",
    ),
    Common(
        "sentence-transformers",
        "from sentence_transformers import models",
        "shown = models.Dense(4, 2).linear.weight",
    ),
    Common(
        "peft",
        "import peft",
        "model = peft.get_peft_model(torch.nn.Sequential(torch.nn.Linear(4, 2)), "
        "peft.LoraConfig(r=2, target_modules=['0']))\nshown = [*model.parameters()]",
        before="import torch",
    ),
    Common(
        "gymnasium",
        "import gymnasium",
        "env = gymnasium.make('CartPole-v1')\nfirst, _ = env.reset(seed=0)\n"
        "env.action_space.seed(0)\n"
        "shown = first, [env.step(env.action_space.sample())[0] for _ in range(5)]",
        PASS,
        "`seed=` to the first `reset`, and seed each space: `env.action_space.seed(0)`",
        "seed=0",
        WARNED,
    ),
    Common(
        "stable-baselines3",
        "import stable_baselines3",
        "model = stable_baselines3.PPO('MlpPolicy', 'CartPole-v1', seed=0, n_steps=32, "
        "batch_size=32, n_epochs=1, device='cpu').learn(32)\n"
        "shown = [*model.policy.parameters()]",
        PASS,
        "`seed=` to the model; it seeds Python, NumPy and torch with it too",
        "seed=0, ",
        WARNED,
    ),
    Common(
        "albumentations",
        "import albumentations as A",
        "crop = A.Compose([A.RandomCrop(4, 4), A.HorizontalFlip(), A.GaussNoise()], seed=0)\n"
        "shown = [crop(image=image)['image'] for _ in range(3)]",
        PASS,
        "`seed=` to `Compose`",
        ", seed=0",
        WARNED,
        before="import numpy as np\nimage = np.arange(192, dtype='u1').reshape(8, 8, 3)",
    ),
    Common(
        "opencv-python-headless",
        "import cv2",
        "shown = cv2.randu(np.zeros(4), 0, 1), cv2.randShuffle(np.arange(9.))",
        SEED_ONLY,
        before="import numpy as np",
    ),
    Common(
        "pillow",
        "from PIL import Image, ImageFilter",
        "shown = Image.new('RGB', (8, 8)).rotate(5).filter(ImageFilter.BLUR).tobytes()",
        NONE,
    ),
    Common(
        "scikit-image",
        "import skimage.util",
        "shown = skimage.util.random_noise(image, rng=0)",
        PASS,
        "`rng=`",
        ", rng=0",
        WARNED,
        before=_NOISE,
    ),
    Common(
        "imageio",
        "import imageio.v3 as iio",
        "shown = iio.imwrite('<bytes>', np.zeros((4, 4), 'u1'), extension='.png')",
        NONE,
        before="import numpy as np",
    ),
    Common(
        "nltk",
        "import nltk.lm, nltk.lm.preprocessing",
        "model = nltk.lm.MLE(2)\n"
        "model.fit(*nltk.lm.preprocessing.padded_everygram_pipeline(2, words))\n"
        "shown = model.generate(9, random_seed=0)",
        PASS,
        "`random_seed=` or `rng=`",
        ", random_seed=0",
        WARNED,
        before=_WORDS,
    ),
    Common(
        "spacy",
        "import spacy",
        "nlp = spacy.blank('en')\nnlp.add_pipe('textcat').add_label('A')\n"
        "nlp.get_pipe('textcat').add_label('B')\nnlp.initialize(lambda: examples)\n"
        "nlp.update(examples, drop=0.5)\nshown = nlp('seeds draw numbers').cats",
        before="from spacy.training import Example\n"
        "examples = [Example.from_dict(spacy.blank('en').make_doc('seeds draw'), "
        "{'cats': {'A': 1., 'B': 0.}})]",
    ),
    Common(
        "gensim",
        "import gensim.models, gensim.corpora",
        "shown = gensim.models.Word2Vec(words, vector_size=4, min_count=1, seed=0, "
        "workers=1, hashfxn=len).wv.vectors",
        PASS,
        "`seed=`, `workers=1` and a `hashfxn` that is the same in each process to `Word2Vec`",
        "seed=0, ",
        SAME,
        before=_WORDS,
    ),
    Common(
        "tensorflow-cpu",
        f"{_TF}import tensorflow as tf",
        "shown = tf.random.normal((3,)).numpy(), tf.random.shuffle(tf.range(9)).numpy()",
        SEED_ONLY,
    ),
    Common(
        "keras",
        f"{_TF}import keras",
        "model = keras.Sequential([keras.layers.Dense(4), keras.layers.Dropout(0.5), "
        "keras.layers.Dense(1)])\nmodel.compile('sgd', 'mse')\n"
        "model.fit(np.ones((8, 3)), np.ones(8), epochs=2, verbose=0)\n"
        "shown = model.get_weights()",
        SEED_ONLY,
        before="import numpy as np",
    ),
    Common(
        "jax",
        "import jax",
        "shown = jax.random.normal(jax.random.key(0), (3,))",
        PASS,
        "a `key`",
    ),
    Common(
        "flax",
        "from flax import nnx",
        "shown = nnx.Linear(4, 2, rngs=nnx.Rngs(0)).kernel[...]",
        PASS,
        "`rngs=nnx.Rngs(0)`, or a `key` to `init`",
    ),
    Common(
        "optax",
        "import optax",
        "noise = optax.add_noise(0.1, 0.5, key=jax.random.key(0))\nweights = jax.numpy.ones(3)\n"
        "shown = noise.update(weights, noise.init(weights))[0]",
        PASS,
        "a `key`",
        before="import jax",
    ),
    Common("faker", "import faker", "shown = faker.Faker().name(), faker.Faker().address()"),
    Common(
        "umap-learn",
        "import umap",
        "shown = umap.UMAP(n_neighbors=5, n_epochs=5, random_state=0, n_jobs=1).fit_transform(x)",
        PASS,
        "`random_state=`",
        ", random_state=0",
        SILENT,
        before=_XY,
    ),
    Common(
        "imbalanced-learn",
        "from imblearn.over_sampling import SMOTE",
        "shown = SMOTE(k_neighbors=2).fit_resample(x[:40], y[:40] * (np.arange(40) < 20))",
        before=_XY,
    ),
    Common(
        "xarray",
        "import xarray as xr",
        "shown = xr.DataArray([1., 2.]).rolling(dim_0=2).mean().values",
        NONE,
    ),
    Common(
        "joblib",
        "import joblib, random",
        "task = joblib.delayed(lambda n: random.Random(7 + n).random())\n"
        "shown = joblib.Parallel(2)(task(n) for n in range(4))",
        PASS,
        "a seed to each task",
        "7 + n",
        SILENT,
    ),
    Common(
        "h5py",
        "import h5py",
        "with h5py.File('a.h5', 'w', driver='core', backing_store=False) as file:\n"
        "    shown = file.create_dataset('a', data=[1, 2])[...]",
        NONE,
    ),
)
