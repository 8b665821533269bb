"""The panel without a browser: its facts as text and HTML, and its widgets through a kernel."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

import seedmagic as sm
from kernels import Kernel, Shown, running_kernel
from scripts import answer

DRAWN = "x = np.random.rand()  # <script>alert('&')</script>"


class Front:
    """A front end as far as widgets go: keeps their state, and presses them by real messages."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.models: dict[str, dict[str, Any]] = {}

    def take(self, shown: Shown) -> Shown:
        for content in shown.comms:
            data = content["data"]
            if "target_name" in content:
                self.models[content["comm_id"]] = dict(data["state"])
            elif data.get("method") == "update" and content["comm_id"] in self.models:
                self.models[content["comm_id"]].update(data["state"])
            elif "method" not in data:
                self.models.pop(content["comm_id"], None)
        return shown

    def run(self, code: str) -> Shown:
        return self.take(self.kernel.run(code))

    def send(self, label: str, value: object) -> Shown:
        """Change the control that bears `label`, of the panel that was opened last."""
        found = [key for key, state in self.models.items() if state.get("description") == label]
        update = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        content = {"comm_id": found[-1], "data": update}
        message = self.kernel.client.session.msg("comm_msg", content)
        self.kernel.client.shell_channel.send(message)
        self.models[found[-1]]["value"] = value
        shown = self.take(self.kernel_ends(message["header"]["msg_id"]))
        # What was done on the kernel's loop afterwards is told with the next message.
        self.take(self.kernel.run(""))
        return shown

    def kernel_ends(self, message: str) -> Shown:
        shown = Shown()
        while True:
            got = self.kernel.client.get_iopub_msg(timeout=60)
            if got["msg_type"].startswith("comm_"):
                shown.comms.append(got["content"])
            is_end = got["content"].get("execution_state") == "idle"
            if is_end and got["parent_header"].get("msg_id") == message:
                return shown

    def index(self, label: str, word: str) -> int:
        """Give the number of a word among a dropdown's."""
        state = [s for s in self.models.values() if s.get("description") == label][-1]
        return list(state["_options_labels"]).index(word)

    def choose(self, label: str, word: str) -> Shown:
        found = [key for key, state in self.models.items() if state.get("description") == label]
        update = {"index": self.index(label, word)}
        content = {
            "comm_id": found[-1],
            "data": {"method": "update", "state": update, "buffer_paths": []},
        }
        message = self.kernel.client.session.msg("comm_msg", content)
        self.kernel.client.shell_channel.send(message)
        shown = self.take(self.kernel_ends(message["header"]["msg_id"]))
        self.take(self.kernel.run(""))
        return shown

    @property
    def text(self) -> str:
        """Everything that the open panels say."""
        html = "\n".join(
            state["value"]
            for state in self.models.values()
            if state.get("_model_name") == "HTMLModel"
        )
        bare = re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)
        return " ".join(unescape(bare).split())


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel("%load_ext seedmagic", "import random, numpy as np, torch") as kernel:
        yield kernel


@pytest.fixture
def front(kernel: Kernel) -> Iterator[Front]:
    kernel.ok(
        "%reload_ext seedmagic\n%seedwatch warn\nrandom.seed(); np.random.seed(); torch.seed();"
    )
    kernel.ok("%seed off")
    yield Front(kernel)
    kernel.ok("torch.backends.cudnn.benchmark = False")


def test_text_and_html_say_the_same_and_escape_what_is_the_users(front: Front) -> None:
    front.run(DRAWN)
    still, live = front.run("%seedpanel").displays
    text, html = still["text/plain"], still["text/html"]
    for fact in ("numpy is unseeded and In[", "<script>alert('&')</script>", "%seed 42"):
        assert fact in text
        assert fact in unescape(re.sub(r"<[^>]*>", "", html))
        assert fact.replace("%seed 42", "Seed it, then") in front.text
    assert "<script>" not in html
    assert not any("<script>" in str(state.get("value")) for state in front.models.values())
    assert list(live) == ["application/vnd.jupyter.widget-view+json"]


def test_what_is_wrong_changes_with_what_is_done(front: Front) -> None:
    front.run("%seedpanel")
    assert "Nothing that was watched is wrong." in front.text
    front.run("y = random.random(), torch.rand(1)")
    assert "python and torch are unseeded and In[" in front.text
    front.run("%seed 3")
    assert "drew from python and torch while unseeded (line 1: y =" in front.text
    front.run("y = random.random(), torch.rand(1)")
    assert "Nothing that was watched is wrong." in front.text
    front.run("rng = np.random.default_rng()")
    assert "made a NumPy generator without a seed (line 1: rng =" in front.text
    front.run("%seedwatch off")
    assert "Cells are not watched" in front.text


