"""Call a function twice from the same start, and compare bit for bit what it left."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, SupportsIndex

from seedmagic.core.contexts import preserve, seeded
from seedmagic.core.coroutines import finish
from seedmagic.verifying.observed import Shown
from seedmagic.verifying.streams import Streams
from seedmagic.verifying.verification import Verification


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
        `Verification.reproducible` is True, False, or None where it could not be found out.

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
    from seedmagic.objects.reach import reach
    from seedmagic.verifying.cell import verify_run
    from seedmagic.verifying.start import Start

    _check(function)
    namespace = getattr(inspect.unwrap(function), "__globals__", {})
    reached = reach("function", {"function": function}) | _caught(function)
    reached |= {f"objects[{number}]": item for number, item in enumerate(objects)}
    code = getattr(inspect.unwrap(function), "__code__", None)
    with preserve() if seed is None else seeded(seed):
        start = Start(namespace, reached, lambda name: not name.startswith("__"))
        try:
            streams = Streams()
            verifying = verify_run(
                lambda live: _call(function, streams, live), start, code.co_filename if code else ""
            )
            return finish(verifying)
        finally:
            start.close()


def _caught(function: Any) -> dict[str, Any]:
    """Give what a function names and holds, in whatever module it was written."""
    try:
        names = inspect.getclosurevars(inspect.unwrap(function))
    except TypeError:  # it is written in C
        return {}
    owner = getattr(function, "__self__", None)
    held = {} if owner is None else {"self": owner}
    return {**names.globals, **names.nonlocals, **held}


def _check(function: Any) -> None:
    if not callable(function):
        raise TypeError(f"verify needs a function, and got {type(function).__name__}.")
    if inspect.iscoroutinefunction(function):
        raise TypeError("verify cannot await: give it a function that runs the coroutine.")
    try:
        inspect.signature(function).bind()
    except TypeError as error:
        raise TypeError(
            f"verify calls its function without arguments, and {function!r} needs some: {error}. "
            "Give it a lambda."
        ) from error
    except ValueError:  # of a function in C nothing is known
        return


async def _call(function: Callable[[], Any], streams: Streams, live: bool) -> Shown:
    shown = Shown()
    with streams.recording(live) as shown.texts:
        try:
            shown.values["result"] = function()
        except (Exception, SystemExit) as error:
            shown.error = error
    return shown
