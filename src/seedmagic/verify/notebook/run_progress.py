"""Where each run is, and one line about it on a terminal, or one a run elsewhere."""

from __future__ import annotations

from typing import TextIO


class Progress:
    """The cells at which the runs are, told to a stream while they go."""

    def __init__(self, stream: TextIO, width: int = 79) -> None:
        self._stream = stream
        self._width = width
        self._is_terminal = stream.isatty()
        self._at: dict[tuple[str, str], int] = {}

    def start(self, path: str, run: str) -> None:
        """Tell that a run begins, or waits for its turn."""
        if not self._is_terminal:
            print(f"{path}: {run}", file=self._stream, flush=True)

    def cell(self, path: str, run: str, index: int) -> None:
        """Tell that a run begins a cell."""
        self._at[path, run] = index
        self._redraw()

    def end(self, path: str, run: str) -> None:
        """Tell that a run has ended."""
        self._at.pop((path, run), None)
        self._redraw()

    def where(self, path: str) -> int | None:
        """Give the earliest cell at which a run of a notebook is."""
        return min((at for (of, _), at in self._at.items() if of == path), default=None)

    def clear(self) -> None:
        """Take the line away, for what is printed next."""
        if self._is_terminal:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()

    def _redraw(self) -> None:
        if self._is_terminal:
            told = "; ".join(f"{path} {run}: cell {at}" for (path, run), at in self._at.items())
            self._stream.write("\r" + told[: self._width].ljust(self._width))
            self._stream.flush()
