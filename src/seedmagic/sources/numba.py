"""numba's generators inside compiled code: one for `random`, one for `numpy.random`."""

from __future__ import annotations

import math
import struct
import sys
from typing import Any

from seedmagic.errors import StateError
from seedmagic.sources.protocol import State

# rnd_state_t of numba/_random.c, which numba/cpython/randomimpl.py describes to its compiler:
# index, 624 words, has_gauss, gauss, is_initialized. rnd_get_state leaves the cached Gaussian out.
_LAYOUT = struct.Struct("@i2496xidi0d")


class NumbaSource:
    """The two generators of the thread that calls.

    numba keeps a pair for each thread; those of its worker threads (``parallel=True``) can be
    reached from inside compiled code alone.
    """

    name = "numba"
    module = "numba"

    def is_loaded(self) -> bool:
        """Whether it is numba, and not a stand-in that some package puts in its place."""
        return "numba._helperlib" in sys.modules

    def _generators(self) -> list[int]:
        _helperlib = _library()
        return [_helperlib.rnd_get_py_state_ptr(), _helperlib.rnd_get_np_state_ptr()]

    def seed(self, seed: int) -> None:
        """Do what ``random.seed(seed)`` and ``np.random.seed(seed)`` do in compiled code."""
        for address in self._generators():
            _library().rnd_seed(address, seed)

    def get_state(self) -> State:
        """Give the bytes of both generators, the cached Gaussians with them."""
        import ctypes

        return [ctypes.string_at(address, _LAYOUT.size) for address in self._generators()]

    def set_state(self, state: State) -> None:
        """Put back a state of `get_state`."""
        import ctypes

        self.check_state(state)
        for address, content in zip(self._generators(), state, strict=True):
            ctypes.memmove(address, content, _LAYOUT.size)

    def check_state(self, state: State) -> None:
        """Check sizes and indices: numba itself would read beyond its words."""
        is_pair = isinstance(state, (list, tuple)) and len(state) == 2
        if not is_pair or not all(map(_is_sound, state)):
            raise StateError("not a state of numba's two generators")


def _library() -> Any:
    # Private, and what numba's own tests use: the public way is to compile a function that seeds,
    # which takes a second, and there is none to read a state.
    return sys.modules["numba._helperlib"]


def _is_sound(content: Any) -> bool:
    if not isinstance(content, bytes) or len(content) != _LAYOUT.size:
        return False
    index, has_gauss, gauss, initialised = _LAYOUT.unpack(content)
    return (
        0 <= index <= 624 and has_gauss in (0, 1) and initialised in (0, 1) and math.isfinite(gauss)
    )
