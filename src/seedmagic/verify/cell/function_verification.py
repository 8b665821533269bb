"""Call a function twice from the same start, and compare bit for bit what it left."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any, SupportsIndex

from seedmagic.code.coroutines import finish
from seedmagic.code.names_in_code import named_by
from seedmagic.code.reads.names_read_first import read_first_of
from seedmagic.objects.reachable_objects import reach
from seedmagic.session.context_managers import preserve, seeded
from seedmagic.verify.cell.console_streams import Streams
from seedmagic.verify.cell.run_end import Shown
from seedmagic.verify.cell.run_start import Start
from seedmagic.verify.cell.two_runs import verify_run
from seedmagic.verify.cell.verdict import Verification


def verify_function(
    function: Callable[[], Any],
    *,
    seed: SupportsIndex | None,
    objects: Iterable[Any],
) -> Verification:
    """Do what `seedmagic.verify` says."""
    _check(function)
    namespace = getattr(inspect.unwrap(function), "__globals__", {})
    # Under its own name first, whatever else leads to it.
    reached = _caught(function) | reach("function", {"function": function})
    reached |= {f"objects[{number}]": item for number, item in enumerate(objects)}
    code = getattr(inspect.unwrap(function), "__code__", None)
    with preserve() if seed is None else seeded(seed):
        reads = read_first_of(function, namespace)
        start = Start(namespace, reached, lambda name: not name.startswith("__"), reads)
        try:
            streams = Streams()
            files = {code.co_filename if code else "": 0}
            verifying = verify_run(lambda live: _call(function, streams, live), start, files)
            return finish(verifying)
        finally:
            start.close()


def _caught(function: Any) -> dict[str, Any]:
    """Give what a function names and holds, in whatever module it was written."""
    inner = inspect.unwrap(function)
    inner = getattr(inner, "__func__", inner)
    if not isinstance(inner, FunctionType):  # it is written in C
        return {}
    owner = getattr(function, "__self__", None)
    held = {} if owner is None else {"self": owner}
    return {**named_by(inner), **held}


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
