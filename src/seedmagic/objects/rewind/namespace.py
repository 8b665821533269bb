"""The names of a namespace as they are at one moment, to be put back."""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from typing import Any

_IPYTHONS = re.compile(
    r"_{1,3}|_i{0,3}\d*|_(oh|ih|dh|sh|exit_code)|__\w*__|In|Out|get_ipython|exit|quit|open"
)


def is_users(name: str) -> bool:
    """Whether a name in a notebook is the user's, and not one that IPython gives."""
    return not _IPYTHONS.fullmatch(name)


class NamespaceNames:
    """Which object each name holds now; the objects themselves are left as they are.

    Parameters
    ----------
    namespace : mutable mapping of str to object
        Where they stand.
    is_users : callable
        Whether a name is the user's; others are left alone.

    Attributes
    ----------
    held : dict of str to object
        What each name held.
    """

    def __init__(
        self, namespace: MutableMapping[str, Any], is_users: Callable[[str], bool]
    ) -> None:
        self._namespace = namespace
        self._is_users = is_users
        self.held = {name: value for name, value in namespace.items() if is_users(name)}

    def taken_anew(self) -> NamespaceNames:
        """Take the same namespace as it is now."""
        return NamespaceNames(self._namespace, self._is_users)

    def bound(self) -> dict[str, Any]:
        """Give the names that hold another object than at that moment."""
        missing = object()
        return {
            name: value
            for name, value in self._namespace.items()
            if self._is_users(name) and self.held.get(name, missing) is not value
        }

    def deleted(self) -> set[str]:
        """Name what is there no more."""
        return self.held.keys() - self._namespace.keys()

    def put_back(self) -> None:
        """Let each name hold what it held, and take away what is new."""
        for name in [*self.bound()]:
            if name not in self.held:
                del self._namespace[name]
        self._namespace.update(self.held)
