"""Entropy from a seed: what `--pin-entropy` gives in place of the operating system's."""

from __future__ import annotations

import os
import sys
from collections import Counter

from seedmagic.code.cell_frames import calling_frame
from seedmagic.code.running_cells import cell_code, line_in_cell
from seedmagic.seeds import derive_bits


class Pin:
    """Entropy from a seed: by the cell's code, the place in it, and the count of calls there."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.counts: Counter[tuple[str, int]] = Counter()

    def bits(self, count: int) -> int:
        """Give the next `count` bits for the place that runs."""
        code, line = cell_code(), line_in_cell(calling_frame(2))
        place = (code, line)
        turn = self.counts[place]
        self.counts[place] += 1
        bits, words = 0, -(-count // 128)
        for word in range(words):
            bits = bits << 128 | derive_bits(
                self.seed, "entropy", *_worker(), code, line, turn, word
            )
        return bits & ((1 << count) - 1)


_process = os.getpid()


def _worker() -> tuple[int, ...]:
    """Keep the workers of a DataLoader apart, which all run the same code."""
    if os.getpid() == _process:
        return ()
    info = sys.modules["torch.utils.data"].get_worker_info()
    return (info.seed,)


def is_ours() -> bool:
    """Whether this process is the one that was seeded, or a DataLoader's worker of it.

    Any other child would give the same numbers as its siblings.
    """
    if os.getpid() == _process:
        return True
    data = sys.modules.get("torch.utils.data")
    return data is not None and data.get_worker_info() is not None
