"""What a verification is at: told where it takes long, and what an interrupt leaves of it."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter

from seedmagic.errors import RewindError
from seedmagic.objects.memory.raw_memory import require
from seedmagic.verify.cell.run_start import Start
from seedmagic.verify.cell.verdict import Verification
from seedmagic.words import many

_LONG = 2.0  # seconds that all of it takes
# What a copy for the case of an interrupt may take: seconds, or of a run's time.
_SECONDS, _SHARE = 0.01, 0.05
_ROOM = 4  # times the copy's bytes that must be free
_FIRST, _SECOND, _COMPARING, _FURTHER = "the first run", "the second run", "comparing", "further"


class Stages:
    """The runs of one verification, and what lies between them.

    Parameters
    ----------
    tell : callable, optional
        Is given a line for people whenever something else begins, if all of it takes long.
    """

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        self._tell = tell
        self._began = perf_counter()
        self._took: float | None = None  # the first run
        self._at = _FIRST
        self._compared = ""
        self._put_back: Callable[[], dict[str, str]] = dict
        self._left_alone: dict[str, str] = {}  # by an interrupt: what could not be put back
        self._lacks = "a copy of them would have taken long"  # nothing: the end is kept
        self._found: Verification | None = None

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let an interrupt leave what one run leaves, and carry what was shown by then."""
        try:
            yield
        except (KeyboardInterrupt, CancelledError) as error:
            if self._at in (_SECOND, _FURTHER):
                try:
                    self._left_alone |= self._put_back()
                except KeyboardInterrupt:
                    self._left_alone |= self._put_back()
            error.args = (str(self),)
            raise

    def run_ended(self) -> None:
        """Take the end of the first run, or of the second, of which all is compared now."""
        if self._took is None:
            self._took = perf_counter() - self._began
        else:
            self._at = _COMPARING
            self._say(f"comparing {self._compared} of both runs")

    def second_begins(self, start: Start, values: int, outputs: int) -> None:
        """Tell that everything is put back for the second run, of which so much is compared."""
        self._compared = f"{many(values, 'value')} and {many(outputs, 'output')}"
        self._put_back = start.put_back
        self._left_alone = dict(start.refused)
        if start.seconds <= max(_SECONDS, _SHARE * (self._took or 0.0)):
            try:
                require(_ROOM * start.nbytes)  # the second run needs some too
                self._put_back, self._lacks = start.taken_anew(), ""
            except (RewindError, MemoryError):
                self._lacks = "not all of what the first run left can be copied"
        self._at = _SECOND
        self._say(f"run 2 of 2; then {self._compared} are compared")

    def further_begins(self, found: Verification) -> None:
        """Tell that a cause is looked for, of what was `found`."""
        self._found = replace(found, causes=("not found: interrupted while it was looked for.",))
        self._at = _FURTHER
        self._say("both runs ended, and differ; the next one looks for the cause")

    def _say(self, text: str) -> None:
        took = self._took or 0.0
        if self._tell and max(2 * took, perf_counter() - self._began) > _LONG:
            self._tell(f"--verify: {text}. The first run took {took:.1f} s.")

    def __str__(self) -> str:
        """Say what was shown, and what an interrupt leaves."""
        if self._found is not None:
            return f"{self._found}\n  {self._left()}"
        if self._at == _COMPARING:
            return f"Not shown: interrupted while {self._compared} were compared. {self._left()}"
        if self._at == _SECOND:
            return f"Not shown: interrupted in the second run. {self._left()}"
        return f"Not shown: interrupted {'in' if self._took is None else 'after'} the first run."

    def _left(self) -> str:
        if self._at == _COMPARING:
            return "Names and objects are as the second run left them."
        then = f"they were before: {self._lacks}" if self._lacks else "the first run left them"
        but = f" Not put back: {', '.join(self._left_alone)}." if self._left_alone else ""
        return f"Names and objects are as {then}.{but}"
