"""Libraries with generators of their own: seeded as they seed themselves, in scopes and after."""

from __future__ import annotations

import builtins
import json
import random
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import sample_sources
import seedmagic as sm
from libraries import LIBRARIES, Library
from scripts import answer, run_script

SEED_ONLY = [library for library in LIBRARIES if not library.is_full]
FULL = [library for library in LIBRARIES if library.is_full]


@pytest.fixture(scope="module", autouse=True)
def _not_loaded_for_other_files() -> Iterator[None]:
    """Hide what is seed only from the tests that run after these: nothing can put it back."""
    yield
    for library in SEED_ONLY:
        sys.modules.pop(library.name, None)


def loaded(library: Library) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__builtins__": builtins}
    exec(library.imports, namespace)
    return namespace


def draw(library: Library, namespace: dict[str, Any]) -> list[str]:
    return [repr(eval(expression, namespace)) for expression in library.draws]


def named(library: Library) -> str:
    return library.name


@pytest.mark.parametrize("library", LIBRARIES, ids=named)
def test_the_same_seed_gives_what_the_librarys_own_seeding_gives(library: Library) -> None:
    namespace = loaded(library)
    report = sm.seed_everything(42)
    assert library.name in report.seeded
    ours = draw(library, namespace)
    sm.seed_everything(43)
    others = draw(library, namespace)
    exec(library.seeds, namespace)
    assert draw(library, namespace) == ours
    assert all(one != other for one, other in zip(ours, others, strict=True))


@pytest.mark.parametrize("library", LIBRARIES, ids=named)
def test_it_is_told_what_of_it_can_be_done(library: Library) -> None:
    loaded(library)
    sm.seed_everything(42)
    told = sm.status().sources[library.name]
    assert told.status == ("seeded" if library.is_full else "seed only")
    assert told.seed == 42
    assert (library.name in sm.snapshot().states) == library.is_full


@pytest.mark.filterwarnings("ignore:.*can only be seeded")
@pytest.mark.parametrize("library", LIBRARIES, ids=named)
def test_a_scope_starts_alike_each_time(library: Library) -> None:
    namespace = loaded(library)
    sm.seed_everything(42)
    found = []
    for _ in range(2):
        with sm.seeded(5):
            found.append(draw(library, namespace))
        draw(library, namespace)
    assert found[0] == found[1]


@pytest.mark.parametrize("library", FULL, ids=named)
def test_what_can_be_put_back_goes_on_as_if_the_scope_had_not_been(library: Library) -> None:
    namespace = loaded(library)
    sm.seed_everything(42)
    draw(library, namespace)
    expected = draw(library, namespace)
    sm.seed_everything(42)
    draw(library, namespace)
    with sm.seeded(5):
        draw(library, namespace)
    assert draw(library, namespace) == expected


@pytest.mark.filterwarnings("ignore:.*can only be seeded")
@pytest.mark.parametrize("library", SEED_ONLY, ids=named)
def test_what_cannot_is_seeded_anew_the_same_after_a_seeding_and_each_scope_other(
    library: Library,
) -> None:
    namespace = loaded(library)
    rounds = []
    for _ in range(2):
        sm.seed_everything(42)
        after = []
        for _ in range(2):
            with sm.seeded(5):
                inside = draw(library, namespace)
            after.append(draw(library, namespace))
        rounds.append(after)
        assert sm.status().sources[library.name].seed is not None
    assert rounds[0] == rounds[1]
    assert rounds[0][0] != rounds[0][1] != inside


@pytest.mark.filterwarnings("ignore:.*can only be seeded")
@pytest.mark.parametrize("library", SEED_ONLY, ids=named)
def test_without_a_seed_outside_it_ends_with_entropy_and_counts_as_unseeded(
    library: Library,
) -> None:
    namespace = loaded(library)
    after = []
    for _ in range(2):
        with sm.seeded(5):
            draw(library, namespace)
        assert sm.status().sources[library.name].by is None
        after.append(draw(library, namespace))
    assert after[0] != after[1]


