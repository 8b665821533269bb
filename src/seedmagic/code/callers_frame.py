"""Call a function that looks at the variables of its caller, from a function put in its place."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

_NAME = "_seedmagic_call_"
_CALL = compile(f"{_NAME}()", "<call>", "eval")


def call_from(
    frame: FrameType, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call `function` as if `frame` did: the nearest frame has its variables, file and line."""
    code = _CALL.replace(
        co_filename=frame.f_code.co_filename,
        co_name=frame.f_code.co_name,
        co_firstlineno=frame.f_lineno or 1,
    )
    # A partial has no frame of its own.
    variables = {**frame.f_locals, _NAME: partial(function, *args, **kwargs)}
    return eval(code, frame.f_globals, variables)
