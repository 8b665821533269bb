"""A kind of accelerator as another package would bring it, for machines that have none."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

from scripts import answer

# torch itself renames it, registers its module, and seeds it in torch.manual_seed. Its generators
# are torch's own.
BACKEND = """
import json, sys, torch
import seedmagic as sm

class Backend:
    awake = True
    capturing = False
    queued = None
    generators = [torch.Generator(), torch.Generator()]

    def is_initialized(self):
        return self.awake
    def is_available(self):
        return True
    def _is_in_bad_fork(self):
        return False
    def device_count(self):
        assert self.awake, "woken by device_count"
        return len(self.generators)
    def manual_seed_all(self, seed):
        if not self.awake:
            self.queued = seed
        else:
            for generator in self.generators:
                generator.manual_seed(seed)
    def is_current_stream_capturing(self):
        assert self.awake, "woken by is_current_stream_capturing"
        return self.capturing
    def get_rng_state(self, index=0):
        assert self.awake, "woken by get_rng_state"
        assert not self.capturing, "read during a capture"
        return self.generators[index].get_state()
    def set_rng_state(self, state, index=0):
        assert self.awake, "woken by set_rng_state"
        assert not self.capturing, "set during a capture"
        self.generators[index].set_state(state)
    def philox(self, drawn):
        # States of CUDA's form: a seed, and how many numbers were drawn.
        self.words = [1234, drawn]
        self.get_rng_state = lambda index=0: torch.tensor(self.words).view(torch.uint8).clone()
        self.set_rng_state = self.set_words
        self.manual_seed_all = self.seed_words
    def set_words(self, state, index=0):
        self.words = state.view(torch.int64).tolist()
    def seed_words(self, seed):
        if self.awake:
            self.words = [seed, 0]
        else:
            self.queued = seed
    def wake(self):
        self.awake = True
        if self.queued is not None:
            self.manual_seed_all(self.queued)
    def draw(self):
        return [torch.rand((), generator=generator).item() for generator in self.generators]

def expected(seed):
    return [torch.rand((), generator=torch.Generator().manual_seed(seed)).item()] * 2

backend = Backend()
torch.utils.rename_privateuse1_backend("sample")
torch._register_device_module("sample", backend)
"""

# A shell with the extension; its cells give what they drew from, and on which line.
SHELL = """
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
shell.user_ns["backend"] = backend
def run(*lines):
    assert shell.run_cell("\\n".join(lines)).success
    return [[draw["source"], draw["line"]] for draw in sm.status().to_dict()["cells"][-1]["draws"]]
"""


def on_backend(code: str, before: str = "") -> Any:
    """Give what a script says that has the backend at hand."""
    return answer(BACKEND + before + dedent(code))
