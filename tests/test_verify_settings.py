"""`--verify` puts back what a cell sets in the process, but not what a library settles itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from kernels import Kernel, running_kernel
from seedmagic.imports import ImportWatch

PRELUDE = """
import atexit, codecs, copyreg, csv, decimal, gc, locale, logging, multiprocessing, os, random
import signal, socket, sys, threading, time, types, warnings
import numpy as np, pandas as pd, torch, sklearn
import matplotlib, matplotlib.pyplot as plt
class Mine: pass
console = sys.stdout
log = logging.getLogger('mine')
log.propagate = False
log.addHandler(logging.StreamHandler())
def umask():
    os.umask(now := os.umask(0))
    return now
def draw():
    return int.from_bytes(os.urandom(6), 'big')
"""
YES, START = "Reproducible: ", "Reproducible from this start: "
NO, OPEN = "Not reproducible:", "Not shown:"
# What tells that it was put back, and what sets it. Both runs must tell the same.
CELLS = {
    "the decimal context": ("decimal.getcontext().prec", "decimal.getcontext().prec = 5"),
    "decimal's traps": (
        "decimal.getcontext().traps[decimal.Inexact]",
        "decimal.getcontext().traps[decimal.Inexact] = True",
    ),
    "the locale": ("locale.setlocale(locale.LC_ALL)", "locale.setlocale(locale.LC_ALL, 'C')"),
    "the time zone": ("time.tzname", "os.environ['TZ'] = 'XYZ3'; time.tzset()"),
    "the umask": ("umask()", "os.umask(0o27)"),
    "csv's largest field": ("csv.field_size_limit()", "csv.field_size_limit(99)"),
    "a dialect": ("csv.list_dialects()", "csv.register_dialect('mine', delimiter='|')"),
    "copyreg": ("Mine in copyreg.dispatch_table", "copyreg.pickle(Mine, lambda mine: (Mine, ()))"),
    "how processes start": (
        "multiprocessing.get_start_method(allow_none=True)",
        "multiprocessing.set_start_method('forkserver')",  # twice would raise
    ),
    "sockets' time-out": ("socket.getdefaulttimeout()", "socket.setdefaulttimeout(9)"),
    "the recursion limit": ("sys.getrecursionlimit()", "sys.setrecursionlimit(4321)"),
    "the switch interval": ("sys.getswitchinterval()", "sys.setswitchinterval(0.01)"),
    "arguments": ("[*sys.argv]", "sys.argv.append('--more')"),
    "a hook": ("sys.unraisablehook.__name__", "sys.unraisablehook = lambda *_: None"),
    "the trace function": ("sys.gettrace()", "sys.settrace(lambda *_: None)"),
    "threads' excepthook": ("threading.excepthook.__name__", "threading.excepthook = print"),
    "a signal": (
        "signal.getsignal(signal.SIGUSR1)",
        "signal.signal(signal.SIGUSR1, lambda *_: None)",
    ),
    "the collector": ("gc.get_threshold()", "gc.set_threshold(123)"),
    "warnings in the log": ("warnings.showwarning.__name__", "logging.captureWarnings(True)"),
    "a logger's level": ("log.level", "log.setLevel('ERROR')"),
    "a logger's filters": ("len(log.filters)", "log.addFilter(lambda record: True)"),
    "a handler's level": ("log.handlers[0].level", "log.handlers[0].setLevel('ERROR')"),
    "a logger that tells no more": ("log.disabled", "log.disabled = True"),
    "all loggers": ("logging.root.manager.disable", "logging.disable(logging.INFO)"),
    "a name of a level": ("logging.getLevelName(25)", "logging.addLevelName(25, 'NOTICE')"),
    "records": (
        "logging.getLogRecordFactory().__name__",
        "logging.setLogRecordFactory(lambda *a, **k: logging.LogRecord(*a, **k))",
    ),
    "NumPy's error function": ("np.geterrcall()", "np.seterrcall(print)"),
    "NumPy's buffer": ("np.getbufsize()", "np.setbufsize(16 * 1024)"),
    "the default device": ("torch.ones(1).device.type", "torch.set_default_device('meta')"),
    "the precision": (
        "torch.get_float32_matmul_precision()",
        "torch.set_float32_matmul_precision('medium')",
    ),
    "anomaly mode": ("torch.is_anomaly_enabled()", "torch.autograd.set_detect_anomaly(True)"),
    "autocast": ("torch.is_autocast_enabled('cpu')", "torch.set_autocast_enabled('cpu', True)"),
    "oneDNN": ("torch.backends.mkldnn.enabled", "torch.backends.mkldnn.enabled = False"),
    "attention": (
        "torch.backends.cuda.math_sdp_enabled()",
        "torch.backends.cuda.enable_math_sdp(False)",
    ),
    "denormal numbers": ("5e-324 * float(len('a')) == 0", "torch.set_flush_denormal(True)"),
    "a hook of all modules": (
        "len(torch.nn.modules.module._global_forward_hooks)",
        "torch.nn.modules.module.register_module_forward_hook(lambda *_: None);",
    ),
    "scikit-learn": (
        "sklearn.get_config()['assume_finite']",
        "sklearn.set_config(assume_finite=1)",
    ),
    "a colour map": (
        "'mine' in matplotlib.colormaps",
        "matplotlib.colormaps.register(matplotlib.colormaps['jet'], name='mine')",  # twice raises
    ),
    "an accessor": (
        "hasattr(pd.DataFrame, 'mine')",
        "pd.api.extensions.register_dataframe_accessor('mine')(Mine)",  # twice warns
    ),
    "an attribute of a module": ("hasattr(np, 'my')", "np.my = 1"),
    "an attribute that is set by its name": ("hasattr(np, 'mine')", "setattr(np, 'mine', Mine())"),
    "a method of a class": (
        "torch.nn.Linear.forward.__module__",
        "torch.nn.Linear.forward = lambda self, x: x",
    ),
    "a class's new attribute": (
        "hasattr(torch.nn.Linear, 'mine')",
        "layer = torch.nn.Linear\nlayer.mine = 2",
    ),
    "a library's own dict": ("len(codecs.__all__)", "codecs.__all__.append('more')"),
    "a deleted attribute": ("hasattr(codecs, 'BOM')", "del codecs.BOM"),
}
NOT_PUT_BACK = {
    "what atexit calls": ("atexit.register(int)", "functions that atexit calls"),
    "inter-op threads": (
        "torch.set_num_interop_threads(torch.get_num_interop_threads() + 1)",
        "torch's number of inter-op threads",
    ),
}
# What differs in both runs is told with its name.
DIFFERS = {
    "an attribute": ("np.drawn = draw()", "numpy.drawn"),
    "an option": (
        "pd.set_option('display.max_rows', draw())",
        "pandas' options (display.max_rows)",
    ),
    "a level": ("logging.getLogger('odd').setLevel(draw() % 2**40)", "loggers (odd)"),
    "an argument": ("sys.argv.append(str(draw()))", "sys.argv"),
    "the first of a session that imports": (
        "import xml.dom.minidom\nos.environ['DRAWN'] = str(draw())",
        "os.environ (DRAWN)",
    ),
}


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", PRELUDE) as kernel:
        yield kernel


def verdict(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith((YES, START, NO, OPEN)))


@pytest.mark.parametrize(("tells", "sets"), CELLS.values(), ids=CELLS)
def test_what_a_cell_sets_is_put_back_and_stays_at_the_end(
    kernel: Kernel, tells: str, sets: str
) -> None:
    before = kernel.value(tells)
    shown = kernel.ok(f"%%seeded 42 --verify\nwas = {tells}\n{sets}")
    assert verdict(shown.stdout).startswith(START), shown.text
    assert kernel.value(tells) != before


@pytest.mark.parametrize(("sets", "name"), NOT_PUT_BACK.values(), ids=NOT_PUT_BACK)
def test_what_cannot_be_put_back_is_named_and_accuses_no_cell(
    kernel: Kernel, sets: str, name: str
) -> None:
    shown = kernel.ok(f"%%seeded 42 --verify\n{sets};")
    assert verdict(shown.stdout).startswith(OPEN), shown.text
    assert name in shown.stdout, shown.text


@pytest.mark.parametrize(("sets", "name"), DIFFERS.values(), ids=DIFFERS)
def test_what_two_runs_set_to_other_values_is_named(kernel: Kernel, sets: str, name: str) -> None:
    shown = kernel.ok(f"%%seeded 42 --verify\n{sets}")
    assert verdict(shown.stdout).startswith(NO), shown.text
    assert f"  {name}: " in shown.stdout, shown.text


def test_a_setting_counts_where_a_re_run_shows_something_else(kernel: Kernel) -> None:
    kernel.ok("decimal.setcontext(decimal.Context())")
    for cell, answer in {
        "third = decimal.Decimal(1) / 3": YES,
        "warnings.filterwarnings('ignore', message='mine'); x = 1": YES,
        "np.set_printoptions(precision=5); print(np.ones(1) / 3)": YES,
        "print(np.ones(1) / 3); np.set_printoptions(precision=4)": START,
        "sys.path.append('one more')": START,
        "was = decimal.getcontext().flags[decimal.Clamped]": YES,
    }.items():
        shown = kernel.ok(f"%%seeded 42 --verify\n{cell}")
        assert verdict(shown.stdout).startswith(answer), (cell, shown.text)


def test_a_logger_that_is_set_up_twice_tells_once(kernel: Kernel) -> None:
    cell = "fresh = logging.getLogger('fresh'); fresh.addHandler(logging.StreamHandler())\n"
    shown = kernel.ok(f"%%seeded 42 --verify\n{cell}fresh.warning('told')")
    assert verdict(shown.stdout).startswith(START), shown.text
    assert kernel.value("len(fresh.handlers)") == "1"


def test_a_stream_that_the_cell_has_put_in_place_stays_and_the_verdict_is_seen(
    kernel: Kernel,
) -> None:
    cell = "import io\nprint(type(sys.stdout).__name__)\nsys.stdout = io.StringIO()\nprint('gone')"
    shown = kernel.ok(f"%%seeded 42 --verify\n{cell}")
    assert verdict(shown.stdout).startswith(START), shown.text
    assert kernel.value("sys.stdout.getvalue()") == r"'gone\n'"
    kernel.ok("sys.stdout = console")


# A library's first use


def picture(shown: Any) -> bool:
    return any("image/png" in data for data in shown.displays)


def test_the_first_plot_of_a_session_is_reproducible_and_later_ones_are_shown() -> None:
    with running_kernel("%load_ext seedmagic", "import matplotlib.pyplot as plt") as kernel:
        shown = kernel.ok("%%seeded 42 --verify\nplt.plot([1, 2]);")
        assert shown.stdout.startswith(YES), shown.text
        assert picture(shown)
        assert picture(kernel.ok("plt.plot([1, 2]);"))
        assert kernel.value("plt.isinteractive()") == "True"
        shown = kernel.ok("%%seeded 42 --verify\nplt.plot([1, 2]); plt.ioff();")
        assert shown.stdout.startswith(START), shown.text
        assert kernel.value("plt.isinteractive()") == "False"
        cell = "plt.ion(); plt.plot([1]); plt.switch_backend('agg');"
        shown = kernel.ok(f"%%seeded 42 --verify\n{cell}")
        assert shown.stdout.startswith(START), shown.text
        assert picture(shown)
        shown = kernel.ok("%%seeded 42 --verify\nnumber = plt.figure().number")
        assert shown.stdout.startswith(START), shown.text
        assert "pyplot's figures" in shown.stdout
        # The first import of a library, and what the cell sets in it.
        cell = (
            "import pandas as pd\nprint(pd.Series([1 / 3]))\npd.set_option('display.precision', 2)"
        )
        shown = kernel.ok(f"%%seeded 42 --verify\n{cell}")
        assert verdict(shown.stdout).startswith(START), shown.text
        assert kernel.value("pd.get_option('display.precision')") == "2"


def test_what_an_import_sets_stays_set(tmp_path: Path) -> None:
    (tmp_path / "settling.py").write_text(
        "import logging, os, random, sys, warnings\n"
        "random.random()\n"
        "warnings.filterwarnings('ignore', message='settled')\n"
        "os.environ['SETTLED'] = '1'\n"
        "sys.path.append('settled')\n"
        "logging.getLogger('settled').setLevel(7)\n"
    )
    cell = "os.environ['SET'] = '1'; import settling; sys.path.append('set')"
    with running_kernel("%load_ext seedmagic", "import logging, os, sys", cwd=tmp_path) as kernel:
        shown = kernel.ok(f"%%seeded 42 --verify\n{cell}")
        assert shown.stdout.startswith(START), shown.text
        assert "SETTLED" not in shown.stdout
        assert "RNG" not in shown.stdout
        assert kernel.value("os.environ['SETTLED'], os.environ['SET']") == "('1', '1')"
        assert kernel.value("sys.path[-2:]") == "['settled', 'set']"
        assert kernel.value("logging.getLogger('settled').level") == "7"
        assert kernel.ok("import warnings; warnings.warn('settled')").stderr == ""


# What watches imports


def test_several_watches_of_imports_ask_the_other_finders_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    class Last:
        @staticmethod
        def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
            asked.append(name)
            return None

    def silent(*_: object) -> None: ...

    watches = [
        ImportWatch(silent, silent, silent, set, lambda: True, lambda _: False) for _ in range(12)
    ]
    monkeypatch.setattr(sys, "meta_path", [*watches, *watches[:2], Last()])
    with pytest.raises(ImportError):
        __import__("there_is_none")
    assert len(asked) < 100
