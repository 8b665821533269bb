"""What can be set under `%config SeedMagics`: what holds where a line says nothing else."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics
from traitlets import Bool, Enum, Int, List, Unicode

from seedmagic.ipython.options import LineOptions
from seedmagic.ipython.watch.cell_watching import MODES


class SeedSettings(Magics):
    """What ``%seed`` does when its line says nothing else."""

    cudnn = Bool(True, help="Set cuDNN's deterministic on and benchmark off.").tag(config=True)
    deterministic = Enum(
        [False, True, "warn"], False, help="Use deterministic algorithms, as --deterministic does."
    ).tag(config=True)
    per_cell = Bool(False, help="Give every cell a seed of its own, as --per-cell does.").tag(
        config=True
    )
    pin_entropy = Bool(
        False, help="Pin what is made or seeded without a seed, as --pin-entropy does."
    ).tag(config=True)
    skip = List(Unicode(), help="Names of sources to leave out, as --skip does.").tag(config=True)
    watch = Enum(MODES, "warn", help="What the watcher does; `%seedwatch` changes it.").tag(
        config=True
    )
    quiet = Bool(False, help="Let `%seed 42` say nothing but what could not be done.").tag(
        config=True
    )
    rewind_bytes = Int(
        0,
        min=0,
        help="How many bytes --rewind may keep, of all cells; beyond, the oldest copies are "
        "dropped, and it says so. 0: half of this machine's memory.",
    ).tag(config=True)

    def modes(self, asked: LineOptions) -> dict[str, Any]:
        """Give what goes beside a seed: what a line asks for, else what is set here."""
        configured: dict[str, Any] = {
            "cudnn": self.cudnn,
            "deterministic": self.deterministic,
            "per_cell": self.per_cell,
            "pin_entropy": self.pin_entropy,
            "skip": list(self.skip),
        }
        if "only" in asked.modes:
            del configured["skip"]
        return {**configured, **asked.modes}
