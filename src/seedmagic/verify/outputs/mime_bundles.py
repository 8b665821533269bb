"""Compare what a cell showed: text line by line, rich outputs by their kinds."""

from __future__ import annotations

from collections.abc import Mapping

from seedmagic.objects.compare.difference import Difference, change
from seedmagic.objects.compare.scalars import from_difference
from seedmagic.objects.compare.value_comparison import differences

_BYTES = ("image/", "audio/", "video/", "application/pdf")


def compare_text(first: str, second: str, name: str = "text") -> Difference | None:
    r"""Find the first line in which two texts differ.

    Parameters
    ----------
    first, second : str
        The texts.
    name : str
        What they are called.

    Returns
    -------
    Difference or None
        Its `place` is the line's number, from 1; a line that one of them lacks is ``(none)``.

    Examples
    --------
    >>> from seedmagic.verify.outputs.mime_bundles import compare_text
    >>> print(compare_text("epoch 1\nloss 0.5", "epoch 1\nloss 0.25"))
    text: line 2: 'loss 0.5' → 'loss 0.25'
    """
    if first == second:
        return None
    ours, theirs = first.splitlines(keepends=True), second.splitlines(keepends=True)
    shared = zip(ours, theirs, strict=False)
    alike = min(len(ours), len(theirs))
    at = next((n for n, (one, other) in enumerate(shared) if one != other), alike)
    if at == alike:
        texts = [_line(lines[at]) if at < len(lines) else "(none)" for lines in (ours, theirs)]
    else:
        texts = [*from_difference(_line(ours[at]), _line(theirs[at]))]
    if texts[0] == texts[1]:
        texts = [repr(lines[at]) for lines in (ours, theirs)]  # they end differently
    return change(name, "line", *texts, place=(at + 1,))


def _line(text: str) -> str:
    return repr(text.rstrip("\r\n"))


def compare_bundles(
    first: Mapping[str, object], second: Mapping[str, object], name: str
) -> list[Difference]:
    """Compare two rich outputs.

    Parameters
    ----------
    first, second : mapping of str to object
        For each MIME type the data: text, bytes (or their base64 text), or JSON.
    name : str
        What they are called.

    Returns
    -------
    list of Difference
        One for each kind that differs; pictures are compared as the bytes that they are.

    Examples
    --------
    >>> from seedmagic.verify.outputs.mime_bundles import compare_bundles
    >>> print(*compare_bundles({"text/plain": "1"}, {"text/plain": "2"}, "output 1"))
    output 1: text/plain: line 1: '1' → '2'
    """
    found = []
    for kind in dict.fromkeys((*first, *second)):
        path = f"{name}: {kind}"
        if kind not in first or kind not in second:
            shown = ("not shown", "shown") if kind in second else ("shown", "not shown")
            found.append(change(path, "value", *shown))
        else:
            found += _compare_kind(path, kind, first[kind], second[kind])
    return found


def _compare_kind(path: str, kind: str, first: object, second: object) -> list[Difference]:
    is_text = isinstance(first, str) and isinstance(second, str)
    is_drawing = kind.startswith(_BYTES) and kind != "image/svg+xml"
    if is_drawing and first != second:
        sizes = [f"{len(each)} {'characters of base64' if is_text else 'bytes'}"
                 if isinstance(each, (str, bytes)) else type(each).__name__
                 for each in (first, second)]  # fmt: skip
        return [change(path, "picture", *sizes)]
    if is_drawing:
        return []
    if isinstance(first, str) and isinstance(second, str):
        difference = compare_text(first, second, path)
        return [difference] if difference else []
    if kind == "application/vnd.jupyter.widget-view+json":
        first, second = (_without_number(each) for each in (first, second))
    return differences(first, second, path)


def _without_number(view: object) -> object:
    """Leave out which of the process' widgets it is."""
    return {**view, "model_id": ""} if isinstance(view, dict) else view
