"""Compare what two runs of a cell showed, with noise masked by its rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seedmagic.objects.compare.difference import Difference, change
from seedmagic.verify.cell.run_end import Shown
from seedmagic.verify.outputs.mime_bundles import compare_bundles, compare_text
from seedmagic.verify.outputs.noise_masks import SVG, TEXT, mask_both, mask_to_show, part_bars
from seedmagic.verify.outputs.output_pieces import as_shown, kind_of

_NONE: frozenset[str] = frozenset()


def compare_shown(first: Shown, second: Shown) -> tuple[list[Difference], set[str]]:
    """Find where two runs showed something else, and name the rules that had to mask something."""
    found: list[Difference] = []
    masked: set[str] = set()
    for stream in dict.fromkeys((*first.texts, *second.texts)):
        texts = first.texts.get(stream, ""), second.texts.get(stream, "")
        difference = compare_text(*_without_noise(*texts, TEXT, masked), name=stream)
        found += [difference] if difference else []
    ours, theirs = first.outputs, second.outputs
    if len(ours) != len(theirs):
        found.append(change("outputs", "length", str(len(ours)), str(len(theirs))))
    for number, pair in enumerate(zip(ours, theirs, strict=False), 1):
        found += compare_bundles(*_bundles_without_noise(*pair, masked), f"output {number}")
    errors = _without_noise(_tell(first.error), _tell(second.error), TEXT, masked)
    if errors[0] != errors[1]:
        found.append(change("error", "value", *errors))
    return found, masked


def _tell(error: BaseException | None) -> str:
    if error is None:
        return "none"
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # its class is the user's
        return type(error).__name__


def _without_noise(one: str, other: str, kind: str, masked: set[str]) -> tuple[str, str]:
    """Mask two texts; where that makes them equal, the rules are added to `masked`."""
    if one == other:
        return one, other
    seen, other_seen = as_shown(one), as_shown(other)
    used = mask_both(seen, other_seen, kind, _NONE)
    if used is None:
        return mask_to_show(seen, other_seen, kind)
    # They may differ in what was written over.
    (rest, states), (other_rest, other_states) = part_bars(one), part_bars(other)
    hidden = mask_both(rest, other_rest, kind, _NONE)
    if hidden is None:
        return mask_to_show(rest, other_rest, kind)
    for count in sorted(states.keys() & other_states.keys()):
        if states[count].isdisjoint(other_states[count]):
            return min(states[count]), min(other_states[count])
    masked |= used | hidden or {"progress"}
    return one, one


def _bundles_without_noise(
    one: Mapping[str, Any], other: Mapping[str, Any], masked: set[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    first, second = dict(one), dict(other)
    for mime in first.keys() & second.keys():
        is_text = isinstance(first[mime], str) and isinstance(second[mime], str)
        kind = kind_of(mime)
        if is_text and (kind == SVG or not mime.startswith(("image/", "audio/", "video/"))):
            first[mime], second[mime] = _without_noise(first[mime], second[mime], kind, masked)
    return first, second
