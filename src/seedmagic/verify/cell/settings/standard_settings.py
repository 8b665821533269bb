"""Settings of the standard library: decimal, locale, csv, copyreg, processes, sockets, exits."""

from __future__ import annotations

from typing import Any

from seedmagic.private_names import find
from seedmagic.verify.cell.settings.setting import Aside, ProcessSetting, of_calls, put_into

_PLAIN = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")


def _decimal(decimal: Any) -> tuple[Any, ...]:
    context = decimal.getcontext()
    return (
        context,
        {name: getattr(context, name) for name in _PLAIN},
        dict(context.traps),
        Aside(dict(context.flags)),  # nearly every division sets one
    )


def _put_decimal(decimal: Any, saved: tuple[Any, ...]) -> None:
    context, plain, traps, flags = saved
    decimal.setcontext(context)
    for name, value in plain.items():
        setattr(context, name, value)
    context.traps.update(traps)
    context.flags.update(flags.value)


def _dialects(csv: Any) -> dict[str, Any]:
    return {name: csv.get_dialect(name) for name in csv.list_dialects()}


def _put_dialects(csv: Any, saved: dict[str, Any]) -> None:
    for name in csv.list_dialects():
        csv.unregister_dialect(name)
    for name, dialect in saved.items():
        csv.register_dialect(name, dialect)


def _start_method(processes: Any) -> str:
    # The first who asks for a lock settles the default, and nobody can tell the two apart.
    chosen = processes.get_start_method(allow_none=True)
    return str(chosen or processes.get_all_start_methods()[0])


def _put_start_method(processes: Any, saved: str) -> None:
    is_default = saved == processes.get_all_start_methods()[0]
    processes.set_start_method(None if is_default else saved, force=True)


def _exits(atexit: Any) -> int | None:
    count = find(atexit, "_ncallbacks", "which functions wait for the end of Python")
    return None if count is None else int(count())


STANDARD = (
    ProcessSetting("the decimal context", "decimal", _decimal, _put_decimal),
    ProcessSetting(
        "the locale",
        "locale",
        lambda locale: locale.setlocale(locale.LC_ALL),
        lambda locale, saved: locale.setlocale(locale.LC_ALL, saved),
    ),
    ProcessSetting(
        "csv's largest field",
        "csv",
        lambda csv: csv.field_size_limit(),
        lambda csv, saved: csv.field_size_limit(saved),
    ),
    ProcessSetting("csv's dialects", "csv", _dialects, _put_dialects),
    ProcessSetting(
        "what copyreg pickles",
        "copyreg",
        lambda copyreg: dict(copyreg.dispatch_table),
        lambda copyreg, saved: put_into(copyreg.dispatch_table, saved),
    ),
    ProcessSetting(
        "how processes start",
        "multiprocessing",
        _start_method,
        _put_start_method,
    ),
    of_calls("sockets' time-out", "socket", "getdefaulttimeout", "setdefaulttimeout"),
)
# Libraries register functions at their first use; what the code itself registers cannot be read.
EXITS = ProcessSetting("functions that atexit calls", "atexit", _exits, None)
