"""What many runs show: a table, a picture, and event files that TensorBoard reads."""

from __future__ import annotations

import base64
import io
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
from tensorboard.plugins.hparams import plugin_data_pb2

import seedmagic as sm
from seedmagic.runs.run_statistics import mean_curve


def trained(seeds: Any = range(4), **options: Any) -> sm.RunsResult:
    def train(seed: int) -> dict[str, Any]:
        if seed == 2:
            raise ValueError("<b>bad</b>")
        noise = np.random.rand(5 + seed) * 0.1
        return {"acc": 0.9 + noise[0], "loss": 1 / np.arange(1, 6 + seed) + noise}

    return sm.repeat(train, seeds, progress=False, **options)


def pixels(png: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_the_table_names_what_it_says() -> None:
    text = str(trained())
    head, columns, accuracy, loss, *rest = text.splitlines()
    assert head == "4 runs under seeds 0 to 3, 1 failed."
    assert columns.split("  ")[-1].strip() == "max (seed)"
    for word in ("n", "mean", "sd", "median", "iqm", "95 % interval"):
        assert word in columns
    assert accuracy.startswith("acc ")
    assert "3 of 4" in accuracy
    assert loss.startswith("loss, last")
    assert "bootstrap" in rest[0]
    assert "ddof 1" in rest[1]
    assert rest[-1] == "Failed: seed 2: ValueError: <b>bad</b>"
    assert repr(trained()) == "RunsResult: 4 runs under seeds 0 to 3, 1 failed; acc, loss"


def test_a_notebook_gets_text_html_and_a_picture() -> None:
    data, _ = DisplayFormatter().format(trained())
    assert set(data) == {"text/plain", "text/html", "image/png"}
    assert pixels(base64.b64decode(data["image/png"])).shape[1] == 1440
    assert data["image/png"] in data["text/html"]
    assert "&lt;b&gt;bad&lt;/b&gt;" in data["text/html"]
    assert "<b>" not in data["text/html"]


HOSTILE = [
    "<script>x</script>",
    '"onerror="x',
    "$\\frac{",
    "_hidden",
    "精度",
    "n" * 300,
    "a\nb",
    "%s",
    "",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_the_table_or_the_picture(name: str, tmp_path: Path) -> None:
    result = sm.repeat(
        lambda seed: {name: seed, name + "2": [seed, 2]},
        range(2),
        progress=False,
        tensorboard=tmp_path,
    )
    html = result._repr_mimebundle_()["text/html"]
    assert "<script" not in html
    assert '"onerror' not in html
    assert str(result)


@pytest.mark.slow
def test_many_names_and_runs_and_steps_are_drawn_in_a_moment() -> None:
    many = sm.repeat(
        lambda seed: {f"name {n}": [seed, n] for n in range(30)}, range(2), progress=False
    )
    assert pixels(many.picture()).shape[0] < 8000
    long = sm.repeat(lambda seed: np.sin(np.arange(20_000) + seed), range(3), progress=False)
    assert pixels(long.picture()).std() > 1


def settings() -> dict[str, Any]:
    """Give all of matplotlib's settings but the backend, a look at which would choose one."""
    return {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"}


def test_the_picture_does_not_depend_on_the_users_settings_and_changes_none() -> None:
    result = trained()
    plain = result.picture()
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black", "savefig.dpi": 20}):
        before = settings()
        assert result.picture() == plain
        assert settings() == before
    assert tuple(pixels(plain)[0, 0]) == (255, 255, 255)  # on a dark page too


def test_drawing_loads_no_pyplot_and_running_no_library() -> None:
    code = """
    import sys, seedmagic as sm
    result = sm.repeat(lambda seed: seed, range(3), progress=False)
    print([name for name in ("scipy", "matplotlib", "pandas", "torch") if name in sys.modules])
    import matplotlib
    # Not by a look at rcParams["backend"], which would choose one.
    backend = dict.__getitem__(matplotlib.rcParams, "backend")
    result.picture()
    kept = dict.__getitem__(matplotlib.rcParams, "backend") == backend
    print("matplotlib.pyplot" in sys.modules, kept)
    """
    code = "\n".join(line.strip() for line in code.splitlines())
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "False True"]


def read(directory: Path) -> EventMultiplexer:
    multiplexer = EventMultiplexer().AddRunsFromDirectory(str(directory))
    return multiplexer.Reload()


def scalars(events: EventMultiplexer, run: str, tag: str) -> list[tuple[int, float]]:
    return [(event.step, event.value) for event in events.Scalars(run, tag)]


def test_tensorboard_reads_every_seeds_scalars_step_by_step(tmp_path: Path) -> None:
    result = trained(tensorboard=tmp_path / "new" / "dir")
    events = read(tmp_path)
    seeds = {f"new/dir/seed_{seed}" for seed in range(4)}
    assert set(events.Runs()) == seeds | {f"new/dir/{name}" for name in ("mean", "lower", "upper")}
    for place, seed in enumerate(result.seeds):
        if seed in result.errors:
            assert events.Runs()[f"new/dir/seed_{seed}"]["scalars"] == []
            continue
        run = f"new/dir/seed_{seed}"
        losses = result.values("loss")[place]
        expected = [(step, np.float32(v)) for step, v in enumerate(losses) if not math.isnan(v)]
        assert scalars(events, run, "loss") == expected
        assert scalars(events, run, "acc") == [(0, np.float32(result.values("acc")[place]))]
    curve = mean_curve(result.values("loss"))
    for run, line in (("mean", curve.mean), ("lower", curve.low), ("upper", curve.high)):
        told = scalars(events, f"new/dir/{run}", "loss")
        assert told == [(s, np.float32(v)) for s, v in enumerate(line) if not math.isnan(v)]
    assert len(scalars(events, "new/dir/mean", "loss")) == 8
    assert len(scalars(events, "new/dir/lower", "loss")) == 6  # one run alone has no interval


def test_the_seed_is_a_hyper_parameter(tmp_path: Path) -> None:
    trained(tensorboard=tmp_path)
    events = read(tmp_path)
    for seed, status in ((0, "STATUS_SUCCESS"), (2, "STATUS_FAILURE")):
        content = events.GetAccumulator(f"seed_{seed}").PluginTagToContent("hparams")
        parts = [plugin_data_pb2.HParamsPluginData.FromString(data) for data in content.values()]
        began, ended = sorted(parts, key=lambda part: part.WhichOneof("data"), reverse=True)
        assert began.session_start_info.hparams["seed"].number_value == seed
        assert status in str(ended.session_end_info) or ended.session_end_info.status == 1


def test_a_second_call_replaces_the_first_ones_files_and_no_others(tmp_path: Path) -> None:
    trained(range(5), tensorboard=tmp_path)
    own = tmp_path / "seed_1" / "events.out.tfevents.1.mine"
    own.write_bytes(b"")
    trained(range(1), tensorboard=tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"seed_0", "seed_1", "mean"}
    assert own.exists()
    assert scalars(read(tmp_path), "mean", "acc") == scalars(read(tmp_path), "seed_0", "acc")
