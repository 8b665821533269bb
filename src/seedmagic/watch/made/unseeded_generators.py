"""Notice generators that are made without a seed, and the line of the user's that made them.

NumPy asks for entropy in many cases where none is used: ``RandomState(0)``, copies, ``jumped()``;
and libraries make a ``random.Random()`` and throw it away. Each request is a candidate only, until
it is known what became of it.
"""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

from seedmagic.code.cell_frames import is_installed_import
from seedmagic.code.running_cells import line_in_cell
from seedmagic.imports import is_loaded, loaded
from seedmagic.replacements import Replacements, dressed
from seedmagic.session.entropy import numpy_entropy, python_entropy
from seedmagic.sources.known.registry import present_of_known
from seedmagic.sources.protocol import owned_by
from seedmagic.watch import seeding_calls
from seedmagic.watch.generator_names import GENERATOR, PYTHON_GENERATOR
from seedmagic.watch.made.made_candidates import MadeCandidates, Place
from seedmagic.watch.made.unseeded_python_generators import MadeByPython

_PICKLING = str(Path("numpy", "random", "_pickle.py"))
# Both make a bit generator with entropy, and then overwrite its state.
_OVERWRITING = re.compile(r"\bjumped\s*\(|[(,]\s*key\s*=")
_SEEDING = re.compile(r"([\w.]*)\bseed\s*\(")


