"""Both runs of a cell under `--verify` find the same: settings, loggers, caches, results."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from kernels import Kernel, running_kernel

PRELUDE = """
import functools, logging, os, random, re, sys, warnings, weakref
import numpy as np, pandas as pd, torch, ipywidgets
import matplotlib.pyplot as plt
home = os.getcwd()
third = np.array([1 / 3])
anchor = torch.nn.Linear(1, 1)
log = logging.getLogger('mine')
log.addHandler(logging.StreamHandler())
log.setLevel('INFO')
log.propagate = False
_hidden, _count = [], 0
def make_cached():
    @functools.lru_cache
    def cached(n):
        return int.from_bytes(os.urandom(4), 'little')
    return cached
"""
YES, START = "Reproducible:", "Reproducible from this start:"
NO, OPEN = "Not reproducible:", "Not shown:"
CELLS = {
    "a warning": "warnings.warn('once for each place')",
    "a logger": "log.info('told')",
    "a logger that is set up": "logging.basicConfig(); logging.warning('told')",
    "a match": "found = re.match('a', 'abc')",
    "weak keys": "weak = weakref.WeakKeyDictionary({anchor: 1})",
    "a sparse tensor": "sparse = torch.eye(3).to_sparse()",
    "a widget's output": "out = 1\nwith ipywidgets.Output():\n    print('inside')",
    "a widget with a name": "box = ipywidgets.VBox([ipywidgets.IntSlider(value=3)])\nbox",
    "what shows itself": "class Own:\n    def _ipython_display_(self): print('own')\nOwn()",
    "a widget shown": "from IPython.display import display\n"
    "def show(): display(ipywidgets.HTML('a'))\nshow()",
    "the stream's encoding": "said = sys.stdout.encoding, sys.stdout.isatty()",
}


# These change what a re-run of them starts from.
CHANGES = {
    "filters": "warnings.warn('first'); warnings.simplefilter('ignore')",
    "the default dtype": "t = torch.ones(1); torch.set_default_dtype(torch.float64)",
    "the working directory": "os.makedirs('below', exist_ok=True); os.chdir('below')\n"
    "where = os.path.relpath(os.getcwd(), home)",
    "the environment": "was = os.environ.get('SOME_NAME'); os.environ['SOME_NAME'] = '1'",
    "the path": "was = len(sys.path); sys.path.append(home)",
    "NumPy's printing": "print(third); np.set_printoptions(precision=3)",
    "NumPy's errors": "was = np.geterr(); np.seterr(all='ignore')",
    "torch's printing": "print(torch.tensor(1 / 3)); torch.set_printoptions(precision=2)",
    "threads": "was = torch.get_num_threads(); torch.set_num_threads(was + 1)",
    "gradients": "was = torch.is_grad_enabled(); torch.set_grad_enabled(False)",
    "pandas' options": "print(pd.DataFrame({'a': third})); pd.set_option('display.precision', 3)",
    "matplotlib's settings": "was = plt.rcParams['lines.linewidth']\n"
    "plt.rcParams['lines.linewidth'] = 5",
    "names with an underscore": "_hidden.append(1); _count += 1\nseen = len(_hidden), _count",
    "what is named by text": "globals()['_hidden'].append(2)\nmany = len(eval('_hidden'))",
    "the last value": "x = _ + 1\nx",
    "all last values": "n = len(Out)\nn",
    "a hook's handle": "handle = anchor.register_forward_hook(print)",
}
CELLS |= CHANGES


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", "%matplotlib inline", PRELUDE) as kernel:
        yield kernel


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_second_run_finds_what_the_first_one_found(kernel: Kernel, cell: str) -> None:
    kernel.ok("os.chdir(home); warnings.resetwarnings(); 41")
    shown = kernel.ok(f"%%seeded 42 --verify\n{cell}")
    answer = next(line for line in shown.stdout.splitlines() if line.startswith("Reproducible"))
    assert answer.startswith(START if cell in CHANGES.values() else YES), shown.text


def test_what_shows_itself_is_shown_once_and_is_the_result(kernel: Kernel) -> None:
    cell = "class Own:\n    def _ipython_display_(self): print('own')\nOwn()"
    shown = kernel.ok(f"%%seeded 42 --verify\n{cell}")
    assert shown.stdout.count("own") == 1
    assert kernel.value("type(_).__name__, Out[max(Out)] is _") == "('Own', True)"


def test_a_difference_that_is_reached_by_text_alone_is_found(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 42 --verify\nglobals()['_hidden'].append(os.urandom(2));")
    assert NO in shown.stdout
    assert "_hidden" in shown.stdout


def test_widgets_that_differ_are_told_by_their_traits_alone(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 42 --verify\nw = ipywidgets.Text(value=os.urandom(9).hex())")
    assert NO in shown.stdout
    assert "w._trait_values['value']: " in shown.stdout
    assert "comm" not in shown.stdout


def test_a_thread_that_goes_on_is_no_pass(kernel: Kernel) -> None:
    kernel.ok("import threading, time; stop = False")
    kernel.ok("def tick():\n    while not stop: time.sleep(0.01)")
    shown = kernel.ok("%%seeded 42 --verify\nthreading.Thread(target=tick).start()")
    kernel.ok("stop = True")
    assert OPEN in shown.stdout
    assert "(tick)' (goes on: what it does later is not compared)" in shown.stdout


def test_a_logger_shows_the_first_run_alone_and_goes_on(kernel: Kernel) -> None:
    assert kernel.ok("%%seeded 42 --verify\nlog.info('told')").stderr == "told\n"
    assert kernel.ok("log.info('later')").stderr == "later\n"


def test_a_logger_made_by_the_last_run_goes_on(kernel: Kernel) -> None:
    kernel.ok("late = logging.getLogger('late'); late.propagate = False")
    kernel.ok("%%seeded 42 --verify\nfresh = logging.StreamHandler(); late.handlers[:] = [fresh]")
    assert kernel.ok("late.warning('later')").stderr == "later\n"


def test_a_stream_that_was_kept_goes_on(kernel: Kernel) -> None:
    kernel.ok("%%seeded 42 --verify\nkept = sys.stdout")
    assert kernel.ok("kept.write('on'); kept.flush();").stdout == "on"


def test_a_setting_stays_as_a_run_left_it(kernel: Kernel) -> None:
    kernel.ok("%%seeded 42 --verify\nos.environ['LEFT'] = '1'")
    assert kernel.value("os.environ['LEFT']") == "'1'"


def test_what_is_cached_anew_is_found_out(kernel: Kernel) -> None:
    kernel.ok("cached = make_cached()")
    assert NO in kernel.ok("%%seeded 42 --verify\nv = cached(1)").stdout
    kernel.ok("cached.cache_clear(); cached(0)")
    assert YES in kernel.ok("%%seeded 42 --verify\nv = cached(0)").stdout
    shown = kernel.ok("%%seeded 42 --verify\nv = cached(2)")
    assert OPEN in shown.stdout
    assert "cache_clear() before" in shown.stdout


def test_a_proxy_of_what_is_gone_does_no_harm(kernel: Kernel) -> None:
    kernel.ok("class Gone: pass\ngone = Gone(); proxy = [weakref.proxy(gone)]; del gone")
    shown = kernel.ok("%%seeded 42 --verify\nn = len(proxy)")
    assert shown.stdout.startswith((YES, NO, OPEN))


def test_the_answer_begins_a_line(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 42 --verify\nprint('a', end='')")
    assert shown.stdout.startswith("a\nReproducible: ")


@pytest.mark.parametrize("above", ["%%time", "%%capture said"])
def test_below_another_magic_it_is_verified_too(kernel: Kernel, above: str) -> None:
    shown = kernel.ok(f"{above}\n%%seeded 42 --verify\nz = random.random()\nz")
    said = kernel.value("said.stdout") if "said" in above else shown.stdout
    assert "Reproducible: 1 value and 1 output" in said
    assert ("" if "said" in above else repr(random.Random(42).random())) == shown.result


def test_below_a_magic_that_takes_text_alone_it_verifies(kernel: Kernel) -> None:
    shown = kernel.ok("%%prun -q\n%%seeded 42 --verify\nran_here = random.random()")
    assert "Reproducible: 1 value" in shown.stdout
    assert kernel.value("ran_here") == repr(random.Random(42).random())


def test_names_that_begin_alike_are_not_taken_for_one_another(kernel: Kernel) -> None:
    kernel.ok("s = [0]; stream = iter([1, 2])")
    shown = kernel.ok("%%seeded 42 --verify\ns.append(len(s)); n = len(s); stream")
    assert OPEN in shown.stdout
    assert "are identical" in shown.stdout
    assert kernel.value("s") == "[0, 1]"


def test_a_name_bound_anew_after_it_was_asked_for_through_a_function_is_put_back(
    kernel: Kernel,
) -> None:
    kernel.ok("log_of = []\ndef note(x):\n    log_of.append(x); return len(log_of)\nalso = note")
    shown = kernel.ok("%%seeded 42 --verify\nn = also(1), note(2)\nlog_of = log_of + [n]")
    assert shown.stdout.startswith(START), shown.text
    shown = kernel.ok("%%seeded 42 --verify\nlog_of = [note(1)]\nm = also(2)")
    assert shown.stdout.startswith(START), shown.text