@pytest.mark.parametrize("library", SEED_ONLY, ids=named)
def test_a_users_own_seeding_lasts_where_a_scope_neither_seeds_nor_draws(library: Library) -> None:
    namespace = loaded(library)
    exec(library.seeds, namespace)
    expected = draw(library, namespace)
    exec(library.seeds, namespace)
    with sm.preserve():
        pass
    with sm.seeded(5, skip=library.name):
        pass
    assert draw(library, namespace) == expected


@pytest.mark.filterwarnings("ignore:.*can only be seeded")
@pytest.mark.parametrize("library", LIBRARIES, ids=named)
def test_a_function_is_verified_with_it(library: Library) -> None:
    namespace = loaded(library)
    found = sm.verify(lambda: draw(library, namespace), seed=42)
    assert found.reproducible, str(found)
    sm.seed_everything(7)
    assert sm.verify(lambda: draw(library, namespace)).reproducible


@pytest.mark.filterwarnings("ignore:.*can only be seeded")
@pytest.mark.parametrize("library", SEED_ONLY, ids=named)
def test_without_any_seed_a_function_cannot_be_verified_with_it(library: Library) -> None:
    namespace = loaded(library)
    found = sm.verify(lambda: draw(library, namespace))
    assert found.reproducible is None
    assert f"{library.name} (can only be seeded, and no seed is in force" in str(found)


def test_what_asks_sympy_for_facts_alone_draws_nothing() -> None:
    import sympy

    def ask() -> str:
        one, other = sympy.symbols("one other", positive=True)
        return str([(one * other + 1).is_positive, sympy.sqrt(one**2)])

    sm.seed_everything(42)
    assert sm.verify(ask).reproducible
    before = sm.snapshot()
    assert sympy.Symbol("fresh", integer=True).is_rational
    assert before.diff(sm.snapshot()) == []


@pytest.mark.parametrize("library", FULL, ids=named)
def test_a_state_is_loaded_and_refused_where_the_library_is_not_imported(
    library: Library, tmp_path: Path
) -> None:
    loaded(library)
    sm.snapshot().save(tmp_path / "state.json")
    script = """
        import json, sys
        import seedmagic as sm
        state = sm.RngState.load(sys.argv[1])
        try:
            state.restore()
        except sm.RestoreError as error:
            print(json.dumps(sorted(error.failures)))
        """
    assert library.name in answer(script, str(tmp_path / "state.json"))
    (tmp_path / "state.json").write_text((tmp_path / "state.json").read_text()[:-9])
    assert "StateError" in run_script(script, str(tmp_path / "state.json")).stderr


def test_a_result_of_duckdbs_that_is_still_to_be_fetched_is_not_lost() -> None:
    namespace = loaded(next(one for one in LIBRARIES if one.name == "duckdb"))
    duckdb = namespace["duckdb"]
    duckdb.sql("create or replace table numbers as select range as i from range(300000)")
    duckdb.execute("select i from numbers")
    assert duckdb.fetchone() == (0,)
    sm.seed_everything(42)
    assert len(duckdb.fetchall()) == 299_999
    found = duckdb.sql("select random()").fetchall()
    duckdb.sql(f"select setseed({42 / 2**31 - 1})").fetchall()
    assert found == duckdb.sql("select random()").fetchall()


def test_duckdb_finds_the_variables_of_whoever_calls_it() -> None:
    namespace = loaded(next(one for one in LIBRARIES if one.name == "duckdb"))
    sm.seed_everything(42)
    text = """
import polars as pl
ours = pl.DataFrame({"n": [1, 2]})
def f():
    mine = pl.DataFrame({"n": [3]})
    return duckdb.sql("from mine").fetchall(), duckdb.execute("from ours").fetchall()
found = f(), duckdb.query("from ours").fetchall()
"""
    exec(text, namespace)
    assert namespace["found"] == (([(3,)], [(1,), (2,)]), [(1,), (2,)])
    assert namespace["duckdb"].sql is vars(namespace["duckdb"])["sql"]


ANEW = {
    "after a close": "duckdb.close()",
    "with another connection": "duckdb.set_default_connection(duckdb.connect())",
    "after an unfinished result": "duckdb.execute('from range(300000)').fetchone(); sm_seed()",
    "after a transaction that failed": """
duckdb.begin()
try:
    duckdb.execute("select error('x')").fetchall()
except duckdb.Error:
    sm_seed()
duckdb.rollback()
""",
}


