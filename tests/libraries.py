"""The libraries with generators of their own: how each draws, and how its users seed it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True)
class Library:
    """A library in code.

    Attributes
    ----------
    name : str
        Of its source.
    imports : str
        What brings it, and what the rest needs.
    draws : tuple of str
        Expressions that draw, each with a value that is equal where the draw is.
    seeds : str
        How a user seeds it with 42, so that the same numbers follow.
    given : str
        An expression that gets its numbers from a seed of its own; empty: there is none.
    is_full : bool
        Whether it can be put back.
    """

    name: str
    imports: str
    draws: tuple[str, ...]
    seeds: str
    given: str = ""
    is_full: bool = False


# It has a row of its own in CI, for it is large.
HAS_TENSORFLOW = find_spec("tensorflow") is not None
BACKEND = "tensorflow" if HAS_TENSORFLOW else "torch"

LIBRARIES: tuple[Library, ...] = (
    Library(
        "polars",
        "import polars as pl; df = pl.DataFrame({'a': range(1000)})",
        (
            "df.sample(3)['a'].to_list()",
            "df['a'].sample(3).to_list()",
            "df['a'].shuffle()[:3].to_list()",
            "df.select(pl.col('a').shuffle())['a'][:3].to_list()",
            "df.select(pl.col('a').sample(3))['a'].to_list()",
            "pl.Series([[*range(99)]]).list.sample(3)[0].to_list()",
            "(df['a'] * 0).rank('random')[:3].to_list()",
        ),
        "pl.set_random_seed(42)",
        "df['a'].shuffle(5)[:3].to_list(), df.sample(2, seed=1)['a'].to_list()",
    ),
    Library(
        "cv2",
        "import cv2, numpy; points = numpy.arange(60, dtype='f4').reshape(30, 2)",
        (
            "cv2.randu(numpy.zeros(4), 0, 1).tolist()",
            "cv2.randn(numpy.zeros(4), 0, 1).tolist()",
            "cv2.randShuffle(numpy.arange(50.)).tolist()",
            "cv2.kmeans(points, 5, None, (3, 1, 0.), 1, cv2.KMEANS_RANDOM_CENTERS)[2].tolist()",
        ),
        "cv2.setRNGSeed(42)",
    ),
    Library(
        "duckdb",
        "import duckdb",
        (
            "duckdb.sql('select random()').fetchall()",
            "duckdb.execute('SELECT Random()').fetchall()",
            "duckdb.query('select uuid()').fetchall()",
            "duckdb.sql('select * from range(1000) using sample 3 rows').fetchall()",
            "duckdb.query('from (from range(999)) t tablesample reservoir(3)').fetchall()",
            "duckdb.from_query('select random()').fetchall()",
            "duckdb.default_connection().sql('select random()').fetchall()",
        ),
        "duckdb.sql(f'select setseed({42 / 2**31 - 1})').fetchall()",
        "duckdb.sql('select 1 as sample').fetchall(), "
        "duckdb.sql('from range(99) using sample reservoir(3 rows) repeatable (5)').fetchall()",
    ),
    Library(
        "faker",
        "import faker; fake = faker.Faker()",
        ("fake.name()", "fake.uuid4()", "faker.Faker('de_DE').address()"),
        "faker.Faker.seed(42)",
        is_full=True,
    ),
    Library(
        "sympy",
        "import sympy; from sympy.core.random import rng, random_complex_number",
        ("rng.random()", "sympy.core.random.choice(range(10**6))", "random_complex_number()"),
        "sympy.core.random.seed(42)",
        is_full=True,
    ),
    Library(
        "dask",
        "import dask.array as da",
        ("da.random.random(3).compute().tolist()", "da.random.normal(size=3).compute().tolist()"),
        "da.random.seed(42)",
        "da.random.default_rng(5).random(3).compute().tolist()",
        is_full=True,
    ),
)
KERAS = Library(
    "keras",
    # Its own counter of seeds, its generator, and a layer that draws when it is made.
    f"import os; os.environ['KERAS_BACKEND'] = {BACKEND!r}; import keras, numpy; "
    "given = lambda value: (value.numpy() if hasattr(value, 'numpy') else value).tolist()",
    ("given(keras.random.normal((3,)))", "given(keras.random.shuffle(numpy.arange(99.)))"),
    "keras.utils.set_random_seed(42)",
    "given(keras.random.normal((3,), seed=5))",
)
TENSORFLOW = Library(
    "tensorflow",
    "import os; os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'; import tensorflow as tf",
    (
        "tf.random.uniform((3,)).numpy().tolist()",
        "tf.random.shuffle(tf.range(99)).numpy().tolist()",
        "[*tf.data.Dataset.range(99).shuffle(99).as_numpy_iterator()]",
        "tf.function(lambda: tf.random.normal((3,)))().numpy().tolist()",
        "tf.nn.dropout(tf.ones(99), 0.5).numpy().tolist()",
    ),
    "tf.random.set_seed(42)",
    "tf.random.stateless_uniform((3,), (1, 2)).numpy().tolist()",
)
# Keras 3.13, from which on its own seeding resets its generator, needs Python 3.11.
if find_spec("keras") is not None:
    LIBRARIES = (*LIBRARIES, KERAS)
if HAS_TENSORFLOW:
    LIBRARIES = (*LIBRARIES, TENSORFLOW)
