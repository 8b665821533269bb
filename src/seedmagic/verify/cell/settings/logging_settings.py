"""Settings of logging: loggers, their handlers, records, the names of levels."""

from __future__ import annotations

from typing import Any

from seedmagic.private_names import find
from seedmagic.verify.cell.settings.setting import ProcessSetting, of_attribute, of_calls, put_into

_BLANK: tuple[Any, ...] = (0, True, False, (), ())


def _all_loggers(logging: Any) -> dict[str, Any]:
    loggers = logging.root.manager.loggerDict
    # By its class: others stand for a name alone.
    found = {name: each for name, each in [*loggers.items()] if isinstance(each, logging.Logger)}
    return {**found, "root": logging.root}


def _loggers(logging: Any) -> dict[str, Any]:
    """Read those that are not as they were made."""
    read = {
        name: (
            each.level,
            each.propagate,
            each.disabled,
            tuple(map(_handler, each.handlers)) if each.handlers else (),
            tuple(each.filters) if each.filters else (),
        )
        for name, each in _all_loggers(logging).items()
    }
    return {name: each for name, each in read.items() if each != _BLANK}


def _handler(handler: Any) -> tuple[Any, ...]:
    filters = getattr(handler, "filters", None) or ()
    return (
        handler,
        getattr(handler, "level", 0),
        getattr(handler, "formatter", None),
        tuple(filters),
    )


def _put_loggers(logging: Any, saved: dict[str, Any]) -> None:
    for name, logger in _all_loggers(logging).items():
        level, logger.propagate, logger.disabled, handlers, filters = saved.get(name, _BLANK)
        if logger.level != level:
            logger.setLevel(level)  # which also forgets what was worked out from it
        if handlers or logger.handlers:
            logger.handlers[:] = [handler for handler, *_ in handlers]
        if filters or logger.filters:
            logger.filters[:] = filters
        for handler, level, formatter, filters in handlers:
            handler.level, handler.formatter = level, formatter
            handler.filters[:] = filters


def _levels(logging: Any) -> dict[str, Any]:
    lost = "the names of logging's levels"
    names = [find(logging, name, lost) for name in ("_levelToName", "_nameToLevel")]
    return {} if None in names else {"by level": dict(names[0]), "by name": dict(names[1])}


def _put_levels(logging: Any, saved: dict[str, Any]) -> None:
    put_into(logging._levelToName, saved["by level"])
    put_into(logging._nameToLevel, saved["by name"])


LOGGING = (
    ProcessSetting("loggers", "logging", _loggers, _put_loggers),
    ProcessSetting(
        "logging.disable",
        "logging",
        lambda logging: logging.root.manager.disable,
        lambda logging, saved: logging.disable(saved),
    ),
    of_calls("logging's records", "logging", "getLogRecordFactory", "setLogRecordFactory"),
    of_calls("logging's class of loggers", "logging", "getLoggerClass", "setLoggerClass"),
    of_attribute("logging.raiseExceptions", "logging", "raiseExceptions"),
    of_attribute("logging.lastResort", "logging", "lastResort"),
    ProcessSetting("the names of logging's levels", "logging", _levels, _put_levels),
    ProcessSetting(
        "logging.captureWarnings",
        "logging",
        lambda logging: find(logging, "_warnings_showwarning"),
        lambda logging, saved: setattr(logging, "_warnings_showwarning", saved),
    ),
)
