"""A state taken, put back, compared, saved and loaded is the same state."""

from __future__ import annotations

import os
import pickle
import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import seedmagic as sm
from sample_sources import Coin, Dice

DRAWS: dict[str, Callable[[], object]] = {
    "random": random.random,
    "random.gauss": lambda: random.gauss(0, 1),  # every second one comes from a cache
    "random.shuffle": lambda: random.shuffle(list(range(9))),
    "numpy": np.random.rand,
    "numpy.randn": np.random.randn,  # the same
    "numpy.integers": lambda: np.random.randint(0, 9, 700),  # crosses the 624 words
    "torch": lambda: torch.rand(3),
    "torch.randn": lambda: torch.randn(()),  # the same
    "torch.randperm": lambda: torch.randperm(700),
}
draws = st.lists(st.sampled_from(sorted(DRAWS)), max_size=12)
seeds = st.integers(0, 2**32 - 1)


def play(names: list[str]) -> None:
    for name in names:
        DRAWS[name]()


def stream() -> list[Any]:
    """Draw from everything, the caches first."""
    values: list[Any] = [random.gauss(0, 1), np.random.randn(), torch.randn(()).item()]
    return [*values, random.random(), *np.random.rand(3), *torch.rand(3).tolist()]


@given(seed=seeds, before=draws, between=draws, is_read=st.booleans())
def test_a_restored_state_is_the_one_that_was_taken(
    seed: int, before: list[str], between: list[str], is_read: bool
) -> None:
    sm.seed_everything(seed)
    play(before)
    state, python = sm.snapshot(), random.getstate()
    expected = stream()
    play(between)
    if is_read:  # what is kept is made a state when somebody asks for it
        assert state.states["python"] == python
    state.restore()
    assert state.diff(sm.snapshot()) == []
    assert stream() == expected


@given(seed=seeds, parts=st.lists(st.tuples(seeds, draws), max_size=4))
@settings(max_examples=40)
def test_scopes_of_any_depth_leave_the_outer_stream_alone(
    seed: int, parts: list[tuple[int, list[str]]]
) -> None:
    def nest(rest: list[tuple[int, list[str]]]) -> None:
        if rest:
            play(rest[0][1])
            state = sm.snapshot()
            with sm.seeded(rest[0][0]):
                nest(rest[1:])
            assert state.diff(sm.snapshot()) == []

    sm.seed_everything(seed)
    nest(parts)


@given(seed=seeds, before=draws)
@settings(max_examples=25)
def test_a_saved_and_loaded_state_is_the_one_that_was_taken(seed: int, before: list[str]) -> None:
    sm.seed_everything(seed)
    play(before)
    state = sm.snapshot()
    expected = stream()
    with TemporaryDirectory() as folder:
        path = Path(folder, "state.json")
        state.save(path)
        loaded = sm.RngState.load(path)
    assert loaded.diff(state) == state.diff(loaded) == []
    loaded.restore()
    assert stream() == expected


@pytest.mark.parametrize("kind", ["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"])
def test_every_bit_generator_of_numpy_can_be_put_back(kind: str, tmp_path: Path) -> None:
    former = np.random.get_bit_generator()
    np.random.set_bit_generator(getattr(np.random, kind)(11))
    try:
        np.random.randn(3)  # half a pair of Gaussians remains
        np.random.randint(0, 2, 3, dtype=np.uint32)  # and half of a 64-bit word
        state = sm.snapshot()
        state.save(tmp_path / "state")
        expected = [*np.random.randn(3), *np.random.randint(0, 99, 9, dtype=np.uint32)]
        for other in ("MT19937", "PCG64"):
            np.random.set_bit_generator(getattr(np.random, other)(0))
            sm.RngState.load(tmp_path / "state").restore()
            assert type(np.random.get_bit_generator()).__name__ == kind
            assert state.diff(sm.snapshot()) == []
            assert [*np.random.randn(3), *np.random.randint(0, 99, 9, dtype=np.uint32)] == expected
    finally:
        np.random.set_bit_generator(former)


