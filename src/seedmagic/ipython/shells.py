"""The shells of this process that have the extension: what they share, and whose turn it is.

A shell holds what is its own; here stand weak references alone, so that a shell which has ended
is freed. What belongs to the process comes with the first shell and goes with the last.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Protocol

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from seedmagic.code import running_cells
from seedmagic.session import late_sources
from seedmagic.session.entropy import system_entropy
from seedmagic.status import cells_seen
from seedmagic.watch.process_watch import process_watch

if TYPE_CHECKING:
    from seedmagic.ipython.cells.header_rewriting import HeaderCall
    from seedmagic.ipython.magics.seed_magics import SeedMagics
    from seedmagic.status.cells_seen import Watched


class Loaded(Protocol):
    """The extension as it is loaded into one shell."""

    shell: InteractiveShell
    number: int
    magics: SeedMagics
    header: HeaderCall

    def seen(self) -> Watched:
        """Tell a status what was seen, and what is kept."""

    def cell(self) -> running_cells.Cell:
        """Give the cell that runs, or ran last."""

    def uninstall(self) -> None:
        """Take everything out."""


_count = count(1)
# A number is never given twice, as ids are; a shell that loads us again has the same.
_numbers: weakref.WeakKeyDictionary[InteractiveShell, int] = weakref.WeakKeyDictionary()
_extensions: weakref.WeakValueDictionary[int, Loaded] = weakref.WeakValueDictionary()
# Of each shell that has the extension: what lets go of it once it was freed.
_ends: dict[int, weakref.finalize[..., InteractiveShell]] = {}


def number_of(shell: InteractiveShell) -> int:
    """Give the number of a shell."""
    if shell not in _numbers:
        _numbers[shell] = next(_count)
    return _numbers[shell]


def extension_of(shell: InteractiveShell) -> Loaded | None:
    """Give what is loaded into `shell`."""
    return _extensions.get(_numbers.get(shell, 0))


def extension_numbered(number: int) -> Loaded:
    """Give what is loaded into the shell of this number.

    Raises
    ------
    UsageError
        It was unloaded.
    """
    extension = _extensions.get(number)
    if extension is None:
        raise UsageError("seedmagic was unloaded: run %load_ext seedmagic. Nothing was changed.")
    return extension


def join(extension: Loaded, let_go: Callable[[], None]) -> None:
    """Count a shell that has the extension, until it leaves or ends.

    Parameters
    ----------
    extension : Loaded
        What the shell holds.
    let_go : callable
        Stops what watches the shell's cells, once it is gone. It must not hold the shell.
    """
    number = extension.number
    _extensions[number] = extension
    late_sources.start()
    system_entropy.follow_session()
    cells_seen.ask = _seen
    # In a cell, whose beginning we have missed.
    if sys.displayhook is extension.shell.display_trap.hook:
        running_cells.take_as_last(number, partial(_cell_of, number))
    _ends[number] = weakref.finalize(extension.shell, _end, number, let_go)
    _ends[number].atexit = False


def leave(number: int) -> None:
    """Count it no more; the last one takes with it what belongs to the process."""
    _extensions.pop(number, None)
    end = _ends.pop(number, None)
    if end is not None:
        end.detach()
    if not _ends:
        cells_seen.ask = None
        late_sources.stop()
        system_entropy.uninstall()


def begin_cell(number: int) -> None:
    """Tell that a cell of this shell begins; what moved before is somebody else's."""
    process_watch.settle()
    running_cells.begin_cell(number, partial(_cell_of, number))


def end_cell(number: int) -> None:
    """Tell that it has ended."""
    running_cells.end_cell(number)
    if number not in _ends:  # it has unloaded us
        running_cells.forget(number)


def _end(number: int, let_go: Callable[[], None]) -> None:
    """Let go of a shell that was freed without having unloaded us."""
    let_go()
    leave(number)
    end_cell(number)


def _cell_of(number: int) -> running_cells.Cell:
    extension = _extensions.get(number)
    return extension.cell() if extension else running_cells.Cell()


def _seen() -> Watched | None:
    """Tell of the shell whose cell runs, or ran last, else of any."""
    extension = _extensions.get(running_cells.last_owner() or 0)
    extension = extension or next(iter(_extensions.values()), None)
    return extension.seen() if extension else None
