"""The generator of dask.array's functions, a `numpy.random.RandomState`."""

from __future__ import annotations

from typing import Any

from seedmagic.imports import loaded
from seedmagic.sources.numpy_states import check, from_numpy, to_numpy
from seedmagic.sources.protocol import State, original

_BACKEND = "numpy"
_NOT_MADE = {"made": False}


class DaskSource:
    """What ``dask.array.random.random`` and its siblings draw the seeds of their blocks from.

    ``dask.array.random.default_rng()`` makes generators of its own, which no global seed reaches.
    """

    name = "dask"
    module = "dask.array.random"
    seeders = ("seed",)

    def is_loaded(self) -> bool:
        """Whether this Dask keeps its generator where it is known to."""
        return isinstance(getattr(loaded(self.module), "_cached_states", None), dict)

    def seed(self, seed: int) -> None:
        """Do what ``dask.array.random.seed(seed)`` does."""
        original(loaded(self.module).seed)(seed)

    def get_state(self) -> State:
        """Give the RandomState's state; before it is made, on first use, that."""
        held = self._held()
        return {**_NOT_MADE} if held is None else from_numpy(held.get_state(legacy=False))

    def set_state(self, state: State) -> None:
        """Put back a state of `get_state`."""
        self.check_state(state)
        if state == _NOT_MADE:
            loaded(self.module)._cached_states.pop(_BACKEND, None)
            return
        if self._held() is None:
            self.seed(0)
        self._held().set_state(to_numpy(state))

    def check_state(self, state: State) -> None:
        """Check each type, size and index."""
        if state != _NOT_MADE:
            check(state, "dask.array's generator")

    def owned(self) -> list[Any]:
        """Give the bit generator of the RandomState."""
        held = self._held()
        return [] if held is None else [held._bit_generator]

    def _held(self) -> Any:
        held = loaded(self.module)._cached_states.get(_BACKEND)
        return getattr(held, "_numpy_state", None)