@pytest.mark.parametrize("before", ANEW.values(), ids=ANEW)
def test_the_default_connection_of_duckdb_is_seeded_whatever_became_of_it(before: str) -> None:
    namespace = loaded(next(one for one in LIBRARIES if one.name == "duckdb"))
    namespace["sm_seed"] = lambda: sm.seed_everything(42)
    duckdb = namespace["duckdb"]
    sm.seed_everything(42)
    expected = duckdb.execute("select random()").fetchall()
    sm.seed_everything(42)
    exec(before, namespace)
    # Not in an assert, which pytest rewrites into a lookup in one statement and a call in another.
    found = [duckdb.execute("select random()").fetchall() for _ in range(2)]
    assert found[0] == expected != found[1]


def test_a_seed_that_duckdb_refuses_for_now_is_said_to_wait() -> None:
    duckdb = loaded(next(one for one in LIBRARIES if one.name == "duckdb"))["duckdb"]
    duckdb.sql("select 1").fetchall()
    # An older one would lose a result that is still to be fetched, so there each seed waits.
    is_at_once = hasattr(duckdb, "ResourceInUseException")
    told = str(sm.seed_everything(42))
    assert ("from the next call of duckdb.sql on" not in told) == is_at_once
    duckdb.begin()
    with pytest.raises(duckdb.Error):
        duckdb.execute("select error('x')").fetchall()
    told = str(sm.seed_everything(42))
    duckdb.rollback()
    assert "from the next call of duckdb.sql on" in told


def test_a_forked_worker_has_duckdb_seeded_by_its_own_scope() -> None:
    script = """
        import json, multiprocessing, duckdb, seedmagic as sm
        def draw():
            return duckdb.sql("select random()").fetchall()
        found = [draw()]
        for _ in range(2):
            with multiprocessing.get_context("fork").Pool(1) as pool:
                found.append(pool.apply(sm.seeded(7)(draw)))
        print(json.dumps(found))
        """
    first, *others = answer(script)
    assert others[0] == others[1] != first


def test_functions_that_name_duckdb_are_sent_to_workers_and_modules_copied_as_ever() -> None:
    script = """
        import copy, json, pickle, cloudpickle, duckdb
        import seedmagic as sm
        def tried(call):
            try:
                return str(type(call()))
            except Exception as error:
                return str(type(error))
        def draw():
            return duckdb.sql("select 41 + 1").fetchall()
        ways = [
            lambda: copy.copy(duckdb), lambda: copy.deepcopy(duckdb), lambda: pickle.dumps(duckdb),
            lambda: cloudpickle.dumps(duckdb), lambda: cloudpickle.dumps(draw),
        ]
        before = [tried(way) for way in ways]
        sm.seed_everything(42)
        after = [tried(way) for way in ways]
        sent = pickle.loads(cloudpickle.dumps(draw))()
        print(json.dumps([before, after, sent, pickle.loads(cloudpickle.dumps(duckdb)) is duckdb]))
        """
    before, after, sent, is_itself = answer(script)
    assert before == after
    assert (sent, is_itself) == ([[42]], True)


@pytest.mark.parametrize("kind", ["types.ModuleType('x')", "unittest.mock.MagicMock()"])
def test_a_stand_in_under_a_librarys_name_is_left_alone(kind: str) -> None:
    names = ["faker", "sympy", "polars", "duckdb", "cv2", "tensorflow", "keras", "dask", "numba"]
    script = """
        import json, sys, types, unittest.mock
        import seedmagic as sm
        for name in json.loads(sys.argv[2]):
            sys.modules[name] = eval(sys.argv[1])
        print(json.dumps(sm.seed_everything(42).seeded))
        """
    assert set(answer(script, kind, json.dumps(names))) <= {"python", "numpy"}


