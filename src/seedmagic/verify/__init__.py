"""Is it the same again, and if not, why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, SupportsIndex

if TYPE_CHECKING:
    from seedmagic.verify.cell.verdict import Verification


def verify(
    function: Callable[[], Any],
    *,
    seed: SupportsIndex | None = None,
    objects: Iterable[Any] = (),
) -> Verification:
    """Call a function twice from the same start, and compare what it gave, changed and printed.

    Each call starts from the same RNG states, flags, globals and objects: those that the function
    reaches by name, through other functions of ``__main__`` and through what it has caught, and
    `objects`. Everything is compared bit for bit. Where something differs, the function is called
    once more, to note what it asks the system for and which torch operations it runs; and where
    there are such, another time. What it does to files, the network and child processes is done at
    each call.

    Parameters
    ----------
    function : callable
        Takes nothing. What its last call has changed stays; RNG states and flags are as before.
    seed : int, optional
        0 ≤ seed ≤ 4294967295: start from this seed. Without, from the RNG states as they are.
    objects : iterable of object
        What else to put back before the second call, and to compare.

    Returns
    -------
    Verification
        `Verification.verdict` is ``"reproducible"``, ``"from-this-start"`` (the calls agree, and
        changed what a further one starts from: `Verification.changed`), ``"not-reproducible"`` or
        ``"not-shown"``. `Verification.reproducible` says whether they agree: True, False, or None.

    Raises
    ------
    TypeError
        `function` cannot be called without arguments, or is a coroutine function.
    RewindError
        Memory is not sufficient for the copies. Nothing was changed.
    SeedError
        `seed` is not a seed.

    Examples
    --------
    >>> import random
    >>> import time
    >>> import seedmagic as sm
    >>> print(sm.verify(random.random, seed=42))
    Reproducible: 1 value and 0 outputs identical, bit for bit.
    >>> sm.verify(time.perf_counter).reproducible
    False
    """
    # On first use: importing seedmagic stays light.
    from seedmagic.verify.cell.function_verification import verify_function

    return verify_function(function, seed=seed, objects=objects)
