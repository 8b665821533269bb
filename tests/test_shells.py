"""Several shells of one process load the extension: what one does, the others do not notice."""

from __future__ import annotations

import random
from textwrap import dedent

import pytest

from kernels import running_kernel
from scripts import answer

# Fresh shells for every order; each is checked after every step.
TWO = """
import json
from itertools import combinations
from shells import Shell, check_watched, each_order

def interleaved(first, second):
    length = len(first) + len(second)
    for places in combinations(range(length), len(first)):
        one, other = iter(first), iter(second)
        yield [("A", next(one)) if at in places else ("B", next(other)) for at in range(length)]

def play(order):
    shells = {"A": Shell(is_singleton=True), "B": Shell()}
    modes = {}
    for name, step in order:
        shell = shells[name]
        if step == "load":
            shell.load()
            modes[name] = "warn"
        elif step in ("unload", "end"):
            getattr(shell, step)()
            del modes[name]
            if step == "end":
                del shells[name]
        else:
            shell.ok(f"%seedwatch {step}")
            modes[name] = step
        for each in shells:
            if each in modes:
                check_watched(shells[each], modes[each])
            else:
                assert shells[each].ok("x = [random]\\nx = len(x)").warnings == []
    for name in list(shells):
        shells.pop(name).end()
"""


@pytest.mark.slow
def test_two_shells_load_change_mode_unload_and_end_in_every_order() -> None:
    script = f"""{TWO}
WAYS = [("off", "unload", "unload"), ("error", "end", "unload"), ("strict", "unload", "end"),
        ("off", "end", "end")]
orders = [
    order
    for mode, leave_a, leave_b in WAYS
    for order in interleaved(["load", leave_a], ["load", mode, leave_b])
]
print(json.dumps(each_order(orders, play)))
"""
    assert answer(script) == 40


def test_three_shells_load_and_leave_in_every_order() -> None:
    script = """
    import json
    from itertools import permutations
    from shells import Shell, check_watched, each_order

    MODES = {"A": "warn", "B": "strict", "C": "off"}

    def play(order):
        loading, leaving = order
        shells = {name: Shell(is_singleton=name == "A") for name in "ABC"}
        loaded = []
        def check():
            for name in loaded:
                check_watched(shells[name], MODES[name])
        for name in loading:
            shells[name].load()
            shells[name].ok(f"%seedwatch {MODES[name]}")
            loaded.append(name)
            check()
        for name in leaving:
            loaded.remove(name)
            shell = shells.pop(name)
            if name == "B":
                shell.unload()
            shell.end()
            check()

    orders = [
        (one, other)
        for one in permutations("ABC")
        for other in (one, one[::-1], (one[1], one[0], one[2]))
    ]
    print(json.dumps(each_order(orders, play)))
    """
    assert answer(script) == 18


def answer_of_two(body: str, last: str) -> object:
    """Load the extension into two shells, run `body`, and give what `last` is."""
    script = """
    import json, random
    from shells import CELL, UNSEED, Shell, traces
    a, b = Shell(is_singleton=True), Shell()
    a.load()
    b.load()
    """
    return answer(f"{dedent(script)}\n{dedent(body)}\nprint(json.dumps({last}))")


def test_a_cell_that_another_shells_cell_runs_draws_for_itself_alone() -> None:
    body = """
    a.real.user_ns["b"] = b
    b.ok("random.seed()")
    told = a.ok(
        "y = 1\\n"
        "for turn in range(5):\\n"
        "    ran = b.run('y = 1\\\\nfor at in range(5):\\\\n    x = random.random()')\\n"
        "z = 3"
    )
    inner = a.value("ran")
    a.ok("seen = sm.status()")
    b.ok("seen = sm.status()")
    cells = [cell for shell in (a, b) for cell in shell.value("seen").cells]
    drew = {shell: [cell.verdict for cell in cells.value("seen").cells if "random(" in cell.code]
            for shell, cells in (("a", a), ("b", b))}
    between = [cell.between for cell in cells if cell.between]
    """
    found = answer_of_two(body, "[told.warnings, inner.warnings, drew, between]")
    outer, inner, drew, between = found  # type: ignore[misc]
    assert outer == []
    assert len(inner) == 1
    assert "(line 3: x = random.random())" in inner[0]
    assert drew == {"a": ["no draws"], "b": ["unseeded"] * 5}
    assert between == []


def test_an_outer_cell_is_blamed_for_what_it_drew_around_an_inner_one() -> None:
    body = """
    a.real.user_ns["b"] = b
    a.ok("random.seed()\\nunseeded = random.getstate()")
    told = a.ok("y = 1\\nx = random.random()\\nb.ok('y = 1\\\\nz = 2')\\nw = 4")
    inner = "b.ok('random.seed(3)\\\\ny = random.random()')"
    late = a.ok(f"{inner}\\nrandom.setstate(unseeded)\\nx = random.random()")
    """
    told, late = answer_of_two(body, "[told.warnings, late.warnings]")  # type: ignore[misc]
    assert len(told) == len(late) == 1
    assert "(line 2: x = random.random())" in told[0]
    assert "(line 3: x = random.random())" in late[0]


