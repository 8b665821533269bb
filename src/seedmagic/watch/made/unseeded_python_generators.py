"""Notice `random.Random` objects that the operating system seeded, and what became of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from seedmagic.code.cell_frames import is_installed_import
from seedmagic.code.running_cells import line_in_cell
from seedmagic.watch.generator_names import PYTHON_GENERATOR
from seedmagic.watch.given_numbers import note_given
from seedmagic.watch.made.made_candidates import MadeCandidates

# Of the class that holds the state: a subclass may give another.
_STATE_OF: Any = random.Random.__base__.getstate  # type: ignore[union-attr]
_MAKING = random.Random.__init__.__code__


class MadeByPython:
    """Those that were made since the last `settle`.

    Parameters
    ----------
    anew : callable
        Is told of one that was made before, with the frame that had it seeded.
    """

    def __init__(self, anew: Callable[[Iterable[str], FrameType], None]) -> None:
        self._anew = anew
        self.candidates = MadeCandidates(_STATE_OF)

    def seeded_by_system(self, generator: Any, frame: FrameType) -> None:
        """Take that the operating system seeded `generator`, which `frame` asked for."""
        self.candidates.drop(generator)
        if frame.f_code is not _MAKING:
            self._anew((PYTHON_GENERATOR,), frame)
        elif not is_installed_import(frame) and (line := line_in_cell(frame)):
            self.candidates.add(generator, line)

    def given(self, generator: Any) -> None:
        """Take that `generator` was given a seed or a state."""
        self.candidates.drop(generator)
        note_given(generator)
