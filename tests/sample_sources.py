"""Sources as a user would write them, and a look at all that a mistake must leave alone."""

from __future__ import annotations

import os
import random
from typing import Any

import seedmagic as sm


class Dice:
    """A source with everything: it owns a generator of its own."""

    name = "dice"
    module = "sample_sources"

    def __init__(self) -> None:
        self.generator = random.Random(7)

    def draw(self) -> float:
        return self.generator.random()

    def seed(self, seed: int) -> None:
        self.generator.seed(seed)

    def get_state(self) -> Any:
        version, words, _ = self.generator.getstate()
        return {"version": version, "words": words}

    def set_state(self, state: Any) -> None:
        self.generator.setstate((state["version"], state["words"], None))

    def check_state(self, state: Any) -> None:
        try:
            random.Random(0).setstate((state["version"], state["words"], None))
        except Exception as error:
            raise ValueError(f"no state of dice: {error}") from error


class Coin:
    """A source that can only be seeded."""

    module = "sample_sources"

    def __init__(self, name: str = "coin") -> None:
        self.name = name
        self.seeds: list[int] = []

    def seed(self, seed: int) -> None:
        self.seeds.append(seed)


def toss() -> None:
    """Stand for a library's function that draws."""


class BrokenCoin(Coin):
    """A source that cannot even be seeded."""

    def seed(self, seed: int) -> None:
        raise OSError("the coin is lost")


class StuckDice(Dice):
    """A source that can be read, and then not be put back."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def set_state(self, state: Any) -> None:
        raise OSError(f"{self.name} is stuck")


def device_sources() -> list[str]:
    """Name the sources of accelerators that this torch has, which go with the one of the CPU."""
    sources = sm.status().sources
    return [n for n in sources if n.startswith("torch.") and sources[n].status != "not loaded"]


def everything_now() -> tuple[sm.RngState, dict[str, Any], dict[str, str]]:
    """Give the state of every source, what the panel shows, and the environment.

    What is seed only cannot be as it was: a scope seeds it anew, and says so.
    """
    shown = sm.status().to_dict()
    others = {
        name: told for name, told in shown["sources"].items() if told["status"] != "seed only"
    }
    return sm.snapshot(), {**shown, "sources": others}, dict(os.environ)


def assert_unchanged(before: tuple[sm.RngState, dict[str, Any], dict[str, str]]) -> None:
    now = everything_now()
    assert before[0].diff(now[0]) == []
    assert before[1] == now[1]
    assert before[2] == now[2]
