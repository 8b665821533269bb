"""What a cell showed, in pieces that can be compared: per stream, per kind of data, errors."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedmagic.status.status_data import MIME, is_note
from seedmagic.verify.outputs import image_pixels
from seedmagic.verify.outputs.noise_masks import (
    HTML,
    SCRIPT,
    SVG,
    TEXT,
    mask,
    mask_both,
    mask_to_show,
)
from seedmagic.words import without_colours

WIDGET = "application/vnd.jupyter.widget-view+json"
# In the metadata of a display that stands where a line about a long cell was: the stream to which
# its text belongs, as it would where there was no line.
AS_STREAM = "seedmagic_stream"
_KINDS = {
    "image/svg+xml": SVG,
    **dict.fromkeys(("text/html", "text/markdown", "text/latex"), HTML),
    **dict.fromkeys(("application/javascript", "text/javascript"), SCRIPT),
}
_RETURN = re.compile(r"^[^\n]*\r(?=[^\n])", re.M)
_EMBEDDED = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=\s]+)")
_MODEL = "IPY_MODEL_"


@dataclass(frozen=True)
class Piece:
    """One thing that a cell showed.

    Attributes
    ----------
    where : str
        ``"stdout"``, ``"output 2, text/html"``, ``"error"``.
    kind : str
        ``"text"``, ``"html"``, ``"svg"``, ``"script"`` or ``"image"``.
    value : str
        The text as it is compared; of an image, its content in base64.
    """

    where: str
    kind: str
    value: str


@dataclass(frozen=True)
class PieceDifference:
    """Two pieces that differ, by where they stand; None for one that is not there.

    Text is masked, so that what moved is not among what moves in any two runs.
    """

    where: str
    kind: str
    one: str | None
    other: str | None


@dataclass(frozen=True)
class Compared:
    """How what a cell showed in two runs differs, and which rules had to mask something."""

    differences: tuple[PieceDifference, ...]
    masked: frozenset[str]


def pieces_of(
    outputs: Sequence[Mapping[str, Any]],
    widgets: Mapping[str, Any],
    folder: Path | None = None,
    home: Path | None = None,
) -> list[Piece]:
    """Take a cell's outputs apart; paths into the run's own `folder` become paths into `home`."""
    streams: dict[str, list[str]] = {}
    pieces: list[Piece] = []
    shown = 0
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream":
            name = output["name"]
            streams.setdefault(name, []).append(_joined(output["text"]))
        elif kind == "error":
            trace = without_colours("\n".join(output.get("traceback", ())))
            told = f"{output['ename']}: {output['evalue']}\n{trace}"
            pieces.append(Piece("error", TEXT, told))
        elif AS_STREAM in output.get("metadata", {}):
            text = f"{_joined(output['data'].get('text/plain', ''))}\n"
            streams.setdefault(output["metadata"][AS_STREAM], []).append(text)
        elif not is_note(output.get("data", {})):
            shown += 1
            data = output.get("data", {})
            pieces += [
                _piece(f"output {shown}, {mime}", mime, data[mime], widgets)
                for mime in sorted(data)
                if mime != MIME  # what %seed records of versions and hardware is no result
            ]
    whole = {name: "".join(parts) for name, parts in sorted(streams.items())}
    texts = [Piece(name, TEXT, as_shown(text)) for name, text in whole.items() if text]
    return [_at_home(piece, folder, home) for piece in (*texts, *pieces)]


def compare(one: Sequence[Piece], other: Sequence[Piece], without: frozenset[str]) -> Compared:
    """Compare piece by piece, with noise masked by every rule but those of `without`."""
    first = {piece.where: piece for piece in one}
    second = {piece.where: piece for piece in other}
    differences = []
    masked: set[str] = set()
    for where in dict.fromkeys([*first, *second]):
        a, b = first.get(where), second.get(where)
        if a is None or b is None or a.kind != b.kind:
            kind = (a or b or Piece(where, TEXT, "")).kind
            texts = [None if each is None else _shown(each, without) for each in (a, b)]
            differences.append(PieceDifference(where, kind, *texts))
        elif a.kind == "image":
            if a.value != b.value and image_pixels.digest(a.value) != image_pixels.digest(b.value):
                differences.append(PieceDifference(where, a.kind, a.value, b.value))
        else:
            pair = _without_images(a), _without_images(b)
            used = mask_both(*pair, a.kind, without)
            if used is None:
                shown = mask_to_show(*pair, a.kind, without)
                differences.append(PieceDifference(where, a.kind, *shown))
            masked |= used or set()
    return Compared(tuple(differences), frozenset(masked))


def _shown(piece: Piece, without: frozenset[str]) -> str:
    return piece.value if piece.kind == "image" else mask(piece.value, piece.kind, without)


def kind_of(mime: str) -> str:
    """Say which rules are for data of this type."""
    return _KINDS.get(mime, TEXT)


def _piece(where: str, mime: str, value: Any, widgets: Mapping[str, Any]) -> Piece:
    if mime in image_pixels.RASTERS:
        return Piece(where, "image", _joined(value))
    if mime == WIDGET:
        return Piece(where, SCRIPT, _as_text(_widget(value.get("model_id", ""), widgets, {})))
    text = _as_text(value) if mime.endswith("json") else _joined(value)
    return Piece(where, kind_of(mime), text)


def _widget(model: str, widgets: Mapping[str, Any], seen: dict[str, str]) -> Any:
    """Give a widget's state, with those of the widgets that it names in place of their ids."""
    if model in seen or model not in widgets:
        return seen.get(model, "a widget whose state is not known")
    seen[model] = f"widget {len(seen) + 1}"
    return _resolved(widgets[model], widgets, seen)


def _resolved(value: Any, widgets: Mapping[str, Any], seen: dict[str, str]) -> Any:
    if isinstance(value, str) and value.startswith(_MODEL):
        return _widget(value.removeprefix(_MODEL), widgets, seen)
    if isinstance(value, Mapping):
        return {name: _resolved(value[name], widgets, seen) for name in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [_resolved(item, widgets, seen) for item in value]
    return value


def _without_images(piece: Piece) -> str:
    """Put the digest of its pixels in place of an image within HTML."""
    if piece.kind == TEXT:
        return piece.value
    return _EMBEDDED.sub(lambda found: f"{found[1]} {image_pixels.digest(found[2])}", piece.value)


def _at_home(piece: Piece, folder: Path | None, home: Path | None) -> Piece:
    if folder is None or home is None or piece.kind == "image" or folder == home:
        return piece
    value = piece.value
    for place in sorted({str(folder), str(folder.resolve())}, key=len, reverse=True):
        value = value.replace(place, str(home))
    return Piece(piece.where, piece.kind, value)


def as_shown(text: str) -> str:
    """Let backspaces and carriage returns do what they do on a screen."""
    if "\x08" in text:
        text = "\n".join(map(_backspaced, text.split("\n")))
    return _RETURN.sub("", text.replace("\r\n", "\n")) if "\r" in text else text


def _backspaced(line: str) -> str:
    if "\x08" not in line:
        return line
    kept: list[str] = []
    for char in line:
        if char != "\x08":
            kept.append(char)
        elif kept:
            kept.pop()
    return "".join(kept)


def _joined(value: Any) -> str:
    return "".join(value) if isinstance(value, (list, tuple)) else str(value)


def _as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False)
