"""What runs printed and showed, folded away under their seeds."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from seedmagic.runs.one_run import Outcome
from seedmagic.status.tables import escaped
from seedmagic.verify.outputs.output_pieces import as_shown
from seedmagic.words import many, without_colours

_PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
_LONGEST = 20_000  # characters of a run
_STYLE = "margin:2px 0 6px 16px;max-height:24em;overflow:auto"


@dataclass(frozen=True)
class FoldedPiece:
    """What one run printed and showed.

    Attributes
    ----------
    seed : int
        The run's.
    text : str
        What it printed, and what it displayed as text.
    pictures : tuple of tuple of str
        MIME type and base64 of each picture.
    error : str
        How it failed.
    """

    seed: int
    text: str
    pictures: tuple[tuple[str, str], ...] = ()
    error: str = ""

    @classmethod
    def of(cls, outcome: Outcome, outputs: Iterable[Mapping[str, Any]] = ()) -> FoldedPiece:
        """Take what is readable of a run's outputs."""
        texts, pictures = [outcome.output or ""], []
        for output in outputs:
            kind = next((kind for kind in _PICTURES if kind in output), None)
            if kind is not None:
                pictures.append((kind, _as_base64(kind, output[kind])))
            elif "text/plain" in output:
                texts.append(f"{output['text/plain']}\n")
        failure = outcome.failure
        error = failure.text if failure and not failure.is_mistake else ""
        return cls(outcome.seed, "".join(texts), tuple(pictures), error)

    @property
    def is_empty(self) -> bool:
        """Whether it showed nothing."""
        return not (self.text or self.pictures or self.error)

    def readable(self) -> str:
        """Give the text and the error, without control characters and of a bounded length."""
        text = as_shown(without_colours(self.text)).rstrip()
        if len(text) > _LONGEST:
            text = f"… {len(text) - _LONGEST:,} characters left out\n{text[-_LONGEST:]}"
        return "\n".join(part for part in (text, self.error) if part)


@dataclass(frozen=True)
class Folded:
    """What several runs showed: to be opened in a notebook, under headings in a terminal."""

    pieces: list[FoldedPiece]

    def __str__(self) -> str:
        lines = []
        for piece in self.pieces:
            lines += [f"--- seed {piece.seed} ---", piece.readable()]
            if piece.pictures:
                lines.append(f"({many(len(piece.pictures), 'picture')})")
        return "\n".join(filter(None, lines))

    def to_html(self) -> str:
        """Give an element a run that opens at a click; all text is escaped."""
        return "".join(map(_details, self.pieces))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": self.to_html()}


def _details(piece: FoldedPiece) -> str:
    text = piece.readable()
    pictures = "".join(
        f'<img src="data:{kind};base64,{data}" alt="Picture of the run under seed {piece.seed}" '
        'style="max-width:100%">'
        for kind, data in piece.pictures
    )
    shown = f'<pre style="{_STYLE}">{escaped(text)}</pre>' if text else ""
    failed = ", failed" if piece.error else ""
    return (
        f'<details><summary style="display:list-item">seed {piece.seed}{failed}</summary>'
        f"{shown}{pictures}</details>"
    )


def _as_base64(kind: str, data: Any) -> str:
    if isinstance(data, str) and kind != "image/svg+xml":
        return re.sub(r"[^A-Za-z0-9+/=]", "", data)  # base64 already
    return b64encode(data.encode() if isinstance(data, str) else data).decode()