@pytest.mark.parametrize(
    ("name", "source"),
    [(name, name.split(".")[0].replace("random", "python")) for name in DRAWS],
)
def test_a_difference_is_found_in_the_source_that_drew(name: str, source: str) -> None:
    sm.seed_everything(3)
    if name.endswith(("gauss", "randn")):
        play([name])  # only the cached half is drawn below
    before = sm.snapshot()
    play([name])
    assert before.diff(sm.snapshot()) == [source]
    assert sm.snapshot().diff(before) == [source]


def test_sources_that_only_one_state_has_differ() -> None:
    before = sm.snapshot()
    sm.register_source(Dice())
    assert before.diff(sm.snapshot()) == sm.snapshot().diff(before) == ["dice"]
    with pytest.raises(TypeError, match="RngState"):
        before.diff(before.states)  # type: ignore[arg-type]


def test_a_snapshot_draws_and_changes_nothing_and_leaves_out_what_can_only_be_seeded() -> None:
    coin = Coin()
    sm.register_source(coin)
    state = sm.snapshot()
    assert state.diff(sm.snapshot()) == []
    assert "coin" not in state.states
    assert coin.seeds == []


def test_a_state_gives_back_the_status_it_had() -> None:
    unseeded = sm.snapshot()
    sm.seed_everything(4)
    seeded = sm.snapshot()
    unseeded.restore()
    assert sm.status().sources["numpy"].status == "unseeded"
    seeded.restore()
    assert sm.status().sources["numpy"].seed == 4


def test_a_foreign_state_counts_as_seeded(tmp_path: Path) -> None:
    sm.snapshot().save(tmp_path / "state")
    sm.RngState.load(str(tmp_path / "state")).restore()
    assert sm.status().sources["torch"].status == "seeded"
    assert sm.status().sources["torch"].seed is None


def test_a_restore_names_all_failures_and_puts_back_the_rest() -> None:
    dice = Dice()
    sm.register_source(dice)
    state = sm.snapshot()
    broken = sm.RngState({**state.states, "numpy": {}, "nobody": 1, "dice": None})
    play(list(DRAWS))
    with pytest.raises(sm.RestoreError) as raised:
        broken.restore()
    assert raised.value.failures.keys() == {"numpy", "nobody", "dice"}
    assert state.diff(sm.snapshot()) == ["numpy"]
    assert pickle.loads(pickle.dumps(raised.value)).failures.keys() == raised.value.failures.keys()


STATES: dict[str, Any] = {
    "scalars": [
        None,
        True,
        False,
        0,
        -1,
        2**200,
        1.5,
        float("inf"),
        -0.0,
        "",
        "\ud800ü",
        b"\0\xff",
    ],
    "nested": {"list": [1, [2, (3, {"deep": ()})]], "": {}, "list2": []},
    "arrays": [
        np.arange(6, dtype=">i2").reshape(2, 3).T,
        np.array(3.5),
        np.zeros((0, 4), np.float32),
        np.array([True, False]),
        np.array([1 + 2j]),
    ],
}


@pytest.mark.parametrize("content", STATES.values(), ids=STATES.keys())
def test_every_permitted_type_survives_a_file(content: Any, tmp_path: Path) -> None:
    state = sm.RngState({"unknown": content})
    state.save(tmp_path / "state")
    loaded = sm.RngState.load(tmp_path / "state")
    assert loaded.diff(state) == []
    assert sm.RngState({"unknown": [content, 1]}).diff(loaded) == ["unknown"]