def test_what_an_unwatched_shell_draws_is_no_other_shells_business() -> None:
    body = """
    b.ok("%seedwatch off")
    a.ok("x = 1")
    b.ok(UNSEED)
    b.ok(CELL)
    told = a.ok("x = 1\\ny = 2")
    b.ok("random.seed()\\n%unload_ext seedmagic\\nx = random.random()")
    told.warnings += a.ok("x = 1\\ny = 2").warnings
    a.ok("seen = sm.status()")
    """
    assert answer_of_two(body, "[told.warnings, [c.between for c in a.value('seen').cells]]") == [
        [],
        [[]] * 3,
    ]


def test_what_no_cell_drew_is_reported_once() -> None:
    body = """
    a.ok("random.seed()")
    random.random()
    told = [shell.ok("x = 1\\ny = 2").warnings for shell in (b, a, b)]
    """
    first, *others = answer_of_two(body, "told")  # type: ignore[misc]
    assert "between cells" in first[0] or "since seedmagic was loaded" in first[0]
    assert others == [[], []]


def test_seeded_cells_work_in_a_shell_that_is_not_the_singleton() -> None:
    body = """
    drawn = []
    for shell in (a, b):
        shell.ok("%seed 42")
        shell.ok("%%seeded 7\\nx = random.random()\\nx")
        shell.ok("y = random.random()")
        drawn.append([shell.value("x"), shell.value("y")])
        assert "Reproducible:" in shell.ok("%%seeded 7 --verify\\nx = random.random()").printed
        shell.ok("%%seeded 7 --runs 3 --track x --out runs\\nx = random.random()")
        drawn[-1] += list(shell.value("runs").values("x"))
        assert "loop" in shell.ok("%%timeit -n 2 -r 2\\n%%seeded 7\\nrandom.random()").printed
        shell.ok("from __future__ import annotations\\nimport asyncio")
        shell.ok("%%seeded 7\\nfrom __future__ import annotations\\nx = random.random()")
        drawn[-1].append(shell.value("x"))
        assert shell.run("%%seeded 7 --bogus\\nx = 1").error == "UsageError"
        assert shell.run("%%seeded 7").error == "UsageError"
        shell.ok("%seedreplay 3")
    """
    seven = random.Random(7).random()
    runs = [random.Random(seed).random() for seed in (7, 8, 9)]
    expected = [seven, random.Random(42).random(), *runs, seven]
    assert answer_of_two(body, "drawn") == [expected, expected]


def test_a_header_finds_the_shell_that_rewrote_it_inside_another_shells_cell() -> None:
    body = """
    a.real.user_ns["b"] = b
    a.ok("%%seeded 5\\nb.ok('%%seeded 7\\\\nx = random.random()')\\nx = random.random()")
    """
    expected = [random.Random(5).random(), random.Random(7).random()]
    assert answer_of_two(body, "[a.value('x'), b.value('x')]") == expected


def test_status_tells_of_the_running_shell_else_of_the_last_else_of_any() -> None:
    body = """
    import seedmagic as sm
    a.real.user_ns["b"] = b
    b.ok("%seedwatch strict")
    told = [sm.status().watch]
    a.ok("b.ok('inner = sm.status().watch')\\nouter = sm.status().watch")
    told += [b.value("inner"), a.value("outer"), sm.status().watch]
    b.ok("x = 1")
    told.append(sm.status().watch)
    b.unload()
    told.append(sm.status().watch)
    a.unload()
    told.append(sm.status().watch)
    """
    assert answer_of_two(body, "told") == ["strict", "strict", "warn", "warn", "strict", "warn",
                                           None]  # fmt: skip


def test_pinned_entropy_goes_by_the_cell_that_makes_a_generator() -> None:
    body = """
    a.real.user_ns["b"] = b
    make = "r = np.random.default_rng().random()"
    alone = []
    for _ in range(2):
        a.ok("%seed 3 --pin-entropy")
        a.ok(
            "made = []\\nfor turn in range(3):\\n    y = 1\\n"
            "    made.append(np.random.default_rng().random())"
        )
        alone.append(a.value("made"))
        b.ok(make)
        alone.append(b.value("r"))
    a.ok(
        "made = []\\nfor turn in range(3):\\n    b.ok('r = np.random.default_rng().random()')\\n"
        "    made += [np.random.default_rng().random(), b.value('r')]"
    )
    """
    one, inner, again, other = answer_of_two(body, "alone")  # type: ignore[misc]
    assert (one, inner) == (again, other)
    made = answer_of_two(body, "a.value('made')")
    assert len(set(made)) == 6, "each turn has one of its own"  # type: ignore[call-overload]
    assert made[1] == inner  # type: ignore[index]


