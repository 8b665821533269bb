"""`%%seeded --runs`: each run is what its seed alone gives, and the cell is like any other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernels import Kernel, Shown, running_kernel

PRELUDE = """
import asyncio, os, random, time, warnings, numpy as np, torch, seedmagic as sm
def noisy():
    return random.random() + np.random.rand() + torch.rand(1).item()
"""
OUTSIDE = "str((random.getstate(), np.random.get_state(), torch.get_rng_state().tolist()))"


@pytest.fixture(scope="module")
def shared() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", "%matplotlib inline", PRELUDE) as kernel:
        yield kernel


@pytest.fixture
def kernel(shared: Kernel) -> Kernel:
    shared.ok("%seed off")
    shared.ok("%seedwatch error\n_runs = None")
    return shared


def tables(shown: Shown) -> list[str]:
    """Give what was displayed with a picture and a table."""
    return [data["text/plain"] for data in shown.displays if "image/png" in data]


def folded(shown: Shown) -> str:
    """Give the HTML of what is folded away."""
    return "".join(
        data["text/html"] for data in shown.displays if "<details>" in data.get("text/html", "")
    )


@pytest.mark.parametrize(
    ("header", "seeds"),
    [
        ("7 --runs 3", [7, 8, 9]),
        ("--seeds 5,1,4294967295", [5, 1, 4294967295]),
        ("--seeds=0:6:2", [0, 2, 4]),
        ("0x2A --runs=2", [42, 43]),
        ("$first --runs {2 - 1}", [11]),
        ("first --runs 2", [11, 12]),
    ],
)
def test_a_run_is_what_its_seed_alone_gives(kernel: Kernel, header: str, seeds: list[int]) -> None:
    kernel.ok("first = 11")
    outside = kernel.value(OUTSIDE)
    body = "layer = torch.nn.Linear(2, 2).weight.flatten()\nx = noisy()"
    shown = kernel.ok(f"%%seeded {header} --track x,layer # --keep\n{body}")
    assert len(tables(shown)) == 1
    for place, seed in enumerate(seeds):
        kernel.ok(f"%%seeded {seed}\n{body}")
        assert kernel.value(f"_runs.values('x')[{place}].item() == x") == "True"
        assert kernel.value(f"_runs.values('layer')[{place}].tolist() == layer.tolist()") == "True"
    assert kernel.value("list(_runs.seeds)") == repr(seeds)
    assert kernel.value(OUTSIDE) == outside


def test_without_a_number_it_starts_from_the_seed_in_force(kernel: Kernel) -> None:
    kernel.ok("%seed 30 --skip numpy --deterministic=warn")
    kernel.ok("%seedwatch off")
    kernel.ok(
        "%%seeded --runs 2 --track x,y\n"
        "x = random.random()\ny = torch.are_deterministic_algorithms_enabled()"
    )
    assert kernel.value("_runs.seeds, [float(v) for v in _runs.values('y')], sm.status().seed") == (
        "((30, 31), [1.0, 1.0], 30)"
    )


def test_pinned_entropy_is_that_of_the_seed_alone(kernel: Kernel) -> None:
    kernel.ok("%seed 1 --pin-entropy")
    body = "x = np.random.default_rng().random()\ny = np.random.default_rng().random()"
    kernel.ok(f"%%seeded 3 --runs 2 --track x,y\n{body}")
    kernel.ok(f"%%seeded 4\n{body}")
    assert kernel.value("[_runs.last(name)[1] for name in 'xy'] == [x, y]") == "True"
    assert kernel.value("len({*_runs.values('x'), *_runs.values('y')})") == "4"


def test_each_run_starts_from_the_same_names_and_the_last_ones_remain(kernel: Kernel) -> None:
    kernel.ok("count = 0; gone = 1; _hidden = 5; items = []")
    kernel.ok(
        "%%seeded 0 --runs 3 --track count,_hidden,fresh\n"
        "assert 'mine' not in globals()\n"
        "mine = 1; count += 1; _hidden += 1; del gone; items.append(count)\n"
        "fresh = random.random()"
    )
    assert kernel.value("count, _hidden, mine, 'gone' in globals(), items") == (
        "(1, 6, 1, False, [1, 1, 1])"
    )
    assert kernel.value("fresh == random.Random(2).random()") == "True"
    assert kernel.value("[_runs.values(name).tolist() for name in ('count', '_hidden')]") == (
        "[[1.0, 1.0, 1.0], [6.0, 6.0, 6.0]]"
    )


TRAIN = """for step in range(3):
    optimizer.zero_grad()
    loss = model(torch.randn(16, 4)).square().mean()
    loss.backward(); optimizer.step()
    history.append(loss.item())
