"""One picture of all that is known: data, sentences, tables, HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seedmagic.session import seed_report
from seedmagic.sources.known.registry import known_sources

if TYPE_CHECKING:
    from seedmagic.status.status_data import Status


def status() -> Status:
    """Look at everything; draw, change, import and wake nothing.

    Returns
    -------
    Status
        Printable; `Status.to_dict` gives it as JSON.

    Examples
    --------
    >>> import seedmagic as sm
    >>> _ = sm.seed_everything(42)
    >>> sm.status().to_dict()["seed"]
    42
    """
    # On first use: importing seedmagic stays light.
    from seedmagic.status.status_reading import look

    return look()


def _record() -> dict[str, dict[str, Any]]:
    from seedmagic.status.status_data import MIME
    from seedmagic.status.status_reading import look_at

    return {MIME: look_at(known_sources()).to_record()}  # the seeding has just taken in what came


seed_report.record = _record
