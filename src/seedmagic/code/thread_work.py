"""What a thread does: the user's work, or what a library needs for itself."""

from __future__ import annotations

import sys
import threading

from seedmagic.code.cell_frames import is_users, outward
from seedmagic.code.ownership import is_own

# Their threads run whatever they are handed, as those of Python's own modules do.
_HAND_ON = {"distributed", "joblib", "seedmagic"}


def runs_users_code(thread: threading.Thread) -> bool:
    """Whether code of the user's is what a thread runs at this moment."""
    frame = sys._current_frames().get(thread.ident or 0)
    return any(is_users(each) for each, _ in outward(frame))


def is_librarys(thread: threading.Thread) -> bool:
    """Whether a library started the thread for work of its own, as tqdm does for its bars.

    A pool's worker is nobody's: it runs what it is handed. Nor is what runs a library's public
    function: the user may have started ``Thread(target=model.fit)``.
    """
    run: object = type(thread).run
    if run is threading.Thread.run:
        run = getattr(thread, "_target", None)  # Python keeps it to itself
        if not str(getattr(run, "__name__", "")).startswith("_"):
            return False
    module = getattr(run, "__module__", None)
    package = module.partition(".")[0] if isinstance(module, str) else "threading"
    if package in sys.stdlib_module_names or package in _HAND_ON:
        return False
    return module in sys.modules and not is_own(module)
