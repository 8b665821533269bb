"""What runs write to stdout and stderr: remembered, and passed on or not."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from seedmagic.private_names import find

_NAMES = ("stdout", "stderr")


class Tee(io.TextIOBase):
    """Stands for a stream. Outside of runs it is that stream, for whoever still holds it.

    Parameters
    ----------
    target : stream
        Where to pass on what is written.
    """

    def __init__(self, target: Any) -> None:
        self._target = target
        self._texts: list[str] | None = None
        self._is_live = True

    def begin(self, live: bool) -> None:
        """Remember from now on, and pass on if `live`."""
        self._texts, self._is_live = [], live

    def end(self) -> str:
        """Give what was written."""
        texts, self._texts, self._is_live = self._texts or [], None, True
        return "".join(texts)

    def write(self, text: str) -> int:
        """Remember a text, and pass it on."""
        if self._is_live:
            self._target.write(text)
        if self._texts is not None:
            self._texts.append(text)
        return len(text)

    def flush(self) -> None:
        """Pass it on at once."""
        if self._is_live:
            self._target.flush()

    def close(self) -> None:
        """Leave the stream open, which is another's, and flush nothing.

        Python's `io` closes what the garbage collector finds, and that may be while the stream is
        being written to: ipykernel's would wait ten seconds for a lock which that write holds.
        """

    def writable(self) -> bool:
        """Whether it can be written to."""
        return True

    def isatty(self) -> bool:
        """Whether a person looks on."""
        return bool(self._target.isatty())

    def fileno(self) -> int:
        """Give the stream's file, which child processes write to."""
        return int(self._target.fileno())

    @property
    def encoding(self) -> str | None:  # type: ignore[override]
        """The stream's; what `%%capture` puts in its place has none."""
        return getattr(self._target, "encoding", None)

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """The stream's."""
        return getattr(self._target, "errors", None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_target"], name)

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """Pass on without remembering."""
        texts, self._texts = self._texts, None
        try:
            yield
        finally:
            self._texts = texts


class Streams:
    """The console's streams, with one stand-in each for all runs: a logger may keep it."""

    def __init__(self) -> None:
        self._tees = {name: Tee(getattr(sys, name)) for name in _NAMES}

    @property
    def stdout(self) -> Tee:
        """What stands for `sys.stdout`."""
        return self._tees["stdout"]

    @contextmanager
    def recording(self, live: bool) -> Iterator[dict[str, str]]:
        """Record what is written; the dict that is given is filled at the end."""
        texts: dict[str, str] = {}
        real = {name: getattr(sys, name) for name in _NAMES}
        pairs = [(real[name], tee) for name, tee in self._tees.items()]
        for tee in self._tees.values():
            tee.begin(live)
        try:
            for name, tee in self._tees.items():
                setattr(sys, name, tee)
            _lead_loggers(pairs)
            yield texts
        finally:
            for name, stream in real.items():
                # What the code has put there itself stays, as it would without us.
                if getattr(sys, name, None) is self._tees[name]:
                    setattr(sys, name, stream)
            _lead_loggers([(tee, stream) for stream, tee in pairs])
            texts.update({name: tee.end() for name, tee in self._tees.items()})


def _lead_loggers(pairs: list[tuple[Any, Any]]) -> None:
    """Let what logs to one stream log to another: handlers keep the stream that they met first."""
    # Nothing public lists them before Python 3.12.
    for reference in [*(find(logging, "_handlerList", "what loggers write to the console") or ())]:
        handler = reference()
        if not isinstance(handler, logging.StreamHandler) or "stream" not in vars(handler):
            continue
        for held, other in pairs:
            if handler.stream is held:
                handler.setStream(other)
