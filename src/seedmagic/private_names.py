"""Private names of other libraries: found through one guard, and done without where they are gone.

CONTRIBUTING has a table of them, with the versions that they were tried with.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_noted: list[dict[str, str]] = []


def find(owner: Any, name: str, without: str = "") -> Any:
    """Give what a library keeps under a private name; None where it is gone.

    Parameters
    ----------
    owner : object
        A module, a class or an object of the library.
    name : str
        The attribute.
    without : str, optional
        What is not known without it, for `noting_lost`. Empty where another way gives the same.
    """
    try:
        return getattr(owner, name)
    except AttributeError:
        if without:
            place = getattr(owner, "__name__", type(owner).__qualname__)
            for noted in _noted:
                noted[without] = f"this version has no {place}.{name}"
        return None


@contextmanager
def noting_lost() -> Iterator[dict[str, str]]:
    """Note what is not known since a private name is gone, and which one."""
    noted: dict[str, str] = {}
    _noted.append(noted)
    try:
        yield noted
    finally:
        _noted[:] = [each for each in _noted if each is not noted]
