"""The hook for NumPy generators without a seed goes in and comes out without a trace."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import seedmagic as sm
from scripts import answer
from seedmagic.session.entropy import entropy_pin
from seedmagic.session.seeding import begin_cell, make_modes, put_in_force, put_out_of_force

HOOKED: Any = np.random.bit_generator  # type: ignore[attr-defined]  # a module without stubs


def pin(seed: int) -> None:
    put_in_force(seed, make_modes(pin_entropy=True), "%seed")


def unseeded() -> list[float]:
    """Make generators without a seed, in every way there is."""
    made = [
        np.random.default_rng(),
        np.random.RandomState(),
        np.random.Generator(np.random.PCG64()),
        np.random.Generator(np.random.Philox()),
        np.random.Generator(np.random.SFC64(None)),
        np.random.default_rng(np.random.SeedSequence()),
    ]
    return [rng.random() for rng in made]


def test_numpy_is_as_it_was_after_the_pin_is_out_of_force() -> None:
    before = dict(vars(HOOKED))
    for _ in range(2):
        pin(1)
        pin(2)  # a second one: nothing is doubled
        assert HOOKED.randbits is not before["randbits"]
        put_out_of_force()
        assert vars(HOOKED) == before
    with sm.preserve():
        pin(1)
    assert vars(HOOKED) == before
    pin(1)
    sm.seed_everything(1)
    assert vars(HOOKED) == before


def test_a_function_that_someone_else_put_there_since_stays() -> None:
    former = HOOKED.randbits
    pin(1)
    try:
        HOOKED.randbits = other = lambda count: 1
        put_out_of_force()
        assert HOOKED.randbits is other
    finally:
        HOOKED.randbits = former


def test_with_a_pin_generators_without_a_seed_are_the_same_at_every_run() -> None:
    runs = []
    for seed in (1, 1, 2):
        pin(seed)
        runs.append([unseeded(), unseeded()])
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]
    numbers = runs[0][0] + runs[0][1]
    assert len(set(numbers)) == len(numbers)


def test_with_a_pin_seeded_generators_and_copies_are_what_they_are_without() -> None:
    def draws() -> list[Any]:
        held = np.random.default_rng(5)
        held.random()
        copies = [copy.deepcopy(held), pickle.loads(pickle.dumps(held))]
        state = np.random.RandomState(0)
        return [
            *state.rand(3),
            *pickle.loads(pickle.dumps(state)).rand(3),
            *(rng.random() for rng in copies),
            np.random.default_rng(np.random.SeedSequence(3)).random(),
            np.random.Generator(np.random.Philox(key=1)).random(),
            np.random.Generator(np.random.PCG64(4).jumped()).random(),
        ]

    expected = draws()
    pin(1)
    assert draws() == expected


def test_without_a_pin_generators_get_entropy() -> None:
    assert unseeded() != unseeded()
    pin(1)
    sm.seed_everything(1)
    assert unseeded() != unseeded()


def test_a_scopes_end_takes_the_pin_away_and_gives_it_back() -> None:
    pin(1)
    outside = unseeded()
    with sm.seeded(2):
        begin_cell("")
        assert unseeded() != outside
    begin_cell("")
    assert unseeded() == outside


@pytest.mark.parametrize("count", [1, 32, 128, 129, 256, 1000])
def test_a_pin_gives_as_many_bits_as_are_asked_for(count: int) -> None:
    source = entropy_pin.Pin(42)
    values = [source.bits(count) for _ in range(64)]
    assert min(values) >= 0
    assert max(values).bit_length() in range(count - 8 if count > 8 else 0, count + 1)
    assert len(set(values)) == min(2**count, 64)


def test_a_numpy_imported_later_is_hooked_then() -> None:
    script = """
    import json, sys
    import seedmagic as sm
    from seedmagic.session.seeding import make_modes, put_in_force
    put_in_force(int(sys.argv[1]), make_modes(pin_entropy=True), "%seed")
    assert "numpy" not in sys.modules
    import numpy as np
    print(json.dumps([np.random.default_rng().random(), np.random.RandomState(0).rand()]))
    """
    one, again, other = answer(script, "1"), answer(script, "1"), answer(script, "2")
    assert one == again
    assert one[0] != other[0]
    assert one[1] == other[1] == np.random.RandomState(0).rand()
