"""CUDA sleeps until the user wakes it, and then has the streams that it should have.

How to run these with little else than torch and pytest, CONTRIBUTING.md says.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from gpu_scripts import GRAPH, MARKS, SHELL, told

pytestmark = MARKS

RECIPE = "torch.manual_seed(42)\nsay(draws())"


def test_nothing_of_ours_wakes_cuda_or_keeps_a_fork_from_it() -> None:
    script = """
    model = torch.nn.Linear(2, 2)
    shell.user_ns["model"] = model
    steps = {
        "seed": lambda: sm.seed_everything(42, deterministic=True),
        "scope": sm.seeded(7)(lambda: torch.rand(1)),
        "deterministic": sm.deterministic()(lambda: torch.rand(1)),
        "snapshot": lambda: sm.snapshot().restore(),
        "status": lambda: (str(sm.status()), sm.status().to_dict()),
        "rewind": lambda: sm.rewind(model).rewind(),
        "verify": lambda: sm.verify(lambda: torch.rand(1), seed=7),
        "%seed 42": lambda: run("%seed 42 --deterministic"),
        "%seed": lambda: run("%seed"),
        "%seed off": lambda: run("%seed off"),
        "draws": lambda: run("x = torch.rand(3)\\nfor _ in range(3):\\n    x.normal_()"),
        "%seedwatch": lambda: run("%seedwatch strict", "x = np.random.rand()"),
        "%seedlog": lambda: run("%seedlog"),
        "%%seeded": lambda: run("%%seeded 1024 --rewind model\\nmodel(torch.rand(2))"),
        "%%seeded --verify": lambda: run("%%seeded 1024 --verify\\nmodel(torch.rand(2))"),
        "%seedpanel": lambda: run("%seedpanel"),
        "%unload_ext": lambda: run("%unload_ext seedmagic"),
    }
    woken = [name for name, step in steps.items() if (step(), torch.cuda.is_initialized())[1]]
    child = os.fork()
    if not child:
        try:
            draws()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    say([woken, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])])
    """
    assert told(script, before=SHELL) == [[], 0]


def test_the_panel_names_devices_once_they_are_awake_and_does_not_ask_before() -> None:
    script = """
    from seedmagic.ipython.panel.panel_html import static_html
    asleep = run("%seedpanel")
    assert "to ask would start CUDA" in asleep, asleep
    torch.cuda.init()
    name, state = torch.cuda.get_device_name(0), sm.snapshot()
    for shown in (run("%seedpanel"), static_html(sm.status())):
        assert name in shown and "torch.cuda:0" in shown, shown
    facts = sm.status().devices["cuda"]
    count = torch.cuda.device_count()
    say([facts == {"available": True, "driver": True, "initialized": True, "count": count},
         state.diff(sm.snapshot())])
    """
    assert told(script, before=SHELL) == [True, []]


@pytest.mark.parametrize(
    "seed",
    [
        "sm.seed_everything(42)",
        "torch.cuda.init(); sm.seed_everything(42)",
        "torch.cuda.manual_seed_all(7); sm.seed_everything(42)",
        "sm.seed_everything(7); torch.manual_seed(42)",
        "state = (torch.manual_seed(42), sm.snapshot())[1]; sm.seed_everything(7); state.restore()",
        "torch.manual_seed(42); sm.seeded(7)(lambda: None)()",
        "sm.seed_everything(42); sm.seeded(7)(draws)()",
        "torch.cuda.init(); sm.seed_everything(42); sm.seeded(7)(draws)()",
        "sm.seed_everything(42); sm.preserve()(draws)()",
    ],
)
def test_every_device_has_the_recipes_stream(seed: str) -> None:
    assert told(f"{seed}\nsay(draws())") == told(RECIPE)


def test_a_seed_from_a_cell_is_the_recipes_on_every_device_too() -> None:
    recipe = told(RECIPE)
    assert told('run("%seed 42", "x = torch.rand(1)")\nsay(draws())', before=SHELL) == recipe
    script = """
    run("torch.cuda.init()", "%seed 42", "%%seeded 7\\nx = torch.rand(1, device='cuda')")
    say(draws())
    """
    assert told(script, before=SHELL) == recipe


def test_devices_that_wake_in_a_scope_without_a_seed_outside_get_entropy() -> None:
    inside = "sm.seeded(7)(draws)()\nsay([draws(), sm.status().sources['torch.cuda'].status])"
    (one, status), (other, _) = told(inside), told(inside)
    assert one != other
    assert status == "unseeded"


def test_a_scope_restores_every_device_after_an_error() -> None:
    script = """
    sm.seed_everything(42)
    draws()
    state = sm.snapshot()
    try:
        with sm.seeded(7):
            draws()
            1 / 0
    except ZeroDivisionError:
        say(state.diff(sm.snapshot()))
    """
    assert told(script) == []


def test_a_draw_on_any_device_is_seen_and_put_back() -> None:
    script = """
    torch.cuda.init()
    for index in range(torch.cuda.device_count()):
        before = sm.snapshot()
        with sm.preserve():
            torch.rand(1, device=f"cuda:{index}")
            assert before.diff(sm.snapshot()) == ["torch.cuda"], index
        assert before.diff(sm.snapshot()) == [], index
        run(f"x = 1\\ny = torch.rand(1, device='cuda:{index}')")
        assert drawn() == [["torch.cuda", 2]], (index, drawn())
    say("done")
    """
    assert told(script, before=SHELL) == "done"


@pytest.mark.parametrize("first", ["x = torch.zeros(3, device='cuda')", "pass"])
def test_a_cell_in_which_cuda_wakes_is_blamed_for_what_it_draws_alone(first: str) -> None:
    script = f"""
    run("%seedwatch strict")
    written = run({first!r})
    woken = drawn()
    written += run(*["%%seeded 7\\ny = torch.rand(3, device='cuda')"] * 2)
    say([woken, "ran again" in written, [source for source, _ in drawn()]])
    """
    assert told(script, before=SHELL) == [[], False, ["torch.cuda"]]


def test_a_state_saved_and_loaded_gives_the_same_numbers(tmp_path: Path) -> None:
    script = f"""
    torch.cuda.init()
    sm.snapshot().save({str(tmp_path / "state")!r})
    first = draws()
    sm.RngState.load({str(tmp_path / "state")!r}).restore()
    say(first == draws())
    """
    assert told(script) is True


def test_a_workspace_variable_that_comes_too_late_is_said_and_one_in_time_is_not() -> None:
    seed = "say(sm.seed_everything(42, deterministic=True).caveats)"
    (caveat,) = told(f"torch.cuda.init()\n{seed}")
    assert "CUBLAS_WORKSPACE_CONFIG may come too late" in caveat
    assert told(seed) == []
    (caveat,) = told(f"torch.cuda.init()\n{seed}", CUBLAS_WORKSPACE_CONFIG=":16:8")
    assert caveat == "CUBLAS_WORKSPACE_CONFIG keeps your value :16:8"


def test_a_graphs_replays_draw_from_the_seed_of_the_scope_they_are_in() -> None:
    script = """
    sm.seed_everything(42)
    with sm.seeded(7):
        with torch.cuda.graph(graph):
            numbers.uniform_()
        inside = replayed()
    with sm.seeded(7):
        again = replayed()
    outside = replayed()
    say([inside == again == eager(7), outside == eager(42)])
    """
    assert told(script, before=f"torch.cuda.init()\n{GRAPH}") == [True, True]


def test_during_a_capture_seeding_is_refused_and_the_capture_goes_on() -> None:
    # torch itself refuses to set a generator then, and some versions to read one.
    script = """
    sm.seed_everything(42)
    refused, scope = [], sm.seeded(42)
    scope.__enter__()
    with torch.cuda.graph(graph):
        for act in (sm.snapshot, lambda: sm.seed_everything(7), sm.seeded(7).__enter__):
            try:
                act()
            except (sm.StateError, sm.SeedingError) as error:
                refused.append("a graph is being captured" in str(error))
        sm.status()
        try:
            scope.__exit__(None, None, None)
        except sm.RestoreError as error:
            refused.append(list(error.failures) == ["torch.cuda"])
        numbers.uniform_()
    say([refused, replayed() == eager(42), sm.status().seed])
    """
    assert told(script, before=f"torch.cuda.init()\n{GRAPH}") == [[True] * 4, True, 42]


def test_a_watched_cell_can_capture_a_graph_and_its_replay_is_the_draw() -> None:
    script = """
    shell.user_ns.update(graph=graph, numbers=numbers)
    written = run(
        "with torch.cuda.graph(graph):\\n    numbers.uniform_()\\n    numbers.mul_(2)\\n"
        "x = 1\\ngraph.replay()"
    )
    assert "watche" not in written, written
    capture = drawn()
    run("x = 1\\ny = torch.rand(1, device='cuda')")
    say([capture, drawn()])
    """
    before = f"{SHELL}torch.cuda.init()\n{GRAPH}"
    assert told(script, before=before) == [[["torch.cuda", 5]], [["torch.cuda", 2]]]


WORKERS = """
class Numbers(torch.utils.data.Dataset):
    def __len__(self):
        return 4
    def __getitem__(self, index):
        info = torch.utils.data.get_worker_info()
        return [info.id, info.seed, torch.rand(()).item()]

def loaded(**options):
    loader = torch.utils.data.DataLoader(
        Numbers(), batch_size=None, num_workers=2, multiprocessing_context="fork", **options
    )
    return list(loader)

up = torch.ones(1, device="cuda")
"""


def test_workers_forked_while_cuda_is_up_draw_what_torch_seeds_them_with() -> None:
    recipe = told("torch.manual_seed(42)\nsay(loaded())", before=WORKERS)
    seeds = {seed for _, seed, _ in recipe}
    assert len(seeds) == 2
    for options in ("", "**sm.loader_options()"):
        ours = f"sm.seed_everything(42)\nfirst = loaded({options})\n"
        ours += f"with sm.seeded(42):\n    say([first, loaded({options})])"
        for before in (WORKERS, SHELL + WORKERS):
            assert told(ours, before=before) == [recipe, recipe]
