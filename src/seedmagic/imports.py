"""Call a function right after a module has been imported for the first time.

wrapt and importlib's own machinery offer no way to take such a hook out again, and wrapt leaves a
proxy as the module's loader; this one leaves nothing behind.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_OURS = __name__.partition(".")[0]
_arriving: dict[str, int] = {}
# Modules that were found to be imported to their end: one never goes back to its beginning.
_complete: dict[str, ModuleType] = {}


def is_loaded(module: str) -> bool:
    """Whether the user has imported `module`, to its end."""
    found = sys.modules.get(module)
    if found is not None and _complete.get(module) is found:
        return True
    # To look at a lazy module's attributes would load it (importlib.util.LazyLoader).
    if found is None or type(found).__name__ == "_LazyModule":
        return False
    # A module stands in sys.modules while another thread still executes it; torch takes seconds.
    # To the end means that what comes with it was seeded; before, only that thread may touch it.
    if module in _arriving:
        return _arriving[module] == threading.get_ident()
    if getattr(getattr(found, "__spec__", None), "_initializing", False) is True:
        return False
    _complete[module] = found
    return True


def loaded(module: str) -> Any:
    """Give a module that `is_loaded`, without an import statement.

    Such a statement waits for a thread that imports the module just then, which may wait for us.
    """
    return sys.modules[module]


class ImportWatch:
    """Tells `arrived` the name of each of the `awaited` modules, once it is imported.

    `begins` is called before it is executed, and `ends` after, whether it failed or not, with
    whether it comes as a package, as `is_package` tells. While `follows_all` gives true, they are
    called around every other import too that stands in no package's.
    """

    def __init__(
        self,
        begins: Callable[[], None],
        ends: Callable[[bool], None],
        arrived: Callable[[str], None],
        awaited: Callable[[], Collection[str]],
        follows_all: Callable[[], bool],
        is_package: Callable[[ModuleType], bool],
    ) -> None:
        self._begins = begins
        self._ends = ends
        self._arrived = arrived
        self._awaited = awaited
        self._follows_all = follows_all
        self._is_package = is_package

    def start(self) -> None:
        """Begin to watch; a second call changes nothing."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Leave no trace."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Let the other finders find it, and run after its loader."""
        is_awaited = fullname in self._awaited()
        is_followed = self._follows_all() and fullname.partition(".")[0] != _OURS
        if not is_awaited and (not is_followed or _executing.package):
            return None
        for finder in sys.meta_path[:]:
            # Two that asked each other would never end. Somebody may put back a copy of the list.
            find = None if isinstance(finder, ImportWatch) else getattr(finder, "find_spec", None)
            spec = find(fullname, path, target) if find else None
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    arrived = self._arrived if is_awaited else None
                    spec.loader = _TellingLoader(
                        spec.loader, self._begins, self._ends, arrived, self._is_package
                    )
                return spec  # type: ignore[no-any-return]  # finders are duck-typed
        return None


class _Executing(threading.local):
    """What the thread that asks is about."""

    package = False  # whether it executes a package's module, with what that imports


_executing = _Executing()


class _TellingLoader:
    """Loads as `loader` does, puts `loader` back in its place, and tells."""

    # importlib.abc would bring the base classes, and 10 ms of imports with them.

    def __init__(
        self,
        loader: Loader,
        begins: Callable[[], None],
        ends: Callable[[bool], None],
        arrived: Callable[[str], None] | None,
        is_package: Callable[[ModuleType], bool],
    ) -> None:
        self._loader = loader
        self._begins = begins
        self._ends = ends
        self._arrived = arrived
        self._is_package = is_package

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._begins()
        outer = _executing.package
        _executing.package = package = outer or self._is_package(module)
        try:
            self._loader.exec_module(module)
        finally:
            _executing.package = outer
            self._ends(package)  # what a package drew while it was executed is nobody's draw
        if self._arrived is None:
            return
        _arriving[module.__name__] = threading.get_ident()
        try:
            self._arrived(module.__name__)
        finally:
            del _arriving[module.__name__]