def test_a_library_that_was_found_by_another_finder_is_watched_from_the_next_seeding_on() -> None:
    script = """
        import importlib.machinery, json, sys
        import seedmagic as sm
        class Finder:
            def find_spec(self, name, path=None, target=None):
                return importlib.machinery.PathFinder.find_spec(name, path, target)
        sm.seed_everything(1)
        sys.meta_path.insert(0, Finder())
        import polars
        numbers = polars.Series(range(1000))
        found = []
        for _ in range(2):
            sm.seed_everything(42)
            with sm.preserve():
                if found:
                    numbers.shuffle()
            found.append(numbers.shuffle()[:4].to_list())
        print(json.dumps(found))
        """
    first, second = answer(script)
    assert first != second  # the scope saw that polars was drawn from, and seeded it anew


def test_opencv_says_which_threads_generator_was_seeded_at_its_import() -> None:
    script = """
        import json, threading
        import seedmagic as sm
        sm.seed_everything(42)
        thread = threading.Thread(target=lambda: __import__("cv2"), name="other")
        thread.start()
        thread.join()
        told = sm.sources()["cv2"].part
        print(json.dumps([told, str(sm.seed_everything(42))]))
        """
    told, report = answer(script)
    assert told == "thread 'other'"
    assert "cv2 (main thread)" in report


# Skipped with Python 3.10 alone, which Keras no longer supports.
@pytest.mark.skipif(find_spec("keras") is None, reason="needs Keras")
def test_keras_generator_comes_from_the_seed_and_leaves_pythons_stream() -> None:
    library = next(one for one in LIBRARIES if one.name == "keras")
    namespace = loaded(library)
    exec(library.seeds, namespace)
    expected = draw(library, namespace)
    for _ in range(2):
        sm.seed_everything(42, only="keras")
        random.random()
        assert draw(library, namespace) == expected
    sm.seed_everything(42)
    draw(library, namespace)
    assert random.random() == random.Random(42).random()


@pytest.mark.filterwarnings("ignore:.*can only be seeded")
@pytest.mark.parametrize("library", SEED_ONLY[:2], ids=named)
def test_what_is_drawn_after_a_scope_is_verified_too(library: Library) -> None:
    namespace = loaded(library)

    def drawn() -> str:
        with sm.seeded(5):
            eval(library.draws[0], namespace)
        return repr(eval(library.draws[0], namespace))

    sm.seed_everything(7)
    found = sm.verify(drawn)
    assert found.reproducible, str(found)


@pytest.mark.parametrize("library", SEED_ONLY[:2], ids=named)
def test_a_seed_of_the_users_own_inside_a_scope_ends_with_it(library: Library) -> None:
    namespace = loaded(library)
    exec(library.seeds, namespace)
    inside = draw(library, namespace)
    sm.seed_everything(7)
    with sm.preserve():
        exec(library.seeds, namespace)
    assert draw(library, namespace) != inside
    assert sm.status().sources[library.name].by == "the end of a scope"


@pytest.mark.filterwarnings("ignore:.*can only be seeded")
@pytest.mark.parametrize(
    ("name", "seeds"),
    [
        ("polars", "pl.set_random_seed(2**40)"),
        ("duckdb", "duckdb.sql('select setseed(0.5)').fetchall()"),
    ],
)
def test_after_a_scope_any_seed_of_the_users_own_counts(name: str, seeds: str) -> None:
    library = next(one for one in LIBRARIES if one.name == name)
    namespace = loaded(library)
    after = []
    with sm.preserve():  # from here on the user's own seedings are noted
        pass
    for _ in range(2):
        exec(seeds, namespace)
        with sm.seeded(5):
            pass
        after.append(sm.status().sources[name])
    assert after[0].by == "the end of a scope"
    assert after[0] == after[1]


def test_a_source_that_is_taken_out_is_watched_no_more_and_an_other_one_is() -> None:
    calls: list[str] = []

    class Source:
        name, module = "told", "sample_sources"

        def __init__(self, mark: str) -> None:
            self.draws = {"toss": lambda *_: calls.append(mark)}

        def seed(self, seed: int) -> None:
            pass

    sample_sources.toss()
    sm.seed_everything(1)
    for mark in ("first", "second"):
        sm.register_source(Source(mark))
        sample_sources.toss()
    sm.unregister_source("told")
    sample_sources.toss()
    assert calls == ["first", "second"]