def test_threads_that_save_to_one_path_leave_one_whole_state(tmp_path: Path) -> None:
    path = tmp_path / "state"
    states = [sm.RngState({"unknown": [number] * 5000}) for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for saved in [pool.submit(state.save, path) for state in states * 50]:
            saved.result()
            assert sm.RngState.load(path) in states
    assert list(tmp_path.iterdir()) == [path]


def test_processes_that_save_to_one_path_leave_one_whole_state(tmp_path: Path) -> None:
    save = "import sys, seedmagic as sm\nfor _ in range(100): sm.snapshot().save(sys.argv[1])"
    call = [sys.executable, "-c", save, str(tmp_path / "state")]
    assert [each.wait(60) for each in [subprocess.Popen(call) for _ in range(3)]] == [0] * 3
    assert "python" in sm.RngState.load(tmp_path / "state").states
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's here")
def test_saving_over_a_file_keeps_its_mode_and_over_a_link_writes_its_target(
    tmp_path: Path,
) -> None:
    state, fresh, private = sm.snapshot(), tmp_path / "fresh", tmp_path / "private"
    fresh.touch()
    usual = fresh.stat().st_mode
    fresh.unlink()
    state.save(fresh)
    assert fresh.stat().st_mode == usual
    private.touch(0o600)
    link, dangling, folder = tmp_path / "link", tmp_path / "dangling", tmp_path / "folder"
    folder.mkdir()
    link.symlink_to(private)
    dangling.symlink_to(folder / "new")
    for path in (private, link, dangling):
        state.save(path)
        assert sm.RngState.load(path) == state
    assert private.stat().st_mode & 0o777 == 0o600
    assert link.is_symlink()
    assert (folder / "new").is_file()
    assert len(list(tmp_path.iterdir())) == 5
    state.save("/dev/null")
    assert not Path("/dev/null").is_file()


def test_a_save_that_fails_leaves_the_former_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state"
    sm.snapshot().save(path)
    former = path.read_bytes()

    def fail(*paths: Any) -> None:
        raise OSError("no room")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="no room"):
        sm.snapshot().save(path)
    assert path.read_bytes() == former
    assert list(tmp_path.iterdir()) == [path]


class Number(int):
    pass


@pytest.mark.parametrize(
    "content",
    [object(), {3}, Number(3), np.float64(1), np.array([object()]), random.random, 1j],
    ids=lambda content: type(content).__name__,
)
def test_other_types_are_refused_and_leave_a_former_file_alone(
    content: Any, tmp_path: Path
) -> None:
    path = tmp_path / "state"
    sm.snapshot().save(path)
    former = path.read_bytes()
    with pytest.raises(sm.StateError, match=f"plug-in: a {type(content).__name__}"):
        sm.RngState({"plug-in": [content]}).save(path)
    assert path.read_bytes() == former
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "content", [{0: 1, (1, None): b"x", "a": [2.5]}, -(10**5000), {}], ids=["dict", "int", "empty"]
)
def test_dicts_with_any_keys_and_large_numbers_survive_a_file(content: Any, tmp_path: Path) -> None:
    state = sm.RngState({"plug-in": content})
    state.save(tmp_path / "state")
    assert sm.RngState.load(tmp_path / "state") == state


def test_a_random_state_in_the_place_of_numpys_is_put_back_by_its_own_functions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = np.random.RandomState(9)
    for name in ("get_state", "set_state", "seed", "rand", "randn"):
        monkeypatch.setattr(np.random, name, getattr(mine, name))
    np.random.randn()  # half of a pair is cached
    with sm.preserve():
        inside = [np.random.randn(), np.random.rand()]
    assert [np.random.randn(), np.random.rand()] == inside


def test_a_generator_that_nothing_can_put_back_is_refused_before_a_scope_draws() -> None:
    class Other(np.random.MT19937):
        pass

    former = np.random.get_bit_generator()
    np.random.set_bit_generator(Other(4))
    try:
        with pytest.raises(sm.StateError, match="Other, is not one of NumPy's"), sm.seeded(3):
            raise AssertionError("it has begun")
    finally:
        np.random.set_bit_generator(former)
