"""Run cells in a real kernel, and give what a person would see of each."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client import KernelManager
from jupyter_client.blocking.client import BlockingKernelClient

TIMEOUT = 120


@dataclass
class Shown:
    """What one cell showed."""

    status: str = ""
    stdout: str = ""
    stderr: str = ""
    result: str = ""
    displays: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)  # of displays
    comms: list[dict[str, Any]] = field(default_factory=list)  # what widgets sent

    @property
    def error(self) -> str:
        """The error's name and text, or nothing."""
        if self.errors:
            return f"{self.errors[0]['ename']}: {self.errors[0]['evalue']}"
        # IPython writes a UsageError to stderr, without a traceback.
        return self.stderr if self.stderr.startswith("UsageError") else ""

    @property
    def traceback(self) -> str:
        """The error's traceback as text without colours."""
        import re

        lines = "\n".join(self.errors[0]["traceback"]) if self.errors else ""
        return re.sub(r"\x1b\[[0-9;]*m", "", lines)

    @property
    def text(self) -> str:
        """Everything readable, in no particular order."""
        plain = [data.get("text/plain", "") for data in self.displays]
        return "\n".join([self.stdout, self.stderr, self.result, *plain, self.error])


class Kernel:
    """A kernel that runs."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    def start(self, code: str, **options: Any) -> str:
        """Send a cell, and give the message's id."""
        return str(self.client.execute(code, **options))

    def start_all(self, *cells: str) -> list[str]:
        """Send cells as "Run All" does: each waits in the kernel before the first one begins."""
        # ipykernel 6 aborts after an error only what has reached it by then.
        self.start("import time; time.sleep(0.3)", store_history=False)
        return [self.start(cell) for cell in cells]

    def finish(self, message: str) -> Shown:
        """Collect what the cell of `message` shows until the kernel is idle again."""
        shown = Shown()
        while True:
            try:
                got = self.client.get_iopub_msg(timeout=TIMEOUT)
            except Empty:
                raise TimeoutError(f"the cell gave no answer in {TIMEOUT} s: {shown}") from None
            if got["parent_header"].get("msg_id") != message:
                continue
            kind, content = got["msg_type"], got["content"]
            if kind == "stream":
                setattr(shown, content["name"], getattr(shown, content["name"]) + content["text"])
            elif kind == "execute_result":
                shown.result = content["data"].get("text/plain", "")
                shown.displays.append(content["data"])
            elif kind == "display_data":
                shown.displays.append(content["data"])
            elif kind == "update_display_data":
                shown.updates.append(content["data"])
            elif kind.startswith("comm_"):
                shown.comms.append(content)
            elif kind == "error":
                shown.errors.append(content)
            elif kind == "status" and content["execution_state"] == "idle":
                break
        while True:
            reply = self.client.get_shell_msg(timeout=TIMEOUT)
            if reply["parent_header"].get("msg_id") == message:
                shown.status = reply["content"]["status"]
                return shown

    def run(self, code: str, **options: Any) -> Shown:
        """Run a cell to its end."""
        shown = self.finish(self.start(code, **options))
        if shown.status == "aborted":  # ipykernel 6 aborts what comes within 0.1 s of an error
            shown = self.finish(self.start(code, **options))
        return shown

    def run_in(self, cell_id: str, code: str) -> Shown:
        """Run a cell as JupyterLab and VS Code do, which send its id."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {},
                   "allow_stdin": False, "stop_on_error": True}  # fmt: skip
        message = self.client.session.msg("execute_request", content)
        message["metadata"]["cellId"] = cell_id
        self.client.shell_channel.send(message)
        return self.finish(message["header"]["msg_id"])

    def ok(self, code: str) -> Shown:
        """Run a cell that must not fail."""
        shown = self.run(code)
        assert shown.status == "ok", shown.traceback
        return shown

    def complete(self, line: str) -> list[str]:
        """Give what Tab offers at the end of a line."""
        reply = self.client.complete(line, len(line), reply=True, timeout=TIMEOUT)
        return list(reply["content"]["matches"])

    def value(self, expression: str) -> str:
        """Give the repr of an expression, without touching anything of ours."""
        asked = {"silent": True, "user_expressions": {"value": expression}, "store_history": False}
        reply = self.client.execute("", **asked)
        while True:
            got = self.client.get_shell_msg(timeout=TIMEOUT)
            if got["parent_header"].get("msg_id") == reply:
                if got["content"]["status"] == "aborted":
                    reply = self.client.execute("", **asked)
                    continue
                answer = got["content"]["user_expressions"]["value"]
                assert answer["status"] == "ok", answer
                return str(answer["data"]["text/plain"])

    def interrupt_after(self, code: str, seconds: float) -> Shown:
        """Run a cell, and interrupt it."""
        message = self.start(code)
        time.sleep(seconds)
        self.manager.interrupt_kernel()
        return self.finish(message)


@contextmanager
def running_kernel(*cells: str, name: str = "python3", **options: Any) -> Iterator[Kernel]:
    """Start this environment's kernel, or another by its name; run `cells`; shut it down."""
    with TemporaryDirectory() as folder:
        manager = KernelManager(kernel_name=name)
        if os.name == "posix":
            # A free port is not reserved: the kernel of another worker may take it first.
            manager.transport, manager.ip = "ipc", f"{folder}/kernel"
        manager.start_kernel(**options)
        client = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=TIMEOUT)
            kernel = Kernel(manager, client)
            for cell in cells:
                kernel.ok(cell)
            yield kernel
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
            manager.cleanup_resources()