def test_pressing_does_what_its_line_does(front: Front) -> None:
    front.run("%seedpanel")
    front.send("Seed", "1024")
    assert front.models  # the text field bears the same label as the button beside it
    front.send("New seed", True)
    (seed,) = re.findall(r"Seed (\d+) is in force", front.text)
    assert "done: %seed new" in front.text
    assert front.kernel.value("random.random()") == repr(random.Random(int(seed)).random())
    front.send("Seed off", True)
    assert "No seed is in force." in front.text
    front.choose("cudnn.benchmark", "on")
    assert "done: torch.backends.cudnn.benchmark = True" in front.text
    assert front.kernel.value("torch.backends.cudnn.benchmark") == "True"
    front.choose("Watching", "strict")
    assert "done: %seedwatch strict" in front.text


def test_a_snapshot_is_put_back(front: Front) -> None:
    front.run("%seedpanel")
    front.send("Snapshot", True)
    first = front.kernel.value("(random.random(), np.random.rand())")
    front.send("Restore", True)
    assert ".restore()" in front.text
    assert front.kernel.value("(random.random(), np.random.rand())") == first


def test_a_replay_gives_the_cells_numbers_and_leaves_the_stream(front: Front) -> None:
    front.run("%seedpanel")
    front.run("print(random.random())")
    number = int(front.kernel.value("len(In) - 1"))
    printed = front.kernel.value("random.getstate()")
    front.choose("Cell", f"In[{number}]")
    front.send("Replay", True)
    assert f"done: %seedreplay {number}" in front.text
    assert front.kernel.value("random.getstate()") == printed


def test_a_replay_that_fails_says_so(front: Front) -> None:
    front.run("%seedpanel")
    assert front.run("random.random() / 0").errors
    number = int(front.kernel.value("len(In) - 1"))
    front.choose("Cell", f"In[{number}]")
    front.send("Replay", True)
    assert "failed: %seedreplay" in front.text
    assert "ZeroDivisionError" in front.text
    front.run("import asyncio\nawait asyncio.sleep(0)")
    front.choose("Cell", f"In[{int(front.kernel.value('len(In) - 1'))}]")
    front.send("Replay", True)
    assert "which works in a cell alone" in front.text


def test_closed_panels_and_an_unloaded_extension_leave_nothing(front: Front) -> None:
    front.run("%seedpanel")
    front.run("%seedpanel")
    assert len([s for s in front.models.values() if s.get("description") == "Seed off"]) == 2
    front.run("%unload_ext seedmagic")
    assert front.models == {}
    front.run("%load_ext seedmagic")


def test_the_line_takes_nothing(kernel: Kernel) -> None:
    assert "%seedpanel takes nothing, and got '42'" in kernel.run("%seedpanel 42").error
    assert kernel.run("%seedpanel # all of it").error == ""


def test_it_draws_nothing_and_is_no_draw(front: Front) -> None:
    front.run("%seed 1")
    state = "random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()"
    before = front.kernel.value(f"hash(str(({state})))")
    front.run("%seedpanel")
    front.run("a = 1")
    assert front.kernel.value(f"hash(str(({state})))") == before


def test_it_imports_nothing_and_says_what_is_not_there() -> None:
    with running_kernel("%load_ext seedmagic") as kernel:
        assert (
            kernel.value(
                "[m for m in ('torch', 'numpy', 'ipywidgets') if m in sys.modules]".replace(
                    "sys", "__import__('sys')"
                )
            )
            == "[]"
        )
        text = kernel.ok("%seedpanel").displays[0]["text/plain"]
        assert "torch is not imported" in text
        assert re.search(r"torch +not imported", text)
        assert (
            kernel.value("[m for m in ('torch', 'numpy') if m in __import__('sys').modules]")
            == "[]"
        )


def test_without_ipywidgets_the_facts_stand_and_the_way_is_said() -> None:
    with running_kernel("%load_ext seedmagic", "import sys; sys.modules['ipywidgets'] = None") as k:
        shown = k.ok("%seedpanel")
        assert len(shown.displays) == 1
        assert "No seed is in force." in shown.displays[0]["text/html"]
        assert "pip install ipywidgets" in shown.stdout


def test_in_a_terminal_the_table_stands_alone() -> None:
    script = "%load_ext seedmagic\nimport random\nx = random.random()\n%seedpanel\nexit\n"
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--simple-prompt", "--colors=NoColor"],
        input=script,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "python is unseeded and In[3] drew from it (line 1: x = random.random())" in done.stdout
    assert "<div" not in done.stdout


def test_a_status_is_json_with_all_that_the_panel_shows() -> None:
    facts = answer(
        """
        import json, random
        import seedmagic as sm
        sm.seed_everything(5)
        before = sm.status().to_dict()
        random.random()
        print(json.dumps([before, sm.status().to_dict()]))
        """
    )
    before, after = facts
    assert before["sources"]["python"]["fingerprint"] != after["sources"]["python"]["fingerprint"]
    assert (after["watch"], after["cells"], after["problems"]) == (None, [], [])
    assert set(after) == set(sm.Status.__dataclass_fields__)


def test_a_recorded_status_holds_no_code(kernel: Kernel) -> None:
    kernel.ok(DRAWN)
    (shown,) = kernel.ok("%seed 42").displays
    assert "alert" not in str(shown)
