"""Devices that wake, or capture a graph, while cells are watched: seen as what it is."""

from __future__ import annotations

from typing import Any

import pytest

from backends import SHELL, on_backend


def test_what_cannot_be_done_while_a_graph_is_captured_is_refused_and_changes_nothing() -> None:
    script = """
    sm.seed_everything(42)
    before = sm.snapshot()
    refused = []
    backend.capturing = True
    for act in (sm.snapshot, lambda: sm.seed_everything(7), sm.seeded(7).__enter__):
        try:
            act()
        except (sm.StateError, sm.SeedingError) as error:
            refused.append("a graph is being captured" in str(error))
    assert sm.status().sources["torch.sample"].fingerprint is None
    torch.rand(1)
    try:
        before.restore()
    except sm.RestoreError as error:
        refused.append(list(error.failures) == ["torch.sample"])
    backend.capturing = False
    assert before.diff(sm.snapshot()) == [] and sm.status().seed == 42
    print(json.dumps(refused))
    """
    assert on_backend(script) == [True] * 4


def test_a_device_is_watched_on_after_the_capture_of_a_graph() -> None:
    script = """
    shell.run_cell("import random\\n%load_ext seedmagic")
    say = [run("backend.capturing = True", "random.seed(1)", "backend.capturing = False",
               "x = backend.draw()")]
    say += [run("backend.capturing = True")]
    say += [run("x = 1", "backend.capturing = False", "x = 2")]
    say += [run("x = 1", "x = backend.draw()")]
    print(json.dumps(say))
    """
    drawn = [[["torch.sample", 4]], [], [], [["torch.sample", 2]]]
    assert on_backend(script, SHELL) == drawn


def test_a_device_is_watched_though_the_extension_was_loaded_during_a_capture() -> None:
    script = """
    backend.capturing = True
    shell.run_cell("%load_ext seedmagic")
    say = [run("x = 1"), run("backend.capturing = False", "x = 1")]
    sm.seed_everything(42)
    say += [run("x = 1", "x = backend.draw()")]
    print(json.dumps(say))
    """
    assert on_backend(script, SHELL) == [[], [], [["torch.sample", None]]]  # seeded: no line


@pytest.mark.parametrize(("drawn", "seen"), [(0, []), (4, [["torch.sample", 2]])])
def test_a_device_that_only_wakes_in_a_cell_has_not_been_drawn_from(drawn: int, seen: Any) -> None:
    script = f"""
    backend.awake = False
    shell.run_cell("%load_ext seedmagic")
    say = [run("backend.philox({drawn})", "backend.awake = True")]
    say += [run("x = 1", "backend.words[1] += 4")]
    say += [sm.status().sources["torch.sample"].status]
    # Seeded by a function that nobody notices: the count of numbers starts anew.
    say += [run("backend.philox(0)"), sm.status().sources["torch.sample"].status]
    print(json.dumps(say))
    """
    expected = [seen, [["torch.sample", 2]], "unseeded", [], "seeded"]
    assert on_backend(script, SHELL) == expected


def test_a_scope_in_which_a_device_wakes_starts_from_the_same_state_the_next_time() -> None:
    script = """
    import contextlib, io
    backend.philox(0)
    backend.awake = False
    written = io.StringIO()
    def again(*lines):
        with contextlib.redirect_stderr(written):
            run(*lines), run(*lines)
        return "ran again, from another state of torch.sample" in written.getvalue()
    with contextlib.redirect_stderr(written):
        shell.run_cell("%load_ext seedmagic")
        shell.run_cell("%seedwatch strict")
    say = [again("%%seeded 7", "backend.wake()", "backend.words[1] += 4")]
    say += [again("backend.words[1] += 4")]
    print(json.dumps(say))
    """
    assert on_backend(script, SHELL) == [False, True]
