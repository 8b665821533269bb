"""numba's generators inside compiled code: one for `random`, one for `numpy.random`."""

from __future__ import annotations

import math
import os
import struct
import sys
import threading
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any, cast

from seedmagic.errors import StateError
from seedmagic.imports import loaded
from seedmagic.sources.protocol import State
from seedmagic.sources.read_only_memory import ReadOnlyMemory

# rnd_state_t of numba/_random.c, as numba describes it to its compiler, and as it lies in memory:
# index, 624 words, has_gauss, gauss, is_initialized.
_KNOWN = "{i32, [624 x i32], i32, double, i32}"
_LAYOUT = struct.Struct("@i624Iidi0d")
_STARTED = 1
_process = os.getpid()  # in a forked child numba starts its generators anew


class NumbaSource:
    """The two generators of the thread that calls.

    numba keeps a pair for each thread; those of its worker threads (``parallel=True``) can be
    reached from inside compiled code alone.
    """

    name = "numba"
    module = "numba"
    part = "main thread"

    def is_loaded(self) -> bool:
        """Whether it is numba, and not a stand-in that some package puts in its place."""
        return "numba._helperlib" in sys.modules

    def seed(self, seed: int) -> None:
        """Do what ``random.seed(seed)`` and ``np.random.seed(seed)`` do in compiled code."""
        for address in _generators().values():
            _library().rnd_seed(address, seed)

    def get_state(self) -> State:
        """Give the bytes of both generators, the cached Gaussians with them."""
        read = _read if _lies_as_known() else _ask
        return [_pack(*read(kind, address)) for kind, address in _generators().items()]

    def look(self, last: object) -> object:
        """Give the state; `last` where another pair would be read than the main thread's."""
        if threading.current_thread() is not threading.main_thread() or os.getpid() != _process:
            return last
        seen = self.get_state()
        return last if seen == last else seen

    def state_of(self, seen: Any) -> State:
        """Give the state that was seen, whichever thread asks."""
        return [*seen]

    def set_state(self, state: State) -> None:
        """Put back a state of `get_state`."""
        self.check_state(state)
        for (kind, address), content in zip(_generators().items(), state, strict=True):
            index, *words, has_gauss, gauss, _ = _LAYOUT.unpack(content)
            _library().rnd_set_state(address, (index, words))  # forgets a cached Gaussian
            if has_gauss:
                _compiled(kind)[1](gauss)

    def check_state(self, state: State) -> None:
        """Check sizes and indices: numba itself would read beyond its words."""
        is_pair = isinstance(state, (list, tuple)) and len(state) == 2
        if not is_pair or not all(map(_is_sound, state)):
            raise StateError("not a state of numba's two generators")


def _library() -> Any:
    # Private, and what numba's own tests use: the public way is to compile a function that seeds,
    # which takes a second, and there is none to read a state.
    return sys.modules["numba._helperlib"]


def _generators() -> dict[str, int]:
    """Give where the generators of this thread lie, which have started then."""
    library = _library()
    return {"py": library.rnd_get_py_state_ptr(), "np": library.rnd_get_np_state_ptr()}


def _pack(index: int, words: list[int], has_gauss: int, gauss: float) -> bytes:
    # numba leaves a Gaussian that is used up where it was.
    return _LAYOUT.pack(index, *words, has_gauss, gauss if has_gauss else 0.0, _STARTED)


def _read(kind: str, address: int) -> tuple[int, list[int], int, float]:
    """Read a generator where it lies: to compile takes 0.8 s at the first `%seed` of a kernel."""
    held = ReadOnlyMemory(address, _LAYOUT.size).read()
    index, *words, has_gauss, gauss, _ = _LAYOUT.unpack(held)
    return index, words, has_gauss, gauss


def _ask(kind: str, address: int) -> tuple[int, list[int], int, float]:
    """Have numba tell of a generator."""
    index, words = _library().rnd_get_state(address)  # leaves the cached Gaussian out
    return index, words, *_compiled(kind)[0]()


@lru_cache(maxsize=1)
def _lies_as_known() -> bool:
    """Whether numba describes its generators as is known here, and they lie so."""
    try:
        from numba.cpython import randomimpl

        if str(randomimpl.rnd_state_t) != _KNOWN:
            return False
    except (ImportError, AttributeError):
        return False
    return all(
        _read(kind, address)[:2] == _library().rnd_get_state(address)
        for kind, address in _generators().items()
    )


@lru_cache(maxsize=2)
def _compiled(kind: str) -> tuple[Callable[[], tuple[int, float]], Callable[[float], None]]:
    """Have numba compile what tells the cached Gaussian of a generator, and what sets it.

    Its own functions leave it out. It takes 0.1 s where something was compiled before.
    """
    parts = ("numba.cpython.randomimpl", "numba.core.types", "numba.core.typing", "numba.extending")
    layout, types, typing, extending = (cast(Any, import_module(part)) for part in parts)

    def places(context: Any, builder: Any) -> tuple[Any, Any]:
        state = layout.get_state_ptr(context, builder, kind)
        return layout.get_has_gauss_ptr(builder, state), layout.get_gauss_ptr(builder, state)

    def load(asked: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            held = [builder.load(place) for place in places(context, builder)]
            return context.make_tuple(builder, signature.return_type, held)

        return typing.signature(types.Tuple((types.int32, types.float64))), generate

    def store(asked: Any, gauss: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            has_gauss, place = places(context, builder)
            builder.store(layout.const_int(1), has_gauss)
            builder.store(args[0], place)
            return context.get_dummy_value()

        return typing.signature(types.none, types.float64), generate

    loads, stores = extending.intrinsic(load), extending.intrinsic(store)
    compiled = loaded("numba").njit
    return compiled(lambda: loads()), compiled(lambda gauss: stores(gauss))


def _is_sound(content: Any) -> bool:
    if not isinstance(content, bytes) or len(content) != _LAYOUT.size:
        return False
    index, *_, has_gauss, gauss, initialised = _LAYOUT.unpack(content)
    return (
        0 <= index <= 624 and has_gauss in (0, 1) and initialised in (0, 1) and math.isfinite(gauss)
    )
