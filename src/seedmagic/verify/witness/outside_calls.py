"""What asks for numbers that no seed reaches, how it is called, and what to pass instead.

The one table of it: a kernel under verification replaces these functions or marks their calls, and
a verified cell is run once more under a profile function that looks for them.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from types import FrameType
from typing import Any

from seedmagic.code.cell_frames import module_of, outward
from seedmagic.verify.witness import library_threads
from seedmagic.verify.witness.sql_calls import IN_THREADS, SQL_REMEDIES, SQL_TIMES
from seedmagic.words import enumerate_names

_TIME = "Give the time as a parameter, or leave it out of what is shown."
_LEAVE = "Leave it out of what is shown."
_FIXED = "Give the library a fixed one, where it takes one, or leave it out of what is shown."
_FROM = "With rng = random.Random(42), take "
_BYTES = f"{_FROM}rng.randbytes(16)."
_UUID = f"{_FROM}uuid.UUID(int=rng.getrandbits(128), version=4)."
_PATH = "Use a path of your own, such as Path('scratch')."

CLOCKS = (
    "time",
    "time_ns",
    "perf_counter",
    "perf_counter_ns",
    "monotonic",
    "monotonic_ns",
    "process_time",
    "process_time_ns",
    "thread_time",
    "thread_time_ns",
)
_WALL = ("time", "time_ns")
# What takes a time is a clock only without it: the place of that argument.
FORMATS = {"ctime": 0, "localtime": 0, "gmtime": 0, "asctime": 0, "strftime": 1}
# By module and name, with what helps.
FUNCTIONS: Mapping[str, Mapping[str, str]] = {
    "time": dict.fromkeys((*CLOCKS, *FORMATS), _TIME),
    "os": {
        "getpid": _LEAVE,
        "getppid": _LEAVE,
        "times": _TIME,
        "urandom": _BYTES,
        "getrandom": _BYTES,
    },
    "ssl": {"RAND_bytes": _BYTES},
    "uuid": dict.fromkeys(("uuid1", "uuid4", "uuid6", "uuid7"), _UUID),
    "secrets": {
        "token_bytes": _BYTES,
        "token_hex": f"{_FROM}rng.randbytes(16).hex().",
        "token_urlsafe": f"{_FROM}rng.randbytes(16).hex().",
        "randbelow": f"{_FROM}rng.randrange(n).",
    },
    # All methods of a SystemRandom, and what `secrets` has of one, end in `random._urandom`.
    "random": {"SystemRandom": "Use random.Random(42) in its place."},
    "tempfile": dict.fromkeys(("mkdtemp", "mkstemp", "mktemp", "NamedTemporaryFile"), _PATH),
    "pyarrow.compute": {"random": "Pass initializer=42."},
}
# Classes and functions that take these words for a time.
TAKES_NOW, NOW = {"datetime64", "Timestamp", "to_datetime"}, ("now", "today")
METHODS = {"now", "utcnow", "today"}
# Of what asks for the time, what tells which day and hour it is. The others tell how long something
# took, and the same on every day.
WALL_CLOCKS = frozenset(
    (
        *(f"time.{name}()" for name in (*_WALL, *FORMATS)),
        *(f"{owner}.{name}()" for owner in ("datetime", "date", "Timestamp") for name in METHODS),
        *(f"{name}({now!r})" for name in TAKES_NOW for now in NOW),
        *SQL_TIMES,
    )
)
PROCESSES = frozenset(("os.getpid()", "os.getppid()"))
# Of a file, what other runs find otherwise.
FILE_TIMES = frozenset(
    f"{prefix}{which}time{ns}" for prefix in ("st_", "get") for which in "mca" for ns in ("", "_ns")
)
FILE_TIME = "a file's time"
UNFILLED = "memory as it was (np.empty())"
_PLAIN = {FILE_TIME: _LEAVE, UNFILLED: "Take np.zeros(), or write to all of it."}
# Files that give other bytes at each reading.
_BYTES_OF, _CONTENT_OF = "bytes of ", "the content of "
DEVICES = ("/dev/urandom", "/dev/random", "/dev/hwrng", "/proc/")
# Generators that take a seed from the system; a cell that has one is told to be of entropy.
TORCH_SEED, TF_SEED = "torch.Generator.seed()", "tf.random.Generator.from_non_deterministic_state()"
NUMPY_SEED = "a new seed of NumPy's"
GENERATORS = {
    TORCH_SEED: ("a torch.Generator", ""),
    TF_SEED: ("a tf.random.Generator", "Use tf.random.Generator.from_seed(42)."),
}
SEEDS = {"seed", "from_non_deterministic_state"}
# Of C's library: what draws, by what seeds it. In glibc, `rand` is `random`.
_RAND, _RAND48 = ("rand", "random"), ("drand48", "lrand48", "mrand48")
C_SEEDS = {"srand": _RAND, "srandom": _RAND, "srand48": _RAND48}
C_DRAWS = {"rand": "srand", "random": "srandom", **dict.fromkeys(_RAND48, "srand48")}
C_ENTROPY = {"arc4random", "arc4random_uniform", "arc4random_buf", "getrandom", "getentropy"}
C_NAMES = {*C_SEEDS, *C_DRAWS, *C_ENTROPY}

_REMEDIES = {
    **{
        f"{module}.{name}()": FUNCTIONS[module][name]
        for module in FUNCTIONS
        for name in FUNCTIONS[module]
    },
    **{f"C's {name}()": f"Call libc.{seeds}(42) before it." for name, seeds in C_DRAWS.items()},
    **dict.fromkeys((f"C's {name}()" for name in C_ENTROPY), f"{_FROM}rng.getrandbits(32)."),
    **SQL_REMEDIES,
    **library_threads.REMEDIES,
    **{what: remedy for what, (_, remedy) in GENERATORS.items()},
    TORCH_SEED: "Call manual_seed(42) of it in its place.",
    NUMPY_SEED: "Give the generator or the SeedSequence a number.",
    "id()": _LEAVE,
    **_PLAIN,
}
# Written in Python, these hand on what they asked for.
_HAND_ON = {"uuid", "secrets", "random", "tempfile", "os"}
_HAND_ON |= {"pathlib", "pathlib._local", "pathlib._os"}
_OURS = __name__.rpartition(".")[0]
_TOLD = 4


def seeded(module: str, name: str, args: Collection[Any], given: Mapping[str, Any]) -> bool:
    """Whether a call of a function of the table has what makes it no question to the system."""
    if module == "time":
        return name in FORMATS and len(args) > FORMATS[name]
    if module == "pyarrow.compute":
        # An options object may hold either, and does not tell.
        return bool(given.get("initializer", "system") != "system")
    return False


def of_method(function: Any, first: object = None) -> str | None:
    """Name what a method, a class or a function that is about to be called asks for.

    Parameters
    ----------
    function : callable
        A date's ``now``, a torch generator's ``seed``, a C function, ``numpy.datetime64``.
    first : object
        The call's first argument, where it stands in the code.
    """
    owner, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
    if name in TAKES_NOW:
        is_library = str(getattr(function, "__module__", "")).startswith(("numpy", "pandas"))
        return f"{name}({first!r})" if is_library and first in NOW else None
    return of_named(owner, name) or (of_c(name) if is_c(function) else None)


def of_named(owner: Any, name: str) -> str | None:
    """Name what the method `name` of `owner` asks for."""
    datetime, torch = sys.modules.get("datetime"), sys.modules.get("torch")
    if name == "seed":
        return TORCH_SEED if torch is not None and isinstance(owner, torch.Generator) else None
    if not isinstance(owner, type):
        return None
    if name == "from_non_deterministic_state":
        return TF_SEED if owner.__module__.startswith("tensorflow.") else None
    is_date = datetime is not None and issubclass(owner, datetime.date)
    if name in METHODS and (is_date or owner.__module__.startswith("pandas")):
        return f"{owner.__name__}.{name}()"
    return None


def is_c(function: object) -> bool:
    """Whether it is a function of a C library, as `ctypes` gives them."""
    kind = getattr(sys.modules.get("_ctypes"), "CFuncPtr", None)
    return kind is not None and issubclass(type(function), kind)


def of_c(name: str) -> str | None:
    """Name what a function of C's library asks for that none of its seeds reaches."""
    return f"C's {name}()" if name in C_ENTROPY else None


