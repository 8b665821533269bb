"""What a run left behind: fingerprints of its values, what it showed, its error, the RNG states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seedmagic.objects.fingerprints.fingerprint import Fingerprints, fingerprints
from seedmagic.objects.folding import copy_of
from seedmagic.objects.kinds.library_kinds import is_array, is_tensor
from seedmagic.objects.kinds.tensors import facts_of_plain, is_plain
from seedmagic.objects.object_walk import Node
from seedmagic.session.rng_state import RngState

# Small pieces are kept as they were, so that the size of a difference can be told without a
# further run; of large ones only the fingerprint.
_LARGEST_PIECE = 1 << 20
_MOST_BYTES = 64 << 20
_MOST_PIECES = 100_000


@dataclass
class Shown:
    """What a run showed.

    Attributes
    ----------
    texts : dict of str to str
        What it wrote, by stream.
    outputs : list of dict
        What it displayed, each by MIME type.
    error : BaseException or None
        How it failed.
    values : dict of str to object
        What it gave beside the names that it bound.
    renewed : set of str
        Names that are not the user's, and hold something else after each run: ``_``, ``In``.
    """

    texts: dict[str, str] = field(default_factory=dict)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    error: BaseException | None = None
    values: dict[str, Any] = field(default_factory=dict)
    renewed: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Observed:
    """The end of a run.

    Attributes
    ----------
    values : dict of str to object
        What was compared, by name.
    prints : Fingerprints
        Of all pieces of the values.
    small : dict of str to object
        The pieces that are small enough to be kept, as they were.
    facts : dict of str to object
        What large tensors were beside their elements, and where these lie.
    bound : set of str
        The names among these that the run bound anew.
    deleted : set of str
        Names that the run deleted.
    state : RngState
        Where the sources stood.
    shown : Shown
        What was shown.
    """

    values: dict[str, Any]
    prints: Fingerprints
    small: dict[str, Any]
    facts: dict[str, Any]
    bound: set[str]
    deleted: set[str]
    state: RngState
    shown: Shown


def observe(
    values: Mapping[str, Any], bound: set[str], deleted: set[str], state: RngState, shown: Shown
) -> Observed:
    """Look at what a run left behind."""
    small, facts = _SmallPieces(), dict[str, Any]()

    def see(place: str, node: Node) -> None:
        small.see(place, node)
        told = facts_of_large(node.value)
        if told is not None:
            facts[place] = told

    prints = fingerprints(values, see, folded=True)
    return Observed(dict(values), prints, small.kept, facts, bound, deleted, state, shown)


def facts_of_large(value: Any) -> Any | None:
    """Give what a large plain tensor is beside its elements, and where they lie; else None."""
    if not is_tensor(value) or not is_plain(value) or value.nbytes <= _LARGEST_PIECE:
        return None
    return facts_of_plain(value)


class _SmallPieces:
    """Copies of the small pieces, up to a limit."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self._taken = 0

    def see(self, place: str, node: Node) -> None:
        """Copy a piece if it is small."""
        if len(self.kept) >= _MOST_PIECES or self._taken > _MOST_BYTES or node.kind.refusal:
            return
        try:
            size = _size(node.value)
            copy = copy_piece(node.value) if size <= _LARGEST_PIECE else None
            if copy is None:
                copy, size = copy_of(node.value, node.kind, _MOST_BYTES - self._taken)
        except Exception:  # of a subclass with rules of its own; its fingerprint tells
            return
        if copy is not None:
            self.kept[place] = copy
            self._taken += size


def _size(value: Any) -> int:
    """Give the bytes of an array or a tensor; others may use the name for anything."""
    return int(value.nbytes) if is_tensor(value) or is_array(value) else 0


def copy_piece(value: Any) -> Any:
    """Copy an array or a tensor; what never changes is its own copy. None: neither of these."""
    if is_tensor(value):
        return value.detach().clone()
    if is_array(value):
        return value.copy() if value.dtype != object else None
    if isinstance(value, (int, float, complex, str, bytes)):
        return value
    return None
