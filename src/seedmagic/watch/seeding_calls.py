"""Notice the user's own seeding and restoring, direct or inside any helper or library.

State alone cannot tell "seeded, then drew" from "drew", so the libraries' own functions are
replaced by ones that note the call. What was imported by name before passes by.
"""

from __future__ import annotations

import operator
import os
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial
from types import FrameType
from typing import Any, NamedTuple

from seedmagic.code.cell_frames import calling_frame
from seedmagic.code.running_cells import is_importing
from seedmagic.imports import is_loaded, loaded
from seedmagic.replacements import Replacements, dressed
from seedmagic.session import in_force, session_terms
from seedmagic.session.entropy import numpy_entropy
from seedmagic.session.entropy.entropy_pin import is_ours
from seedmagic.session.session_terms import Seeded
from seedmagic.sources.known import drawing_calls
from seedmagic.sources.known.drawing_calls import function_place, notes_seeders
from seedmagic.sources.known.registry import present_of_known
from seedmagic.sources.protocol import Source

# How many captured states are remembered, each at a hundred bytes or two; and former generators.
_REMEMBERED = 1000
_REMEMBERED_GENERATORS = 10

_anew: Callable[[Iterable[str], FrameType], None] | None = None
_seeds: drawing_calls.Seeding | None = None
_process = os.getpid()
_captured: OrderedDict[tuple[str, int], Seeded | None] = OrderedDict()
# The bit generators that np.random drew from before others, and who had seeded them.
_former: OrderedDict[int, tuple[Any, Seeded | None]] = OrderedDict()


class _Place(NamedTuple):
    """A function of a library: where it stands, which sources it acts on, and how.

    `note` is told what the call gave, or what `replaces` gave just before it.
    """

    module: str
    name: str
    sources: tuple[str, ...]
    note: Callable[[_Place, tuple[Any, ...], dict[str, Any], Any], None]
    replaces: Callable[[], Any] = lambda: None


def install(replacements: Replacements, anew: Callable[[Iterable[str], FrameType], None]) -> None:
    """Replace the functions of every library that is loaded by now.

    `anew` is told the sources that the operating system seeds, and the frame that asked for it.
    """
    global _anew, _seeds
    _anew = anew
    if _seeds is None:
        _seeds = partial(_seeding, replacements)
        drawing_calls.seedings.append(_seeds)
    for place in _PLACES:
        if is_loaded(place.module):
            module = loaded(place.module)
            replacements.replace(module, place.name, partial(_noting, replacements, place, module))
    for source in present_of_known():
        for path in getattr(source, "seeders", ()) if not notes_seeders(source) else ():
            owner, name = function_place(source, path)
            if owner is not None:
                place = _Place(source.module, path, (source.name,), _note_seed)
                replacements.replace(owner, name, partial(_noting, replacements, place, owner))


def stop() -> None:
    """Tell nobody, and let go of the generators that are remembered."""
    global _anew, _seeds
    _anew = None
    if _seeds in drawing_calls.seedings:
        drawing_calls.seedings.remove(_seeds)
    _seeds = None
    _former.clear()


def _seeding(
    replacements: Replacements, source: Source, path: str, owner: Any, original: Callable[..., Any]
) -> Callable[..., Any]:
    """Give what is called in place of a function that `drawing_calls` has replaced already."""
    place = _Place(source.module, path, (source.name,), _note_seed)
    return _noting(replacements, place, owner, original)


def _noting(
    replacements: Replacements, place: _Place, owner: Any, original: Callable[..., Any]
) -> Callable[..., Any]:
    def noting(*args: Any, **kwargs: Any) -> Any:
        # In a forked worker there is nobody to tell, but that it has generators of its own now.
        if os.getpid() != _process or not replacements.in_use:
            if place.note is not _note_capture:
                in_force.replace()
            return original(*args, **kwargs)
        if place.note is _note_capture:
            result = original(*args, **kwargs)
            _quietly(place, args, kwargs, result)
            return result
        pin = in_force.current.pin if _asks_system(place, args, kwargs) else None
        if pin is not None and is_ours() and not is_importing(calling_frame()):
            # 32: all that NumPy takes.
            return _seed_pinned(place, partial(noting, *_owners(args)), pin.bits(32))
        with in_force.lock, in_force.changing:
            former = place.replaces()
            result = original(*args, **kwargs)
            _quietly(place, args, kwargs, former)
        return result

    return dressed(noting, original, owner, place.name.rpartition(".")[2])