def test_a_cell_under_per_cell_leaves_the_streams_of_the_cell_that_runs_it() -> None:
    body = """
    a.real.user_ns["b"] = b
    a.ok("%seed 42 --per-cell")
    a.ok("x = [random.random(), random.random()]\\ny = 1")
    code = "x = [random.random()]\\nb.ok('y = 1')\\nx.append(random.random())"
    a.ok(code)
    with_inner = a.value("x")
    b.ok("x = 1")
    a.ok(code)
    """
    with_inner, again = answer_of_two(body, "[with_inner, a.value('x')]")  # type: ignore[misc]
    assert with_inner == again
    assert len(set(with_inner)) == 2


def test_loading_twice_and_reloading_change_nothing_for_the_other_shell() -> None:
    body = """
    from shells import check_watched
    reload = (
        "for turn in range(9):\\n    if turn == 1:\\n"
        "        get_ipython().run_line_magic('reload_ext', 'seedmagic')\\n"
        "    x = random.random()"
    )
    b.ok("%seedwatch off")
    sm = __import__("seedmagic")
    sm.load_ipython_extension(b.real)
    check_watched(b, "off")
    b.ok(reload)
    check_watched(b, "warn")
    b.ok(reload)
    check_watched(a, "warn")
    check_watched(b, "warn")
    a.unload()
    check_watched(b, "warn")
    b.unload()
    left = traces()
    """
    assert answer_of_two(body, "[left['builtins'], left['observers'], left['status'] is None]") == [
        [], [], True]  # fmt: skip


def test_a_function_held_or_sent_to_a_worker_works_after_one_shell_has_left() -> None:
    body = """
    import pickle, random
    held = pickle.loads(pickle.dumps(random.seed))
    a.unload()
    assert pickle.loads(pickle.dumps(random.seed)) is random.seed is held
    b.ok("random.seed()")
    held(3)
    b.ok("x = random.random()")
    b.ok("seen = sm.status()")
    verdict = b.value("seen").cells[-1].verdict
    b.unload()
    held(3)
    """
    assert answer_of_two(body, "[verdict, random.random(), held is random.seed]") == [
        "seeded", random.Random(3).random(), False]  # fmt: skip


def test_a_function_that_somebody_put_over_ours_stays() -> None:
    body = """
    import random
    before = random.seed
    theirs = lambda *given: before(*given)
    random.seed = theirs
    a.unload()
    b.unload()
    random.seed(5)
    """
    assert answer_of_two(body, "[random.seed is theirs, random.random()]") == [
        True, random.Random(5).random()]  # fmt: skip


SECOND = """
import warnings
from IPython.core.interactiveshell import InteractiveShell
second = InteractiveShell()
def inner(code):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = second.run_cell(code, store_history=True)
    result.raise_error()
    return [str(warning.message) for warning in caught]
"""


def test_a_second_shell_in_a_kernel_leaves_the_kernels_own_cells_and_panel() -> None:
    imports = "import random, seedmagic as sm"
    with running_kernel("%load_ext seedmagic", imports, SECOND) as kernel:
        kernel.ok("inner('%load_ext seedmagic'); inner('import random, seedmagic as sm');")
        shown = kernel.ok("%seedpanel")
        assert any("application/vnd.jupyter.widget-view+json" in each for each in shown.displays)
        kernel.ok("inner('%seedwatch error');")
        kernel.ok("got = inner('%%seeded 7\\nx = random.random()')")
        assert kernel.value("second.user_ns['x'] == random.Random(7).random()") == "True"
        assert "Reproducible:" in kernel.ok("got = inner('%%seeded 7 --verify\\nx = 1')").stdout
        kernel.ok("random.seed()")
        first = kernel.ok("y = 1\nx = random.random()")
        assert "(line 2: x = random.random())" in first.stderr
        redrawn = str(first.comms)
        assert "random.random" in redrawn
        kernel.ok("inner('%unload_ext seedmagic');")
        again = kernel.ok("y = 1\nx = random.random()")
        assert "(line 2: x = random.random())" in again.stderr
        assert "random.random" in str(again.comms)
        assert kernel.value("sm.status().watch") == "'warn'"
        kernel.ok("inner('%load_ext seedmagic');")
        kernel.ok("%unload_ext seedmagic")
        assert (
            "no seed controls"
            in kernel.ok("told = inner('y = 1\\nx = random.random()')\nprint(told)").stdout
        )
        assert kernel.ok("y = 1\nx = random.random()").stderr == ""


def test_a_shells_completion_offers_its_own_variables() -> None:
    body = """
    b.ok("only_in_b = 1")
    def offered(shell):
        line = "%%seeded 1 --rewind only"
        _, found = shell.real.complete(line, line, len(line))
        return found
    """
    assert answer_of_two(body, "[offered(a), offered(b)]") == [[], ["only_in_b"]]
