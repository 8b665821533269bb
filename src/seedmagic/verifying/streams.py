"""A stream that remembers what is written, and passes it on or not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Tee(io.StringIO):
    """Stands for a stream.

    Parameters
    ----------
    target : stream or None
        Where to pass on what is written.
    """

    def __init__(self, target: Any) -> None:
        super().__init__()
        self._target = target
        self._remembers = True

    def write(self, text: str) -> int:
        """Remember a text, and pass it on."""
        if self._target is not None:
            self._target.write(text)
        return super().write(text) if self._remembers else len(text)

    def flush(self) -> None:
        """Pass it on at once."""
        if self._target is not None:
            self._target.flush()

    def isatty(self) -> bool:
        """Whether a person looks on."""
        return self._target is not None and bool(self._target.isatty())

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """Pass on without remembering."""
        self._remembers = False
        try:
            yield
        finally:
            self._remembers = True