class MadeGenerators:
    """The lines on which generators were made without a seed, since the last `settle`."""

    def __init__(self, anew: Callable[[Iterable[str], FrameType], None]) -> None:
        self._lines: list[int] = []
        self._anew = anew
        self._numpy = MadeCandidates(lambda generator: generator.bit_generator.state, _is_restored)
        self._legacy = MadeCandidates(lambda generator: generator.state, _is_given)
        self._inside: int | None = None
        self._python = MadeByPython(anew)

    def install(self, replacements: Replacements) -> None:
        """Begin to listen; a second call looks only for a NumPy that came since."""
        numpy_entropy.listen(self._asked)
        python_entropy.listen(self._python)
        if is_loaded("numpy.random") and is_loaded("numpy.random.mtrand"):
            replacements.replace(loaded("numpy.random.mtrand"), "_MT19937", self._stand_in)
            replacements.replace(loaded("numpy.random"), "default_rng", self._holding)

    def stop(self) -> None:
        """Listen no more."""
        numpy_entropy.listen(None)
        python_entropy.listen(None)
        self.settle()

    @property
    def waits(self) -> bool:
        """Whether there is anything to settle."""
        return bool(self._lines or self._numpy or self._legacy or self._python.candidates)

    def settle(
        self, whole: bool = True, place: Place = lambda line: line
    ) -> list[tuple[str, int | None]]:
        """Give the kinds and lines that have become known, and forget them.

        `whole` is whether the cell has ended, and nothing more can become of what it made. `place`
        gives the line of the cell, of that which its frames count.
        """
        lines, self._lines = self._lines, []
        if self._legacy:  # what is a source is none of them: of it the draw tells
            for one in (one for source in present_of_known() for one in owned_by(source)):
                self._legacy.drop(one)
        numpy = [
            *map(place, lines),
            *self._numpy.settle(whole, place),
            *self._legacy.settle(whole, place),
        ]
        python = self._python.candidates.settle(whole, place)
        made = [(GENERATOR, line) for line in numpy]
        return made + [(PYTHON_GENERATOR, line) for line in python]

    def _asked(self, frame: FrameType) -> bool:
        """Take that NumPy asked for entropy, called from `frame`; say whether it may be used.

        What goes wrong here stays here.
        """
        try:
            if frame.f_code is _MAKE:
                self._inside = self._line(frame)
                return True
            if _overwrites(frame):
                return False
            if (seeding := _SEEDING.search(_call_text(frame))) is not None:
                if not _is_shared(frame, seeding[1]):
                    self._anew((GENERATOR,), frame)
                return False
            line = self._line(frame)
            if line is not None:
                self._lines.append(line)
        except Exception:  # a frame unlike any known one; the user's call goes on
            pass
        return True

    def _line(self, frame: FrameType) -> int | None:
        """Give the cell's line that led to `frame`; None where this is nobody's generator."""
        if frame.f_code.co_filename.endswith(_PICKLING):
            return None
        if is_installed_import(frame):
            return None
        return line_in_cell(frame)

    def _stand_in(self, original: Any) -> Any:
        """Stand for MT19937 where RandomState makes one: gives real ones, and remembers them."""
        made = self

        class StandIn(type):
            def __instancecheck__(cls, instance: Any) -> bool:
                return isinstance(instance, original)

            def __call__(cls, *args: Any, **kwargs: Any) -> Any:
                return _make(made, made._hold_legacy, original, args, kwargs)

        return StandIn("MT19937", (), {})

    def _holding(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Stand for ``default_rng``, and hold what it made: a library may throw it away."""
        made = self

        def default_rng(*args: Any, **kwargs: Any) -> Any:
            return _make(made, made._hold, original, args, kwargs)

        return dressed(default_rng, original, loaded("numpy.random"), "default_rng")

    def _hold_legacy(self, generator: Any, line: int) -> None:
        try:
            self._legacy.add(generator, line)
        except Exception:  # an MT19937 unlike any known one; the user's call goes on
            self._lines.append(line)

    def _hold(self, generator: Any, line: int) -> None:
        try:
            self._numpy.add(generator, line)
        except Exception:  # a generator unlike any known one; the user's call goes on
            self._lines.append(line)


def _make(
    made: MadeGenerators, take: Callable[[Any, int], None], original: Any, args: Any, kwargs: Any
) -> Any:
    """Call `original`, and `take` what it made if it asked for entropy meanwhile."""
    made._inside = None
    generator = original(*args, **kwargs)
    line, made._inside = made._inside, None
    if line is not None:
        take(generator, line)
    return generator


_MAKE = _make.__code__


def _is_restored(generator: Any, state: Any) -> bool:
    """Whether a Generator has the state of another: no draw changes a PCG64's increment."""
    return bool(generator.bit_generator.state["state"].get("inc") != state["state"].get("inc"))


def _is_given(generator: Any, state: Any) -> bool:
    """Whether an MT19937 was seeded again, as by ``RandomState(0)``: no seed sequence is left."""
    return getattr(generator, "seed_seq", None) is None


def _is_shared(frame: FrameType, text: str) -> bool:
    """Whether what stands before ``seed()`` in a call is all of NumPy, or its global generator."""
    found: Any = frame.f_locals
    for name in text.rstrip(".").split("."):
        held = found if isinstance(found, dict) else getattr(found, "__dict__", {})
        former, found = found, held.get(name, None)
        if found is None and former is frame.f_locals:
            found = frame.f_globals.get(name)
    numpy_random = sys.modules["numpy.random"]
    return found is numpy_random or found is loaded("numpy.random.mtrand").__dict__.get("_rand")


def _overwrites(frame: FrameType) -> bool:
    """Whether what `frame` calls makes a bit generator with entropy, and then another state."""
    if frame.f_globals.get("__name__") == seeding_calls.__name__:
        return True  # np.random.seed(): it makes no generator
    source = _call_text(frame)
    name = source.partition("(")[0].strip()
    called = frame.f_locals.get(name, frame.f_globals.get(name))
    return bool(_OVERWRITING.search(source)) or getattr(called, "__name__", "") == "jumped"


def _call_text(frame: FrameType) -> str:
    """Give the text of the call that `frame` is in; on Python 3.10 all of its first line."""
    code, line = frame.f_code, frame.f_lineno
    if not hasattr(code, "co_positions"):
        return linecache.getline(code.co_filename, line)
    first, last, begin, end = next(islice(code.co_positions(), frame.f_lasti // 2, None))
    if first is None or last is None:
        return linecache.getline(code.co_filename, line)
    text = [linecache.getline(code.co_filename, at).encode() for at in range(first, last + 1)]
    text[-1] = text[-1][:end]
    text[0] = text[0][begin:]
    return b"".join(text).decode()