def told_by(frame: FrameType | None, what: str) -> FrameType | None:
    """Give the frame whose question it is, directly or through modules that hand on what they get.

    What we put around the functions hands on too. None where a function of the table is on the way,
    which is told itself.
    """
    # A name for a file asks for the process, and shows nothing of it; so do we.
    is_process = what == "os.getpid()"
    for each, _ in outward(frame):
        module = module_of(each)
        hands_on = module in _HAND_ON or str(module).startswith(_OURS)
        if is_process or not hands_on:
            return each
        if each.f_code.co_name in FUNCTIONS.get(str(module), ()):
            return None
    return None


def strongest(asked: Iterable[str]) -> list[str]:
    """Give what was asked for, once each, and what only may differ if there is nothing else."""
    every = [*dict.fromkeys(asked)]
    return [what for what in every if not what.endswith(IN_THREADS)] or every


def remedies(asked: Iterable[str]) -> str:
    """Say what to pass instead of what was `asked` for."""
    by: dict[str, list[str]] = {}
    for what in strongest(asked)[:_TOLD]:
        by.setdefault(_remedy(what), []).append(what)
    if len(by) == 1:
        return next(iter(by))
    return " ".join(f"For {enumerate_names(whats)}: {remedy}" for remedy, whats in by.items())


