"""What a table, a picture and a comparison ask of many runs: the shape of a `RunsResult`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seedmagic.runs.result_summary import Summary


class TrackedRuns(Protocol):
    """The values of each tracked name, a row a run."""

    @property
    def seeds(self) -> tuple[int, ...]:
        """Those of the finished runs."""

    @property
    def errors(self) -> Mapping[int, str]:
        """The seeds whose runs failed, and how."""

    @property
    def cancelled(self) -> tuple[int, ...]:
        """The seeds whose runs were cancelled."""

    @property
    def names(self) -> tuple[str, ...]:
        """What was tracked."""

    def is_sequence(self, name: str) -> bool:
        """Whether some run gave a sequence under `name`."""

    def values(self, name: str) -> NDArray[np.float64]:
        """Give all values of `name`: one row a run."""

    def last(self, name: str) -> NDArray[np.float64]:
        """Give one number a run."""

    def summary(self) -> Summary:
        """Give the statistics of each name."""
