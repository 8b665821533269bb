"""polars' global generator, which gives a seed to what is called without one."""

from __future__ import annotations

from typing import Any

from seedmagic.imports import loaded
from seedmagic.sources.protocol import Draws, original, own_parts

_LISTS = ("polars.series.list:ListNameSpace", "polars.expr.list:ExprListNameSpace")


class PolarsSource:
    """What ``polars.set_random_seed`` sets. polars has no way to read it."""

    name = "polars"
    module = "polars"
    seeders = ("set_random_seed",)

    def is_loaded(self) -> bool:
        """Whether it is polars, and not a stand-in."""
        return own_parts("polars", "set_random_seed")

    def seed(self, seed: int) -> None:
        """Do what ``polars.set_random_seed(seed)`` does."""
        original(loaded("polars").set_random_seed)(seed)

    @property
    def draws(self) -> Draws:
        """Name what draws where it is given no seed.

        An expression draws each time that it is run, and is noticed where it is written.
        """
        owners = ("DataFrame", "Series", "Expr")
        samples = [f"{owner}.sample" for owner in owners] + [f"{list_}.sample" for list_ in _LISTS]
        shuffles = [f"{owner}.shuffle" for owner in ("Series", "Expr")]
        ranks = [f"{owner}.rank" for owner in ("Series", "Expr")]
        return {
            **dict.fromkeys(samples, lambda args, given: given.get("seed") is None),
            **dict.fromkeys(shuffles, _shuffles_by_chance),
            **dict.fromkeys(ranks, _ranks_by_chance),
        }


def _shuffles_by_chance(args: tuple[Any, ...], given: dict[str, Any]) -> bool:
    return (args[1] if len(args) > 1 else given.get("seed")) is None


def _ranks_by_chance(args: tuple[Any, ...], given: dict[str, Any]) -> bool:
    return "random" in (*args[1:2], given.get("method")) and given.get("seed") is None
