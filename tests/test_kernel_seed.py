"""`%seed` as a person meets it, in a real kernel."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from kernels import Kernel, running_kernel

MIME = "application/vnd.seedmagic+json"
EVERYTHING = """(
    __import__("random").getstate(),
    __import__("numpy").random.get_state(legacy=False)["state"]["key"].tobytes(),
    __import__("numpy").random.get_state(legacy=False)["state"]["pos"],
    __import__("torch").get_rng_state().tolist(),
    __import__("torch").backends.cudnn.deterministic,
    __import__("torch").backends.cudnn.benchmark,
    __import__("torch").get_deterministic_debug_mode(),
    sorted(__import__("os").environ.items()),
    __import__("seedmagic").status().to_record(),
)"""
IMPORTS = "import os, random, numpy as np, torch, seedmagic as sm"
DRAWS = "[random.random(), float(np.random.rand()), torch.rand(1).item()]"


@pytest.fixture(scope="module")
def shared() -> Iterator[Kernel]:
    variables = "number = 7; word = 'w'; half = 1.5; huge = 10**5000; long = list(range(10**5))"
    with running_kernel("%load_ext seedmagic", IMPORTS, variables) as kernel:
        yield kernel


@pytest.fixture
def kernel(shared: Kernel) -> Iterator[Kernel]:
    yield shared
    shared.ok("%seed off")
    shared.ok(
        "for flag in ('PYTHONHASHSEED', 'CUBLAS_WORKSPACE_CONFIG'): os.environ.pop(flag, None)"
    )


def test_seed_gives_the_streams_of_the_plain_recipe(kernel: Kernel) -> None:
    kernel.ok("random.seed(42); np.random.seed(42); torch.manual_seed(42)")
    recipe = kernel.value(DRAWS)
    kernel.ok("%seed 42")
    assert kernel.value(DRAWS) == recipe


def test_seed_answers_in_one_line_what_was_seeded(kernel: Kernel) -> None:
    shown = kernel.ok("%seed 42")
    (data,) = shown.displays
    assert "\n" not in data["text/plain"]
    for word in ("42", "python", "numpy", "torch", "child processes"):
        assert word in data["text/plain"]


def test_the_answer_carries_its_facts_without_host_user_or_path(kernel: Kernel) -> None:
    facts = kernel.ok("%seed 42").displays[0][MIME]
    assert facts["seed"] == 42
    assert facts["sources"]["numpy"]["status"] == "seeded"
    assert facts["flags"]["cudnn.deterministic"] is True
    assert facts["versions"]["torch"]
    assert facts["hardware"]["machine"]
    private = kernel.value(
        "[__import__('socket').gethostname(), os.path.expanduser('~'), os.getcwd()]"
    )
    told = json.dumps(facts)
    assert not [word for word in eval(private) if word in told]


def test_seed_alone_shows_every_source_and_changes_nothing(kernel: Kernel) -> None:
    kernel.ok("%seed 42")
    before = kernel.value(EVERYTHING)
    shown = kernel.ok("%seed").displays[0]["text/plain"]
    assert kernel.value(EVERYTHING) == before
    for word in ("42", "python", "numpy", "torch", "numba", "seeded", "not loaded", "Hash seed"):
        assert word in shown


@pytest.mark.parametrize(
    ("line", "seed"),
    [
        ("0x2A", 42),
        ("1_000", 1000),
        ("007", 7),
        ("$number", 7),
        ("{number + 1}", 8),
        ("number", 7),
        ("4294967295", 4294967295),
        ("0  # a comment", 0),
        ("--keep-cudnn 5", 5),
        ("5 --deterministic=warn", 5),
        ("--deterministic 5", 5),
    ],
)
def test_a_seed_can_be_written_in_all_these_ways(kernel: Kernel, line: str, seed: int) -> None:
    kernel.ok(f"%seed {line}")
    assert kernel.value("sm.status().seed") == str(seed)


@pytest.mark.parametrize("written", ["given", "$given", "{given * 1}"])
def test_a_seed_can_be_an_argument_of_a_function(kernel: Kernel, written: str) -> None:
    kernel.ok(f"given = 5\ndef start(given):\n    %seed {written}\nstart(31)")
    assert kernel.value("sm.status().seed") == "31"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("abc", "abc"),
        ("-1", "-1"),
        ("4294967296", "4294967296"),
        ("1.5", "1.5"),
        ("True", "True"),
        ("None", "None"),
        ("9" * 5000, "99"),
        ("half", "1.5"),
        ("huge", "a number of some 5000 digits"),
        ("long", "list"),
        ("word", "'w'"),
        ("$nope", "$nope"),
        ("{1/0}", "1/0"),
        ("1 2", "2"),
        ("'", "quotation"),
        ("42 --frobnicate", "--frobnicate"),
        ("42 --only nonsense", "nonsense"),
        ("42 --skip torch,nonsense", "nonsense"),
        ("42 --only torch --skip torch", "only and skip"),
        ("42 --deterministic=maybe", "maybe"),
        ("--per-cell", "needs a seed"),
        ("off --per-cell", "off"),
        ("42 --rewind model", "--rewind"),
        ("42 --det", "--det"),
    ],
)
def test_a_bad_line_is_refused_and_changes_nothing(kernel: Kernel, line: str, named: str) -> None:
    kernel.ok("%seed 3")
    before = kernel.value(EVERYTHING)
    shown = kernel.run(f"%seed {line}")
    assert shown.status == "error"
    assert shown.error.startswith("UsageError")
    assert not shown.errors  # no traceback
    assert named in shown.error
    assert len(shown.error) < 700
    assert kernel.value(EVERYTHING) == before


def test_a_bad_seed_error_says_what_is_accepted(kernel: Kernel) -> None:
    assert "an integer from 0 to 4294967295" in kernel.run("%seed abc").error


def test_new_draws_a_seed_that_can_be_had_again(kernel: Kernel) -> None:
    shown = kernel.ok("%seed new")
    seed = shown.displays[0][MIME]["seed"]
    assert str(seed) in shown.displays[0]["text/plain"]
    first = kernel.value(DRAWS)
    kernel.ok(f"%seed {seed}")
    assert kernel.value(DRAWS) == first


def test_off_puts_back_flags_and_variables_and_gives_fresh_entropy(kernel: Kernel) -> None:
    kernel.ok("torch.backends.cudnn.benchmark = True")
    before = kernel.value("(torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic)")
    kernel.ok("%seed 42 --deterministic")
    kernel.ok("%seed off")
    after = kernel.value("(torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic)")
    assert after == before
    assert kernel.value("os.environ.get('PYTHONHASHSEED')") == "None"
    assert kernel.value("os.environ.get('CUBLAS_WORKSPACE_CONFIG')") == "None"
    assert kernel.value("torch.are_deterministic_algorithms_enabled()") == "False"
    assert kernel.value("sm.status().sources['numpy'].status") == "'unseeded'"
    drawn = kernel.value(DRAWS)
    kernel.ok("random.seed(42); np.random.seed(42); torch.manual_seed(42)")
    assert kernel.value(DRAWS) != drawn
    kernel.ok("torch.backends.cudnn.benchmark = False")


def test_off_leaves_what_the_user_changed_since(kernel: Kernel) -> None:
    kernel.ok("%seed 42")
    kernel.ok("torch.backends.cudnn.deterministic = False; os.environ['PYTHONHASHSEED'] = '9'")
    kernel.ok("%seed off")
    assert kernel.value("os.environ['PYTHONHASHSEED']") == "'9'"
    assert kernel.value("torch.backends.cudnn.deterministic") == "False"


def test_each_seed_replaces_the_modes_of_the_one_before(kernel: Kernel) -> None:
    kernel.ok("%seed 1 --deterministic")
    kernel.ok("%seed 2 --keep-cudnn")
    assert kernel.value("torch.are_deterministic_algorithms_enabled()") == "False"
    assert kernel.value("torch.backends.cudnn.deterministic") == "False"
    assert kernel.value("os.environ.get('CUBLAS_WORKSPACE_CONFIG')") == "None"


def test_a_value_of_the_users_own_stays(kernel: Kernel) -> None:
    kernel.ok("os.environ['CUBLAS_WORKSPACE_CONFIG'] = ':16:8'; os.environ['PYTHONHASHSEED'] = '5'")
    shown = kernel.ok("%seed 42 --deterministic")
    assert ":16:8" in shown.text
    assert "keeps your value" in shown.text
    assert kernel.value("os.environ['PYTHONHASHSEED']") == "'5'"
    kernel.ok("%seed off")
    assert kernel.value("os.environ['CUBLAS_WORKSPACE_CONFIG']") == "':16:8'"


def test_child_processes_get_the_hash_seed(kernel: Kernel) -> None:
    kernel.ok("%seed 42")
    kernel.ok("import subprocess, sys")
    once = (
        "subprocess.run([sys.executable, '-c', 'print(hash(\"a\"))'], capture_output=True).stdout"
    )
    assert kernel.value(once) == kernel.value(once)
    assert kernel.value("sm.status().hash_seed['children']") == "'42'"


def test_sources_left_out_keep_their_state_and_status(kernel: Kernel) -> None:
    kernel.ok("random.seed(1); np.random.seed(1); torch.manual_seed(1)")
    plain = eval(kernel.value(DRAWS))
    kernel.ok("random.seed(1); np.random.seed(1); torch.manual_seed(1)")
    kernel.ok("%seed 42 --only torch")
    drawn = eval(kernel.value(DRAWS))
    assert drawn[:2] == plain[:2]
    assert drawn[2] != plain[2]
    assert kernel.value("sm.status().sources['torch'].seed") == "42"
    assert kernel.value("sm.status().sources['python'].seed") != "42"


def test_config_gives_the_defaults(kernel: Kernel) -> None:
    kernel.ok("%config SeedMagics.cudnn = False\n%config SeedMagics.quiet = True")
    shown = kernel.ok("%seed 42")
    assert shown.displays == []
    assert kernel.value("torch.backends.cudnn.deterministic") == "False"
    assert (
        "expected any of [False, True, 'warn']"
        in kernel.run("%config SeedMagics.deterministic = 'perhaps'").text
    )
    kernel.ok("%config SeedMagics.cudnn = True\n%config SeedMagics.quiet = False")


def test_help_has_examples(kernel: Kernel) -> None:
    for magic in ("%seed", "%%seeded"):
        reply = kernel.client.inspect(magic, cursor_pos=len(magic), reply=True, timeout=30)
        assert "Examples" in reply["content"]["data"]["text/plain"]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%seed 42 --d", "--deterministic"),
        ("%seed 42 --only nu", "numpy"),
        ("%seed 42 --skip=torch,nu", "numba"),
        ("%seed n", "new"),
        ("%%seeded 5 --ke", "--keep-cudnn"),
        ("%seedlog --js", "--json"),
        ("%seedwatch st", "strict"),
    ],
)
def test_tab_completes_options_and_sources(kernel: Kernel, line: str, offered: str) -> None:
    reply = kernel.client.complete(line, len(line), reply=True, timeout=60)["content"]
    assert offered in reply["matches"]
    completed = line[: reply["cursor_start"]] + offered
    assert completed.startswith(line.rsplit(",", 1)[0].rsplit(" ", 1)[0])
