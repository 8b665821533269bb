"""Mask the numbers with which Keras tells apart what it names itself: ``dense_5``.

It counts by class in a process, so that cells that run again give the next names. A name is its own
only where it stands beside its class, or where only Keras writes it; the smallest number of each
kind becomes the first, and the others keep their distance from it.
"""

from __future__ import annotations

import re

from seedmagic.words import without_colours

_STYLE = r"(?:<[^<>]*>)*"
# A layer's row in a summary; a class that has no room beside the name stands below it.
_ROW = re.compile(
    rf"^[│|┃ ]*(?:└ )?([a-z]\w*)[ ]+(?:[^\n]*\n[│|┃]?[ ]+)?\({_STYLE}(\w+){_STYLE}\)", re.M
)
_REPR = re.compile(r"(?:<|&lt;)(\w+) name=([a-z]\w*), built=(?:True|False)(?:>|&gt;)")
_HEAD = "Layer (type)"  # of a summary's first column
_BOLD = 'font-weight: bold">Model: "'
_MODEL = re.compile(
    rf"""^{_STYLE}Model: "((?:sequential|functional|model)(?:_\d+)?)"{_STYLE}$""", re.M
)
_TENSOR = re.compile(r"(?:<|&lt;)KerasTensor [^<>\n]*\bname=(keras_tensor(?:_\d+)?)(?:>|&gt;)")
_NUMBER = re.compile(r"(.+?)(?:_(\d+))?")
_BLANKS = re.compile(r"[ ─━]{2,}")


def mask_names(text: str) -> str:
    """Count the names that Keras gave itself from the first of each kind that is shown."""
    names = _masked_names(text)
    if not names:
        return text
    any_of = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
    lines = []
    for line in text.split("\n"):
        masked = any_of.sub(lambda found: names[found[0]], line)
        # A row has as many blanks as the number leaves room for.
        lines.append(_BLANKS.sub("  ", masked) if masked != line else line)
    return "\n".join(lines)


def _masked_names(text: str) -> dict[str, str]:
    if not any(word in text for word in ("Model: ", " name=", _HEAD)):
        return {}
    plain = without_colours(text)
    is_summary = _HEAD in plain
    pairs = _ROW.findall(plain) if is_summary else []
    pairs += [(name, kind) for kind, name in _REPR.findall(plain)]
    found = {name for name, kind in pairs if _parted(name)[0] == _snake(kind)}
    # In a notebook the model's name is shown by itself, and in bold.
    if is_summary or plain != text or _BOLD in text:
        found |= set(_MODEL.findall(plain))
    found |= set(_TENSOR.findall(plain))
    first: dict[str, int] = {}
    for base, number in map(_parted, found):
        first[base] = min(number, first.get(base, number))
    return {name: f"{base}_#{number - first[base]}" for name in found
            for base, number in [_parted(name)]}  # fmt: skip


def _parted(name: str) -> tuple[str, int]:
    base, number = _NUMBER.fullmatch(name).groups()  # type: ignore[union-attr]  # it matches all
    return base, int(number or 0)


def _snake(kind: str) -> str:
    """Write a class's name as Keras does, in `keras.src.utils.naming`."""
    kind = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub("([a-z])([A-Z])", r"\1_\2", kind).lower()
