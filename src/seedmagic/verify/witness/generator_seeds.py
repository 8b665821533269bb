"""Notice, in a kernel under verification, with what the user's code seeds generators of its own.

`np.random.default_rng(number)` and `random.Random(number)`: the global sources are the watcher's,
and so are generators made without a number, of which it knows what became of them.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from seedmagic.code.cell_frames import asker, calling_frame
from seedmagic.objects.fingerprints.bounded_fingerprint import BoundedFingerprints
from seedmagic.replacements import Replacements, dressed
from seedmagic.verify.witness.system_calls import IsUsers
from seedmagic.watch.process_watch import process_watch

Note = Callable[[str, "str | None", FrameType], None]
FROM_SYSTEM = "the operating system"


class OwnGenerators:
    """The replaced functions, and whom to tell of the numbers that they were given."""

    def __init__(self, is_users: IsUsers, note: Note) -> None:
        self._is_users = is_users
        self._note = note
        self._replacements = Replacements()
        self._replacements.use("the witness")

    def install(self) -> None:
        """Replace what is loaded by now; a second call looks only for a NumPy that came since."""
        if "numpy.random" in sys.modules:
            numpy_random = sys.modules["numpy.random"]
            self._replacements.replace(numpy_random, "default_rng", self._noting_numpy)
        if "random" in sys.modules:
            self._replacements.replace(sys.modules["random"].Random, "seed", self._noting_python)

    def _noting_numpy(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def default_rng(*args: Any, **kwargs: Any) -> Any:
            seed = args[0] if args else kwargs.get("seed")
            if seed is not None:
                self._tell("numpy.random.default_rng", seed, calling_frame())
            return original(*args, **kwargs)

        return dressed(default_rng, original, sys.modules["numpy.random"], "default_rng")

    def _noting_python(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def seed(*args: Any, **kwargs: Any) -> Any:
            given = args[1] if len(args) > 1 else kwargs.get("a")
            if given is not None or not process_watch.is_on:
                self._tell("random.Random", given, calling_frame())
            return original(*args, **kwargs)

        return dressed(seed, original, sys.modules["random"].Random, "seed")

    def _tell(self, what: str, seed: Any, frame: FrameType | None) -> None:
        user = asker(frame, {"random"})
        if user is not None and self._is_users(user):
            self._note(what, FROM_SYSTEM if seed is None else _number(seed), user)


def _number(seed: Any) -> str | None:
    """Write a seed: the number itself, or the fingerprint of what stands for one."""
    if isinstance(seed, int):
        return str(seed)
    entropy = getattr(seed, "entropy", None)  # a SeedSequence
    if entropy is not None:
        return hashlib.blake2b(repr(entropy).encode(), digest_size=16).hexdigest()
    taken = BoundedFingerprints().take(seed)
    return taken.digest if taken.complete else None