def _quietly(place: _Place, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    try:
        place.note(place, args, kwargs, result)
    except Exception:  # an argument that no reader of ours knows; the call itself went well
        return


def _given(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return next(iter((*args[len(_owners(args)) :], *kwargs.values())), None)


def _owners(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give the class of a class method, which comes first."""
    return args[:1] if args and isinstance(args[0], type) else ()


def _asks_system(place: _Place, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether the operating system is asked for a seed: there is none."""
    if place.note is _note_entropy:
        return True
    return place.note is _note_seed and _given(args, kwargs) is None


def _seed_pinned(place: _Place, noting: Callable[..., Any], number: int) -> Any:
    """Seed with `number` in the operating system's place; of torch's, `seed` takes none."""
    if place.note is _note_seed:
        return noting(number)
    getattr(loaded(place.module), place.name.replace("seed", "manual_seed"))(number)
    return number if "torch" in place.sources else None


def _note_seed(place: _Place, args: tuple[Any, ...], kwargs: dict[str, Any], _: Any) -> None:
    given = _given(args, kwargs)
    if given is None:
        _note_entropy(place, args, kwargs, None)
        return
    number = operator.index(given) if hasattr(given, "__index__") else None
    seeded = Seeded(number, f"{place.module}.{place.name}", ours=False)
    for name in place.sources:
        in_force.note(name, seeded)


def _note_entropy(place: _Place, args: tuple[Any, ...], kwargs: dict[str, Any], _: Any) -> None:
    if _anew is not None:  # who asks there is told what was in force until now
        _anew(place.sources, calling_frame())
    for name in place.sources:
        in_force.note(name, None)


def _note_restore(place: _Place, args: tuple[Any, ...], kwargs: dict[str, Any], _: Any) -> None:
    state = args[0] if args else next(iter(kwargs.values()))
    for name in place.sources:
        in_force.note(name, _captured.get((name, _digest(state)), session_terms.RESTORED))


def _note_capture(place: _Place, args: tuple[Any, ...], kwargs: dict[str, Any], state: Any) -> None:
    for name in place.sources:
        key = name, _digest(state)
        _captured[key] = in_force.current.seeded.get(name)
        _captured.move_to_end(key)
        while len(_captured) > _REMEMBERED:
            _captured.popitem(last=False)


def _bit_generator() -> Any:
    return sys.modules["numpy.random"].get_bit_generator()


def _note_bit_generator(
    place: _Place, args: tuple[Any, ...], kwargs: dict[str, Any], former: Any
) -> None:
    """Take who seeded a bit generator when it was made, or while it was in use before."""
    generator = args[0] if args else next(iter(kwargs.values()))
    _former[id(former)] = former, in_force.current.seeded.get("numpy")
    _, seeded = _former.pop(id(generator), None) or (None, _seeded_at_making(place, generator))
    while len(_former) > _REMEMBERED_GENERATORS:
        _former.popitem(last=False)
    for name in place.sources:
        in_force.note(name, seeded)


def _seeded_at_making(place: _Place, generator: Any) -> Seeded | None:
    number = getattr(getattr(generator, "seed_seq", None), "entropy", None)
    if numpy_entropy.is_from_system(number):
        return None
    number = number if isinstance(number, int) else None
    return Seeded(number, f"{place.module}.{place.name}", ours=False)


def _digest(state: Any) -> int:
    """Hash a state in any of the forms in which the libraries give it."""
    if isinstance(state, dict):
        return hash(tuple(_digest(value) for value in state.values()))
    if isinstance(state, (list, tuple)) and not (state and isinstance(state[0], int)):
        return hash(tuple(_digest(value) for value in state))
    if hasattr(state, "data_ptr"):
        return hash(bytes(state.tolist()))
    if hasattr(state, "tobytes"):
        return hash(state.tobytes())
    return hash(state)


_TORCH = ("torch", "torch.cuda", "torch.mps", "torch.xpu", "torch.mtia")
_PLACES = [
    _Place("random", "seed", ("python",), _note_seed),
    _Place("random", "setstate", ("python",), _note_restore),
    _Place("random", "getstate", ("python",), _note_capture),
    _Place("numpy.random", "seed", ("numpy",), _note_seed),
    _Place("numpy.random", "set_state", ("numpy",), _note_restore),
    _Place("numpy.random", "get_state", ("numpy",), _note_capture),
    _Place("numpy.random", "set_bit_generator", ("numpy",), _note_bit_generator, _bit_generator),
]
for _module in ("torch", "torch.random"):
    _PLACES += [
        _Place(_module, "manual_seed", _TORCH, _note_seed),
        _Place(_module, "seed", _TORCH, _note_entropy),
        _Place(_module, "set_rng_state", ("torch",), _note_restore),
        _Place(_module, "get_rng_state", ("torch",), _note_capture),
    ]
for _kind in ("cuda", "xpu", "mtia", "mps"):
    for _module in (f"torch.{_kind}", f"torch.{_kind}.random"):
        _PLACES += [
            _Place(_module, "manual_seed", (f"torch.{_kind}",), _note_seed),
            _Place(_module, "manual_seed_all", (f"torch.{_kind}",), _note_seed),
            _Place(_module, "seed", (f"torch.{_kind}",), _note_entropy),
            _Place(_module, "seed_all", (f"torch.{_kind}",), _note_entropy),
            _Place(_module, "set_rng_state", (f"torch.{_kind}",), _note_restore),
            _Place(_module, "get_rng_state", (f"torch.{_kind}",), _note_capture),
        ]