def in_words(what: str) -> str:
    """Say what a call asks for, for where its name stands beside it."""
    kinds = {
        "uuid.": "a UUID",
        "tempfile.": "a name for a file",
        "os.getp": "a process's number",
        _CONTENT_OF: "what the system tells of itself",
    }
    found = next((kind for begin, kind in kinds.items() if what.startswith(begin)), None)
    if found or what in _PLAIN:
        return found or what
    call = what.partition(" in ")[0]
    is_time = call in WALL_CLOCKS or _remedy(call) == _TIME
    return "the time" if is_time else "random bytes"


def named(what: str, line: int = 0) -> str:
    """Name what was asked for on the user's behalf: the time (datetime.now() in faker, line 3)."""
    if (what in _PLAIN or is_of_file(what)) and " in " not in what:
        return f"{what} (line {line})" if line else what
    return f"{in_words(what)} ({what}{f', line {line}' if line else ''})"


def note_of_time(lines: Mapping[str, int]) -> str:
    """Say that runs which came out alike asked for the time, each call with its line, or 0."""
    told = enumerate_names([f"{what}{f', line {at}' if at else ''}" for what, at in lines.items()])
    return f"it asked for the time ({told}), and came out alike: on another day it may not."


def is_of_file(what: str) -> bool:
    """Whether it names what `of_file` names."""
    return what.startswith((_BYTES_OF, _CONTENT_OF))


def of_file(path: object) -> str | None:
    """Name what is asked for by reading a file of the system's; None for any other."""
    if type(path).__module__.partition(".")[0] == "pathlib":
        path = str(path)
    if type(path) is not str or not path.startswith(DEVICES):
        return None
    return f"{_BYTES_OF if path.startswith('/dev/') else _CONTENT_OF}{path}"


def _remedy(what: str) -> str:
    if what not in _REMEDIES and " in " in what:  # a library's call, which the user does not make
        return _FIXED
    if is_of_file(what):
        return _BYTES if what.startswith(_BYTES_OF) else _LEAVE
    return _REMEDIES.get(what, _TIME)
