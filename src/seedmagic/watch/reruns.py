"""Notice a cell that runs again from another RNG state than last time."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from seedmagic.objects.kinds.random_generators import generator_state
from seedmagic.session import in_force
from seedmagic.watch.cell_ledger import CellRecord
from seedmagic.watch.watcher import Watcher
from seedmagic.words import enumerate_names

# How many cells are remembered.
_REMEMBERED = 10_000
_WORD = re.compile(r"[^\W\d]\w*")


class Reruns:
    """What each cell started from when it ran last: sources, and generators that it names."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._last: dict[str, dict[str, str]] = {}
        self._held: dict[str, str] = {}
        self._derived: dict[str, str] = {}
        self._twin: str | None = None

    def begin(self, code: str, cell_id: str | None, namespace: dict[str, Any]) -> None:
        """Look at the generators that the cell names, before it runs."""
        self._held = _held_generators(code, namespace)
        seeding = in_force.current.seeding
        self._twin = None
        if seeding and seeding.modes.per_cell and cell_id:
            other = self._derived.setdefault(code.strip(), cell_id)
            self._twin = other if other != cell_id else None

    def end(self, record: CellRecord, namespace: dict[str, Any]) -> str | None:
        """Compare the cell's beginning with that of its last run; say what differs."""
        origins: dict[str, str] = {}
        for draw in record.draws:
            origin = self._watcher.origin(draw.source)
            if origin is not None:
                origins[draw.source] = origin
        now = _held_generators(record.code, namespace)
        origins |= {
            name: state for name, state in self._held.items() if now.get(name, state) != state
        }
        key = record.cell
        last = self._last.pop(key, None)
        self._last[key] = origins
        if len(self._last) > _REMEMBERED:
            del self._last[next(iter(self._last))]
        told = []
        changed = [name for name in origins if last is not None and last.get(name) != origins[name]]
        if changed:
            told.append(
                f"In[{record.number}] ran again, from another state of {enumerate_names(changed)} "
                "than last time, so its numbers are others. Start it with %%seeded 42, and make "
                "generators that it uses in the cell itself."
            )
        if self._twin:
            told.append(
                f"In[{record.number}] has the same code as another cell: under --per-cell both "
                "get the same numbers."
            )
        return "\n".join(told) or None


def _held_generators(code: str, namespace: dict[str, Any]) -> dict[str, str]:
    """Digest the states of the generators in variables that `code` names."""
    held = {}
    for name in sorted(set(_WORD.findall(code)) & namespace.keys()):
        state = generator_state(namespace[name])
        if state is not None:
            held[name] = hashlib.blake2b(state, digest_size=16).hexdigest()
    return held