"""
MODEL = (
    "%seed 1\nmodel = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), "
    "torch.nn.Dropout(), torch.nn.Linear(8, 1))\n"
    "optimizer = torch.optim.Adam(model.parameters(), lr=0.1); history = []"
)


def test_rewound_objects_start_every_run_as_the_first_run_of_the_cell(kernel: Kernel) -> None:
    alone = []
    for seed in (5, 6):
        kernel.ok(MODEL)
        kernel.ok(f"%%seeded {seed}\n{TRAIN}")
        alone.append(kernel.value("history"))
    kernel.ok(MODEL)
    kernel.ok("former = model[0].weight")
    cell = f"%%seeded 5 --runs 2 --track history --rewind model,optimizer,history\n{TRAIN}"
    for _ in range(2):  # a re-run of the cell too
        kernel.ok(cell)
        for place in (0, 1):
            assert kernel.value(f"_runs.values('history')[{place}].tolist()") == alone[place]
    assert kernel.value("history") == alone[1]
    assert kernel.value("former is model[0].weight") == "True"


def test_a_body_that_binds_a_rewound_name_anew_is_given_it_back(kernel: Kernel) -> None:
    kernel.ok("kept = history = [0]")
    kernel.ok(
        "%%seeded 1 --runs 3 --track n --rewind history\n"
        "history.append(1); n = len(history); history = None"
    )
    assert kernel.value("_runs.values('n').tolist(), kept, history") == (
        "([2.0, 2.0, 2.0], [0, 1], None)"
    )


def test_the_last_seeds_output_stays_open_and_the_others_are_folded(kernel: Kernel) -> None:
    kernel.ok("import matplotlib.pyplot as plt")
    shown = kernel.ok(
        "%%seeded 3 --runs 3 --track x\n"
        "x = random.random()\n"
        "print('<b>seed', sm.status().seed)\n"
        "plt.plot([x]); plt.show()\n"
        "x"
    )
    assert shown.stdout == "<b>seed 5\n"
    assert shown.result == kernel.value("x") == kernel.value("_")
    html = folded(shown)
    assert html.count("<details>") == html.count("<img ") == 2
    assert ">seed 3</summary>" in html
    assert "&lt;b&gt;seed 4" in html
    assert "seed 5" not in html
    pictures = [data for data in shown.displays if "image/png" in data]
    assert len(pictures) == 2  # the last seed's, and that of the runs
    (text,) = (d["text/plain"] for d in shown.displays if "<details>" in d.get("text/html", ""))
    assert text.startswith("--- seed 3 ---\n<b>seed 3\n")


def test_a_trailing_semicolon_shows_no_value(kernel: Kernel) -> None:
    assert kernel.ok("%%seeded 7 --runs 2\nrandom.random();").result == ""


def test_bars_and_colours_are_folded_as_a_person_saw_them(kernel: Kernel) -> None:
    cell = "%%seeded 7 --runs 2\nprint('\\x1b[31mred\\x1b[0m')\nprint('1%\\r50%\\r100%')"
    assert ">red\n100%</pre>" in folded(kernel.ok(cell))
    html = folded(kernel.ok(f"{cell}\nprint('z' * 50_000)"))
    assert "characters left out" in html
    assert "red" not in html
    assert len(html) < 25_000


def test_a_failed_seed_is_listed_and_the_rest_is_kept(kernel: Kernel) -> None:
    shown = kernel.ok(
        "%%seeded 0 --runs 3 --track x\nx = random.random()\nif sm.status().seed == 1:\n"
        "    raise ValueError('<b>bad</b>')"
    )
    assert "3 runs under seeds 0 to 2, 1 failed." in tables(shown)[0]
    assert kernel.value("_runs.errors") == "{1: 'ValueError: <b>bad</b>'}"
    assert kernel.value("[str(v) for v in np.isnan(_runs.values('x'))]") == (
        "['False', 'True', 'False']"
    )
    assert "<b>bad" not in "".join(data.get("text/html", "") for data in shown.displays)


def test_the_cell_fails_when_all_runs_fail(kernel: Kernel) -> None:
    kernel.ok("_runs = 'former'")
    shown = kernel.run("%%seeded 0 --runs 2 --track x\ny = 1\n\n1 / 0")
    assert shown.error == "RunsError: All 2 runs failed: ZeroDivisionError: division by zero"
    assert "----> 4 1 / 0" in shown.traceback
    assert kernel.value("_runs") == "'former'"


@pytest.mark.parametrize("wait", ["time.sleep(0.3)", "await asyncio.sleep(0.3)"])
def test_an_interrupt_keeps_the_finished_runs_and_stops_the_queue(
    kernel: Kernel, wait: str
) -> None:
    kernel.ok("%seed 3")
    outside = kernel.value(OUTSIDE)
    shown = kernel.interrupt_after(
        f"%%seeded 1 --runs 50 --track x --out partial\nx = random.random()\n{wait}", 2.5
    )
    assert shown.status == "error"
    assert shown.error.startswith("KeyboardInterrupt: ")
    assert "of 50 runs had finished: partial has them" in shown.error
    assert tables(shown)
    assert kernel.value("0 < len(partial.seeds) < 50") == "True"
    assert kernel.value("len(partial.seeds) + len(partial.cancelled)") == "50"
    assert kernel.value("partial.values('x')[0].item() == random.Random(1).random()") == "True"
    assert kernel.value(OUTSIDE) == outside


def test_await_shell_magics_and_future_imports_work_in_the_body(kernel: Kernel) -> None:
    shown = kernel.ok(
        "%%seeded 7 --runs 2 --track x\nfrom __future__ import annotations\n"
        "await asyncio.sleep(0)\nwhere = %pwd\nsaid = !echo from the shell\nprint(said)\n"
        "x = random.random()"
    )
    assert "from the shell" in shown.stdout
    assert kernel.value("_runs.values('x')[1].item() == random.Random(8).random()") == "True"


@pytest.mark.parametrize("above", ["%%time", "%%prun -q"])
def test_another_magic_may_stand_above_or_below(kernel: Kernel, above: str) -> None:
    kernel.ok(f"{above}\n%%seeded 7 --runs 2 --track x\nx = random.random()")
    assert kernel.value("_runs.values('x')[1].item() == random.Random(8).random()") == "True"
    kernel.ok("%%seeded 7 --runs 2 --track x\n%%time\nx = random.random()")
    assert kernel.value("_runs.values('x')[1].item() == random.Random(8).random()") == "True"


def test_history_holds_code_that_runs_it_again(kernel: Kernel) -> None:
    kernel.ok("%%seeded 7 --runs 2 --track x\nx = random.random()")
    kernel.ok("_runs = None\nexec(In[-2])")
    assert kernel.value("_runs.seeds") == "(7, 8)"


def test_the_bar_shows_the_time_left_and_is_not_saved(kernel: Kernel) -> None:
    shown = kernel.ok("%%seeded 7 --runs 3 --track x\nx = random.random(); time.sleep(0.2)")
    widget, *others = (data for data in shown.displays if "run/s" in data.get("text/plain", ""))
    assert "application/vnd.jupyter.widget-view+json" in widget
    assert not others
    values = [str(comm["data"].get("state", {}).get("value")) for comm in shown.comms]
    assert any("1/3" in value and "&lt;" in value for value in values)
    assert shown.updates == [{"text/plain": ""}]
